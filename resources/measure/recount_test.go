package measure_test

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"

	"bima/profiles"
	"bima/profiles/indicator"
)

// The plainest count there is: all resources in memory, and a loop over them for
// each place and month. It shares nothing with the module but codes.

type ref struct{ Reference string }

type money struct {
	Value    json.Number
	Currency string
}

type period struct{ Start, End string }

type concept struct {
	Coding []struct{ System, Code string }
}

func (c concept) code(system string) string {
	for _, one := range c.Coding {
		if one.System == system {
			return one.Code
		}
	}
	return ""
}

type address struct {
	City, District string
}

type extensions []struct {
	URL                  string
	ValueCode            string
	ValueBoolean         *bool
	ValueAddress         address
	ValueReference       ref
	ValueMoney           money
	ValueCodeableConcept concept
}

func (e extensions) at(url string) (i int, ok bool) {
	for i := range e {
		if e[i].URL == url {
			return i, true
		}
	}
	return 0, false
}

type identifiers []struct{ System, Value string }

func (list identifiers) of(system string) string {
	for _, i := range list {
		if i.System == system {
			return i.Value
		}
	}
	return ""
}

type (
	location struct {
		ID, Name string
		Type     []concept
		PartOf   ref
	}
	patient struct {
		ID, Gender, BirthDate string
		Address               []address
	}
	group struct {
		ID         string
		Active     *bool
		Identifier identifiers
		Extension  extensions
		Member     []struct {
			Entity   ref
			Inactive bool
		}
	}
	contract struct {
		ID        string
		Extension extensions
		Applies   period
		Subject   []ref
		Term      []struct {
			Applies period
			Offer   struct{ Topic ref }
		}
	}
	coverage struct {
		ID, Status  string
		Extension   extensions
		Beneficiary ref
		Period      period
	}
	invoice struct {
		ID, Status string
		Subject    ref
		Extension  extensions
		TotalGross money
	}
	payment struct {
		ID, Status, PaymentDate string
		Extension               extensions
		Detail                  []struct {
			Request   ref
			Payee     ref
			Date      string
			Amount    money
			Extension extensions
		}
	}
	claim struct {
		ID, Status, Use, Created string
		SubType                  concept
		Patient, Provider        ref
		Total                    money
		Diagnosis                []struct {
			Sequence                 int
			DiagnosisCodeableConcept concept
		}
		Item []struct {
			Sequence         int
			ProductOrService concept
		}
	}
	claimResponse struct {
		ID, Status, Outcome, Created string
		Request                      ref
		Total                        []struct {
			Category concept
			Amount   money
		}
		Item []struct {
			ItemSequence int
			Adjudication []struct {
				Category, Reason concept
				Amount           money
			}
		}
	}
	tariff struct {
		Code       concept
		UseContext []struct{ ValueCodeableConcept concept }
	}
)

// A plain is all that is counted from.
type plain struct {
	w         *world
	locations map[string]location // by "Location/id"
	patients  map[string]patient
	groups    []group
	contracts []contract
	coverages []coverage
	invoices  []invoice
	payments  []payment
	claims    []claim
	responses []claimResponse
	kinds     map[string]string // of services
	found     map[string]*big.Rat
}

// recounted counts everything of some months, quarters and years anew.
func (w *world) recounted(periods ...string) figures {
	p := &plain{
		w: w, locations: map[string]location{}, patients: map[string]patient{}, kinds: map[string]string{}, found: map[string]*big.Rat{},
		groups: all[group](w, "Group"), contracts: all[contract](w, "Contract"), coverages: all[coverage](w, "Coverage"), invoices: all[invoice](w, "Invoice"),
		payments: all[payment](w, "PaymentReconciliation"), claims: all[claim](w, "Claim"), responses: all[claimResponse](w, "ClaimResponse"),
	}
	for _, l := range all[location](w, "Location") {
		p.locations["Location/"+l.ID] = l
	}
	for _, one := range all[patient](w, "Patient") {
		p.patients["Patient/"+one.ID] = one
	}
	for _, t := range all[tariff](w, "ChargeItemDefinition") {
		for _, use := range t.UseContext {
			if kind := use.ValueCodeableConcept.code(profiles.SystemOpenIMISServiceKind); kind != "" {
				p.kinds[t.Code.Coding[0].Code] = kind
			}
		}
	}
	for _, name := range periods {
		one, ok := indicator.ParsePeriod(name)
		if !ok {
			w.t.Fatalf("%s is no period", name)
		}
		from, to := one.First(), one.Last()
		if now := w.clock.Now().In(zone); to > endOfMonth(now.Format(time.DateOnly)) {
			to = endOfMonth(now.Format(time.DateOnly)) // of a year that is not over its months so far
		}
		end := to
		p.membership(name, from, to, end)
		p.contributions(name, from, to)
		p.facilities(name, from, to, end)
	}
	told := figures{}
	for name, number := range p.found {
		if number.Sign() != 0 {
			text := number.FloatString(4)
			told[name] = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
	}
	return told
}

func endOfMonth(day string) string {
	t, _ := time.Parse("2006-01", day[:7])
	return t.AddDate(0, 1, -1).Format(time.DateOnly)
}

func (p *plain) add(number json.Number, name ...string) {
	if name[1] == "" {
		return // who lives at no place of the tree is in no place's numbers
	}
	key := strings.Join(name, " ")
	n, ok := new(big.Rat).SetString(number.String())
	if !ok {
		n = new(big.Rat)
	}
	if p.found[key] == nil {
		p.found[key] = new(big.Rat)
	}
	p.found[key].Add(p.found[key], n)
}

// day gives the day of a date or a moment in the scheme.
func day(text string) string {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.In(zone).Format(time.DateOnly)
	}
	return text
}

func within(day, from, to string) bool { return from <= day && day <= to }

// up gives the place of a level that a place is in.
func (p *plain) up(name, level string) string {
	for name != "" {
		l := p.locations[name]
		if len(l.Type) > 0 && l.Type[0].code(profiles.SystemOpenIMISLocation) == level {
			return name
		}
		name = l.PartOf.Reference
	}
	return ""
}

// home gives the village of an address.
func (p *plain) home(a address) string {
	for name, l := range p.locations {
		if l.Name == a.City && p.up(name, "V") == name && p.locations[p.up(name, "D")].Name == a.District {
			return name
		}
	}
	return ""
}

func (g group) family() bool {
	return g.Identifier.of(profiles.IdentifierFamily) != "" && (g.Active == nil || *g.Active)
}

func (g group) poverty() string {
	if i, ok := g.Extension.at(profiles.ExtensionOpenIMISGroupPoverty); ok && g.Extension[i].ValueBoolean != nil {
		if *g.Extension[i].ValueBoolean {
			return "POOR"
		}
		return "NONPOOR"
	}
	return "UNK"
}

func (p *plain) village(g group) string {
	if i, ok := g.Extension.at(profiles.ExtensionOpenIMISGroupAddress); ok {
		return p.home(g.Extension[i].ValueAddress)
	}
	return ""
}

func (p *plain) poverty(person string) string {
	for _, g := range p.groups {
		for _, m := range g.Member {
			if m.Entity.Reference == person && !m.Inactive && g.family() {
				return g.poverty()
			}
		}
	}
	return "UNK"
}

func (p *plain) sex(person string) string {
	switch p.patients[person].Gender {
	case "male":
		return "M"
	case "female":
		return "F"
	}
	return "U"
}

func (p *plain) years(person, on string) int {
	born := p.patients[person].BirthDate
	if born == "" {
		return -1
	}
	a, _ := time.Parse(time.DateOnly, born)
	b, _ := time.Parse(time.DateOnly, on)
	years := b.Year() - a.Year()
	if b.Format("0102") < a.Format("0102") {
		years--
	}
	return years
}

func (p *plain) band(person, on string) string {
	years := p.years(person, on)
	for _, b := range []struct {
		below int
		name  string
	}{{0, "UNK"}, {6, "00_05"}, {13, "06_12"}, {19, "13_18"}, {26, "19_25"}, {36, "26_35"}, {56, "36_55"}, {76, "56_75"}} {
		if years < b.below {
			return b.name
		}
	}
	return "76P"
}

func (e extensions) state() string {
	if i, ok := e.at(profiles.ExtensionPolicyState); ok {
		return e[i].ValueCode
	}
	return ""
}

// suspended is the day on which the tests take a payment back, by which a policy and
// its memberships are suspended; the day before is their last.
const suspended, beforeSuspended = "2026-04-12", "2026-04-11"

// inForce reports whether a policy is or was in force.
func (c contract) inForce() bool {
	return slices.Contains([]string{"active", "renewed", "expired", "terminated", "amended", "suspended"}, c.Extension.state())
}

// end gives the last day of a policy.
func (c contract) end() string {
	if c.Extension.state() == "suspended" {
		return beforeSuspended
	}
	return c.Applies.End
}

func (p *plain) membership(name, from, to, end string) {
	said := func(unit, element, cell string) { p.add("1", "hf-enrol", unit, name, element, cell) }
	for person, one := range p.patients {
		if len(one.Address) == 0 {
			continue
		}
		unit := p.up(p.home(one.Address[0]), "W")
		var cover []period
		for _, c := range p.coverages {
			if i, ok := c.Extension.at(profiles.ExtensionCoverageState); ok && c.Extension[i].ValueCode == "suspended" {
				c.Status, c.Period.End = "active", beforeSuspended
			}
			if c.Beneficiary.Reference == person && c.Status == "active" {
				cover = append(cover, c.Period)
			}
		}
		if unit == "" || len(cover) == 0 {
			continue
		}
		cell := func(on string) string {
			return "HFC_SAP_" + p.sex(person) + "_" + p.band(person, on) + "_" + p.poverty(person)
		}
		first, last, active := "9", "", false
		for _, c := range cover {
			first, last = min(first, c.Start), max(last, c.End)
			active = active || within(end, c.Start, c.End)
		}
		if active {
			said(unit, "HF_ENR_PERSONS_ACTIVE", cell(end))
		}
		if within(first, from, to) {
			said(unit, "HF_ENR_PERSONS_NEW", cell(first))
		}
		if len(cover) == 1 && within(last, from, to) { // nobody in the tests has gaps
			said(unit, "HF_ENR_PERSONS_LEFT", cell(last))
		}
	}
	for _, c := range p.contracts {
		for _, g := range p.groups {
			unit := p.up(p.village(g), "W")
			if c.Subject[0].Reference != "Group/"+g.ID || unit == "" || !c.inForce() {
				continue
			}
			if within(end, c.Applies.Start, c.end()) {
				said(unit, "HF_ENR_POL_ACTIVE", "HFC_PROD_DHP")
			}
			if within(c.Applies.Start, from, to) {
				how := "NEW"
				if _, renews := c.Extension.at(profiles.ExtensionContractPredecessor); renews {
					how = "RENEW"
				}
				said(unit, "HF_ENR_POL_START", "HFC_NRP_"+how+"_DHP")
			}
			switch state := c.Extension.state(); {
			case state == "suspended" && within(suspended, from, to), state == "terminated" && within(c.Applies.End, from, to):
				said(unit, "HF_ENR_POL_CANCEL", "HFC_PROD_DHP")
			case state != "suspended" && state != "terminated" && within(c.Applies.End, from, to):
				said(unit, "HF_ENR_POL_DUE", "HFC_PROD_DHP")
			}
		}
	}
	for _, g := range p.groups {
		if unit := p.up(p.village(g), "W"); g.family() && unit != "" {
			if state, known := p.payState(g, end); known {
				said(unit, "HF_ENR_FAMILIES", "HFC_PSP_"+state+"_"+g.poverty())
			}
		}
	}
}

// payState gives how far a family's policy is paid on a day; a family is known from
// the day its policy begins, for all are registered in April.
func (p *plain) payState(g group, on string) (state string, known bool) {
	state, known = "NOPOL", on >= "2026-04-10"
	for _, c := range p.contracts {
		if c.Subject[0].Reference != "Group/"+g.ID {
			continue
		}
		known = known || c.inForce() && c.Applies.Start <= on
		waits := slices.Contains([]string{"offered", "ready", "draft"}, c.Extension.state()) && within(on, c.Term[0].Applies.Start, c.Term[0].Applies.End)
		if !(c.inForce() && within(on, c.Applies.Start, c.end())) && !waits {
			continue
		}
		state = "PAID"
		if waits {
			state = "UNPAID"
		}
		for _, i := range p.invoices {
			at, ok := i.Extension.at(profiles.ExtensionInvoiceContract)
			if !ok || i.Extension[at].ValueReference.Reference != "Contract/"+c.ID || i.Status != "issued" && i.Status != "balanced" {
				continue
			}
			left, _ := i.Extension.at(profiles.ExtensionInvoiceBalance)
			switch i.Extension[left].ValueMoney.Value {
			case "0":
				state = "PAID"
			case i.TotalGross.Value:
				state = "UNPAID"
			default:
				state = "PARTIAL"
			}
		}
	}
	return state, known
}

func (p *plain) contributions(name, from, to string) {
	for _, i := range p.invoices {
		at, _ := i.Extension.at(profiles.ExtensionInvoiceContract)
		for _, c := range p.contracts {
			if i.Extension[at].ValueReference.Reference == "Contract/"+c.ID && c.inForce() && within(c.Applies.Start, from, to) && (i.Status == "issued" || i.Status == "balanced") {
				p.add(i.TotalGross.Value, "hf-fin", p.districtOf(i.Subject.Reference), name, "HF_FIN_CONTRIB_DUE_AMT", "HFC_PROD_DHP")
			}
		}
	}
	for _, one := range p.payments {
		at, _ := one.Extension.at(profiles.ExtensionPaymentDirection)
		if one.Extension[at].ValueCode != "in" {
			continue
		}
		at, _ = one.Extension.at(profiles.ExtensionPayer)
		payer := one.Extension[at].ValueReference.Reference
		for _, d := range one.Detail {
			holder, product := payer, "OTHER"
			for _, i := range p.invoices {
				if d.Request.Reference == "Invoice/"+i.ID {
					holder, product = i.Subject.Reference, "DHP"
				}
			}
			if within(d.Date, from, to) {
				p.add(d.Amount.Value, "hf-fin", p.districtOf(holder), name, "HF_FIN_CONTRIB_AMT", "HFC_PRPA_"+product+"_HOUSEHOLD")
			}
		}
		if one.Status == "active" && within(one.PaymentDate, from, to) {
			at, _ = one.Extension.at(profiles.ExtensionPaymentMethod)
			channel := map[string]string{"C": "CASH", "B": "BANK", "M": "MOBILE"}[one.Extension[at].ValueCodeableConcept.Coding[0].Code]
			p.add("1", "hf-fin", p.districtOf(payer), name, "HF_FIN_CONTRIB_CNT", "HFC_CHAN_"+channel)
		}
	}
}

func (p *plain) districtOf(holder string) string {
	for _, g := range p.groups {
		if holder == "Group/"+g.ID {
			return p.up(p.village(g), "D")
		}
	}
	return ""
}
