package profile_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/profile"
)

var _ fhir.Profiles = (*profile.Set)(nil)

func TestProfilesOnProfiles(t *testing.T) {
	parent := definition("parent", "Patient",
		`{"path":"Patient.birthDate","min":1}`,
		sliced("Patient.telecom", "value", "system", "open", ""), phoneSlice)
	child := derived("child", "Patient", base+"parent",
		`{"id":"Patient.gender","path":"Patient.gender","min":1}`,
		`{"id":"Patient.telecom:phone","path":"Patient.telecom","sliceName":"phone","min":0}`,
		`{"id":"Patient.telecom:phone.use","path":"Patient.telecom.use","fixedCode":"home"}`,
		`{"id":"Patient.telecom:fax","path":"Patient.telecom","sliceName":"fax","max":"0"}`,
		`{"id":"Patient.telecom:fax.system","path":"Patient.telecom.system","fixedCode":"fax"}`)
	set := newSet(t, child, parent) // in either order
	cases := []struct {
		name, members, profile string
		want                   []string
	}{
		{"meets both", `"birthDate":"1990","gender":"male","telecom":[{"system":"phone","value":"1","use":"home"}]`, "child", nil},
		{"misses what the parent asks", `"gender":"male","telecom":[{"system":"phone","value":"1","use":"home"}]`, "child", []string{"error required Patient.birthDate"}},
		{"misses what the child adds to the parent's slice", `"birthDate":"1990","gender":"male","telecom":[{"system":"phone","value":"1","use":"work"}]`, "child", []string{"error value Patient.telecom[0].use"}},
		{"has a slice the child forbids", `"birthDate":"1990","gender":"male","telecom":[{"system":"fax"}]`, "child", []string{"error structure fax Patient.telecom"}},
		{"the parent stays as it is", `"birthDate":"1990","telecom":[{"system":"fax"},{"system":"phone","value":"1"}]`, "parent", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, check(t, set, `{"resourceType":"Patient",`+c.members+`}`, c.profile)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestContentReferencesHaveTheRulesOfWhatTheyRefer(t *testing.T) {
	set := newSet(t, definition("p", "Questionnaire", `{"path":"Questionnaire.item.text","min":1}`),
		definition("q", "Observation", `{"path":"Observation.referenceRange.text","min":1}`))
	got := check(t, set, `{"resourceType":"Questionnaire","item":[{"linkId":"1","text":"A","item":[{"linkId":"2","text":"B","item":[{"linkId":"3"}]}]}]}`, "p")
	if diff := cmp.Diff([]string{"error required Questionnaire.item[0].item[0].item[0].text"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = check(t, set, `{"resourceType":"Observation","component":[{"referenceRange":[{"text":"x"},{"age":{}}]}]}`, "q")
	if diff := cmp.Diff([]string{"error required Observation.component[0].referenceRange[1].text"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBundles(t *testing.T) {
	woman := definition("woman", "Patient", `{"path":"Patient.gender","min":1,"fixedCode":"female"}`)
	about := definition("about", "Observation", `{"path":"Observation.subject","min":1,"type":[{"code":"Reference","targetProfile":["`+base+`woman"]}]}`)
	bundle := definition("bundle", "Bundle",
		sliced("Bundle.entry", "type", "resource", "open", ""),
		`{"id":"Bundle.entry:patient","path":"Bundle.entry","sliceName":"patient","min":1,"max":"1"}`,
		`{"id":"Bundle.entry:patient.resource","path":"Bundle.entry.resource","min":1,"type":[{"code":"Patient","profile":["`+base+`woman"]}]}`)
	set := newSet(t, woman, about, bundle)
	of := func(gender, claim string) string {
		return `{"resourceType":"Bundle","type":"collection","entry":[
			{"fullUrl":"http://a.example/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1","gender":"` + gender + `"}},
			{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Observation","meta":{"profile":["` + claim + `"]},"subject":{"reference":"Patient/1"}}}]}`
	}
	cases := []struct {
		name, body string
		want       []string
	}{
		{"all meets", of("female", base+"about"), nil},
		{"a claim of a profile that is not here is passed over", of("female", base+"unheard"), nil},
		{"the slice's resource and the target of a reference do not", of("male", base+"about"), []string{
			"error value Bundle.entry[0].resource.gender", "error invalid Bundle.entry[1].resource.subject",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, check(t, set, c.body, "bundle")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("an entry alone finds its target too", func(t *testing.T) {
		entry := parse(t, []byte(of("male", ""))).Get("entry").First().Next().Get("resource")
		issues, _ := set.Check(entry, base+"about")
		if diff := cmp.Diff([]string{"Observation.subject"}, errorsOf(issues)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestProfilesThatCannotBeUsed(t *testing.T) {
	patient := parse(t, []byte(`{"resourceType":"Patient"}`))
	set := newSet(t,
		derived("orphan", "Patient", "http://else.example/StructureDefinition/lost"),
		derived("ring-a", "Patient", base+"ring-b"), derived("ring-b", "Patient", base+"ring-a"),
		definition("observation", "Observation"))
	cases := []struct {
		name, profile string
		known         bool
		code          fhir.IssueType
	}{
		{"one that is not here", base + "unheard", false, ""},
		{"one whose base is not here", base + "orphan", true, fhir.IssueNotFound},
		{"one that builds on itself", base + "ring-a", true, fhir.IssueProcessing},
		{"one of another type", base + "observation", true, fhir.IssueInvalid},
		{"R4's own type", core + "Patient", true, ""},
		{"R4's own type with its version", core + "Patient|4.0.1", true, ""},
		{"R4's type of all resources", core + "DomainResource", true, ""},
		{"R4's own other type", core + "Observation", true, fhir.IssueInvalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			issues, known := set.Check(patient, c.profile)
			var code fhir.IssueType
			if len(issues) > 0 {
				code = issues[0].Code
			}
			if known != c.known || code != c.code {
				t.Errorf("got known %v and %v, want %v and %q", known, issues, c.known, c.code)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	d := definition("v", "Patient", `{"path":"Patient.name","min":1}`)
	d.Body = []byte(strings.Replace(string(d.Body), `"status"`, `"version":"2.1.0","status"`, 1))
	set := newSet(t, d)
	for version, want := range map[string]bool{"": true, "|2.1.0": true, "|2.1": true, "|2": true, "|2.2.0": false, "|1": false} {
		if _, known := set.Check(parse(t, []byte(`{"resourceType":"Patient"}`)), base+"v"+version); known != want {
			t.Errorf("%q is known: %v, want %v", version, known, want)
		}
	}
}

func TestBrokenDefinitionsAreToldAndLeftOut(t *testing.T) {
	set, issues := profile.New(profile.Options{},
		profile.Definition{Type: "StructureDefinition", ID: "no-json", Body: []byte(`{`)},
		profile.Definition{Type: "StructureDefinition", ID: "no-url", Body: []byte(`{"resourceType":"StructureDefinition"}`)},
		profile.Definition{Type: "StructureDefinition", ID: "no-type", Body: []byte(`{"url":"http://a.example/x","type":"Frobnicate"}`)},
		profile.Definition{Type: "SearchParameter", ID: "other", Body: []byte(`{}`)},
		definition("good", "Patient"))
	var told []string
	for _, i := range issues {
		id, _, _ := strings.Cut(i.Diagnostics, ":")
		told = append(told, string(i.Severity)+" "+id)
	}
	want := []string{"warning StructureDefinition/no-json", "warning StructureDefinition/no-url", "warning StructureDefinition/no-type"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := set.Profiles("Patient"); !slices.Equal(got, []string{base + "good"}) {
		t.Errorf("profiles on Patient are %v", got)
	}
}

func TestResourcesThatReferToEachOtherEnd(t *testing.T) {
	set := newSet(t, definition("linked", "Patient", `{"path":"Patient.link","min":1}`,
		`{"path":"Patient.link.other","type":[{"code":"Reference","targetProfile":["`+base+`linked"]}]}`))
	link := func(to string) string { return `"link":[{"other":{"reference":"#` + to + `"}}]` }
	got := check(t, set, `{"resourceType":"Patient","contained":[{"resourceType":"Patient","id":"a",`+link("b")+`},{"resourceType":"Patient","id":"b",`+link("a")+`}],`+link("a")+`}`, "linked")
	if len(got) > 0 {
		t.Errorf("got %v, want no finding", got)
	}
	got = check(t, set, `{"resourceType":"Patient","contained":[{"resourceType":"Patient","id":"a",`+link("b")+`},{"resourceType":"Patient","id":"b"}],`+link("a")+`}`, "linked")
	if diff := cmp.Diff([]string{"error invalid Patient.link[0].other"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	set := newSet(t, definition("p", "Patient", `{"path":"Patient.name.family","min":1}`))
	body := `{"resourceType":"Patient","name":[` + strings.Repeat(`{"text":"x"},`, 5000) + `{"text":"x"}]}`
	issues, _ := set.Check(parse(t, []byte(body)), base+"p")
	if len(issues) != 1001 || issues[1000].Code != fhir.IssueTooCostly {
		t.Errorf("%d findings, the last is %v", len(issues), issues[len(issues)-1])
	}
}

func TestManyCheckAtOnce(t *testing.T) {
	set := newSet(t, hl7(t)...)
	body := read(t, "testdata/hl7/Observation-blood-pressure.json")
	var wait sync.WaitGroup
	failures := make(chan string, 32)
	for range 32 {
		wait.Go(func() {
			doc, err := fhir.Parse(body)
			if err != nil {
				failures <- err.Error()
				return
			}
			for _, name := range []string{"bp", "vitalsigns"} {
				if issues, known := set.Check(doc.Root(), core+name); !known || fhir.Failed(issues) {
					failures <- fmt.Sprint(issues)
				}
			}
		})
	}
	wait.Wait()
	close(failures)
	for f := range failures {
		t.Error(f)
	}
}

func TestDefinitionsThatMultiplyWorkEnd(t *testing.T) {
	var elements []string
	for i := range 8 {
		elements = append(elements, fmt.Sprintf(`{"id":"Extension.extension:s%d","path":"Extension.extension","sliceName":"s%d","type":[{"code":"Extension","profile":["%sbush","%sbush2"]}]}`, i, i, base, base))
	}
	path := strings.TrimSuffix(strings.Repeat("extension.", 60), ".")
	elements = append([]string{sliced("Extension.extension", "profile", path, "open", "")}, elements...)
	set := newSet(t, definition("bush", "Extension", elements...), definition("bush2", "Extension", elements...),
		definition("p", "Patient", `{"id":"Patient.extension:a","path":"Patient.extension","sliceName":"a","min":1,"type":[{"code":"Extension","profile":["`+base+`bush"]}]}`))
	deep := strings.Repeat(`{"url":"x","extension":[`, 25) + `{"url":"y"}` + strings.Repeat(`]}`, 25)
	issues, known := set.Check(parse(t, []byte(`{"resourceType":"Patient","extension":[`+deep+`]}`)), base+"p")
	if !known || len(issues) == 0 {
		t.Errorf("got %v, want a finding", issues)
	}
	if _, err := set.JSONSchema(base + "p"); err != nil {
		t.Error(err)
	}
	var sets []profile.Definition
	for i := range 60 {
		sets = append(sets, profile.Definition{Type: "ValueSet", ID: "v", Body: fmt.Appendf(nil,
			`{"resourceType":"ValueSet","url":"http://v.example/%d","compose":{"include":[{"valueSet":["http://v.example/%d"]},{"valueSet":["http://v.example/%d"]}]}}`, i, i+1, i+1)})
	}
	if has, known := newSet(t, sets...).Has("http://v.example/0", "", "x"); has || known {
		t.Errorf("got %v, %v of value sets that import each other without end", has, known)
	}
}
