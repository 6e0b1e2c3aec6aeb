package facts

import (
	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// person reads what rules ask about a patient.
func person(k fhir.Key, n fhir.Node) adjudication.Patient {
	p := adjudication.Patient{Account: k.String()}
	switch n.Get("gender").Text() {
	case "female":
		p.Sex = adjudication.Female
	case "male":
		p.Sex = adjudication.Male
	case "other":
		p.Sex = adjudication.OtherSex
	}
	p.Born, p.HasBirth = terms.FirstDay(n.Get("birthDate"))
	p.Died, p.Dead = terms.LastDay(n.Get("deceasedDateTime"))
	p.Gone = !p.Dead && n.Get("deceasedBoolean").Text() == "true"
	return p
}

// active reports whether a Patient or Organization is in use.
func active(n fhir.Node) bool { return n.Get("active").Text() != "false" }

// facility reads what rules ask about the one who claims: from the Location
// where care was given, if it is named, and from its Organization.
func facility(organization, location fhir.Node) adjudication.Facility {
	var f adjudication.Facility
	for _, n := range []fhir.Node{location, organization} {
		for _, e := range terms.Extensions(n, profiles.ExtensionPriceList) {
			coding := e.Get("valueCoding")
			f.PriceLists = append(f.PriceLists, adjudication.Listing{
				List:  adjudication.Code{System: coding.Get("system").Text(), Code: coding.Get("code").Text()},
				Valid: terms.Period(terms.Extension(coding, profiles.ExtensionPricePeriod).Get("valuePeriod")),
			})
		}
		level := terms.Extension(n, profiles.ExtensionOpenIMISFacilityLevel).Get("valueCodeableConcept")
		if terms.CodeOf(level, profiles.SystemOpenIMISFacilityLevel) == "H" {
			f.Hospital = true
		}
		care := terms.Extension(n, profiles.ExtensionOpenIMISCareType).Get("valueCodeableConcept")
		if f.Care == adjudication.CareBoth {
			f.Care = terms.CareOf(terms.CodeOf(care, profiles.SystemOpenIMISCareType))
		}
	}
	contracted(organization, &f)
	return f
}

// contracted reads when a facility has a contract with the scheme.
func contracted(organization fhir.Node, f *adjudication.Facility) {
	contract := terms.Extension(organization, profiles.ExtensionFacilityContract)
	if !contract.Exists() {
		return
	}
	days := terms.Period(terms.Extension(contract, "period").Get("valuePeriod"))
	f.Contract = &days
	for _, s := range terms.Extensions(contract, "suspension") {
		f.Suspended = append(f.Suspended, terms.Period(s.Get("valuePeriod")))
	}
}
