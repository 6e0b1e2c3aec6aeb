package measure

import (
	"errors"
	"hash/maphash"
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A residence is what is counted of those who live at some places: persons with
// their cover, families, policies, and what is asked and paid of contributions. It is
// filled from queries for the places or from all there is (see living.go), which
// bears on the time alone. Of nations it is held in memory, so it is by handles.
type residence struct {
	*scheme
	*handles
	people   *census // sex, age and poverty of the persons
	homes    []home
	at       map[fhir.Key]int32 // places that are counted, in homes
	living   map[handle]resident
	covers   []cover
	policies map[handle]int32 // in held
	held     []policy
	bills    map[handle]bill
	paid     map[handle]bool   // payments that were counted
	payers   map[handle]string // organizations that pay: their option of HF_PAYER
	lacking  []fhir.Key        // policies of others that bills are for
}

// A handle stands for the key of a resource: 128 bits of its hash. The collector of
// garbage passes handles over.
type handle [2]uint64

type handles struct{ seeds [2]maphash.Seed }

func newHandles() *handles {
	return &handles{[2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

func (h *handles) of(k fhir.Key) handle {
	return handle{maphash.Comparable(h.seeds[0], k), maphash.Comparable(h.seeds[1], k)}
}

// A home is a place with the books it is counted in, nil where it is in none.
type home struct {
	enrol, fin book
	begins     adjudication.Day // the last day of the first month of enrol
}

// A resident is a person, a family or an employer that lives at a place.
type resident struct {
	home     int32
	cover    int32 // the first in covers, and
	policy   int32 // in held, both counted from 1
	since    adjudication.Day
	isPerson bool
	isFamily bool
	poverty  byte // of a family: an index into povertyOptions
}

// A cover is the days of one Coverage of a person.
type cover struct {
	span
	next int32
}

// A bill is an Invoice for contributions.
type bill struct {
	policy, holder handle
	gross, left    int64
	asks           bool // false where it is withdrawn: what was paid of it still counts
}

// errLater says that a resource is to be read once more, with a Reader.
var errLater = errors.New("needs a Reader")

// residence makes one for units of members and contributions, whose books it gives.
func (s *scheme) residence(wanted map[unit][]month) (*residence, map[unit]book) {
	books := map[unit]book{}
	for u, months := range wanted {
		if u.set != setClaims {
			books[u] = newBook(months)
		}
	}
	seeds := newHandles()
	h := &residence{
		scheme: s, handles: seeds, people: newCensus(seeds, 0), at: map[fhir.Key]int32{}, living: map[handle]resident{},
		policies: map[handle]int32{}, bills: map[handle]bill{}, paid: map[handle]bool{}, payers: map[handle]string{},
	}
	for k := range s.tree.places {
		at := home{enrol: books[unit{setEnrol, s.ward(k)}], fin: books[unit{setFin, s.district(k)}]}
		if len(at.enrol)+len(at.fin) == 0 {
			continue
		}
		if len(at.enrol) > 0 {
			at.begins = at.enrol.first().last()
		}
		h.at[k] = int32(len(h.homes))
		h.homes = append(h.homes, at)
	}
	return h, books
}

// homeOf gives where somebody lives; false where that is not counted.
func (h *residence) homeOf(k handle) (resident, home, bool) {
	who, ok := h.living[k]
	if !ok {
		return who, home{}, false
	}
	return who, h.homes[who.home], true
}

// lives notes where a person, a family or an organization lives. r is nil where
// nothing can be read: then it gives errLater where something must be.
func (h *residence) lives(r fhir.Reader, one stored) error {
	at, counted := h.at[h.tree.lives(one.node)]
	if !counted {
		return nil
	}
	who := resident{home: at, isPerson: one.Type == "Patient", isFamily: one.Type == "Group" && isFamily(one.node)}
	if begins := h.homes[at].begins; who.isFamily && begins > 0 {
		who.poverty = byte(slices.Index(povertyOptions, povertyOf(one.node)))
		who.since = adjudication.DayOf(one.Updated.In(h.Zone))
		if one.Version > 1 && who.since > begins { // else it is known in all months that are counted
			var err error
			if who.since, err = h.registered(r, one); err != nil {
				return err
			}
		}
	}
	h.living[h.of(one.Key)] = who
	return nil
}

// coverage notes the days of a Coverage.
func (h *residence) coverage(r fhir.Reader, c stored) error {
	k := h.of(r4.Target(c.node.Get("beneficiary")))
	who, at, ok := h.homeOf(k)
	if !ok || at.enrol == nil {
		return nil
	}
	days, counts, err := h.covered(r, c)
	if err != nil || !counts {
		return err
	}
	h.covers = append(h.covers, cover{days, who.cover})
	who.cover = int32(len(h.covers))
	h.living[k] = who
	return nil
}

// contract notes a policy of who lives here, or where elsewhere is said one of
// whomever.
func (h *residence) contract(r fhir.Reader, c stored, elsewhere bool) error {
	holder := h.of(r4.Target(c.node.Get("subject").First()))
	who, here := h.living[holder]
	if !here && !elsewhere {
		return nil
	}
	p, ok, err := h.policy(r, c)
	if err != nil || !ok {
		return err
	}
	k := h.of(c.Key)
	if _, known := h.policies[k]; known {
		return nil
	}
	p.holder, p.next = holder, who.policy
	h.policies[k] = int32(len(h.held))
	h.held = append(h.held, p)
	if here {
		who.policy = int32(len(h.held))
		h.living[holder] = who
	}
	return nil
}

// invoice notes a bill of who lives here; false where it is none. All policies of
// those who live here are known by then.
func (h *residence) invoice(i stored) bool {
	b, ok := h.bill(i)
	if _, here := h.living[b.holder]; !ok || !here {
		return false
	}
	h.bills[h.of(i.Key)] = b
	if p := policyOf(i.node); !p.IsZero() {
		if _, known := h.policies[b.policy]; !known {
			h.lacking = append(h.lacking, keep(p))
		}
	}
	return true
}

// bill reads an Invoice; false where it is not for contributions.
func (h *residence) bill(i stored) (b bill, ok bool) {
	p := policyOf(i.node)
	if p.IsZero() && i.node.Get("type").Code(profiles.SystemOpenIMISInvoiceType) != "contribution" {
		return b, false
	}
	b = bill{policy: h.of(p), holder: h.of(r4.Target(i.node.Get("subject")))}
	status := i.node.Get("status").Text()
	if b.asks = status == "issued" || status == "balanced"; !b.asks {
		return b, true
	}
	gross, ours := h.amount(i.node.Get("totalGross"))
	left, known := h.amount(i.node.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney"))
	if !known && status == "issued" {
		left = gross
	}
	if ours {
		b.gross, b.left = gross, left
	}
	return b, true
}

func policyOf(invoice fhir.Node) fhir.Key {
	return r4.Target(invoice.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
}

// lack reads the policies of others that bills are for.
func (h *residence) lack(r fhir.Reader) error {
	return inBatches(r, h.lacking, func(c stored) error { return h.contract(r, c, true) })
}

// policyBy gives a policy by its handle.
func (h *residence) policyBy(k handle) (policy, bool) {
	i, known := h.policies[k]
	if !known {
		return policy{}, false
	}
	return h.held[i], true
}

// count counts everybody; what is paid is counted as it is read.
func (h *residence) count() {
	owed := h.owed()
	var days []span
	for k, who := range h.living {
		b := h.homes[who.home].enrol
		if b == nil {
			continue
		}
		if who.isPerson && who.cover > 0 {
			days = days[:0]
			for i := who.cover; i > 0; i = h.covers[i-1].next {
				days = append(days, h.covers[i-1].span)
			}
			h.insured(h.people.facts[k].person(), days, b)
		}
		if who.isFamily {
			h.family(who, owed, b)
		}
	}
	for _, p := range h.held {
		if _, at, ok := h.homeOf(p.holder); ok && at.enrol != nil {
			p.count(at.enrol)
		}
	}
	for _, bill := range h.bills {
		p, ok := h.policyBy(bill.policy)
		if _, at, _ := h.homeOf(bill.holder); ok && bill.asks && p.inForce && at.fin != nil {
			at.fin.on(p.days.from, value{1, bill.gross}, indicator.FinContribDueAmt, p.product)
		}
	}
}

// An owing is what is asked for a policy in all, and what is left of it to be paid.
type owing struct{ gross, left int64 }

// owed gives what holders are asked for their own policies, by the places of these in
// held.
func (h *residence) owed() map[int32]owing {
	owed := map[int32]owing{}
	for _, b := range h.bills {
		if i, known := h.policies[b.policy]; known && b.asks && h.held[i].holder == b.holder {
			o := owed[i]
			owed[i] = owing{o.gross + b.gross, o.left + b.left}
		}
	}
	return owed
}

// paidStates are the options of HF_PAYST, each before those that tell of less.
var paidStates = []string{"PAID", "PARTIAL", "UNPAID", "NOPOL"}

// paidBy gives the option of HF_PAYST of a family on a day, as is known now: by the
// policies in force, and where there is none by those that wait for being paid.
func (h *residence) paidBy(who resident, owed map[int32]owing, on adjudication.Day) string {
	state, waiting := len(paidStates)-1, len(paidStates)-1
	for i := who.policy; i > 0; i = h.held[i-1].next {
		switch p := h.held[i-1]; {
		case p.inForce && p.days.covers(on):
			state = min(state, paidOf(owed, i-1, 0))
		case p.waits && p.agreed.covers(on):
			waiting = min(waiting, paidOf(owed, i-1, 2))
		}
	}
	if paidStates[state] == "NOPOL" {
		state = waiting
	}
	return paidStates[state]
}

// paidOf gives how far a policy is paid, as one of paidStates; without a bill it is
// what is said.
func paidOf(owed map[int32]owing, policy int32, without int) int {
	o, billed := owed[policy]
	switch {
	case !billed:
		return without
	case o.left <= 0:
		return 0
	case o.left < o.gross:
		return 1
	}
	return 2
}

// key gives the resource an extension refers to.
func key(n fhir.Node, url string) fhir.Key {
	return r4.Target(n.Extension(url).Get("valueReference"))
}
