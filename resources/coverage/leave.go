package coverage

import (
	"context"
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
)

// leave ends the memberships of those who leave a family in the policies of that
// family, with the day they left: the day their membership of the Group ended,
// where that is said, else today.
func (s Settings) leave(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.Before == nil || c.After == nil {
			continue
		}
		doc, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return err
		}
		now := inFamily(c.Node)
		for _, person := range inFamily(doc.Root()) {
			if slices.Contains(now, person) {
				continue
			}
			if err := endIn(tx, c.Key, person, leftOn(c.Node, person, s.today(tx))); err != nil {
				return err
			}
		}
	}
	return nil
}

// inFamily gives who is in a Group now.
func inFamily(group fhir.Node) []fhir.Key {
	var list []fhir.Key
	for m := range group.Get("member").Each() {
		if k := r4.Target(m.Get("entity")); k.Type == "Patient" && m.Get("inactive").Text() != "true" {
			list = append(list, k)
		}
	}
	return list
}

func leftOn(group fhir.Node, person fhir.Key, today string) string {
	for m := range group.Get("member").Each() {
		if end := m.At("period", "end").Text(); r4.Target(m.Get("entity")) == person && len(end) >= len(time.DateOnly) {
			return end[:len(time.DateOnly)]
		}
	}
	return today
}

// endIn ends a person's memberships in the policies of a family.
func endIn(tx fhir.Tx, family, person fhir.Key, day string) error {
	if err := tx.Lock(person.String()); err != nil {
		return err
	}
	all, err := memberships(tx, person)
	if err != nil {
		return err
	}
	for _, m := range all {
		contract, err := fhir.Tree(tx, m.contract)
		if err != nil {
			return err
		}
		if m.contract.Type != "Contract" || r4.Target(contract.Get("subject").First()) != family {
			continue
		}
		if err := endMembership(tx, m, day); err != nil {
			return err
		}
	}
	return nil
}

// endMembership ends a membership with a day: one that has not begun by then, or
// was not in force yet, is cancelled.
func endMembership(tx fhir.Tx, m membership, day string) error {
	last, err := fhir.ParseDate(day)
	if err != nil {
		return err
	}
	over := last.Interval(time.UTC).To
	e := fhir.NewEdit(m.node.Document())
	switch {
	case m.node.Get("status").Text() == "draft":
		set(e, m, "cancelled", "cancelled")
	case !m.inForce || !m.period.To.IsZero() && !m.period.To.After(over):
		return nil
	case !m.period.From.Before(over):
		set(e, m, "cancelled", "cancelled")
	default:
		cut(e, m, day)
	}
	_, err = tx.Update(&fhir.Resource{Key: m.key, Body: e.Bytes()}, 0)
	return err
}
