package search

import (
	"slices"

	"bima/fhir"
)

// absentCode gives the code under which the index keeps that a resource has no
// value for a parameter.
func absentCode(code string) string { return code + ":missing" }

// absent is the code of such a row.
const absent = "true"

// absences are the parameters for which the index keeps what lacks them, by type:
// those that nearly all resources have, of the types that a scheme has most of. To
// find the few without would take a look at each resource otherwise; where many
// are without, as with telephones, the newest of them are soon found, and rows of
// them all would only make writing dear.
var absences = map[string][]codes{
	"Claim":                codesOfEach("created", "identifier", "insurer", "patient", "provider", "status", "use"),
	"ClaimResponse":        codesOfEach("created", "insurer", "outcome", "patient", "request", "status", "use"),
	"Condition":            codesOfEach("code", "patient", "subject"),
	"Contract":             codesOfEach("identifier", "status", "subject"),
	"Coverage":             codesOfEach("beneficiary", "patient", "payor", "status", "type"),
	"Encounter":            codesOfEach("class", "date", "patient", "status", "subject"),
	"ExplanationOfBenefit": codesOfEach("created", "patient", "provider", "status"),
	"Invoice":              codesOfEach("date", "recipient", "status"),
	"MedicationRequest":    codesOfEach("code", "patient", "status", "subject"),
	"Observation":          codesOfEach("code", "date", "patient", "status", "subject"),
	"Patient":              codesOfEach("birthdate", "family", "gender", "given", "identifier", "name"),
	"Procedure":            codesOfEach("code", "date", "patient", "status", "subject"),
}

func codesOfEach(all ...string) []codes {
	out := make([]codes, len(all))
	for i, code := range all {
		out[i] = codesOf(code)
	}
	return out
}

// AbsentCode gives the code of the rows that tell which resources of a type lack a
// parameter, "" where none are kept.
func AbsentCode(typ, code string) string {
	if slices.ContainsFunc(absences[typ], func(c codes) bool { return c.code == code }) {
		return absentCode(code)
	}
	return ""
}

// lacks adds a row for each parameter that the resource lacks, where such are kept.
func (x *extraction) lacks(typ string) {
	for i := range absences[typ] {
		if c := &absences[typ][i]; !x.has(c) {
			x.Tokens = append(x.Tokens, fhir.TokenRow{Param: absentCode(c.code), Code: absent})
		}
	}
}

// has reports whether the resource has a value for a parameter; see missing.
func (x *extraction) has(c *codes) bool {
	is := func(param string) bool { return param == c.code || param == c.text || param == c.identifier }
	for i := range x.Tokens {
		if is(x.Tokens[i].Param) {
			return true
		}
	}
	for i := range x.References {
		if x.References[i].Param == c.code {
			return true
		}
	}
	for i := range x.Strings {
		if is(x.Strings[i].Param) {
			return true
		}
	}
	for i := range x.Dates {
		if x.Dates[i].Param == c.code {
			return true
		}
	}
	return false
}

// lacking narrows "has no value" to the rows that tell so, where they are kept:
// both hold of the same resources, and a search may begin with either.
func (c clause) lacking(without fhir.Criterion) fhir.Criterion {
	code := AbsentCode(c.typ, c.param.Code)
	if code == "" {
		return without
	}
	return fhir.All{without, fhir.Match{Param: c.as(code, fhir.ParamToken), Value: fhir.TokenValue{AnySystem: true, Code: absent}}}
}
