// Package patient says what a Patient means to the scheme: an insured person,
// known by an insurance number whose last digit checks it.
//
// Its door is Module. It never decides who is covered: that is coverage's.
package patient

import (
	"context"
	"fmt"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// detailInsuranceNumber tells a wrong insurance number from other bad values.
const detailInsuranceNumber fhir.Detail = "insurance-number"

// Module gives the rules of insured persons: insurance numbers and national ids
// belong to one person each, insurance numbers pass their check, and nobody is
// born or dies in the future, or dies before his birth.
func Module() fhir.Module {
	return fhir.Module{
		Name:  "patient",
		Rules: []fhir.Rule{{Types: []string{"Patient"}, Check: check}},
		Unique: []fhir.Identifier{
			{Type: "Patient", System: profiles.IdentifierInsuranceNumber},
			{Type: "Patient", System: profiles.IdentifierNational},
		},
	}
}

func check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	if err := checkNumbers(c.Node); err != nil {
		return err
	}
	return checkLife(c.Node, c.After.Updated)
}

func checkNumbers(patient fhir.Node) error {
	i := -1
	for identifier := range patient.Get("identifier").Each() {
		i++
		if identifier.Get("system").Text() != profiles.IdentifierInsuranceNumber {
			continue
		}
		if number := identifier.Get("value").Text(); !Valid(number) {
			return fhir.Detailf(fhir.IssueBusinessRule, detailInsuranceNumber, fmt.Sprintf("Patient.identifier[%d].value", i),
				"%.40q is not an insurance number: its last digit does not check the others; look for a digit that was mistyped", number)
		}
	}
	return nil
}

// farthestZone is how far ahead of UTC a day may have begun.
const farthestZone = 14 * time.Hour

// checkLife holds birth and death against each other and against now. A partial
// date is wrong only when no day it may mean is right.
func checkLife(patient fhir.Node, now time.Time) error {
	now = now.Add(farthestZone)
	born, hasBirth := interval(patient.Get("birthDate"))
	died, hasDeath := interval(patient.Get("deceasedDateTime"))
	if hasBirth && born.From.After(now) {
		return fhir.Errorf(fhir.IssueBusinessRule, "Patient.birthDate", "the birth date %s is in the future", patient.Get("birthDate").Text())
	}
	if hasDeath && died.From.After(now) {
		return fhir.Errorf(fhir.IssueBusinessRule, "Patient.deceased", "the death on %s is in the future", patient.Get("deceasedDateTime").Text())
	}
	if hasBirth && hasDeath && !died.To.After(born.From) {
		return fhir.Errorf(fhir.IssueBusinessRule, "Patient.deceased", "the death on %s is before the birth on %s",
			patient.Get("deceasedDateTime").Text(), patient.Get("birthDate").Text())
	}
	return nil
}

// interval gives what a date may mean, in UTC.
func interval(n fhir.Node) (fhir.Interval, bool) {
	if !n.Exists() {
		return fhir.Interval{}, false
	}
	d, err := fhir.ParseDateTime(n.Text())
	if err != nil {
		return fhir.Interval{}, false
	}
	return d.Interval(time.UTC), true
}
