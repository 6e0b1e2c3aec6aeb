package resttest

import "strings"

// productStories tell of products and of what services cost.
func productStories() []Story { return []Story{productLife(), tariffLife()} }

// productOf gives a contributory product of a number and version, sold from 2026.
func productOf(id, version string) string {
	return strings.NewReplacer("{id}", id, "{version}", version, "{hl7}", "http://terminology.hl7.org/CodeSystem/", "{bima}", "https://bima.example/fhir").Replace(
		`{"resourceType":"InsurancePlan","id":"{id}","identifier":[{"system":"{bima}/id/product","value":"{run}"},{"system":"{bima}/id/product-version","value":"{version}"}],
"status":"active","type":[{"coding":[{"system":"{bima}/CodeSystem/product-kind","code":"contributory"}]}],"name":"Plan","period":{"start":"2026-01-01","end":"2026-12-31"},
"ownedBy":{"reference":"Organization/{run}"},"administeredBy":{"reference":"Organization/{run}"},
"coverage":[{"type":{"text":"medical"},"benefit":[{"type":{"coding":[{"system":"{bima}/CodeSystem/service","code":"S-1"}]}}]}],
"plan":[{"generalCost":[{"type":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/insurance-plan-general-cost-type","code":"lumpsum"}]},"groupSize":4,"cost":{"value":60000,"currency":"TZS"}}],
"specificCost":[{"category":{"text":"medical"},"benefit":[{"type":{"coding":[{"system":"{bima}/CodeSystem/benefit","code":"all"}]},"cost":[
{"type":{"coding":[{"system":"{hl7}benefit-type","code":"copay-percent"}]},"value":{"value":20,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}},
{"type":{"coding":[{"system":"{hl7}benefit-type","code":"benefit"}]},"qualifiers":[{"coding":[{"system":"{hl7}benefit-unit","code":"family"}]}],"value":{"value":600000,"system":"urn:iso:std:iso:4217","code":"TZS"}}]}]}]}]}`,
	)
}

func productLife() Story {
	first := productOf("{run}-p", "{run}|1")
	put := func(name, id, body string, status int) Scenario {
		return Scenario{Name: name, Method: "PUT", Path: "/InsurancePlan/" + id, Body: body, WantStatus: status}
	}
	refused := func(name, id, body, at string) Scenario {
		s := put(name, id, body, 422)
		s.WantBody = Values{"issue[0].expression[0]": at, "issue[0].diagnostics": "*"}
		return s
	}
	change := func(old, new string) string { return strings.Replace(first, old, new, 1) }
	conversion := func(id, version, to string) string {
		return strings.Replace(productOf(id, version), `"identifier":[`, `"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/insurance-plan-conversion","valueReference":{"reference":"InsurancePlan/`+to+`"}}],"identifier":[`, 1)
	}
	const lastStep = `"start":"2026-01-01","end":"2026-12-31"`
	return Story{"a product is sold, and changes", []Scenario{
		{Name: "it comes in a Bundle", Method: "POST", WantStatus: 200, Body: `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Organization","id":"{run}","name":"Fund"},"request":{"method":"PUT","url":"Organization/{run}"}},{"resource":` + first + `,"request":{"method":"PUT","url":"InsurancePlan/{run}-p"}}]}`},
		refused("a share of 120 %", "{run}-p", change(`"value":20,`, `"value":120,`), "InsurancePlan.plan[0].specificCost[0].benefit[0].cost[0].value"),
		refused("a lump sum for nobody", "{run}-p", change(`"groupSize":4`, `"groupSize":501`), "InsurancePlan.plan[0].generalCost[0].groupSize"),
		refused("a contributory product that costs nothing", "{run}-p", change(`insurance-plan-general-cost-type","code":"lumpsum"`, `other","code":"lumpsum"`), "InsurancePlan.plan"),
		refused("a subsidised one that does", "{run}-p", change(`"contributory"`, `"subsidised"`), "InsurancePlan.plan[0].generalCost[0]"),
		refused("another version on the same days", "{run}-q", productOf("{run}-q", "{run}|2"), "InsurancePlan.period"),
		put("in the year after", "{run}-q", strings.Replace(productOf("{run}-q", "{run}|2"), lastStep, `"start":"2027-01-01","end":"2027-12-31"`, 1), 201),
		put("the same version number", "{run}-r", strings.Replace(productOf("{run}-r", "{run}|1"), lastStep, `"start":"2028-01-01"`, 1), 409),
		refused("a conversion to nothing", "{run}-p", conversion("{run}-p", "{run}|1", "{run}-none"), "*conversion*"),
		refused("a conversion to itself", "{run}-p", conversion("{run}-p", "{run}|1", "{run}-q"), "*conversion*"),
		{
			Name: "a policy is sold", Method: "PUT", Path: "/Contract/{run}", WantStatus: 201,
			Body: `{"resourceType":"Contract","id":"{run}","status":"executed","term":[{"offer":{"text":"x"},"asset":[{"valuedItem":[{"entityReference":{"reference":"InsurancePlan/{run}-p"}}]}]}]}`,
		},
		refused("what it was sold stays", "{run}-p", change(`"value":20,`, `"value":10,`), "InsurancePlan.plan"),
		put("its last day may move", "{run}-p", change(`"end":"2026-12-31"`, `"end":"2026-06-30"`), 200),
		{
			Name: "the next version is made of it", Method: "POST", Path: "/InsurancePlan/{run}-p/$revise", WantStatus: 201,
			Body:     `{"resourceType":"Parameters","parameter":[{"name":"start","valueDate":"2026-07-01"},{"name":"version","valueString":"{run}|1b"}]}`,
			WantBody: Values{"status": "draft", "period.start": "2026-07-01", "identifier[1].value": "{run}|1b", "extension[0].valueReference.reference": "InsurancePlan/{run}-p"}, Keep: Values{"next": "id"},
		},
		{Name: "it is found by what it follows", Path: "/InsurancePlan?predecessor=InsurancePlan/{run}-p", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{next}"}},
		{Name: "a plan of others is theirs", Method: "POST", Path: "/InsurancePlan", Body: `{"resourceType":"InsurancePlan","name":"Another's"}`, WantStatus: 201},
	}}
}

func tariffLife() Story {
	tariff := func(id, code, days string) string {
		return `{"resourceType":"ChargeItemDefinition","id":"{run}-` + id + `","url":"urn:{run}:` + id + `","status":"active","code":{"coding":[{"system":"urn:{run}","code":"` + code + `"}]},"propertyGroup":[{"extension":[
{"url":"https://bima.example/fhir/StructureDefinition/price-list","valueCoding":{"system":"urn:{run}","code":"D"}},{"url":"https://bima.example/fhir/StructureDefinition/price-period","valuePeriod":` + days + `}],
"priceComponent":[{"type":"base","amount":{"value":5000,"currency":"TZS"}}]}]}`
	}
	bundle := func(pricing, part, quantity string) string {
		return strings.Replace(tariff("p", "P", `{"start":"2026-01-01"}`), `"status":`, `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/service-package","extension":[{"url":"pricing","valueCode":"`+pricing+`"},
{"url":"part","extension":[{"url":"service","valueCoding":{"system":"urn:{run}","code":"`+part+`"}},{"url":"quantity","valueDecimal":`+quantity+`}]}]}],"status":`, 1)
	}
	step := func(name, id, body string, status int, want Values) Scenario {
		return Scenario{Name: name, Method: "PUT", Path: "/ChargeItemDefinition/{run}-" + id, Body: body, WantStatus: status, WantBody: want}
	}
	wrong := func(at string) Values {
		return Values{"issue[0].details.coding[0].code": "tariff", "issue[0].expression[0]": at}
	}
	return Story{"services have prices on lists, and packages parts", []Scenario{
		step("a price of the first half of the year", "a", tariff("a", "A", `{"start":"2026-01-01","end":"2026-06-30"}`), 201, Values{"propertyGroup[0].applicability[0].expression": "*@2026-06-30"}),
		step("another on its last day", "b", tariff("b", "A", `{"start":"2026-06-30"}`), 422, wrong("ChargeItemDefinition.propertyGroup[0]")),
		step("another from the day after", "b", tariff("b", "A", `{"start":"2026-07-01"}`), 201, nil),
		step("a fixed package", "p", bundle("fixed", "A", "2"), 201, nil),
		step("of none of a service", "p", bundle("fixed", "A", "0"), 422, wrong("ChargeItemDefinition.extension*")),
		step("of what is no service", "p", bundle("itemised", "X", "1"), 422, wrong("ChargeItemDefinition.extension*")),
		step("priced as nobody knows", "p", bundle("cheaply", "A", "1"), 422, wrong("ChargeItemDefinition.extension*")),
		{Name: "the prices of the list", Path: "/ChargeItemDefinition?price-list=urn:{run}|D&code=urn:{run}|A", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-a {run}-b"}},
	}}
}
