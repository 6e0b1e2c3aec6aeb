package terms_test

import (
	"testing"

	"bima/adjudication"
	"bima/adjudication/terms"
)

// The kind of visit is told in HL7's codes or in openIMIS's; a visit of one day is of an
// out-patient where nobody says otherwise, one of several days of an in-patient.
func TestKindsOfVisits(t *testing.T) {
	const act, openimis = terms.SystemActCode, "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/claim-visit-type"
	for name, c := range map[string]struct {
		system, code string
		stay         bool
		want         adjudication.Visit
		referred     bool
	}{
		"ambulatory, of several days": {system: act, code: "AMB", stay: true, want: adjudication.Ambulatory},
		"emergency":                   {system: act, code: "EMER", want: adjudication.Emergency},
		"in-patient, of one day":      {system: act, code: "IMP", want: adjudication.Inpatient},
		"openIMIS's emergency":        {system: openimis, code: "E", want: adjudication.Emergency},
		"openIMIS's referral":         {system: openimis, code: "R", want: adjudication.Ambulatory, referred: true},
		"openIMIS's referred stay":    {system: openimis, code: "R", stay: true, want: adjudication.Inpatient, referred: true},
		"openIMIS's other":            {system: openimis, code: "O", want: adjudication.Ambulatory},
		"openIMIS's other stay":       {system: openimis, code: "O", stay: true, want: adjudication.Inpatient},
		"a code of another system":    {system: "urn:x", code: "EMER", want: adjudication.Ambulatory},
	} {
		kind := tree(t, `{"coding":[{"system":"`+c.system+`","code":"`+c.code+`"}]}`)
		if visit, referred := terms.VisitOf(kind, c.stay); visit != c.want || referred != c.referred {
			t.Errorf("%s is %d (referred %t), want %d (%t)", name, visit, referred, c.want, c.referred)
		}
	}
}
