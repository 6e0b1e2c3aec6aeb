// Package patient says what a Patient means to the scheme: an insured person,
// known by an insurance number that checks itself, with a photo, and found again
// where he is enrolled a second time.
//
// Its door is Module. It never decides who is covered: that is coverage's.
package patient

import (
	"context"
	"fmt"
	"io"
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/patient/number"
)

// detailInsuranceNumber tells a wrong insurance number from other bad values.
const detailInsuranceNumber fhir.Detail = "insurance-number"

// Settings are what a scheme may choose. The zero value is a scheme in UTC whose
// officers give insurance numbers of up to 20 digits, checked by Luhn's method.
type Settings struct {
	Base   string         // the absolute URL of [base], for the answers of $match; "" names none
	Zone   *time.Location // decides every day; nil is UTC
	Number number.Scheme  // of insurance numbers
	Random io.Reader      // of random numbers; nil is the system's
	// PhotoBytesMax is the largest photo; 0 is 2 MiB.
	PhotoBytesMax int
	// PhotoInlineBytesMax is up to how many bytes a photo stays within its Patient;
	// a larger one becomes a Binary, and a thumbnail takes its place. 0 is 32 KiB.
	PhotoInlineBytesMax int
}

// Fault says why the settings can't be used; "" where they can.
func (s Settings) Fault() string { return s.Number.Fault() }

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Module gives the module of insured persons by default settings.
func Module() fhir.Module { return Settings{}.Module() }

// Module gives the rules of insured persons: insurance numbers and national ids
// belong to one person each, insurance numbers pass their check, and nobody is
// born or dies in the future, or dies before his birth. It makes numbers where
// the scheme wants that, keeps photos, finds persons again ($match) and makes one
// record of two ($merge).
func (s Settings) Module() fhir.Module {
	return fhir.Module{
		Name: "patient",
		Rules: []fhir.Rule{
			{Types: []string{"Patient"}, Check: s.check},
			{Types: []string{"Basic"}, Check: checkSeries},
		},
		Reactions: []fhir.Reaction{
			{Name: "patient-number", Types: []string{"Patient"}, React: s.number},
			{Name: "patient-photo", Types: []string{"Patient"}, React: s.keepPhotos},
		},
		Operations: []fhir.Operation{
			s.photoOperation(), s.matchOperation(), s.mergeOperation(),
		},
		Unique: []fhir.Identifier{
			{Type: "Patient", System: profiles.IdentifierInsuranceNumber},
			{Type: "Patient", System: profiles.IdentifierNational},
			{Type: "Basic", System: profiles.IdentifierSeries},
		},
		Holders: []fhir.Holder{{Type: "Patient", Tell: tellFamily}},
	}
}

func (s Settings) check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	if err := s.checkNumbers(c.Node); err != nil {
		return err
	}
	if err := checkLife(c.Node, c.After.Updated); err != nil {
		return err
	}
	return s.checkPhotos(c.Node)
}

func (s Settings) checkNumbers(patient fhir.Node) error {
	i := -1
	for identifier := range patient.Get("identifier").Each() {
		i++
		if identifier.Get("system").Text() != profiles.IdentifierInsuranceNumber {
			continue
		}
		if wrong := s.Number.Wrong(identifier.Get("value").Text()); wrong != "" && identifier.Get("use").Text() != "old" {
			return fhir.Detailf(fhir.IssueBusinessRule, detailInsuranceNumber, fmt.Sprintf("Patient.identifier[%d].value", i), "%s", wrong)
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

// Valid reports whether an insurance number is one by default settings.
func Valid(insuranceNumber string) bool { return number.Scheme{}.Wrong(insuranceNumber) == "" }
