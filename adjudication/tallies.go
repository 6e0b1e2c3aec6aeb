package adjudication

import (
	"slices"

	"bima/fhir"
)

// Tallies gives the sums of earlier use that a Case needs, one a window; the
// caller puts each answer into Case.Used with the window it was asked for.
// source is the claim itself, whose own use in an earlier decision is left out.
func (c *Case) Tallies(source fhir.Key) []fhir.Tally {
	asked := &asks{source: source}
	for i := range c.Policies {
		p := &c.Policies[i]
		if p.Plan == nil || p.Stopped {
			continue
		}
		for j := range c.Lines {
			c.ask(asked, p, &c.Lines[j])
		}
	}
	return asked.tallies
}

// ask notes what one line needs to know under one policy.
func (c *Case) ask(a *asks, p *Policy, l *Line) {
	if !p.Covered.Contains(l.Served) {
		return
	}
	if l.Tariff != nil && l.Tariff.FrequencyDays > 0 {
		a.add(frequencyWindow(l), c.Patient.Account)
	}
	t := trial{decider: &decider{Case: c}, line: l, policy: p, plan: p.Plan}
	t.consult()
	for _, cover := range t.covers {
		if cover == nil {
			break
		}
		a.limits(c, p, l, cover.Ceilings, false)
		a.limits(c, p, l, cover.Deductibles, false)
		a.limits(c, p, l, cover.Quantities, true)
		a.limits(c, p, l, cover.Visits, true)
	}
}

// asks gathers tallies, joining those of one window.
type asks struct {
	source  fhir.Key
	tallies []fhir.Tally
}

func (a *asks) limits(c *Case, p *Policy, l *Line, limits []Limit, crossing bool) {
	for i := range limits {
		if limits[i].Scope != ScopeTreatment {
			a.add(window(p, limits[i].Span, l.Served.To), c.account(p, &limits[i], crossing))
		}
	}
}

func (a *asks) add(w Window, account string) {
	i := slices.IndexFunc(a.tallies, func(t fhir.Tally) bool { return t.From == w.From && t.To == w.To })
	if i < 0 {
		i = len(a.tallies)
		a.tallies = append(a.tallies, fhir.Tally{From: w.From, To: w.To, Except: a.source})
	}
	if !slices.Contains(a.tallies[i].Accounts, account) {
		a.tallies[i].Accounts = append(a.tallies[i].Accounts, account)
	}
}

// Learn adds the answer to one of the Tallies.
func (c *Case) Learn(t fhir.Tally, balances []fhir.Balance) {
	for _, b := range balances {
		c.Used = append(c.Used, Use{Window: Window{t.From, t.To}, Account: b.Account, Bucket: b.Bucket, Value: b.Value})
	}
}
