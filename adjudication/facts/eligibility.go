package facts

import (
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// An Inquiry is a question about a person's cover, with the facts to answer it.
type Inquiry struct {
	Case    adjudication.Case
	Patient fhir.Key
	Members []Membership // one for each of Case.Policies
	Asked   []bool       // which of the Members the question is about
	Closed  []Membership // of the person, but not in use: draft, suspended, cancelled
	Items   []fhir.Node  // of the request: those that name a service, one for each of Case.Lines

	scene scene
}

// Inquiry gathers the facts of a CoverageEligibilityRequest and what was used so
// far. It fails like Claim.
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
	if err = f.lines(r, g, n); err != nil {
		return nil, err
	}
	g.scene.items = g.Items
	if len(c.Problems) > 0 {
		return g, nil
	}
	if g.Members, g.Closed, err = f.policies(r, p, c); err != nil {
		return nil, err
	}
	if err = f.asked(r, n, p, g.Members, c); err != nil {
		return nil, err
	}
	g.about(n, p.named)
	adoptCurrency(c)
	_, err = f.learn(r, c, g.scene, fhir.Key{}, nil)
	return g, err
}

// Standing gathers what tells how the patient of a Claim stands with his policies on the
// last day of its care, without asking for any service. It has no policies where the
// Claim has no day or no known patient. It fails like Claim.
func (f *Facts) Standing(r fhir.Reader, claim fhir.Node) (*Inquiry, error) {
	g := &Inquiry{}
	c := &g.Case
	c.Inquiry = true
	p, err := f.parties(r, question{root: claim, typ: "Claim", patient: claim.Get("patient")}, c)
	if err != nil {
		return nil, err
	}
	claimLines(claim, c)
	if c.Lines = nil; len(c.Problems) > 0 || !c.Dated {
		return g, nil
	}
	c.Treatment.From = c.Treatment.To
	g.Patient = p.patient
	if g.Members, g.Closed, err = f.policies(r, p, c); err != nil {
		return nil, err
	}
	if err = f.asked(r, claim, p, g.Members, c); err != nil {
		return nil, err
	}
	adoptCurrency(c)
	_, err = f.learn(r, c, g.scene, fhir.Key{}, nil)
	return g, err
}

// about notes which Coverages the question is about: those it names, where one of
// them is the person's, and all where it names none or wants to know of others.
// What is paid for services is decided by all of them nevertheless, for so are
// claims.
func (g *Inquiry) about(n fhir.Node, named []fhir.Key) {
	g.Asked = make([]bool, len(g.Members))
	some := false
	for i, m := range g.Members {
		g.Asked[i] = slices.Contains(named, m.Key)
		some = some || g.Asked[i]
	}
	discover := slices.ContainsFunc(terms.Indexed(n.Get("purpose")), func(p fhir.Node) bool { return p.Text() == "discovery" })
	if discover || !some {
		for i := range g.Asked {
			g.Asked[i] = true
		}
	}
}

// lines reads the services asked about. The days are those of the service, or the
// day of the question.
func (f *Facts) lines(r fhir.Reader, g *Inquiry, n fhir.Node) error {
	c := &g.Case
	day, dated := servedOn(n)
	if !dated {
		day, dated = f.created(n)
	}
	c.Treatment, c.Dated = day, dated
	c.Visit, c.Referred = terms.VisitOf(terms.Extension(n, profiles.ExtensionVisitType).Get("valueCodeableConcept"), day.To > day.From)
	for i, asked := range terms.Indexed(n.Get("item")) {
		at := fmt.Sprintf("CoverageEligibilityRequest.item[%d]", i)
		items, err := f.ordered(r, n, asked, at, c)
		if err != nil {
			return err
		}
		for _, item := range items {
			g.line(item, at)
		}
	}
	return nil
}

// line reads one service asked about.
func (g *Inquiry) line(item fhir.Node, at string) {
	c := &g.Case
	l := adjudication.Line{Sequence: len(c.Lines) + 1, Served: c.Treatment}
	codes := terms.Codings(item.Get("productOrService"))
	if len(codes) == 0 {
		return
	}
	l.Service = codes[0]
	if problem := money(item, &l, at); problem != nil {
		c.Problems = append(c.Problems, *problem)
	}
	if c.Currency == "" {
		c.Currency = l.Currency
	}
	c.Lines, g.Items = append(c.Lines, l), append(g.Items, item)
}

// created gives the day on which a question was made.
func (f *Facts) created(n fhir.Node) (adjudication.Period, bool) {
	day, ok := f.day(n.Get("created"))
	return adjudication.Period{From: day, To: day}, ok
}
