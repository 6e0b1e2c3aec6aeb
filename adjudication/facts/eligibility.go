package facts

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
)

// An Inquiry is a question about a person's cover, with the facts to answer it.
type Inquiry struct {
	Case    adjudication.Case
	Patient fhir.Key
	Members []Membership // one for each of Case.Policies
	Items   []fhir.Node  // of the request: those that name a service, one for each of Case.Lines

	scene scene
}

// Inquiry gathers the facts of a CoverageEligibilityRequest and what was used so
// far. Where it names Coverages of the patient only those are looked at. It fails
// like Claim.
func (f *Facts) Inquiry(r fhir.Reader, n fhir.Node) (*Inquiry, error) {
	g := &Inquiry{}
	c := &g.Case
	c.Inquiry = true
	p, err := f.parties(r, question{
		root: n, typ: "CoverageEligibilityRequest", patient: n.Get("patient"), provider: n.Get("provider"),
		facility: n.Get("facility"), insurance: n.Get("insurance"),
	}, c)
	if err != nil {
		return nil, err
	}
	g.Patient, g.scene = p.patient, p.scene
	c.Facility.Anywhere = !n.Get("provider").Exists() && !n.Get("facility").Exists()
	g.lines(n)
	g.scene.items = g.Items
	if len(c.Problems) > 0 {
		return g, nil
	}
	if g.Members, err = f.policies(r, p, c); err != nil {
		return nil, err
	}
	g.only(p.named)
	adoptCurrency(c)
	_, err = f.learn(r, c, g.scene, fhir.Key{}, nil)
	return g, err
}

// only leaves the policies of the Coverages named, if any of them is known.
func (g *Inquiry) only(named []fhir.Key) {
	var policies []adjudication.Policy
	var members []Membership
	for i, m := range g.Members {
		if slices.Contains(named, m.Key) {
			policies, members = append(policies, g.Case.Policies[i]), append(members, m)
		}
	}
	if len(members) > 0 {
		g.Case.Policies, g.Members = policies, members
	}
}

// lines reads the services asked about. The day is that of the service, or the
// day of the question.
func (g *Inquiry) lines(n fhir.Node) {
	c := &g.Case
	day, dated := servedOn(n)
	if !dated {
		day, dated = created(n)
	}
	c.Treatment, c.Dated, c.Visit = day, dated, adjudication.Ambulatory
	i := 0
	for item := range n.Get("item").Each() {
		l := adjudication.Line{Sequence: i + 1, Served: day}
		codes := codings(item.Get("productOrService"))
		if len(codes) == 0 {
			continue
		}
		l.Service = codes[0]
		if problem := money(item, &l, "CoverageEligibilityRequest.item"); problem != nil {
			c.Problems = append(c.Problems, *problem)
		}
		if c.Currency == "" {
			c.Currency = l.Currency
		}
		c.Lines, g.Items = append(c.Lines, l), append(g.Items, item)
		i++
	}
}

func created(n fhir.Node) (adjudication.Period, bool) {
	day, ok := firstDay(n.Get("created"))
	return adjudication.Period{From: day, To: day}, ok
}
