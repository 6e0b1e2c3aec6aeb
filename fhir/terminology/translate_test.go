package terminology_test

import (
	"fmt"
	"testing"
)

// tariff maps kinds to a price list: by dependency, with a product, with every
// way to treat what is not mapped.
const tariff = `{"resourceType":"ConceptMap","id":"tariff","url":"urn:test:tariff","version":"5","status":"active","sourceUri":"urn:test:all","targetUri":"urn:test:prices",
"group":[{"source":"urn:test:kinds","target":"urn:test:price-list","element":[
  {"code":"visit","target":[{"code":"T1","display":"Consultation","equivalence":"equivalent"},{"code":"T2","equivalence":"narrower","comment":"only there","dependsOn":[{"property":"urn:level","system":"urn:levels","value":"hospital"}]}]},
  {"code":"ward","target":[{"code":"T3","equivalence":"wider","product":[{"property":"urn:unit","system":"urn:units","value":"day"}]}]},
  {"code":"leech","target":[{"equivalence":"unmatched"}]}],
 "unmapped":{"mode":"fixed","code":"T9","display":"Other"}},
 {"source":"urn:test:kinds","target":"urn:test:other-list","element":[{"code":"visit","target":[{"code":"O1","equivalence":"equal"}]}],"unmapped":{"mode":"other-map","url":"urn:test:circle"}}]}`

const circle = `{"resourceType":"ConceptMap","id":"circle","url":"urn:test:circle","status":"active",
"group":[{"source":"urn:test:kinds","target":"urn:test:other-list","element":[{"code":"drug","target":[{"code":"O2","equivalence":"subsumes"}]}],"unmapped":{"mode":"other-map","url":"urn:test:tariff"}}]}`

func TestTranslating(t *testing.T) {
	c := newClinic(t, kinds, tariff, circle)
	by := "ConceptMap/$translate?url=urn:test:tariff&system=urn:test:kinds&code="
	const visit = `match[equivalence=equivalent concept={"system":"urn:test:price-list","code":"T1","display":"Consultation"} source=urn:test:tariff|5]`
	const equal = `match[equivalence=equal concept={"system":"urn:test:other-list","code":"O1"} source=urn:test:tariff|5]`
	const other = `match[equivalence=inexact concept={"system":"urn:test:price-list","code":"T9","display":"Other"} source=urn:test:tariff|5]`
	for _, x := range []struct{ name, path, body, want string }{
		{"to each system", by + "visit", "", "result=true " + visit + " " + equal},
		{"to one system", by + "visit&targetsystem=urn:test:other-list", "", "result=true " + equal},
		{"with a product", by + "ward&targetsystem=urn:test:price-list", "", `result=true match[equivalence=wider concept={"system":"urn:test:price-list","code":"T3"} product[element=urn:unit concept={"system":"urn:units","code":"day"}] source=urn:test:tariff|5]`},
		{"known to match nothing", by + "leech&targetsystem=urn:test:price-list", "", `result=false message="leech" of urn:test:kinds has no translation match[equivalence=unmatched source=urn:test:tariff|5]`},
		{"not mapped: one code for all", by + "pill&targetsystem=urn:test:price-list", "", "result=true " + other},
		{"not mapped: another map, which refers back", by + "pill&targetsystem=urn:test:other-list", "", `result=false message="pill" of urn:test:kinds has no translation`},
		{"not mapped: another map has it", by + "drug&targetsystem=urn:test:other-list", "", `result=true match[equivalence=subsumes concept={"system":"urn:test:other-list","code":"O2"} source=urn:test:circle]`},
		{
			"a dependency that is met", "ConceptMap/tariff/$translate",
			`{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"urn:test:kinds","code":"visit"}},{"name":"targetsystem","valueUri":"urn:test:price-list"},
			 {"name":"dependency","part":[{"name":"element","valueUri":"urn:level"},{"name":"concept","valueCodeableConcept":{"coding":[{"system":"urn:levels","code":"hospital"}]}}]}]}`,
			"result=true " + visit + ` match[equivalence=narrower concept={"system":"urn:test:price-list","code":"T2"} source=urn:test:tariff|5]`,
		},
		{"backwards, equivalence turned", "ConceptMap/$translate?url=urn:test:tariff&system=urn:test:price-list&code=T3&reverse=true", "", `result=true match[equivalence=narrower concept={"system":"urn:test:kinds","code":"ward"} source=urn:test:tariff|5]`},
		{"backwards, what nothing maps to", "ConceptMap/$translate?url=urn:test:tariff&system=urn:test:price-list&code=T7&reverse=true", "", `result=false message="T7" of urn:test:price-list has no translation`},
		{"the code of another system", "ConceptMap/$translate?url=urn:test:tariff&system=urn:x&code=visit", "", `result=false message="visit" of urn:x has no translation`},
		{"by any map of the system", "ConceptMap/$translate?system=urn:test:kinds&code=drug&targetsystem=urn:test:other-list", "", `result=true match[equivalence=subsumes concept={"system":"urn:test:other-list","code":"O2"} source=urn:test:circle]`},
		{"by maps of a value set", "ConceptMap/$translate?system=urn:test:kinds&code=visit&source=urn:test:all&target=urn:test:prices", "", "result=true " + visit + " " + equal},
		{"by maps of a value set that has none", "ConceptMap/$translate?system=urn:test:kinds&code=visit&source=urn:test:none", "", `result=false message=no concept map here maps "visit" of urn:test:kinds so`},
		{
			"R4's own", "ConceptMap/$translate?" + query("url", "http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2", "system", "http://hl7.org/fhir/administrative-gender", "code", "male"), "",
			`result=true match[equivalence=equal concept={"system":"http://terminology.hl7.org/CodeSystem/v2-0001","code":"M"} source=http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2|4.0.1]`,
		},
		{
			"R4's own, by value sets", "ConceptMap/$translate?" + query("target", thoV+"v3-AdministrativeGender", "system", "http://hl7.org/fhir/administrative-gender", "code", "female"), "",
			`result=true match[equivalence=equal concept={"system":"http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender","code":"F"} source=http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v3|4.0.1]`,
		},
		{
			"a map that comes along", "ConceptMap/$translate",
			fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"pill"},{"name":"system","valueUri":"urn:test:kinds"},{"name":"conceptMap","resource":%s}]}`,
				`{"resourceType":"ConceptMap","status":"active","group":[{"source":"urn:test:kinds","target":"urn:t","element":[{"code":"drug","target":[{"code":"x","equivalence":"equal"}]}],"unmapped":{"mode":"provided"}}]}`),
			`result=true match[equivalence=equal concept={"system":"urn:t","code":"pill"}]`,
		},
		{"no such map", "ConceptMap/$translate?url=urn:none&code=x", "", "not-found"},
		{"neither map nor system", "ConceptMap/$translate?code=x", "", "required"},
		{"no code", "ConceptMap/$translate?url=urn:test:tariff", "", "invalid"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := c.answered(x.path, x.body); got != x.want {
				t.Errorf("got\n%s\nwant\n%s", got, x.want)
			}
		})
	}
}
