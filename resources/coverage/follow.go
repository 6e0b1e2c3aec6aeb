package coverage

import (
	"context"
	"encoding/json"
	"maps"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// follow lets the memberships of a policy follow its state when that changes, and
// when it names other persons.
func follow(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || before(c) == state(c.Node, profiles.ExtensionPolicyState) && !renamed(c) {
			continue
		}
		if err := followOne(tx, c.Key, policy{}); err != nil {
			return err
		}
	}
	return nil
}

// renamed reports whether a policy names other persons than before.
func renamed(c fhir.Change) bool {
	if c.Before == nil {
		return false
	}
	doc, err := fhir.Parse(c.Before.Body)
	return err == nil && !maps.Equal(policyOf(doc.Root()).persons, policyOf(c.Node).persons)
}

// paid lets the memberships begin of those who joined a policy that is in force,
// when what was due for them has been paid.
func paid(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		contract := r4.Target(c.Node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
		if c.After == nil || contract.Type != "Contract" {
			continue
		}
		then := policy{bounced: bounced(c)}
		if !then.bounced && c.Node.Get("status").Text() != "balanced" {
			continue
		}
		var err error
		if then.paidOn, err = paidOn(tx, c.Key); err != nil {
			return err
		}
		if err := followOne(tx, contract, then); err != nil {
			return err
		}
	}
	return nil
}

// bounced reports whether what was paid for members who joined was taken back.
func bounced(c fhir.Change) bool {
	if c.Before == nil || c.Node.Get("status").Text() != "issued" || c.Node.Get("type").Code(profiles.SystemContributionStage) != "joining" {
		return false
	}
	doc, err := fhir.Parse(c.Before.Body)
	return err == nil && doc.Root().Get("status").Text() == "balanced"
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

// followOne leads the memberships of a policy. Of one that was in force before
// those begin who joined it, no earlier than the day they paid, unless something
// is owed for them; where that bounced they are suspended. then says which.
func followOne(tx fhir.Tx, contract fhir.Key, then policy) error {
	n, err := fhir.Tree(tx, contract)
	if err != nil || !n.Exists() {
		return err
	}
	p := policyOf(n)
	p.paidOn, p.bounced = then.paidOn, then.bounced
	if p.bills, err = billsOf(tx, contract, r4.Target(n.Get("subject").First())); err != nil {
		return err
	}
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
		if p.owedFor(m) {
			return nil
		}
		if err := p.begin(tx, e, m, all); err != nil {
			return err
		}
	case p.state == "active" && own == "suspended":
		if p.owedFor(m) {
			return nil
		}
		set(e, m, "active", "active")
	case p.state == "active" && p.bounced && own == "active" && m.inForce && p.owedFor(m):
		set(e, m, "cancelled", "suspended")
	case p.state == "suspended" && m.inForce && (own == "" || own == "active" || own == "issued"):
		set(e, m, "cancelled", "suspended")
	case p.state == "expired" && m.inForce && (own == "" || own == "active" || own == "issued"):
		set(e, m, "active", "expired")
	case (p.state == "expired" || p.state == "terminated") && m.node.Get("status").Text() == "draft":
		set(e, m, "cancelled", "cancelled")
	case p.state == "cancelled" && own != "cancelled" && m.node.Get("status").Text() != "entered-in-error":
		set(e, m, "cancelled", "cancelled")
	case p.state == "terminated" && !m.period.From.IsZero() && !fhir.WholeDays(p.applies).To.IsZero() && !m.period.From.Before(fhir.WholeDays(p.applies).To):
		if own == "cancelled" {
			return nil
		}
		set(e, m, "cancelled", "cancelled")
	case p.state == "terminated" && m.inForce && !within(m.period, fhir.WholeDays(p.applies)):
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

// joinsLater reports whether a membership was agreed to begin after the policy.
func joinsLater(p *policy, m membership) bool {
	return m.period.From.After(fhir.WholeDays(p.applies).From)
}

// begin puts a membership in force: from the day the policy is, or from the later
// day that was agreed for a member who joins it under way, or on which what was
// due for him was paid.
func (p *policy) begin(tx fhir.Tx, e *fhir.Edit, m membership, all []membership) error {
	set(e, m, "active", "active")
	start := p.applies.Get("start").Text()
	if p.joins(m) {
		paid, err := p.paidFor(tx, m)
		if err != nil {
			return err
		}
		start = max(m.node.At("period", "start").Text(), paid)
	}
	e.Set(m.node, "period", p.spell(start))
	before, err := p.carries(tx, m, start, all)
	if err != nil {
		return err
	}
	if waiting := m.node.Extension(profiles.ExtensionCoverageWaitingFrom); !waiting.Exists() && start != "" {
		e.SetExtension(m.node, profiles.ExtensionCoverageWaitingFrom, "valueDate", quote(before.waitingFrom(start)))
	}
	return before.carryUse(tx, e, m, start)
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
