package contract

import (
	"context"
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// renewed marks the policy before as renewed when the one that follows it comes
// in force.
func renewed(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || state(c.Node, profiles.ExtensionPolicyState) != stateActive || stateBefore(c) == stateActive {
			continue
		}
		before := target(c.Node.Extension(profiles.ExtensionContractPredecessor).Get("valueReference"))
		if before.Type != "Contract" {
			continue
		}
		p, err := under(tx, before)
		if err != nil {
			return err
		}
		if p.ours && (p.state == stateActive || p.state == stateExpired) {
			if _, err := p.become(tx, stateRenewed, "renewed", nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// graced lets a policy that continues another begin with its first day, where it
// comes in force by the last day of grace: coverage, which comes after, then sees
// no gap.
func graced(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || state(c.Node, profiles.ExtensionPolicyState) != stateActive || stateBefore(c) == stateActive {
			continue
		}
		p, err := under(tx, c.Key)
		if err != nil {
			return err
		}
		grace, ok := adjudication.ReadDay(p.node.Extension(profiles.ExtensionPolicyGrace).Get("valueDate").Text())
		if !ok || p.state != stateActive || p.from > grace || p.from <= p.start || p.node.Get("status").Text() != "executed" {
			continue
		}
		if _, err := p.become(tx, stateActive, "executed", new(datatype.Between(adjudication.WriteDay(p.start), adjudication.WriteDay(p.end)))); err != nil {
			return err
		}
	}
	return nil
}

func stateBefore(c fhir.Change) string {
	if c.Before == nil {
		return ""
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return ""
	}
	return state(doc.Root(), profiles.ExtensionPolicyState)
}

const newbornDays = 90

// newborns covers the children born into a family under its policies in force, as
// long as the scheme grants: from their birth, and as if they had waited as long
// as the mother has. Who is to be covered on is added to the policy.
func (s Settings) newborns(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	days := or(s.NewbornDays, newbornDays)
	for _, c := range changes {
		if c.After == nil || days < 0 {
			continue
		}
		for _, person := range newcomers(c) {
			n, err := read(tx, person)
			if err != nil {
				return err
			}
			born, known := adjudication.ReadDay(n.Get("birthDate").Text())
			if !known || len(n.Get("birthDate").Text()) < len("2026-01-31") || gone(n) || born+day(days) <= s.today(tx.Now()) {
				continue
			}
			if err := s.newborn(tx, c.Key, member{key: person, node: n}, born, born+day(days)-1); err != nil {
				return err
			}
		}
	}
	return nil
}

// newcomers gives who is in the Group now and was not before.
func newcomers(c fhir.Change) []fhir.Key {
	now := membersNow(c.Node)
	if c.Before == nil {
		return nil
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return nil
	}
	was := membersNow(doc.Root())
	return slices.DeleteFunc(now, func(k fhir.Key) bool { return slices.Contains(was, k) })
}

func membersNow(group fhir.Node) []fhir.Key {
	var list []fhir.Key
	for m := range group.Get("member").Each() {
		if k := target(m.Get("entity")); k.Type == "Patient" && m.Get("inactive").Text() != "true" {
			list = append(list, k)
		}
	}
	return list
}

// newborn covers one child under the policies that the family had in force on
// the day of his birth.
func (s Settings) newborn(tx fhir.Tx, family fhir.Key, child member, born, until day) error {
	all, err := policies(tx, family)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.state != stateActive || born < p.from || born > p.end || slices.Contains(p.persons(), child.key) {
			continue
		}
		if p, err = under(tx, p.key); err != nil {
			return err
		}
		o, covered, err := s.reopen(tx, p)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(o.holder.members, func(m member) bool { return m.key == child.key }); i >= 0 {
			child = o.holder.members[i]
		}
		waiting, err := motherWaits(tx, p, covered, born, o.product.majority)
		if err != nil {
			return err
		}
		number, err := freeNumber(tx, "Coverage", profiles.IdentifierMembership, memberNumber(o.number, len(covered)+1))
		if err != nil {
			return err
		}
		if _, err := o.nameAlso(tx, p, []joiner{{member: child, new: true}}); err != nil {
			return err
		}
		body := o.membership(p.key, joining{member: child, number: number, state: stateActive, from: born, to: min(until, p.end), waiting: waiting})
		if _, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Coverage"}, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

// motherWaits gives the day from which waiting periods count for a newborn: that
// of the women of the policy, or where there is none of anybody, the earliest;
// the birth where nobody has waited longer.
func motherWaits(r fhir.Reader, p policy, covered []member, born day, majority int) (string, error) {
	women, anybody := born, born
	for _, m := range covered {
		all, err := coverages(r, m.key)
		if err != nil {
			return "", err
		}
		for _, c := range all {
			from, known := adjudication.ReadDay(c.node.Extension(profiles.ExtensionCoverageWaitingFrom).Get("valueDate").Text())
			if c.contract != p.key || !known {
				continue
			}
			anybody = min(anybody, from)
			if m.node.Get("gender").Text() == "female" && m.adult(born, majority) {
				women = min(women, from)
			}
		}
	}
	if women < born {
		return adjudication.WriteDay(women), nil
	}
	return adjudication.WriteDay(anybody), nil
}
