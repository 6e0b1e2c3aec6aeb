package profile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/profile"
)

// base is where the tests' own profiles live.
const base = "http://test.example/StructureDefinition/"

// definition makes a profile of a type on R4's own, from ElementDefinitions.
func definition(name, typ string, elements ...string) profile.Definition {
	return derived(name, typ, "http://hl7.org/fhir/StructureDefinition/"+typ, elements...)
}

// derived makes a profile that builds on another one.
func derived(name, typ, parent string, elements ...string) profile.Definition {
	return profile.Definition{Type: "StructureDefinition", ID: name, Body: fmt.Appendf(nil,
		`{"resourceType":"StructureDefinition","url":"%s%s","name":"%s","status":"draft","type":"%s","derivation":"constraint","baseDefinition":"%s","differential":{"element":[%s]}}`,
		base, name, name, typ, parent, strings.Join(elements, ","))}
}

// check holds a resource against a profile, and gives the findings as
// "severity code rule path".
func check(t *testing.T, s *profile.Set, resource, name string) []string {
	t.Helper()
	doc, err := fhir.Parse([]byte(resource))
	if err != nil {
		t.Fatalf("%v: %s", err, resource)
	}
	issues, known := s.Check(doc.Root(), base+name)
	if !known {
		t.Fatalf("the profile %s is not known", name)
	}
	var list []string
	for _, i := range issues {
		if i.Diagnostics == "" {
			t.Errorf("%s has no sentence", i.Expression)
		}
		list = append(list, strings.Join(strings.Fields(fmt.Sprintln(i.Severity, i.Code, i.Detail, i.Expression)), " "))
	}
	return list
}

// A ruleCase is a profile, what meets it, and what does not.
type ruleCase struct {
	rule string
	on   string // the type
	ask  []string
	more []profile.Definition
	hits []string          // meet the profile
	miss map[string]string // does not, and the one finding
}

func (c ruleCase) run(t *testing.T) {
	t.Helper()
	set, issues := profile.New(profile.Options{Terminology: terminology}, append(c.more, definition("p", c.on, c.ask...))...)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	full := func(members string) string { return `{"resourceType":"` + c.on + `",` + members + `}` }
	for _, members := range c.hits {
		if got := check(t, set, full(members), "p"); len(got) > 0 {
			t.Errorf("%s\ngot %v, want no finding", members, got)
		}
	}
	for members, want := range c.miss {
		if diff := cmp.Diff(strings.Split(want, "; "), check(t, set, full(members), "p")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", members, diff)
		}
	}
}

// terminology knows one value set, of the colours red and green.
func terminology(valueSet, system, code string) (has, known bool) {
	if url, _, _ := strings.Cut(valueSet, "|"); url != "http://test.example/ValueSet/colours" {
		return false, false
	}
	return (code == "red" || code == "green") && (system == "" || system == "http://test.example/colours"), true
}

func TestCardinality(t *testing.T) {
	for _, c := range []ruleCase{
		{
			rule: "a minimum asks for an element", on: "Patient",
			ask:  []string{`{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}`},
			hits: []string{`"birthDate":"1990-01-01"`, `"_birthDate":{"extension":[{"url":"http://x.example/e","valueString":"unknown"}]}`},
			miss: map[string]string{`"gender":"male"`: "error required Patient.birthDate"},
		},
		{
			rule: "a minimum of an element within another asks only where that is", on: "Patient",
			ask:  []string{`{"id":"Patient.name.family","path":"Patient.name.family","min":1}`},
			hits: []string{`"gender":"male"`, `"name":[{"family":"A"},{"family":"B"}]`},
			miss: map[string]string{`"name":[{"family":"A"},{"text":"B"}]`: "error required Patient.name[1].family"},
		},
		{
			rule: "a maximum bounds repetitions", on: "Patient",
			ask:  []string{`{"id":"Patient.name","path":"Patient.name","max":"2"}`},
			hits: []string{`"name":[{"text":"A"},{"text":"B"}]`},
			miss: map[string]string{`"name":[{"text":"A"},{"text":"B"},{"text":"C"}]`: "error structure Patient.name"},
		},
		{
			rule: "a maximum of 0 forbids an element", on: "Patient",
			ask:  []string{`{"path":"Patient.deceased[x]","max":"0"}`},
			hits: []string{`"gender":"male"`},
			miss: map[string]string{`"deceasedBoolean":true`: "error structure Patient.deceased", `"deceasedDateTime":"2026"`: "error structure Patient.deceased"},
		},
		{
			rule: "a primitive of extensions only and nulls count", on: "Patient",
			ask:  []string{`{"path":"Patient.name"}`, `{"path":"Patient.name.given","min":2}`},
			hits: []string{`"name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"http://x.example/e","valueString":"?"}]}]}]`},
			miss: map[string]string{`"name":[{"given":["A"]}]`: "error required Patient.name[0].given"},
		},
		{
			rule: "an extension of a primitive can be asked for", on: "Patient",
			ask:  []string{`{"path":"Patient.birthDate.extension","min":1}`},
			hits: []string{`"birthDate":"1990","_birthDate":{"extension":[{"url":"http://x.example/e","valueString":"?"}]}`},
			miss: map[string]string{`"birthDate":"1990"`: "error required Patient.birthDate.extension"},
		},
	} {
		t.Run(c.rule, c.run)
	}
}

func TestValues(t *testing.T) {
	for _, c := range []ruleCase{
		{
			rule: "a fixed value is the only one", on: "Patient",
			ask:  []string{`{"path":"Patient.gender","fixedCode":"female"}`},
			hits: []string{`"gender":"female"`, `"active":true`},
			miss: map[string]string{`"gender":"male"`: "error value Patient.gender"},
		},
		{
			rule: "a fixed concept has nothing more", on: "Observation",
			ask:  []string{`{"path":"Observation.code","fixedCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"1-8"}]}}`},
			hits: []string{`"code":{"coding":[{"code":"1-8","system":"http://loinc.org"}]}`},
			miss: map[string]string{
				`"code":{"coding":[{"system":"http://loinc.org","code":"1-8","display":"x"}]}`: "error value Observation.code",
				`"code":{"coding":[{"system":"http://loinc.org","code":"1-8"}],"text":"x"}`:    "error value Observation.code",
			},
		},
		{
			rule: "a pattern may have more around it", on: "Observation",
			ask:  []string{`{"path":"Observation.code","patternCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"1-8"}]}}`},
			hits: []string{`"code":{"coding":[{"system":"http://other.example","code":"z"},{"system":"http://loinc.org","code":"1-8","display":"x"}],"text":"x"}`},
			miss: map[string]string{
				`"code":{"text":"x"}`: "error value Observation.code",
				`"code":{"coding":[{"system":"http://loinc.org","code":"z"},{"system":"http://other.example","code":"1-8"}]}`: "error value Observation.code",
			},
		},
		{
			rule: "fixed numbers are the same however written", on: "Observation",
			ask:  []string{`{"path":"Observation.value[x]","fixedQuantity":{"value":1.50,"unit":"g"}}`},
			hits: []string{`"valueQuantity":{"unit":"g","value":1.5}`},
			miss: map[string]string{`"valueQuantity":{"unit":"g","value":1.51}`: "error value Observation.value"},
		},
		{
			rule: "a longest text counts characters", on: "Patient",
			ask:  []string{`{"path":"Patient.name.text","maxLength":5}`},
			hits: []string{`"name":[{"text":"äöüßé"}]`},
			miss: map[string]string{`"name":[{"text":"abcdef"}]`: "error too-long Patient.name[0].text"},
		},
		{
			rule: "least and most values bound dates, numbers and quantities of one unit", on: "Observation",
			ask: []string{
				`{"path":"Observation.effective[x]","minValueDateTime":"2026-01-01","maxValueDateTime":"2026-12-31"}`,
				`{"path":"Observation.value[x]","maxValueQuantity":{"value":100,"system":"http://unitsofmeasure.org","code":"kg"}}`,
			},
			hits: []string{`"effectiveDateTime":"2026-06-01T10:00:00Z"`, `"effectiveDateTime":"2026"`, `"valueQuantity":{"value":100.0,"system":"http://unitsofmeasure.org","code":"kg"}`, `"valueQuantity":{"value":200,"system":"http://unitsofmeasure.org","code":"g"}`},
			miss: map[string]string{
				`"effectiveDateTime":"2025-12-31"`: "error value Observation.effective",
				`"effectiveDateTime":"2027"`:       "error value Observation.effective",
				`"valueQuantity":{"value":100.01,"system":"http://unitsofmeasure.org","code":"kg"}`: "error value Observation.value",
			},
		},
		{
			rule: "whole numbers are bound", on: "Invoice",
			ask:  []string{`{"path":"Invoice.lineItem.sequence","minValuePositiveInt":2,"maxValuePositiveInt":3}`},
			hits: []string{`"lineItem":[{"sequence":2},{"sequence":3}]`},
			miss: map[string]string{`"lineItem":[{"sequence":1},{"sequence":4}]`: "error value Invoice.lineItem[0].sequence; error value Invoice.lineItem[1].sequence"},
		},
	} {
		t.Run(c.rule, c.run)
	}
}

func TestTypes(t *testing.T) {
	for _, c := range []ruleCase{
		{
			rule: "a choice is restricted", on: "Observation",
			ask:  []string{`{"path":"Observation.value[x]","type":[{"code":"Quantity"},{"code":"string"}]}`},
			hits: []string{`"valueString":"x"`, `"valueQuantity":{"value":1}`},
			miss: map[string]string{`"valueInteger":1`: "error structure Observation.value"},
		},
		{
			rule: "a reference leads to some types only", on: "Observation",
			ask: []string{`{"path":"Observation.subject","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Patient"]}]}`},
			hits: []string{
				`"subject":{"reference":"Patient/1"}`, `"subject":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}`, `"subject":{"identifier":{"value":"x"}}`,
				`"contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}`,
			},
			miss: map[string]string{
				`"subject":{"reference":"Group/1"}`:                                             "error value Observation.subject",
				`"subject":{"reference":"http://a.example/fhir/Group/1/_history/2"}`:            "error value Observation.subject",
				`"subject":{"type":"Group","identifier":{"value":"x"}}`:                         "error value Observation.subject",
				`"contained":[{"resourceType":"Device","id":"p"}],"subject":{"reference":"#p"}`: "error value Observation.subject",
			},
		},
		{
			rule: "a contained target meets the profile asked of it", on: "Observation",
			more: []profile.Definition{definition("woman", "Patient", `{"path":"Patient.gender","min":1,"fixedCode":"female"}`)},
			ask:  []string{`{"path":"Observation.subject","type":[{"code":"Reference","targetProfile":["` + base + `woman"]}]}`},
			hits: []string{`"contained":[{"resourceType":"Patient","id":"p","gender":"female"}],"subject":{"reference":"#p"}`, `"subject":{"reference":"Patient/elsewhere"}`},
			miss: map[string]string{`"contained":[{"resourceType":"Patient","id":"p","gender":"male"}],"subject":{"reference":"#p"}`: "error invalid Observation.subject"},
		},
		{
			rule: "aggregation keeps references inside", on: "Observation",
			ask:  []string{`{"path":"Observation.subject","type":[{"code":"Reference","aggregation":["contained"]}]}`},
			hits: []string{`"contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}`},
			miss: map[string]string{`"subject":{"reference":"Patient/1"}`: "error structure Observation.subject"},
		},
		{
			rule: "a profile on a data type is asked of its values", on: "Patient",
			more: []profile.Definition{definition("full-name", "HumanName", `{"path":"HumanName.family","min":1}`, `{"path":"HumanName.given","min":1}`)},
			ask:  []string{`{"path":"Patient.name","type":[{"code":"HumanName","profile":["` + base + `full-name"]}]}`},
			hits: []string{`"name":[{"family":"A","given":["B"]}]`},
			miss: map[string]string{`"name":[{"family":"A","given":["B"]},{"given":["C"]}]`: "error required Patient.name[1].family"},
		},
		{
			rule: "one of several profiles is enough", on: "Patient",
			more: []profile.Definition{definition("n1", "HumanName", `{"path":"HumanName.family","min":1}`), definition("n2", "HumanName", `{"path":"HumanName.text","min":1}`)},
			ask:  []string{`{"path":"Patient.name","type":[{"code":"HumanName","profile":["` + base + `n1","` + base + `n2"]}]}`},
			hits: []string{`"name":[{"family":"A"},{"text":"B"}]`},
			miss: map[string]string{`"name":[{"given":["A"]}]`: "error invalid Patient.name[0]"},
		},
		{
			rule: "R4's SimpleQuantity has no comparator", on: "Observation",
			ask:  []string{`{"path":"Observation.value[x]","type":[{"code":"Quantity","profile":["http://hl7.org/fhir/StructureDefinition/SimpleQuantity"]}]}`},
			hits: []string{`"valueQuantity":{"value":1}`},
			miss: map[string]string{`"valueQuantity":{"value":1,"comparator":"<"}`: "error structure Observation.value.comparator"},
		},
	} {
		t.Run(c.rule, c.run)
	}
}

func TestBindings(t *testing.T) {
	own := profile.Definition{Type: "ValueSet", ID: "v", Body: []byte(`{"resourceType":"ValueSet","url":"http://test.example/ValueSet/own","compose":{"include":[{"system":"http://test.example/own"},{"system":"http://test.example/listed","concept":[{"code":"x"},{"code":"y"}]}],"exclude":[{"system":"http://test.example/listed","concept":[{"code":"y"}]}]}}`)}
	system := profile.Definition{Type: "CodeSystem", ID: "c", Body: []byte(`{"resourceType":"CodeSystem","url":"http://test.example/own","content":"complete","concept":[{"code":"a","concept":[{"code":"b"}]}]}`)}
	binding := func(strength, name string) string {
		return `{"path":"Observation.code","binding":{"strength":"` + strength + `","valueSet":"http://test.example/ValueSet/` + name + `|1.0"}}`
	}
	code := func(system, code string) string {
		return `"code":{"coding":[{"system":"http://test.example/` + system + `","code":"` + code + `"}]}`
	}
	for _, c := range []ruleCase{
		{
			rule: "a required binding by the terminology", on: "Observation", ask: []string{binding("required", "colours")},
			hits: []string{code("colours", "red"), `"code":{"coding":[{"system":"http://other.example","code":"z"},{"system":"http://test.example/colours","code":"green"}]}`},
			miss: map[string]string{code("colours", "blue"): "error code-invalid Observation.code", `"code":{"text":"red"}`: "error code-invalid Observation.code"},
		},
		{
			rule: "an extensible binding warns", on: "Observation", ask: []string{binding("extensible", "colours")},
			hits: []string{code("colours", "red"), `"code":{"text":"some colour"}`},
			miss: map[string]string{code("colours", "blue"): "warning code-invalid Observation.code"},
		},
		{
			rule: "a preferred binding asks nothing", on: "Observation", ask: []string{binding("preferred", "colours")},
			hits: []string{code("colours", "blue")},
		},
		{
			rule: "a value set of the definitions is read", on: "Observation", ask: []string{binding("required", "own")},
			more: []profile.Definition{own, system},
			hits: []string{code("own", "a"), code("own", "b"), code("listed", "x")},
			miss: map[string]string{code("listed", "y"): "error code-invalid Observation.code", code("own", "x"): "error code-invalid Observation.code"},
		},
		{
			rule: "a value set that nobody knows is said to be unknown", on: "Observation", ask: []string{binding("required", "unheard")},
			miss: map[string]string{code("own", "a"): "warning not-supported Observation.code"},
		},
		{
			rule: "the widest value set binds an extensible one", on: "Observation",
			ask:  []string{`{"path":"Observation.code","binding":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet","valueCanonical":"http://test.example/ValueSet/colours"}],"strength":"preferred","valueSet":"http://test.example/ValueSet/few"}}`},
			hits: []string{code("colours", "red")},
			miss: map[string]string{code("colours", "blue"): "error code-invalid Observation.code"},
		},
		{
			rule: "a plain code and a unit are bound too", on: "Observation",
			ask: []string{
				`{"path":"Observation.language","binding":{"strength":"required","valueSet":"http://test.example/ValueSet/colours"}}`,
				`{"path":"Observation.value[x]","binding":{"strength":"required","valueSet":"http://test.example/ValueSet/colours"}}`,
			},
			hits: []string{`"language":"red"`, `"valueQuantity":{"value":1,"system":"http://test.example/colours","code":"red"}`},
			miss: map[string]string{
				`"language":"blue"`: "error code-invalid Observation.language",
				`"valueQuantity":{"value":1,"system":"http://test.example/colours","code":"blue"}`: "error code-invalid Observation.value",
			},
		},
	} {
		t.Run(c.rule, c.run)
	}
}

func TestInvariants(t *testing.T) {
	for _, c := range []ruleCase{
		{
			rule: "a rule is an error or a warning, with its key", on: "Patient",
			ask: []string{
				`{"path":"Patient","constraint":[{"key":"t-1","severity":"error","human":"A name or an identifier.","expression":"name.exists() or identifier.exists()"}]}`,
				`{"path":"Patient.name","constraint":[{"key":"t-2","severity":"warning","human":"A family name.","expression":"family.exists()"}]}`,
			},
			hits: []string{`"name":[{"family":"A"}]`},
			miss: map[string]string{`"gender":"male"`: "error invariant t-1 Patient", `"name":[{"family":"A"},{"text":"B"}]`: "warning invariant t-2 Patient.name[1]"},
		},
		{
			rule: "rules know the resource and ask other profiles", on: "Observation",
			more: []profile.Definition{definition("woman", "Patient", `{"path":"Patient.gender","min":1,"fixedCode":"female"}`)},
			ask:  []string{`{"path":"Observation.subject","constraint":[{"key":"t-3","severity":"error","human":"x","expression":"%resource.status = 'final' implies resolve().conformsTo('` + base + `woman')"}]}`},
			hits: []string{`"status":"final","contained":[{"resourceType":"Patient","id":"p","gender":"female"}],"subject":{"reference":"#p"}`},
			miss: map[string]string{`"status":"final","contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}`: "error invariant t-3 Observation.subject"},
		},
		{
			rule: "a rule that is no FHIRPath is said not to be checked", on: "Patient",
			ask:  []string{`{"path":"Patient","constraint":[{"key":"t-4","severity":"error","human":"x","expression":"name.frobnicate("}]}`},
			miss: map[string]string{`"gender":"male"`: "warning not-supported t-4 Patient"},
		},
	} {
		t.Run(c.rule, c.run)
	}
}
