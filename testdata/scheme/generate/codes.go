package main

import "bima/profiles"

// A diagnosis is an ICD-10 code with a display of our own words.
type diagnosis struct{ code, display string }

// diagnoses are the ICD-10 codes that the demo claims bear.
var diagnoses = []diagnosis{
	{"A01.0", "Typhoid fever"},
	{"A06.0", "Acute amoebic dysentery"},
	{"A09", "Diarrhoea, presumed infectious"},
	{"A15.0", "Tuberculosis of the lung"},
	{"B50.9", "Malaria, falciparum"},
	{"B54", "Malaria, not specified"},
	{"B76.9", "Hookworm disease"},
	{"B82.9", "Intestinal parasites"},
	{"D50.9", "Iron-deficiency anaemia"},
	{"E11.9", "Diabetes, type 2"},
	{"H10.9", "Conjunctivitis"},
	{"H52.1", "Short-sightedness"},
	{"I10", "High blood pressure"},
	{"J02.9", "Sore throat"},
	{"J06.9", "Infection of the upper airways"},
	{"J18.9", "Pneumonia"},
	{"J45.9", "Asthma"},
	{"K02.9", "Tooth decay"},
	{"K29.7", "Gastritis"},
	{"K35.8", "Acute appendicitis"},
	{"K40.9", "Inguinal hernia"},
	{"L02.9", "Abscess of the skin"},
	{"L30.9", "Dermatitis"},
	{"M54.5", "Low back pain"},
	{"N39.0", "Urinary tract infection"},
	{"O80", "Normal delivery"},
	{"O82", "Delivery by caesarean section"},
	{"R50.9", "Fever, not specified"},
	{"S52.5", "Fracture of the forearm near the wrist"},
	{"S61.9", "Open wound of wrist or hand"},
	{"Z34.9", "Supervision of a normal pregnancy"},
	{"Z39.2", "Follow-up after delivery"},
}

func diagnosisCodes() object {
	concepts := make([]object, len(diagnoses))
	for i, d := range diagnoses {
		concepts[i] = object{"code", d.code, "display", d.display}
	}
	return object{
		"resourceType", "CodeSystem", "id", "icd-10", "url", icd10, "name", "ICD10Used",
		"title", "ICD-10 codes that the demo scheme uses", "status", "active", "experimental", true,
		"description", "The part of ICD-10 that the demo claims bear, with displays in our own words.",
		"caseSensitive", true, "content", "fragment", "count", len(concepts), "concept", concepts,
	}
}

func serviceCodes() object {
	concepts := make([]object, len(services))
	for i, s := range services {
		concepts[i] = object{"code", s.code, "display", s.name}
	}
	return object{
		"resourceType", "CodeSystem", "id", "service", "url", profiles.SystemService, "name", "Service",
		"title", "Services and drugs of the demo scheme", "status", "active", "experimental", true,
		"description", "The register of services (S-) and drugs (D-). Each has a ChargeItemDefinition.",
		"caseSensitive", true, "content", "complete", "count", len(concepts), "concept", concepts,
	}
}

func priceListCodes() object {
	concepts := make([]object, len(lists))
	for i, l := range lists {
		concepts[i] = object{"code", l.code, "display", l.display}
	}
	return object{
		"resourceType", "CodeSystem", "id", "price-list", "url", profiles.SystemPriceList, "name", "PriceList",
		"title", "Price lists of the demo scheme", "status", "active", "experimental", true,
		"description", "What each level of facility is paid.",
		"caseSensitive", true, "content", "complete", "count", len(concepts), "concept", concepts,
	}
}
