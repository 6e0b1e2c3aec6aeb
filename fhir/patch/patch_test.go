package patch_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/patch"
)

// op gives a FHIRPath Patch of one operation; more are parts as JSON.
func op(kind, path string, more ...string) string {
	parts := append([]string{`{"name":"type","valueCode":"` + kind + `"}`, `{"name":"path","valueString":"` + path + `"}`}, more...)
	return `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[` + strings.Join(parts, ",") + `]}]}`
}

func named(name string) string { return `{"name":"name","valueString":"` + name + `"}` }
func value(json string) string { return `{"name":"value",` + json + `}` }
func at(n string) string       { return `{"name":"index","valueInteger":` + n + `}` }
func move(from, to string) string {
	return `{"name":"source","valueInteger":` + from + `},{"name":"destination","valueInteger":` + to + `}`
}

const person = `{"resourceType":"Patient","id":"p","name":[{"use":"official","given":["Asha","Neema","Zawadi"],"_given":[null,{"id":"n"},null]}],"birthDate":"1990-04-01","_birthDate":{"extension":[{"url":"urn:a","valueCode":"x"}]},"deceasedBoolean":false,"multipleBirthInteger":2}`

func TestFHIRPath_ChangesWhatThePathMeans(t *testing.T) {
	for name, c := range map[string]struct{ diff, input, want string }{
		"the type of a choice comes from the value": {
			op("add", "Observation", named("value"), value(`"valueQuantity":{"value":1.50}`)),
			`{"resourceType":"Observation","status":"final","interpretation":[{"text":"x"}]}`,
			`{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.50},"interpretation":[{"text":"x"}]}`,
		},
		"a choice may change its type": {
			op("replace", "Patient.deceased", value(`"valueDateTime":"2020-01-01"`)),
			`{"resourceType":"Patient","deceasedBoolean":false}`, `{"resourceType":"Patient","deceasedDateTime":"2020-01-01"}`,
		},
		"a choice is deleted by its name": {
			op("delete", "Patient.multipleBirth"),
			`{"resourceType":"Patient","multipleBirthInteger":2,"gender":"male"}`, `{"resourceType":"Patient","gender":"male"}`,
		},
		"a primitive takes its extensions along when it moves": {
			op("move", "Patient.name[0].given", move("1", "0")),
			`{"resourceType":"Patient","name":[{"given":["a","b","c"],"_given":[null,{"id":"b"},null]}]}`,
			`{"resourceType":"Patient","name":[{"given":["b","a","c"],"_given":[{"id":"b"},null,null]}]}`,
		},
		"a primitive takes its extensions along when it is deleted": {
			op("delete", "Patient.name[0].given[1]"),
			`{"resourceType":"Patient","name":[{"given":["a","b","c"],"_given":[null,{"id":"b"},null]}]}`,
			`{"resourceType":"Patient","name":[{"given":["a","c"]}]}`,
		},
		"the places of extensions stay when a primitive is inserted": {
			op("insert", "Patient.name[0].given", at("0"), value(`"valueString":"z"`)),
			`{"resourceType":"Patient","name":[{"given":["a","b"],"_given":[null,{"id":"b"}]}]}`,
			`{"resourceType":"Patient","name":[{"given":["z","a","b"],"_given":[null,null,{"id":"b"}]}]}`,
		},
		"an extension is added to a primitive": {
			op("add", "Patient.birthDate", named("extension"), value(`"part":[{"name":"url","valueUri":"urn:b"},{"name":"value","valueString":"y"}]`)),
			`{"resourceType":"Patient","birthDate":"1990-04-01","_birthDate":{"extension":[{"url":"urn:a","valueCode":"x"}]}}`,
			`{"resourceType":"Patient","birthDate":"1990-04-01","_birthDate":{"extension":[{"url":"urn:a","valueCode":"x"},{"url":"urn:b","valueString":"y"}]}}`,
		},
		"a first extension is added to a primitive in a list": {
			op("add", "Patient.name[0].given[1]", named("extension"), value(`"part":[{"name":"url","valueUri":"urn:b"},{"name":"valueString","valueString":"y"}]`)),
			`{"resourceType":"Patient","name":[{"given":["a","b"]}]}`,
			`{"resourceType":"Patient","name":[{"given":["a","b"],"_given":[null,{"extension":[{"url":"urn:b","valueString":"y"}]}]}]}`,
		},
		"the last extension of a primitive takes the companion with it": {
			op("delete", "Patient.birthDate.extension.where(url = 'urn:a')"),
			`{"resourceType":"Patient","birthDate":"1990","_birthDate":{"extension":[{"url":"urn:a","valueCode":"x"}]}}`, `{"resourceType":"Patient","birthDate":"1990"}`,
		},
		"a primitive that is only an extension is replaced": {
			op("replace", "Patient.birthDate", value(`"valueDate":"1991"`)),
			`{"resourceType":"Patient","_birthDate":{"extension":[{"url":"urn:a","valueCode":"x"}]}}`, `{"resourceType":"Patient","birthDate":"1991"}`,
		},
		"a value may be only an extension": {
			op("replace", "Patient.birthDate", value(`"_valueDate":{"extension":[{"url":"urn:a","valueCode":"x"}]}`)),
			`{"resourceType":"Patient","birthDate":"1991"}`, `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"urn:a","valueCode":"x"}]}}`,
		},
		"what is emptied is removed, and so on upwards": {
			op("delete", "Patient.contact[0].name.text"),
			`{"resourceType":"Patient","contact":[{"name":{"text":"x"}},{"gender":"male"}]}`, `{"resourceType":"Patient","contact":[{"gender":"male"}]}`,
		},
		"deleting what is not there changes nothing": {
			op("delete", "Patient.maritalStatus"),
			`{"resourceType":"Patient","gender":"male"}`, `{"resourceType":"Patient","gender":"male"}`,
		},
		"a list that is not there takes its first element by insert": {
			op("insert", "Patient.name", at("0"), value(`"valueHumanName":{"family":"Mushi"}`)),
			`{"resourceType":"Patient","gender":"male"}`, `{"resourceType":"Patient","name":[{"family":"Mushi"}],"gender":"male"}`,
		},
		"a condition chooses the element": {
			op("replace", "Patient.identifier.where(system = 'urn:b').value", value(`"valueString":"9"`)),
			`{"resourceType":"Patient","identifier":[{"system":"urn:a","value":"1"},{"system":"urn:b","value":"2"}]}`,
			`{"resourceType":"Patient","identifier":[{"system":"urn:a","value":"1"},{"system":"urn:b","value":"9"}]}`,
		},
		"contained resources are reached": {
			op("replace", "Claim.contained.where(id = 'o').name", value(`"valueString":"Amana"`)),
			`{"resourceType":"Claim","contained":[{"resourceType":"Organization","id":"o","name":"x"}]}`,
			`{"resourceType":"Claim","contained":[{"resourceType":"Organization","id":"o","name":"Amana"}]}`,
		},
		"a resource is added as contained": {
			op("add", "Claim", named("contained"), `{"name":"value","resource":{"resourceType":"Organization","id":"o"}}`),
			`{"resourceType":"Claim","status":"active"}`, `{"resourceType":"Claim","contained":[{"resourceType":"Organization","id":"o"}],"status":"active"}`,
		},
		"a string that says a number becomes one": {
			op("add", "Patient", named("multipleBirthInteger"), value(`"valueString":"3"`)),
			`{"resourceType":"Patient"}`, `{"resourceType":"Patient","multipleBirthInteger":3}`,
		},
		"parts nest, and repeat where the element does": {
			op("add", "Claim", named("item"), value(`"part":[{"name":"sequence","valuePositiveInt":1},{"name":"productOrService","valueCodeableConcept":{"text":"x"}},{"name":"detail","part":[{"name":"sequence","valuePositiveInt":1}]},{"name":"detail","part":[{"name":"sequence","valuePositiveInt":2}]}]`)),
			`{"resourceType":"Claim"}`, `{"resourceType":"Claim","item":[{"sequence":1,"productOrService":{"text":"x"},"detail":[{"sequence":1},{"sequence":2}]}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := applyFHIRPath(t, c.diff, c.input)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestFHIRPath_RefusesWhatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		diff       string
		code       fhir.IssueType
		expression string
	}{
		"a path to several elements":            {op("delete", "Patient.name.given"), fhir.IssueProcessing, "Patient.name.given"},
		"a path to nothing":                     {op("replace", "Patient.maritalStatus", value(`"valueString":"x"`)), fhir.IssueProcessing, "Patient.maritalStatus"},
		"a path to no element":                  {op("replace", "Patient.name.count()", value(`"valueString":"x"`)), fhir.IssueProcessing, "Patient.name.count()"},
		"the resource itself":                   {op("delete", "Patient"), fhir.IssueProcessing, "Patient"},
		"a name no element has":                 {op("delete", "Patient.colour"), fhir.IssueProcessing, "Patient.colour"},
		"an element no type has":                {op("add", "Patient", named("colour"), value(`"valueString":"x"`)), fhir.IssueProcessing, "Patient"},
		"an element that is there":              {op("add", "Patient", named("birthDate"), value(`"valueDate":"1991"`)), fhir.IssueProcessing, "Patient"},
		"a choice that is there":                {op("add", "Patient", named("deceased"), value(`"valueDateTime":"1991"`)), fhir.IssueProcessing, "Patient"},
		"a type the choice has not":             {op("replace", "Patient.deceased", value(`"valueString":"x"`)), fhir.IssueProcessing, "Patient.deceased"},
		"an index beyond the list":              {op("insert", "Patient.name[0].given", at("4"), value(`"valueString":"x"`)), fhir.IssueProcessing, "Patient.name[0].given"},
		"an index beyond a new list":            {op("insert", "Patient.contact", at("1"), value(`"part":[]`)), fhir.IssueProcessing, "Patient.contact"},
		"a source beyond the list":              {op("move", "Patient.name[0].given", move("3", "0")), fhir.IssueProcessing, "Patient.name[0].given"},
		"a destination beyond the list":         {op("move", "Patient.name[0].given", move("0", "3")), fhir.IssueProcessing, "Patient.name[0].given"},
		"a part of a list":                      {op("move", "Patient.name[0].given.where($this != 'Asha')", move("0", "1")), fhir.IssueProcessing, "Patient.name[0].given.where($this != 'Asha')"},
		"insert into what is no list":           {op("insert", "Patient.birthDate", at("0"), value(`"valueDate":"1991"`)), fhir.IssueProcessing, "Patient.birthDate"},
		"a path that is no FHIRPath":            {op("delete", "Patient.name["), fhir.IssueInvalid, "Parameters.parameter[0].part[1]"},
		"a type that is none":                   {op("merge", "Patient.name"), fhir.IssueInvalid, "Parameters.parameter[0]"},
		"add without a name":                    {op("add", "Patient", value(`"valueDate":"1991"`)), fhir.IssueRequired, "Parameters.parameter[0]"},
		"add without a value":                   {op("add", "Patient", named("gender")), fhir.IssueRequired, "Parameters.parameter[0]"},
		"insert without an index":               {op("insert", "Patient.name", value(`"valueDate":"1991"`)), fhir.IssueRequired, "Parameters.parameter[0]"},
		"an index below 0":                      {op("insert", "Patient.name", at("-1"), value(`"valueDate":"1991"`)), fhir.IssueInvalid, "Parameters.parameter[0].part[2]"},
		"a part no operation has":               {op("delete", "Patient.name", `{"name":"pth","valueString":"x"}`), fhir.IssueInvalid, "Parameters.parameter[0].part[2]"},
		"a parameter that is no operation":      {`{"resourceType":"Parameters","parameter":[{"name":"op"}]}`, fhir.IssueInvalid, "Parameters.parameter[0].name"},
		"another resource":                      {`{"resourceType":"Patient"}`, fhir.IssueInvalid, ""},
		"an operation without type and path":    {`{"resourceType":"Parameters","parameter":[{"name":"operation"}]}`, fhir.IssueRequired, "Parameters.parameter[0]"},
		"more operations than are done at once": {`{"resourceType":"Parameters","parameter":[` + strings.Repeat(`{},`, 100) + `{}]}`, fhir.IssueTooCostly, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := applyFHIRPath(t, c.diff, person)
			if !fhir.HasIssue(err, c.code) {
				t.Fatalf("got %s and the error %v, want one of %s", got, err, c.code)
			}
			if got := fhir.OutcomeOf(err).Issues[0].Expression; got != c.expression {
				t.Errorf("the expression is %q, want %q", got, c.expression)
			}
		})
	}
}

func TestFHIRPath_TellsWhichOperationFailed(t *testing.T) {
	diff := `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.gender"}]},` +
		`{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.active"},{"name":"value","valueBoolean":true}]}]}`
	_, err := applyFHIRPath(t, diff, person)
	if got := fhir.OutcomeOf(err).Issues[0].Diagnostics; !strings.HasPrefix(got, "operation 1,") {
		t.Errorf("got %q, want it to begin with the operation", got)
	}
}

func TestMerge_FollowsRFC7396(t *testing.T) {
	for name, c := range map[string]struct{ patch, input, want string }{
		"a member is replaced":       {`{"a":"z"}`, `{"a":"b","c":1.50}`, `{"a":"z","c":1.50}`},
		"a member is added":          {`{"b":{"c":null,"d":1}}`, `{"a":"b"}`, `{"a":"b","b":{"d":1}}`},
		"null removes":               {`{"a":null,"n":null}`, `{"a":"b","c":1}`, `{"c":1}`},
		"objects are merged":         {`{"a":{"b":"z","x":null}}`, `{"a":{"b":"c","x":1,"y":2}}`, `{"a":{"b":"z","y":2}}`},
		"arrays are replaced":        {`{"a":[1]}`, `{"a":[{"b":"c"}]}`, `{"a":[1]}`},
		"an object replaces a value": {`{"a":{"b":1}}`, `{"a":"x"}`, `{"a":{"b":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := patch.Merge([]byte(c.patch))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p([]byte(c.input))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, string(got)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
	if _, err := patch.Merge([]byte(`[]`)); !fhir.HasIssue(err, fhir.IssueStructure) {
		t.Errorf("an array as patch: got %v, want an error of structure", err)
	}
}

func TestJSON_TellsWhichOperationFailed(t *testing.T) {
	p, err := patch.JSON([]byte(`[{"op":"test","path":"/id","value":"p"},{"op":"remove","path":"/colour"}]`), limits)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p([]byte(person))
	if !fhir.HasIssue(err, fhir.IssueProcessing) || fhir.OutcomeOf(err).Issues[0].Expression != "patch[1]" {
		t.Errorf("got %v, want an error of processing at patch[1]", err)
	}
}

func FuzzFHIRPath(f *testing.F) {
	for _, c := range officialCases(f) {
		f.Add(string(c.Diff), string(c.Input))
	}
	f.Add(op("move", "Patient.name[0].given", move("1", "0")), person)
	f.Add(op("delete", "Patient.birthDate.extension[0]"), person)
	f.Add(op("insert", "Patient.contact", at("0"), value(`"part":[]`)), person)
	f.Fuzz(func(t *testing.T, diff, input string) {
		doc, err := fhir.Parse([]byte(diff))
		if err != nil {
			return
		}
		p, err := patch.FHIRPath(doc.Root(), limits)
		if err != nil {
			return
		}
		in, err := fhir.Parse([]byte(input))
		if err != nil {
			return
		}
		in.Release()
		out, err := p([]byte(input))
		if err != nil {
			return
		}
		if _, err := fhir.Parse(out); err != nil {
			t.Errorf("%s made of %s what is no JSON: %s", diff, input, out)
		}
	})
}

func FuzzMerge(f *testing.F) {
	f.Add(`{"a":{"b":null}}`, person)
	f.Fuzz(func(t *testing.T, change, input string) {
		p, err := patch.Merge([]byte(change))
		if err != nil {
			return
		}
		out, err := p([]byte(input))
		if err != nil {
			return
		}
		if _, err := fhir.Parse(out); err != nil {
			t.Errorf("%s made of %s what is no JSON: %s", change, input, out)
		}
	})
}
