package simulation

import (
	"errors"
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// A run decides the claims of a queue, page by page.
type run struct {
	Question
	sink     Sink
	line     *queue
	reader   *reader
	facts    *facts.Facts
	products map[fhir.Key]bool
	result   *Result
}

// A hearing is one claim at its turn.
type hearing struct {
	turn     int
	key      fhir.Key
	node     fhir.Node
	before   settled
	reviewed bool // its response is not the first, so that a review may stand behind it
	gathered *facts.Claim
	accounts []string
	failed   error // why it can't be decided
}

// page decides some claims of the queue, from a turn to one that is not in it.
func (r *run) page(from, to int) error {
	hearings, err := r.read(from, to)
	if err != nil {
		return err
	}
	nodes := make([]fhir.Node, len(hearings))
	for i := range hearings {
		nodes[i] = hearings[i].node
	}
	if err := r.reader.prepare(nodes); err != nil {
		return err
	}
	var accounts []string
	for i := range hearings {
		if err := r.gather(&hearings[i]); err != nil {
			return err
		}
		accounts = append(accounts, hearings[i].accounts...)
	}
	if err := r.reader.ledger.load(accounts); err != nil {
		return err
	}
	for i := range hearings {
		if err := r.decide(&hearings[i]); err != nil || r.result.Cut {
			return err
		}
	}
	return nil
}

// read reads claims and what was decided on them.
func (r *run) read(from, to int) ([]hearing, error) {
	keys := make([]fhir.Key, 0, 2*(to-from))
	hearings := make([]hearing, to-from)
	at := make(map[string]*hearing, to-from)
	for i := range hearings {
		key := fhir.Key{Type: "Claim", ID: r.line.claims[from+i].id}
		hearings[i].turn, hearings[i].key = from+i, key
		at[key.ID] = &hearings[i]
		keys = append(keys, key, responseKey(key))
	}
	found, err := r.reader.Reader.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	for _, resource := range found {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		h := at[resource.ID]
		if resource.Type == "Claim" {
			h.node = doc.Root()
			continue
		}
		h.before, h.reviewed = settledIn(doc.Root()), resource.Version > 1
		doc.Release()
	}
	return hearings, nil
}

// gather reads the facts of a claim, as its policies under the changed product ask.
func (r *run) gather(h *hearing) error {
	g, err := r.facts.Claim(r.reader, h.node)
	if err = r.undecided(h, err); err != nil || g == nil {
		return err
	}
	if h.reviewed && h.failed == nil {
		_, err := r.facts.Review(r.reader, h.key, g)
		if err = r.undecided(h, err); err != nil {
			return err
		}
	}
	h.gathered = g
	g.Case.Duplicate = h.before.duplicate()
	bought := len(r.products) == 0
	for i := range g.Members {
		bought = bought || r.products[g.Members[i].Plan]
	}
	if !bought {
		h.gathered = nil
		return nil
	}
	h.accounts = []string{g.Case.Patient.Account}
	for i := range g.Case.Policies {
		h.accounts = append(h.accounts, g.Case.Policies[i].Account, g.Case.Policies[i].Member)
	}
	return nil
}

// undecided keeps of an error that rules which do not compile are the reason; it
// gives all others back.
func (r *run) undecided(h *hearing, err error) error {
	var broken *facts.Undecidable
	if errors.As(err, &broken) {
		h.failed = broken
		return nil
	}
	return err
}

// decide decides a claim at its turn, and counts it. The first beyond the limit it
// notes instead.
func (r *run) decide(h *hearing) error {
	if h.gathered == nil && h.failed == nil {
		r.result.Others++
		return nil
	}
	if r.Limit > 0 && r.result.Decided+r.result.Failed >= r.Limit {
		r.result.Cut = true
		return nil
	}
	r.reader.turn = h.turn
	var decision adjudication.Decision
	if h.failed == nil {
		_, err := r.facts.Learn(r.reader, h.gathered, h.key)
		if err = r.undecided(h, err); err != nil {
			return err
		}
	}
	if h.failed == nil {
		decision, h.failed = adjudicate(h.gathered.Case)
	}
	if h.failed != nil {
		r.result.Failed++
		return r.tell(h, settled{}, Change{Failed: true, Text: h.failed.Error()})
	}
	r.reader.ledger.post(h.accounts, h.turn, decision.Entries)
	after := settledBy(decision, h.gathered.Case.Currency)
	r.result.Decided++
	level, err := r.level(h)
	if err != nil {
		return err
	}
	r.count(h, after, level)
	if h.before.same(after) {
		return nil
	}
	r.result.Changed++
	c := Change{Level: level}
	c.Line, c.Reason, c.Gone = h.before.explain(after)
	if c.Reason != "" {
		c.Text = describe(c.Reason, c.Gone)
	}
	return r.tell(h, after, c)
}

// adjudicate decides a Case. A broken promise in the rules ends no simulation.
func adjudicate(c adjudication.Case) (d adjudication.Decision, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the rules failed on this claim: %v", broken)
		}
	}()
	return adjudication.Adjudicate(c), nil
}

// tell tells the sink of a claim that changes, once for each currency of it.
func (r *run) tell(h *hearing, after settled, c Change) error {
	if r.sink.Change == nil {
		return nil
	}
	c.Claim, c.Created = h.key, h.node.Get("created").Text()
	if h.gathered != nil && !h.gathered.Provider.IsZero() {
		c.Facility = h.gathered.Provider.String()
	}
	for _, currency := range currencies(h.before, after) {
		c.Currency, c.Before, c.After = currency, h.before.figures(currency), after.figures(currency)
		if err := r.sink.Change(c); err != nil {
			return err
		}
	}
	return nil
}

// currencies gives those of two decisions, "" where there is no line.
func currencies(a, b settled) []string {
	var list []string
	for _, lines := range [][]line{a.lines, b.lines} {
		for _, l := range lines {
			if !slices.Contains(list, l.currency) {
				list = append(list, l.currency)
			}
		}
	}
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

// level gives the level of the facility that claims, a code of openIMIS's
// organization-hf-level; "" where it has none.
func (r *run) level(h *hearing) (string, error) {
	if h.gathered.Provider.Type != "Organization" {
		return "", nil
	}
	found, err := r.reader.ReadMany([]fhir.Key{h.gathered.Provider})
	if err != nil || len(found) == 0 {
		return "", err
	}
	doc, err := fhir.Parse(found[0].Body)
	if err != nil {
		return "", err
	}
	defer doc.Release()
	return doc.Root().Extension(profiles.ExtensionOpenIMISFacilityLevel).Get("valueCodeableConcept").Get("coding").First().Get("code").Text(), nil
}
