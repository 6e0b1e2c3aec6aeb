package main

import "bima/profiles"

// A village is where families live.
type village struct{ id, name, ward string }

var wards = []struct{ id, name string }{
	{"ward-mjini", "Sagara Mjini"}, {"ward-kilimani", "Kilimani"}, {"ward-phulbari", "Phulbari"},
}

var villages = []village{
	{"village-sokoni", "Sokoni", "ward-mjini"},
	{"village-bandarini", "Bandarini", "ward-mjini"},
	{"village-kilimani-juu", "Kilimani Juu", "ward-kilimani"},
	{"village-mtoni", "Mtoni", "ward-kilimani"},
	{"village-phulbari", "Phulbari", "ward-phulbari"},
	{"village-chautara", "Chautara Tole", "ward-phulbari"},
	{"village-msitu", "Msituni", "ward-phulbari"},
}

// A facility claims for care; list is the price list it is paid by, and serves the
// place whose people it is for.
type facility struct {
	id, code, name, level, care, legal, list, village, serves string
}

const (
	dispensary   = 0
	healthCentre = 1
	hospital     = 2
)

var facilities = []facility{
	{"facility-1", "SGR-D01", "Phulbari Dispensary", "D", "O", "G", "DISPENSARY", "village-phulbari", "ward-phulbari"},
	{"facility-2", "SGR-C01", "Kilimani Health Centre", "C", "B", "C", "HEALTHCENTRE", "village-kilimani-juu", "ward-kilimani"},
	{"facility-3", "SGR-H01", "Sagara District Hospital", "H", "B", "G", "HOSPITAL", "village-sokoni", "district-sagara"},
}

// scheme gives what a scheme is made of before it has a product: codes, places,
// organisations and the people who work for it.
func scheme() []object {
	list := []object{serviceCodes(), priceListCodes(), diagnosisCodes(), organization("scheme", "Sagara District Health Fund", "ins", "Insurance Company")}
	list = append(list,
		organization("mobile-money", "Sagara Mobile Money", "bus", "Non-Healthcare Business or Corporation"),
		location("region-tambarare", "Tambarare", "R", ""),
		location("district-sagara", "Sagara", "D", "region-tambarare"))
	for _, w := range wards {
		list = append(list, location(w.id, w.name, "W", "district-sagara"))
	}
	for _, v := range villages {
		list = append(list, location(v.id, v.name, "V", v.ward))
	}
	for _, f := range facilities {
		list = append(list, f.organization(), f.location())
	}
	return append(list, staff()...)
}

func organization(id, name, kind, display string) object {
	return object{
		"resourceType", "Organization", "id", id, "active", true,
		"type",
		[]object{concept(hl7+"organization-type", kind, display)},
		"name", name,
	}
}

func location(id, name, kind, parent string) object {
	l := object{
		"resourceType", "Location", "id", id,
		"identifier",
		[]object{identifier(profiles.IdentifierLocation, id)},
		"status", "active", "name", name, "mode", "instance",
		"type",
		[]object{concept(profiles.SystemOpenIMISLocation, kind, "")},
		"physicalType", concept(hl7+"location-physical-type", "area", "Area"),
	}
	if parent != "" {
		l = append(l, "partOf", ref("Location/"+parent))
	}
	return l
}

func (f facility) organization() object {
	return object{
		"resourceType", "Organization", "id", f.id,
		"extension",
		[]object{
			extension("price-list", "valueCoding", coding(profiles.SystemPriceList, f.list, "")),
			{"url", profiles.ExtensionOpenIMISFacilityLevel, "valueCodeableConcept", concept(profiles.SystemOpenIMISFacilityLevel, f.level, "")},
			{"url", profiles.ExtensionOpenIMISCareType, "valueCodeableConcept", concept(profiles.SystemOpenIMISCareType, f.care, "")},
			{"url", profiles.ExtensionOpenIMISLegalForm, "valueCodeableConcept", concept(profiles.SystemOpenIMISLegalForm, f.legal, "")},
			{"url", profiles.ExtensionFacilityContract, "extension", []object{{"url", "period", "valuePeriod", object{"start", "2020-01-01"}}}},
			{"url", profiles.ExtensionCatchment, "extension", []object{{"url", "place", "valueReference", ref("Location/" + f.serves)}}},
		},
		"identifier",
		[]object{identifier(profiles.IdentifierFacility, f.code)},
		"active", true,
		"type",
		[]object{concept(hl7+"organization-type", "prov", "Healthcare Provider")},
		"name", f.name,
		"address",
		[]object{{"use", "work", "type", "physical", "city", villageName(f.village), "district", "Sagara", "state", "Tambarare"}},
	}
}

func (f facility) location() object {
	return object{
		"resourceType", "Location", "id", "site-" + f.id,
		"identifier",
		[]object{identifier(profiles.IdentifierFacility, f.code)},
		"status", "active", "name", f.name, "mode", "instance",
		"physicalType", concept(hl7+"location-physical-type", "bu", "Building"),
		"managingOrganization", ref("Organization/" + f.id),
		"partOf", ref("Location/" + f.village),
	}
}

func villageName(id string) string {
	for _, v := range villages {
		if v.id == id {
			return v.name
		}
	}
	return ""
}

// A worker is a person who acts for the scheme or a facility.
type worker struct {
	id, code, given, family, gender string
	organization, role, display     string
	qualification                   string   // openIMIS's, or ""
	area                            []string // the places of work
}

var workers = []worker{
	{"officer-1", "EO-001", "Rehema", "Kisanga", "female", "scheme", "ict", "", "EO", []string{"ward-mjini", "ward-kilimani"}},
	{"officer-2", "EO-002", "Bikash", "Thapaliya", "male", "scheme", "ict", "", "EO", []string{"ward-phulbari"}},
	{"claims-1", "CA-001", "Neema", "Mdoe", "female", "facility-1", "ict", "", "CA", nil},
	{"claims-2", "CA-002", "Suresh", "Bhandariko", "male", "facility-2", "ict", "", "CA", nil},
	{"claims-3", "CA-003", "Upendo", "Lyimoni", "female", "facility-3", "ict", "", "CA", nil},
	{"reviewer-1", "MR-001", "Anjali", "Mwakasege", "female", "scheme", "doctor", "Doctor", "", []string{"district-sagara"}},
}

// staff gives the Practitioner and the PractitionerRole of each worker; both
// bear the same id.
func staff() []object {
	var list []object
	for _, w := range workers {
		p := object{
			"resourceType", "Practitioner", "id", w.id,
			"identifier",
			[]object{identifier(profiles.IdentifierPractitioner, w.code)},
			"active", true,
			"name",
			[]object{{"use", "official", "family", w.family, "given", []string{w.given}}},
			"gender", w.gender,
		}
		if w.qualification != "" {
			p = append(p, "qualification", []object{{"code", concept(profiles.SystemOpenIMISPractitioner, w.qualification, "")}})
		}
		own := concept(profiles.SystemSchemeRole, "medical-reviewer", "")
		if w.qualification != "" {
			own = concept(profiles.SystemOpenIMISPractitioner, w.qualification, "")
		}
		role := object{
			"resourceType", "PractitionerRole", "id", w.id, "active", true,
			"practitioner", ref("Practitioner/" + w.id), "organization", ref("Organization/" + w.organization),
			"code",
			[]object{own, concept(hl7+"practitioner-role", w.role, w.display)},
		}
		var area []object
		for _, place := range w.area {
			area = append(area, ref("Location/"+place))
		}
		if area != nil {
			role = append(role, "location", area)
		}
		list = append(list, p, role)
	}
	return list
}
