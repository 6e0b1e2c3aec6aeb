package eligibility_test

import (
	"fmt"
	"strings"
)

// What the property is tried on beside the scheme of testdata: a second plan with
// other rules, persons who are in the one, the other and both, and facilities
// whose lists and contracts change under way.

const (
	serviceSystem = "https://bima.example/fhir/CodeSystem/service"
	listSystem    = "https://bima.example/fhir/CodeSystem/price-list"
	profile       = "https://bima.example/fhir/StructureDefinition/"
)

// services and their prices on the two lists; "" is none.
var services = []struct {
	code               string
	hospital, dispense string
	category           string
}{
	{"S-310", "90000", "", ""},
	{"S-900", "600000", "", ""},
	{"T-1", "1500", "1200", "C"},
	{"T-2", "333.5", "", "C"},
	{"T-3", "12000", "9000", "S"},
	{"T-4", "700", "650", ""},
	{"T-5", "", "", ""},
}

// world gives the resources as a transaction.
func world() []byte {
	var entries []string
	add := func(typ, id, body string) {
		entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":%q,"id":%q,%s},"request":{"method":"PUT","url":"%s/%s"}}`, typ, id, body, typ, id))
	}
	for _, s := range services[2:] {
		add("ChargeItemDefinition", s.code, tariff(s.code, s.hospital, s.dispense, s.category))
	}
	add("InsurancePlan", "second", secondPlan())
	for i, name := range []string{"amina", "bakari"} {
		add("Patient", name, fmt.Sprintf(`"active":true,"gender":"female","birthDate":"%d-06-15"`, 1990+25*i))
		add("Coverage", "second-"+name, fmt.Sprintf(`"status":"active","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/second"}}],
			"beneficiary":{"reference":"Patient/%s"},"period":{"start":"2026-03-01","end":"2026-10-31"},"payor":[{"reference":"Organization/scheme"}]`, name))
	}
	add("Coverage", "second-asha", `"status":"active","order":1,"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/second"}}],
		"beneficiary":{"reference":"Patient/asha"},"period":{"start":"2026-06-01"},"payor":[{"reference":"Organization/scheme"}]`)
	add("Coverage", "suspended-juma", `"status":"cancelled","extension":[{"url":"`+profile+`coverage-state","valueCode":"suspended"}],"beneficiary":{"reference":"Patient/juma"},"payor":[{"reference":"Organization/scheme"}]`)
	add("Organization", "changing", `"active":true,"name":"Changing","extension":[
		{"url":"`+profile+`price-list","valueCoding":{"extension":[{"url":"`+profile+`price-period","valuePeriod":{"end":"2026-06-30"}}],"system":"`+listSystem+`","code":"HOSPITAL"}},
		{"url":"`+profile+`price-list","valueCoding":{"extension":[{"url":"`+profile+`price-period","valuePeriod":{"start":"2026-07-01"}}],"system":"`+listSystem+`","code":"DISPENSARY"}},
		{"url":"`+profile+`facility-contract","extension":[{"url":"period","valuePeriod":{"start":"2026-02-01"}},{"url":"suspension","valuePeriod":{"start":"2026-08-01","end":"2026-08-31"}}]}]`)
	return []byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`)
}

func tariff(code, hospital, dispensary, category string) string {
	var groups []string
	for list, price := range map[string]string{"HOSPITAL": hospital, "DISPENSARY": dispensary} {
		if price != "" {
			groups = append(groups, fmt.Sprintf(`{"extension":[{"url":"%sprice-list","valueCoding":{"system":%q,"code":%q}}],"priceComponent":[{"type":"base","factor":1,"amount":{"value":%s,"currency":"TZS"}}]}`, profile, listSystem, list, price))
		}
	}
	text := fmt.Sprintf(`"url":"https://example.org/%s","status":"active","identifier":[{"system":%q,"value":%q}],"code":{"coding":[{"system":%q,"code":%q}]}`, code, serviceSystem, code, serviceSystem, code)
	if category != "" {
		text += `,"useContext":[{"code":{"system":"http://terminology.hl7.org/CodeSystem/usage-context-type","code":"workflow"},"valueCodeableConcept":{"coding":[{"system":"` + kindSystem + `","code":"` + category + `"}]}}]`
	}
	if groups != nil {
		text += `,"propertyGroup":[` + strings.Join(groups, ",") + `]`
	}
	return text
}

const kindSystem = "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/activity-definition-usage-context-workflow-type"

// secondPlan covers T-1 after two months of waiting, T-3 after being asked
// beforehand, three units of T-4 a year, two visits of category C; it pays 80 % of
// what is over 400 a claim, and 20,000 a year at most.
func secondPlan() string {
	concept := func(system, code string) string {
		return `{"coding":[{"system":"` + system + `","code":"` + code + `"}]}`
	}
	benefit := func(code, more string) string {
		return `{` + more + `"type":` + concept(serviceSystem, code) + `}`
	}
	limit := func(value, system, code string) string {
		return `,"limit":[{"extension":[{"url":"` + profile + `benefit-qualifier","valueCodeableConcept":` + concept("http://terminology.hl7.org/CodeSystem/benefit-term", "annual") + `}],"value":{"value":` + value + `},"code":` + concept(system, code) + `}]`
	}
	cost := func(code, value, unit, qualifiers string) string {
		return `{"type":` + concept("http://terminology.hl7.org/CodeSystem/benefit-type", code) + qualifiers + `,"value":{"value":` + value + `,` + unit + `}}`
	}
	percent, money := `"system":"http://unitsofmeasure.org","code":"%"`, `"system":"urn:iso:std:iso:4217","code":"TZS"`
	return `"status":"active","name":"Second","coverage":[{"type":` + concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical") + `,"benefit":[` +
		benefit("T-1", `"extension":[{"url":"`+profile+`waiting-period","extension":[{"url":"duration","valueDuration":{"value":2,"system":"http://unitsofmeasure.org","code":"mo"}}]}],`) + `,` +
		benefit("T-2", "") + `,` + benefit("S-310", "") + `,` +
		benefit("T-3", `"extension":[{"url":"`+profile+`authorization-required","valueBoolean":true}],`) + `,` +
		`{"type":` + concept(serviceSystem, "T-4") + limit("3", profile[:len(profile)-len("StructureDefinition/")]+"CodeSystem/limit", "quantity") + `},` +
		`{"type":` + concept(kindSystem, "C") + limit("4", "http://terminology.hl7.org/CodeSystem/benefit-type", "visit") + `}]}],` +
		`"plan":[{"specificCost":[{"category":` + concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical") + `,"benefit":[{"type":` + concept("https://bima.example/fhir/CodeSystem/benefit", "all") + `,"cost":[` +
		cost("copay-percent", "20", percent, "") + `,` +
		cost("deductible", "400", money, `,"qualifiers":[`+concept("https://bima.example/fhir/CodeSystem/limit-term", "claim")+`]`) + `,` +
		cost("benefit", "20000", money, `,"qualifiers":[`+concept("http://terminology.hl7.org/CodeSystem/benefit-unit", "individual")+`,`+concept("http://terminology.hl7.org/CodeSystem/benefit-term", "annual")+`]`) +
		`]}]}]}]`
}
