package coverage

import (
	"context"
	"time"

	"bima/fhir"
)

// end ends the memberships of persons who died or left the register, on that
// day: what was done for them before is still paid.
func (s Settings) end(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || c.Before == nil || gone(c.Node) == "" {
			continue
		}
		if doc, err := fhir.Parse(c.Before.Body); err != nil || gone(doc.Root()) != "" {
			continue
		}
		if err := endOf(tx, c.Key, s.lastDay(tx, c.Node)); err != nil {
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

// lastDay gives the day of death where it is known, else today. A moment is of
// the day it is in the scheme.
func (s Settings) lastDay(tx fhir.Tx, patient fhir.Node) string {
	d, err := fhir.ParseDateTime(patient.Get("deceasedDateTime").Text())
	switch {
	case err != nil || d.Precision < fhir.PrecisionDay:
		return s.today(tx)
	case d.Precision == fhir.PrecisionDay:
		return d.First.Format(time.DateOnly)
	}
	return s.dayOf(d.First)
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
