package coverage

import (
	"context"
	"encoding/json"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// follow lets the memberships of a policy follow its state when that changes.
func follow(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || before(c) == state(c.Node, profiles.ExtensionPolicyState) {
			continue
		}
		if err := followOne(tx, c.Key); err != nil {
			return err
		}
	}
	return nil
}

// before gives the state of a policy before the change.
func before(c fhir.Change) string {
	if c.Before == nil {
		return ""
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return ""
	}
	return state(doc.Root(), profiles.ExtensionPolicyState)
}

func followOne(tx fhir.Tx, contract fhir.Key) error {
	n, err := read(tx, contract)
	if err != nil || !n.Exists() {
		return err
	}
	p := policyOf(n)
	for _, person := range p.covered() {
		if err := tx.Lock(person.String()); err != nil {
			return err
		}
		all, err := memberships(tx, person)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.contract != contract {
				continue
			}
			if err := p.lead(tx, m, all); err != nil {
				return err
			}
		}
	}
	return nil
}

// lead changes one membership as the policy's state asks; all are the person's.
func (p *policy) lead(tx fhir.Tx, m membership, all []membership) error {
	e := fhir.NewEdit(m.node.Document())
	own := state(m.node, profiles.ExtensionCoverageState)
	switch {
	case p.state == "active" && m.node.Get("status").Text() == "draft":
		p.begin(e, m, all)
	case p.state == "active" && own == "suspended":
		set(e, m, "active", "active")
	case p.state == "suspended" && m.inForce && (own == "" || own == "active" || own == "issued"):
		set(e, m, "cancelled", "suspended")
	case p.state == "cancelled" && own != "cancelled" && m.node.Get("status").Text() != "entered-in-error":
		set(e, m, "cancelled", "cancelled")
	case p.state == "terminated" && m.inForce && !within(m.period, interval(p.applies)):
		cut(e, m, p.applies.Get("end").Text())
	default:
		return nil
	}
	_, err := tx.Update(&fhir.Resource{Key: m.key, Body: e.Bytes()}, 0)
	return err
}

func set(e *fhir.Edit, m membership, status, state string) {
	e.Set(m.node, "status", quote(status))
	e.SetExtension(m.node, profiles.ExtensionCoverageState, "valueCode", quote(state))
}

// begin puts a membership in force: from the day the policy is, or from the
// later day that was agreed for a member who joins it under way.
func (p *policy) begin(e *fhir.Edit, m membership, all []membership) {
	set(e, m, "active", "active")
	start := p.applies.Get("start").Text()
	if m.period.From.After(interval(p.applies).From) {
		start = m.node.At("period", "start").Text()
	}
	e.Set(m.node, "period", p.spell(start))
	if waiting := m.node.Extension(profiles.ExtensionCoverageWaitingFrom); waiting.Exists() {
		return
	}
	if from := p.waitingFrom(start, all); from != "" {
		e.SetExtension(m.node, profiles.ExtensionCoverageWaitingFrom, "valueDate", quote(from))
	}
}

// spell gives the Period from a day to the policy's end.
func (p *policy) spell(start string) []byte {
	period := []byte(`{"start":`)
	period = append(period, quote(start)...)
	if end := p.applies.Get("end").Text(); end != "" {
		period = append(append(period, `,"end":`...), quote(end)...)
	}
	return append(period, '}')
}

// waitingFrom gives the day waiting periods count from: that of the membership
// this one renews without a gap, else its own first day.
func (p *policy) waitingFrom(start string, all []membership) string {
	first, err := fhir.ParseDateTime(start)
	if err != nil {
		return ""
	}
	for _, old := range all {
		if p.predecessor.IsZero() || old.contract != p.predecessor || gap(old.period, first) {
			continue
		}
		if from := old.node.Extension(profiles.ExtensionCoverageWaitingFrom).Get("valueDate").Text(); from != "" {
			return from
		}
		if from := old.node.At("period", "start").Text(); from != "" {
			return from[:min(len(from), len(time.DateOnly))]
		}
	}
	return start[:min(len(start), len(time.DateOnly))]
}

// gap reports whether a day lies between an old period and the first day of a
// new one.
func gap(old fhir.Interval, first fhir.DateTime) bool {
	return !old.To.IsZero() && old.To.Before(first.Interval(time.UTC).From)
}

// cut ends a membership with a day.
func cut(e *fhir.Edit, m membership, end string) {
	if period := m.node.Get("period"); period.Exists() {
		e.Set(period, "end", quote(end))
		return
	}
	e.Set(m.node, "period", []byte(`{"end":`+string(quote(end))+`}`))
}

// quote writes a text as JSON.
func quote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return text
}
