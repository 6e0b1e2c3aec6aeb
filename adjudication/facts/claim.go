package facts

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// A Claim is a claim with everything its decision depends on, but for the use so
// far, which Learn adds under locks.
type Claim struct {
	Case     adjudication.Case
	Patient  fhir.Key     // zero where it is not known
	Provider fhir.Key     // zero where it is not known
	Named    []fhir.Key   // the Coverages of Claim.insurance, in its order; zero where not known
	Members  []Membership // one for each of Case.Policies
}

// Claim gathers the facts of a Claim. It fails with an *Undecidable when a plan
// or tariff of it does not compile; an unknown patient or facility is no failure
// but a Problem of the Case.
func (f *Facts) Claim(r fhir.Reader, n fhir.Node) (*Claim, error) {
	g := &Claim{}
	c := &g.Case
	p, err := f.parties(r, question{
		root: n, typ: "Claim", patient: n.Get("patient"), provider: n.Get("provider"),
		facility: n.Get("facility"), insurance: n.Get("insurance"),
	}, c)
	if err != nil {
		return nil, err
	}
	g.Patient, g.Provider, g.Named = p.patient, p.provider, p.named
	c.Posts = n.Get("use").Text() == "claim"
	claimLines(n, c)
	if len(c.Problems) > 0 {
		return g, nil
	}
	if g.Members, err = f.policies(r, p, c); err != nil {
		return nil, err
	}
	adoptCurrency(c)
	return g, f.tariffsOf(r, indexed(n.Get("item")), c)
}

// Locks names what must not change between Learn and the commit: the policies
// and the person whose use is counted.
func (g *Claim) Locks() []string {
	names := []string{g.Patient.String()}
	for i := range g.Case.Policies {
		if account := g.Case.Policies[i].Account; !slices.Contains(names, account) {
			names = append(names, account)
		}
	}
	return names
}

// Learn adds to the Case what earlier claims used. source is the claim itself,
// whose own use does not count. It is asked under the Locks.
func (g *Claim) Learn(r fhir.Reader, source fhir.Key) error {
	if len(g.Case.Problems) > 0 {
		return nil
	}
	return learn(r, &g.Case, source)
}

func learn(r fhir.Reader, c *adjudication.Case, source fhir.Key) error {
	for _, t := range c.Tallies(source) {
		balances, err := r.Tally(t)
		if err != nil {
			return err
		}
		c.Learn(t, balances)
	}
	return nil
}

// tariffsOf finds the tariff of each line; items are the elements that ask for
// the services. One service may be coded in several systems, of which the first
// that the register knows counts.
func (f *Facts) tariffsOf(r fhir.Reader, items []fhir.Node, c *adjudication.Case) error {
	var services []adjudication.Code
	offered := make([][]adjudication.Code, len(items))
	for i, item := range items {
		offered[i] = codings(item.Get("productOrService"))
	}
	for _, codes := range offered {
		for _, code := range codes {
			if code.Code != "" && !slices.Contains(services, code) {
				services = append(services, code)
			}
		}
	}
	found, err := f.register(r, services)
	if err != nil {
		return err
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		for _, code := range offered[i] {
			if t := choose(found, code, l.Served); t != nil {
				l.Tariff, l.Service = t.Tariff, code
				if code.System == "" {
					l.Service = t.Service
				}
				break
			}
		}
	}
	return nil
}

// visitOf reads the class of encounter from Claim.subType: HL7's ActCode, or
// openIMIS's visit type.
func visitOf(n fhir.Node, stay bool) (visit adjudication.Visit, referred bool) {
	var q qualifier
	for _, code := range codings(n.Get("subType")) {
		if say, ok := qualifierCodes[code]; ok && (code.System == SystemActCode || code.System == profiles.SystemOpenIMISVisitType) {
			say(&q)
		}
	}
	referred = q.when.Referred || n.Get("referral").Exists()
	switch {
	case q.when.Visit != adjudication.AnyVisit:
		return q.when.Visit, referred
	case stay:
		return adjudication.Inpatient, referred
	}
	return adjudication.Ambulatory, referred
}
