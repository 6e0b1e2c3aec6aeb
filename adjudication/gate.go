package adjudication

import (
	"slices"
	"strings"

	"bima/fhir"
)

// Who may claim what, when, and for which diagnosis, where a product or a tariff
// says so.

// filing refuses claims that were made later after the last day of treatment than
// the plan allows.
func filing(t *trial) {
	f := t.plan.Filing
	if f != nil && t.Posts && t.Stamped && t.Made > addMonths(t.Treatment.To, f.Months)+Day(f.Days) {
		t.deny(ReasonFiling, BearerProvider)
	}
}

// presence refuses claims that don't quote the visit code of an answer about
// eligibility, where the plan wants to know that the patient was there. The code may
// have been asked for during the treatment, or so many days before as the plan says.
func presence(t *trial) {
	if !t.plan.Presence || !t.Posts || t.Visit == Emergency {
		return
	}
	from := t.Treatment.From - Day(t.plan.PresenceDays)
	if !slices.ContainsFunc(t.Proven, func(d Day) bool { return from <= d && d <= t.Treatment.To }) {
		t.deny(ReasonPresence, BearerProvider)
	}
}

// referral refuses what the plan pays only to patients who were referred. Who goes
// past the gate bears the cost himself.
func referral(t *trial) {
	if t.Referred || t.Visit == Emergency || t.Facility.Anywhere {
		return
	}
	g := pick(t, func(c *Cover) []Gate { return c.Gates }, func(g *Gate) When { return g.When })
	switch {
	case g == nil:
	case g.At == GateHospital && t.Facility.Hospital, g.At == GateElsewhere && t.Patient.Registered && !t.Patient.Home:
		t.deny(ReasonReferral, BearerMember)
	}
}

// diagnosis refuses services for which every diagnosis is excluded, and those that
// need another than the line has. Who only asks, without a diagnosis, is told what
// would be paid for one that fits.
func diagnosis(t *trial) {
	named := t.line.Diagnoses
	if len(named) == 0 && t.Inquiry {
		return
	}
	for _, c := range t.covers {
		switch {
		case excluded(named, c.Excluded):
			t.deny(ReasonDiagnosis, BearerMember)
			return
		case len(c.Indicated) > 0 && !anyOf(named, c.Indicated):
			t.deny(ReasonIndication, BearerMember)
			return
		}
	}
	tariff := t.line.Tariff
	if excluded(named, tariff.Excluded) || len(tariff.Indicated) > 0 && !anyOf(named, tariff.Indicated) {
		t.deny(ReasonIndication, BearerProvider)
	}
}

// excluded reports whether there are diagnoses and all of them are on the list.
func excluded(diagnoses, list []Code) bool {
	if len(list) == 0 {
		return false
	}
	for _, d := range diagnoses {
		if !d.under(list) {
			return false
		}
	}
	return len(diagnoses) > 0
}

// anyOf reports whether one of the diagnoses is on the list.
func anyOf(diagnoses, list []Code) bool {
	for _, d := range diagnoses {
		if d.under(list) {
			return true
		}
	}
	return false
}

// under reports whether a diagnosis is one of a list or below one of it, as ICD
// writes it: O80.1 is under O80, and under O8.
func (c Code) under(list []Code) bool {
	for _, l := range list {
		if c.System == l.System && strings.HasPrefix(c.Code, l.Code) {
			return true
		}
	}
	return false
}

// AsksDiagnoses reports whether a rule of a plan or tariff of the Case goes by
// diagnoses.
func (c *Case) AsksDiagnoses() bool {
	for i := range c.Policies {
		if p := c.Policies[i].Plan; p != nil && p.Diagnoses {
			return true
		}
	}
	for i := range c.Lines {
		if t := c.Lines[i].Tariff; t != nil && len(t.Excluded)+len(t.Indicated) > 0 {
			return true
		}
	}
	return false
}

// A PatientGroup says who belongs to a group of patients beside those who are said
// to: by age, or where a condition holds.
type PatientGroup struct {
	Name     string // as in When.Group
	Aged     bool   // whether From and To count
	From, To int    // completed years; a To of 0 is open
	// Holds is the condition on the claim, the patient and the membership; nil where
	// there is none.
	Holds func(claim, patient, coverage fhir.Node, on Day) bool
}

// Has reports whether a patient of the age belongs to the group; of one without a
// birth date no age is known.
func (g PatientGroup) Has(p Patient, on Day) bool {
	years, known := p.age(on)
	return g.Aged && known && years >= g.From && (g.To == 0 || years <= g.To)
}
