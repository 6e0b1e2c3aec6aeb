package coverage

import (
	"context"
	"time"

	"bima/fhir"
)

// end ends the memberships of persons who died or left the register, on that
// day: what was done for them before is still paid.
func end(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || c.Before == nil || gone(c.Node) == "" {
			continue
		}
		if doc, err := fhir.Parse(c.Before.Body); err != nil || gone(doc.Root()) != "" {
			continue
		}
		if err := endOf(tx, c.Key, lastDay(c.Node, tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

// gone says why a person can't be a member any more; "" where he can.
func gone(patient fhir.Node) string {
	switch {
	case patient.Get("deceasedDateTime").Exists(), patient.Get("deceasedBoolean").Text() == "true":
		return "deceased"
	case patient.Get("active").Text() == "false":
		return "inactive"
	}
	return ""
}

// lastDay gives the day of death where it is known, else today.
func lastDay(patient fhir.Node, now time.Time) string {
	if d, err := fhir.ParseDateTime(patient.Get("deceasedDateTime").Text()); err == nil && d.Precision >= fhir.PrecisionDay {
		return d.First.Format(time.DateOnly)
	}
	return now.Format(time.DateOnly)
}

func endOf(tx fhir.Tx, person fhir.Key, day string) error {
	if err := tx.Lock(person.String()); err != nil {
		return err
	}
	all, err := memberships(tx, person)
	if err != nil {
		return err
	}
	last, err := fhir.ParseDate(day)
	if err != nil {
		return err
	}
	over := last.Interval(time.UTC).To
	for _, m := range all {
		e := fhir.NewEdit(m.node.Document())
		switch {
		case !m.inForce || !m.period.To.IsZero() && !m.period.To.After(over):
			continue
		case !m.period.From.Before(over):
			set(e, m, "cancelled", "cancelled")
		default:
			cut(e, m, day)
		}
		if _, err := tx.Update(&fhir.Resource{Key: m.key, Body: e.Bytes()}, 0); err != nil {
			return err
		}
	}
	return nil
}
