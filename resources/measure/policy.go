package measure

import (
	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A span is the days from its first to its last; of an empty one the last is before
// the first.
type span struct{ from, to adjudication.Day }

func (s span) covers(d adjudication.Day) bool { return s.from <= d && d <= s.to }
func (s span) empty() bool                    { return s.to < s.from }

// spanOf reads a Period; an open end is never.
func (c *counter) spanOf(period fhir.Node) (s span, ok bool) {
	if s.from, ok = c.dayOf(period.Get("start").Text()); !ok {
		return s, false
	}
	s.to = never
	if end := period.Get("end").Text(); end != "" {
		s.to, ok = c.dayOf(end)
	}
	return s, ok
}

// since gives from which day on a resource has had the code it has now, and which
// one it had before: "" where it was made with it. It needs a Reader.
func (c *counter) since(r fhir.Reader, s stored, code func(fhir.Node) string) (day adjudication.Day, before string, err error) {
	if r == nil {
		return 0, "", errLater
	}
	is, updated := code(s.node), s.Updated
	for v := s.Version - 1; v > 0; v-- {
		resource, err := r.ReadVersion(s.Key, v)
		if fhir.HasIssue(err, fhir.IssueNotFound) {
			break
		}
		if err != nil {
			return 0, "", err
		}
		was := ""
		if !resource.Deleted {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return 0, "", err
			}
			was = code(doc.Root())
		}
		if was != is {
			return adjudication.DayOf(updated.In(c.Zone)), was, nil
		}
		updated = resource.Updated
	}
	return adjudication.DayOf(updated.In(c.Zone)), "", nil
}

// covered gives the days of a Coverage: those of its period, and of one that was
// cancelled or suspended the days before it was.
func (c *counter) covered(r fhir.Reader, s stored) (span, bool, error) {
	days, ok := c.spanOf(s.node.Get("period"))
	if !ok {
		return days, false, nil
	}
	switch status := s.node.Get("status").Text(); status {
	case "active":
		return days, !days.empty(), nil
	case "cancelled":
		day, before, err := c.since(r, s, func(n fhir.Node) string { return n.Get("status").Text() })
		if err != nil || before != "active" {
			return days, false, err
		}
		days.to = min(days.to, day-1)
		return days, !days.empty(), nil
	}
	return days, false, nil
}

// A policy is what is to be known of a Contract of the scheme.
type policy struct {
	holder     handle
	next       int32  // the holder's next in held, counted from 1
	waits      bool   // whether it is agreed to and not yet in force
	days       span   // on which it is or was in force
	inForce    bool   // whether there are any
	agreed     span   // on which it would be
	product    string // option of HF_PROD
	renews     bool
	withdrawn  adjudication.Day // when it was cancelled or suspended
	isWithdraw bool
}

// held are the states in which a policy is in force, or was.
var held = map[string]bool{"active": true, "suspended": true, "amended": true, "renewed": true, "expired": true, "terminated": true}

func policyState(n fhir.Node) string {
	return n.Extension(profiles.ExtensionPolicyState).Get("valueCode").Text()
}

// policy reads a Contract; false where it is no policy of the scheme.
func (s *scheme) policy(r fhir.Reader, c stored) (p policy, ok bool, err error) {
	state := policyState(c.node)
	if state == "" || c.node.Get("status").Text() == "entered-in-error" {
		return p, false, nil
	}
	p.waits = state == "offered" || state == "ready" || state == "draft"
	term := c.node.Get("term").First()
	p.product = s.product(term.At("offer", "topic"))
	p.renews = c.node.Extension(profiles.ExtensionContractPredecessor).Exists()
	var dated bool
	if p.agreed, dated = s.spanOf(term.Get("applies")); !dated {
		p.agreed = span{0, -1}
	}
	days, dated := s.spanOf(c.node.Get("applies"))
	if !dated {
		return p, true, nil
	}
	switch state {
	case "suspended", "cancelled":
		day, before, err := s.since(r, c, policyState)
		if err != nil || !held[before] {
			return p, true, err
		}
		p.withdrawn, p.isWithdraw = day, true
		days.to = min(days.to, day-1)
	case "terminated":
		p.withdrawn, p.isWithdraw = days.to, days.to < never
	}
	if held[state] || p.isWithdraw {
		p.days, p.inForce = days, !days.empty()
	}
	return p, true, nil
}

// count counts a policy of a holder who lives at a place.
func (p policy) count(b book) {
	if p.inForce {
		how := "NEW"
		if p.renews {
			how = "RENEW"
		}
		b.on(p.days.from, one, indicator.EnrPolStart, how, p.product)
		for m, sheet := range b {
			if p.days.covers(m.last()) {
				sheet.add(one, indicator.EnrPolActive, p.product)
			}
		}
		if !p.isWithdraw && p.days.to < never {
			b.on(p.days.to, one, indicator.EnrPolDue, p.product)
		}
	}
	if p.isWithdraw {
		b.on(p.withdrawn, one, indicator.EnrPolCancel, p.product)
	}
}
