package search_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"

	"github.com/google/go-cmp/cmp"
)

func define(t *testing.T, src string) ([]*r4.SearchParam, error) {
	t.Helper()
	doc, err := fhir.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return search.Define(doc.Root())
}

// custom writes a SearchParameter of a type and expression.
func custom(code, kind, expression string, more ...string) string {
	text := `{"resourceType":"SearchParameter","status":"active","url":"http://own/` + code + `","code":"` + code + `","type":"` + kind +
		`","expression":"` + expression + `"`
	for _, m := range append(more, `"base":["Patient"]`)[:max(1, len(more))] {
		text += "," + m
	}
	return text + "}"
}

func with(t *testing.T, sources ...string) (*search.Registry, error) {
	t.Helper()
	var all []*r4.SearchParam
	for _, src := range sources {
		params, err := define(t, src)
		if err != nil {
			return nil, err
		}
		all = append(all, params...)
	}
	return registry(t).With(all...)
}

const familyAndBirth = `"base":["Patient"],"component":[
	{"definition":"http://hl7.org/fhir/SearchParameter/individual-family","expression":"name.family"},
	{"definition":"http://hl7.org/fhir/SearchParameter/individual-birthdate","expression":"birthDate"}]`

const nameAndUse = `"base":["Patient"],"component":[
	{"definition":"http://own/use","expression":"use"},{"definition":"http://hl7.org/fhir/SearchParameter/individual-family","expression":"family"}]`

func TestCustomParametersFind(t *testing.T) {
	for _, c := range []struct {
		name, typ, body, query string
		want                   bool
		sources                []string
	}{
		{
			"a route", "Patient", `"maritalStatus":{"coding":[{"code":"M"}]}`, "wed=M", true,
			[]string{custom("wed", "token", "Patient.maritalStatus")},
		},
		{
			"a route from a resource that is as asked", "Patient", `"gender":"male","maritalStatus":{"coding":[{"code":"M"}]}`, "groom=M", true,
			[]string{custom("groom", "token", "Patient.where(gender = 'male').maritalStatus")},
		},
		{
			"a route from one that is not", "Patient", `"gender":"female","maritalStatus":{"coding":[{"code":"M"}]}`, "groom=M", false,
			[]string{custom("groom", "token", "Patient.where(gender = 'male').maritalStatus")},
		},
		{
			"another value", "Patient", `"maritalStatus":{"coding":[{"code":"S"}]}`, "wed=M", false,
			[]string{custom("wed", "token", "Patient.maritalStatus")},
		},
		{
			"an extension", "Patient", `"extension":[{"url":"http://x","valueString":"far away"}]`, "home=far", true,
			[]string{custom("home", "string", "Patient.extension('http://x').value")},
		},
		{
			"more than a route", "Patient", `"name":[{"given":["A","B"]}]`, "names=2", true,
			[]string{custom("names", "number", "Patient.name.given.count()")},
		},
		{
			"each base by its own part of the expression", "Practitioner", `"birthDate":"1990-01-01"`, "born=1990", true,
			[]string{custom("born", "date", "Patient.deceased.as(dateTime) | Practitioner.birthDate", `"base":["Patient","Practitioner"]`)},
		},
		{
			"not by that of another base", "Patient", `"birthDate":"1990-01-01"`, "born=1990", false,
			[]string{custom("born", "date", "Patient.deceased.as(dateTime) | Practitioner.birthDate", `"base":["Patient","Practitioner"]`)},
		},
		{
			"of all types", "Claim", `"language":"sw"`, "tongue=sw", true,
			[]string{custom("tongue", "token", "Resource.language", `"base":["Resource"]`)},
		},
		{
			"of domain resources", "Claim", `"text":{"status":"empty"}`, "told=empty", true,
			[]string{custom("told", "token", "DomainResource.text.status", `"base":["DomainResource"]`)},
		},
		{
			"a composite of a custom one, its token last", "Patient", `"name":[{"use":"maiden","family":"Mushi"},{"use":"usual","family":"Juma"}]`, "called=mushi$maiden", true,
			[]string{custom("use", "token", "Patient.name.use"), custom("called", "composite", "Patient.name", strings.Replace(
				strings.Replace(nameAndUse, "own/use", "x", 1), `"component":[
	{"definition":"http://x","expression":"use"},{"definition":"http://hl7.org/fhir/SearchParameter/individual-family","expression":"family"}]`,
				`"component":[{"definition":"http://hl7.org/fhir/SearchParameter/individual-family","expression":"family"},{"definition":"http://own/use","expression":"use"}]`, 1,
			))},
		},
		{
			"a composite of parts of other occurrences", "Patient", `"name":[{"use":"maiden","family":"Mushi"},{"use":"usual","family":"Juma"}]`, "called=usual$mushi", false,
			[]string{custom("use", "token", "Patient.name.use"), custom("called", "composite", "Patient.name", nameAndUse)},
		},
		{
			"a composite without a token", "Patient", `"birthDate":"1990-01-01","name":[{"family":"Mushi"},{"family":"Juma"}]`, "who=ju$gt1989", true,
			[]string{custom("who", "composite", "Patient", familyAndBirth)},
		},
		{
			"a composite without a token whose second part differs", "Patient", `"birthDate":"1990-01-01","name":[{"family":"Mushi"}]`, "who=mu$1991", false,
			[]string{custom("who", "composite", "Patient", familyAndBirth)},
		},
		{
			"a composite that lacks a part", "Patient", `"name":[{"family":"Mushi"}]`, "who:missing=true", true,
			[]string{custom("who", "composite", "Patient", familyAndBirth)},
		},
		{
			"a better expression of R4's own", "Patient", `"birthDate":"1990-01-01","extension":[{"url":"http://x","valueDate":"1980-01-01"}]`, "birthdate=1980", true,
			[]string{custom("birthdate", "date", "Patient.extension('http://x').value")},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := with(t, c.sources...)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := fhir.Parse([]byte(`{"resourceType":"` + c.typ + `",` + c.body + `}`))
			if err != nil {
				t.Fatal(err)
			}
			request, err := r.Parse(c.typ, c.query, options())
			if err != nil {
				t.Fatal(err)
			}
			if got, known := search.Matches(r.Extract(doc.Root()), fhir.Key{Type: c.typ}, now, request.Where); got != c.want || !known {
				t.Errorf("finds it: %v, want %v", got, c.want)
			}
		})
	}
}

func TestDefine_GivesNoneOf(t *testing.T) {
	for name, src := range map[string]string{
		"a draft":               strings.Replace(custom("x", "token", "Patient.gender"), "active", "draft", 1),
		"a retired one":         strings.Replace(custom("x", "token", "Patient.gender"), "active", "retired", 1),
		"R4's own definition":   `{"resourceType":"SearchParameter","status":"active","url":"http://hl7.org/fhir/SearchParameter/Resource-id","code":"_id","type":"token","base":["Resource"],"expression":"Resource.id"}`,
		"a draft that is wrong": `{"resourceType":"SearchParameter","status":"draft"}`,
	} {
		if got, err := define(t, src); err != nil || len(got) != 0 {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestDefinitionsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, src string
		code      fhir.IssueType
		says      string
	}{
		{"another resource", `{"resourceType":"Patient"}`, fhir.IssueInvalid, "no SearchParameter"},
		{"no code", custom("", "token", "Patient.gender"), fhir.IssueInvalid, "SearchParameter.code"},
		{"a code that means something else", custom("_id", "token", "Patient.gender"), fhir.IssueInvalid, "SearchParameter.code"},
		{"a code with a point", custom("a.b", "token", "Patient.gender"), fhir.IssueInvalid, "SearchParameter.code"},
		{"no url", strings.Replace(custom("x", "token", "Patient.gender"), `"url":"http://own/x",`, "", 1), fhir.IssueInvalid, "SearchParameter.url"},
		{"no base", custom("x", "token", "Patient.gender", `"target":["Patient"]`), fhir.IssueInvalid, "SearchParameter.base"},
		{"an unknown base", custom("x", "token", "Bill.gender", `"base":["Bill"]`), fhir.IssueInvalid, "SearchParameter.base"},
		{"a data type as base", custom("x", "token", "HumanName.use", `"base":["HumanName"]`), fhir.IssueInvalid, "SearchParameter.base"},
		{"an unknown type", custom("x", "word", "Patient.gender"), fhir.IssueInvalid, "SearchParameter.type"},
		{"a special one", custom("x", "special", "Patient.gender"), fhir.IssueNotSupported, "SearchParameter.type"},
		{"how it sounds", custom("x", "string", "Patient.name", `"base":["Patient"]`, `"xpathUsage":"phonetic"`), fhir.IssueNotSupported, "SearchParameter.xpathUsage"},
		{"no expression", custom("x", "token", ""), fhir.IssueInvalid, "SearchParameter.expression"},
		{"no FHIRPath", custom("x", "token", "Patient.gender ="), fhir.IssueInvalid, "x"},
		{"an expression without end", custom("x", "token", strings.Repeat("Patient.gender | ", 600)+"Patient.gender"), fhir.IssueTooLong, "longer"},
		{"an element there is not", custom("x", "token", "Patient.sex"), fhir.IssueInvalid, "leads to no element"},
		{"an element of another kind", custom("x", "date", "Patient.gender"), fhir.IssueInvalid, "leads to no element"},
		{"an element of another type", custom("x", "token", "Claim.status"), fhir.IssueInvalid, "leads to no element"},
		{"an unknown target", custom("x", "reference", "Patient.link.other", `"base":["Patient"]`, `"target":["Bill"]`), fhir.IssueInvalid, "SearchParameter.target"},
		{"R4's code for another type", custom("name", "token", "Patient.gender"), fhir.IssueInvalid, "choose another code"},
		{"a composite of nothing", custom("x", "composite", "Patient.name"), fhir.IssueInvalid, "SearchParameter.component"},
		{"components of no composite", custom("x", "token", "Patient.gender", nameAndUse), fhir.IssueInvalid, "only a composite"},
		{"a composite of an unknown one", custom("x", "composite", "Patient.name", nameAndUse), fhir.IssueNotSupported, "can't be indexed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := with(t, c.src)
			var o *fhir.Outcome
			if !errors.As(err, &o) {
				t.Fatalf("got %v", err)
			}
			if o.Issues[0].Code != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s … %s", err, c.code, c.says)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	from := registry(t)
	if got := from.Diff(registry(t)); len(got) != 0 {
		t.Errorf("the same parameters differ by %v", got)
	}
	to, err := with(
		t,
		custom("wed", "token", "Patient.maritalStatus"),
		custom("general", "reference", "Patient.generalPractitioner"),
		custom("birthdate", "date", "Patient.deceased.as(dateTime)"),
		custom("gender", "token", "Patient.gender"), // R4's own, of Patient and others, is written otherwise
		custom("weight", "quantity", "Observation.value.as(Quantity)", `"base":["Observation"]`),
		custom("told", "token", "DomainResource.text.status", `"base":["DomainResource"]`),
	)
	if err != nil {
		t.Fatal(err)
	}
	var patient []string
	types := map[string]bool{}
	for _, c := range from.Diff(to) {
		if c.Type == "Patient" {
			patient = append(patient, c.Code)
		}
		if c.Code == "told" {
			types[c.Type] = true
		}
	}
	want := []string{"birthdate", "birthdate:missing", "general", "general:identifier", "general:text", "told", "told:of-type", "told:text", "wed", "wed:of-type", "wed:text"}
	if diff := cmp.Diff(want, patient); diff != "" {
		t.Errorf("what changes of Patient: %s", diff)
	}
	if types["Binary"] || !types["Claim"] || len(types) < 100 {
		t.Errorf("what changes for domain resources changes for %d types", len(types))
	}
	if !slices.Contains(from.Diff(to), search.Changed{Type: "Observation", Code: "weight:ucum"}) {
		t.Error("a quantity changes without its base units")
	}
	if back := to.Diff(from); !slices.Contains(back, search.Changed{Type: "Patient", Code: "birthdate"}) || slices.Contains(back, search.Changed{Type: "Patient", Code: "wed"}) {
		t.Errorf("going back changes %v", back)
	}
}
