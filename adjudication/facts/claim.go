package facts

import (
	"slices"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

// A Claim is a claim with what its decision depends on: first what is read
// without locks, and then, by Learn, prices and the use so far.
type Claim struct {
	Case     adjudication.Case
	Patient  fhir.Key     // zero where it is not known; of records that were merged the last
	Merged   []fhir.Key   // the records that were, from the one that the claim names on
	Provider fhir.Key     // zero where it is not known
	Named    []fhir.Key   // the Coverages of Claim.insurance, in its order; zero where not known
	Members  []Membership // one for each of Case.Policies
	// StrangeDiagnosis tells that the code system of a diagnosis does not have its code.
	StrangeDiagnosis bool
	// Authorised are the Claims of the preauthorizations that agree to lines of it.
	Authorised []fhir.Key

	scene scene
}

// Claim gathers who is concerned by a Claim and what is claimed. It fails with an
// *Undecidable when a plan of it does not compile; an unknown patient or facility
// is no failure but a Problem of the Case.
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
	g.Patient, g.Merged, g.Provider, g.Named, g.scene = p.patient, p.merged, p.provider, p.named, p.scene
	g.scene.items, g.scene.diagnoses = terms.Indexed(n.Get("item")), n.Get("diagnosis")
	use := n.Get("use").Text()
	c.Posts, c.Reserves = use == "claim", use == "preauthorization"
	c.Today, c.Clocked = today(r, n)
	claimLines(n, c)
	if err = f.otherPayers(r, n, c); err != nil {
		return nil, err
	}
	if err = f.accident(r, n, c); err != nil {
		return nil, err
	}
	if len(c.Problems) > 0 {
		return g, nil
	}
	if g.Members, _, err = f.policies(r, p, c); err != nil {
		return g, err
	}
	adoptCurrency(c)
	if err = f.asked(r, n, p, g.Members, c); err != nil {
		return g, err
	}
	if err = f.declared(r, g.Patient, c); err != nil || c.Reserves {
		return g, err
	}
	return g, f.authorise(r, n, g)
}

// Locks names what must not change between Learn and the commit: the policies
// and the person whose use is counted. A claim that can't be decided has none.
func (g *Claim) Locks() []string {
	if len(g.Case.Problems) > 0 {
		return nil
	}
	names := []string{g.Patient.String()}
	for i := range g.Case.Policies {
		if account := g.Case.Policies[i].Account; !slices.Contains(names, account) {
			names = append(names, account)
		}
	}
	for _, k := range g.Authorised {
		names = append(names, k.String())
	}
	return names
}

// Learn completes the Case by prices and by what earlier claims used. source is
// the claim itself, whose own use does not count. It is asked under the Locks,
// and gives the sums of the other accounts it was asked for, of all time and
// without what source has there, so that one look at the ledger serves both. It
// fails with an *Undecidable when a tariff does not compile.
func (f *Facts) Learn(r fhir.Reader, g *Claim, source fhir.Key, accounts ...string) ([]fhir.Balance, error) {
	reservations, systems := g.reservations(source), diagnosisSystems(g.scene.diagnoses)
	accounts = append(accounts, reservations...)
	for _, system := range systems {
		accounts = append(accounts, codesAccount(system))
	}
	others, err := f.learn(r, &g.Case, g.scene, source, accounts)
	if len(reservations) > 0 {
		g.reserved(others, source)
	}
	if err == nil {
		g.StrangeDiagnosis, err = f.unknownDiagnosis(r, g.scene.diagnoses, systems, others)
	}
	return others, err
}

func (f *Facts) learn(r fhir.Reader, c *adjudication.Case, s scene, source fhir.Key, accounts []string) ([]fhir.Balance, error) {
	if len(c.Problems) > 0 {
		s.items = nil
	}
	all := fhir.Tally{Accounts: append(append(c.Accounts(), c.Patient.Account), accounts...), Except: source}
	known := len(all.Accounts)
	others, err := f.tariffsOf(r, s, c, all)
	if err != nil || len(c.Problems) > 0 {
		return others, err
	}
	diagnosed(s, c)
	adoptPriceCurrency(c)
	all.Accounts = all.Accounts[:known]
	c.Learn(all, others)
	return others, learnRest(r, c, all, others)
}

// learnRest asks for the Tallies of the Case that are not answered yet. Where
// nothing was used since a window began, nothing was used in it.
func learnRest(r fhir.Reader, c *adjudication.Case, answered fhir.Tally, sums []fhir.Balance) error {
	for _, t := range c.Tallies(answered.Except) {
		whole := t.From == 0 && t.To == 0
		t.Accounts = slices.DeleteFunc(t.Accounts, func(a string) bool {
			used := slices.ContainsFunc(sums, func(b fhir.Balance) bool { return b.Account == a && b.LastDay >= t.From })
			return slices.Contains(answered.Accounts, a) && (whole || !used)
		})
		if len(t.Accounts) == 0 {
			continue
		}
		balances, err := r.Tally(t)
		if err != nil {
			return err
		}
		c.Learn(t, balances)
	}
	return nil
}

// tariffsOf finds the tariff of each line. One service may be coded in several systems, of which the first
// that the register knows counts. Along with the stamps of the services it asks
// for the sums of all, and gives them.
func (f *Facts) tariffsOf(r fhir.Reader, s scene, c *adjudication.Case, all fhir.Tally) ([]fhir.Balance, error) {
	var services []adjudication.Code
	offered := make([][]adjudication.Code, len(s.items))
	for i, item := range s.items {
		offered[i] = terms.Codings(item.Get("productOrService"))
		for _, code := range offered[i] {
			if code.Code != "" && !slices.Contains(services, code) {
				services = append(services, code)
			}
		}
	}
	found, others, err := f.register(r, services, all)
	if err != nil {
		return others, err
	}
	var packages []bundle
	for i := range offered {
		l := &c.Lines[i]
		t := assign(c, l, c.PricedOn(l), offered[i], found)
		if t == nil {
			continue
		}
		suits, err := s.suits(t, i, l.Served)
		if err != nil {
			return others, err
		}
		l.Unsuitable = !suits
		if len(t.parts) > 0 {
			packages = append(packages, bundle{i, t})
		}
	}
	return others, f.unpack(r, s, c, packages)
}

// assign gives a line the tariff of the first of its codes that has one. A code that
// no product names stands for the first of the tariff.
func assign(c *adjudication.Case, l *adjudication.Line, on adjudication.Period, codes []adjudication.Code, found []*tariff) *tariff {
	for _, code := range codes {
		if t := choose(found, code, on); t != nil {
			l.Tariff, l.Service = t.Tariff, code
			if code.System == "" || !named(c, code) {
				l.Service = t.Service
			}
			return t
		}
	}
	return nil
}

// named reports whether a product of the Case speaks of a service by this code.
func named(c *adjudication.Case, code adjudication.Code) bool {
	return slices.ContainsFunc(c.Policies, func(p adjudication.Policy) bool {
		return p.Plan != nil && (p.Plan.Services[code] != nil || len(p.Plan.Sets[code]) > 0)
	})
}
