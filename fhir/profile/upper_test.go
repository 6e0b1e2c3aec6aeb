package profile_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/profile"
	"bima/profiles"
)

// source reads a definition as one that is stored under its id.
func source(tb testing.TB, d profile.Definition) *profile.Source {
	tb.Helper()
	s, why := profile.ReadSource(parse(tb, d.Body), d.ID)
	if s == nil {
		tb.Fatalf("%s is no profile: %v", d.ID, why)
	}
	return s
}

func sources(tb testing.TB, list ...profile.Definition) []*profile.Source {
	tb.Helper()
	var all []*profile.Source
	for _, d := range list {
		all = append(all, source(tb, d))
	}
	return all
}

// with gives a definition a status and a version.
func with(d profile.Definition, id, status, version string) profile.Definition {
	d.ID = id
	d.Body = bytes.Replace(d.Body, []byte(`"status":"draft"`), []byte(`"version":"`+version+`","status":"`+status+`"`), 1)
	return d
}

// told gives findings as "severity code path".
func told(t *testing.T, issues []fhir.Issue) []string {
	t.Helper()
	var list []string
	for _, i := range issues {
		if i.Diagnostics == "" {
			t.Errorf("%s has no sentence", i.Expression)
		}
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", i.Severity, i.Code, i.Expression)))
	}
	return list
}

// examine tells what would come of storing the last of some definitions beside
// the others.
func examine(t *testing.T, known *profile.Set, list ...profile.Definition) []string {
	t.Helper()
	last, why := profile.ReadSource(parse(t, list[len(list)-1].Body), "last")
	if last == nil {
		return told(t, why)
	}
	return told(t, append(why, known.Over(append(sources(t, list[:len(list)-1]...), last)).Examine(last)...))
}

// Each case is a definition that could never be used, with the same put right.
func TestADefinitionThatCouldNeverBeUsedIsRefused(t *testing.T) {
	const at = "StructureDefinition.differential.element"
	known := newSet(t)
	patient := func(elements ...string) profile.Definition { return definition("p", "Patient", elements...) }
	cases := []struct {
		rule         string
		broken, well profile.Definition
		beside       []profile.Definition
		want         string
	}{
		{
			"a path begins with the type",
			patient(`{"path":"Person.name","min":1}`), patient(`{"path":"Patient.name","min":1}`), nil,
			"error value " + at + "[0].path",
		},
		{
			"a path names elements of R4",
			patient(`{"path":"Patient"}`, `{"path":"Patient.brithDate","min":1}`), patient(`{"path":"Patient"}`, `{"path":"Patient.birthDate","min":1}`), nil,
			"error value " + at + "[1].path",
		},
		{
			"so it does within data types",
			patient(`{"path":"Patient.name.famliy","min":1}`), patient(`{"path":"Patient.name.family","min":1}`), nil,
			"error value " + at + "[0].path",
		},
		{
			"a type is one of R4",
			patient(`{"path":"Patient.deceased[x]","type":[{"code":"Bool"}]}`), patient(`{"path":"Patient.deceased[x]","type":[{"code":"boolean"}]}`), nil,
			"error value " + at + "[0].type.code",
		},
		{
			"a type is one the element has",
			patient(`{"path":"Patient.deceased[x]","type":[{"code":"Period"}]}`), patient(`{"path":"Patient.deceased[x]","type":[{"code":"dateTime"}]}`), nil,
			"error value " + at + "[0].type.code",
		},
		{
			"a fixed value is of the element's type",
			patient(`{"path":"Patient.maritalStatus","fixedCoding":{"code":"M"}}`), patient(`{"path":"Patient.maritalStatus","fixedCodeableConcept":{"text":"M"}}`), nil,
			"error value " + at + "[0].fixedCoding",
		},
		{
			"so is a pattern",
			patient(`{"path":"Patient.gender","patternCodeableConcept":{"text":"M"}}`), patient(`{"path":"Patient.gender","patternCode":"male"}`), nil,
			"error value " + at + "[0].patternCodeableConcept",
		},
		{
			"a minimum is no more than R4's maximum",
			patient(`{"path":"Patient.birthDate","min":2}`), patient(`{"path":"Patient.birthDate","min":1}`), nil,
			"error value " + at + "[0].min",
		},
		{
			"nor than the maximum of what it builds on",
			derived("p", "Patient", base+"few", `{"path":"Patient.name","min":3}`), derived("p", "Patient", base+"few", `{"path":"Patient.name","min":2}`),
			[]profile.Definition{definition("few", "Patient", `{"path":"Patient.name","max":"2"}`)},
			"error value " + at + "[0].min",
		},
		{
			"a rule is FHIRPath",
			patient(`{"path":"Patient.name","constraint":[{"key":"a-1","severity":"error","human":"a","expression":"family.exists("}]}`),
			patient(`{"path":"Patient.name","constraint":[{"key":"a-1","severity":"error","human":"a","expression":"family.exists()"}]}`), nil,
			"error invalid " + at + "[0].constraint[0].expression",
		},
		{
			"slices are told apart",
			patient(`{"path":"Patient.telecom"}`, `{"id":"Patient.telecom:a","path":"Patient.telecom","sliceName":"a"}`),
			patient(sliced("Patient.telecom", "value", "system", "open", ""), phoneSlice), nil,
			"error value " + at + "[1].sliceName",
		},
		{
			"by elements there are",
			patient(sliced("Patient.telecom", "value", "sytsem", "open", ""), phoneSlice),
			patient(sliced("Patient.telecom", "value", "system", "open", ""), phoneSlice), nil,
			"error value " + at + "[0].slicing.discriminator[0].path",
		},
		{
			"by no more of FHIRPath than R4 allows",
			patient(sliced("Patient.telecom", "value", "system.first()", "open", ""), phoneSlice),
			patient(sliced("Patient.telecom", "value", "$this.system", "open", ""), phoneSlice), nil,
			"error value " + at + "[0].slicing.discriminator[0].path",
		},
		{
			"a profile builds on one of its own type",
			derived("p", "Patient", core+"Observation"), derived("p", "Patient", core+"DomainResource"), nil,
			"error value StructureDefinition.baseDefinition",
		},
		{
			"a profile does not build on itself",
			derived("p", "Patient", base+"q"), derived("p", "Patient", base+"r"),
			[]profile.Definition{derived("q", "Patient", base+"p"), definition("r", "Patient")},
			"error processing StructureDefinition.baseDefinition",
		},
		{
			"where an extension may stand is FHIRPath",
			extension("fhirpath", "Patient.name("), extension("fhirpath", "Patient.name"), nil,
			"error invalid StructureDefinition.context[0].expression",
		},
		{
			"a path is not endless",
			patient(`{"path":"Patient` + strings.Repeat(".extension", 70) + `"}`), patient(`{"path":"Patient` + strings.Repeat(".extension", 30) + `"}`), nil,
			"error too-costly " + at + "[0].path",
		},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			if diff := cmp.Diff([]string{c.want}, examine(t, known, append(c.beside[:len(c.beside):len(c.beside)], c.broken)...)); diff != "" {
				t.Errorf("broken (-want +got):\n%s", diff)
			}
			if got := examine(t, known, append(c.beside[:len(c.beside):len(c.beside)], c.well)...); len(got) > 0 {
				t.Errorf("put right it is found to be wrong: %v", got)
			}
		})
	}
}

// extension makes the definition of an extension with a place where it may stand.
func extension(kind, expression string) profile.Definition {
	d := definition("p", "Extension", `{"path":"Extension.url","fixedUri":"`+base+`p"}`)
	d.Body = bytes.Replace(d.Body, []byte(`"derivation"`), []byte(`"context":[{"type":"`+kind+`","expression":"`+expression+`"}],"derivation"`), 1)
	return d
}

func TestADefinitionMayWaitForOthers(t *testing.T) {
	known := newSet(t, definition("ours", "Patient"))
	cases := []struct {
		name string
		list []profile.Definition
		want []string
	}{
		{"its base is not here", []profile.Definition{derived("p", "Patient", base+"lost")}, []string{"warning not-found StructureDefinition.baseDefinition"}},
		{"its base is broken", []profile.Definition{definition("q", "Patient", `{"path":"Patient.naem"}`), derived("p", "Patient", base+"q")}, []string{"warning incomplete StructureDefinition.baseDefinition"}},
		{"its base is here", []profile.Definition{definition("q", "Patient"), derived("p", "Patient", base+"q")}, nil},
		{"its extension is not here", []profile.Definition{definition("p", "Patient", `{"path":"Patient.extension","sliceName":"a","type":[{"code":"Extension","profile":["`+base+`lost"]}]}`)}, []string{"information informational"}},
		{"a function nobody here knows", []profile.Definition{definition("p", "Patient", `{"path":"Patient","constraint":[{"key":"a-1","severity":"error","human":"a","expression":"name.conjure()"}]}`)}, []string{"warning not-supported StructureDefinition.differential.element[0].constraint[0].expression"}},
		{"a url that the server has defined", []profile.Definition{definition("ours", "Patient", `{"path":"Patient.name","min":1}`)}, []string{"warning business-rule StructureDefinition.url"}},
		{"the url of a type of R4", []profile.Definition{{Body: []byte(`{"resourceType":"StructureDefinition","url":"` + core + `Patient","type":"Patient","derivation":"constraint"}`)}}, []string{"warning business-rule StructureDefinition.url"}},
		{"a type that is not R4's", []profile.Definition{definition("p", "ActorDefinition")}, []string{"warning business-rule StructureDefinition.type"}},
		{"another has the url and the version", []profile.Definition{with(definition("p", "Patient"), "one", "active", "1"), with(definition("p", "Patient"), "two", "active", "1")}, []string{"warning business-rule StructureDefinition.url"}},
		{"another has the url in another version", []profile.Definition{with(definition("p", "Patient"), "one", "active", "1"), with(definition("p", "Patient"), "two", "active", "2")}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, examine(t, known, c.list...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The definitions of the scheme and of HL7 are right, under whatever url they are.
func TestDefinitionsInUseAreNotRefused(t *testing.T) {
	for kind, list := range map[string][]profile.Definition{
		"ours": profiles.Definitions(), "HL7's snapshots": hl7(t), "HL7's differentials": without(t, hl7(t), "snapshot"),
	} {
		var all []*profile.Source
		for _, d := range list {
			body := bytes.ReplaceAll(d.Body, []byte("https://bima.example/fhir/"), []byte("http://else.example/"))
			body = bytes.ReplaceAll(body, []byte("https://openimis.github.io/"), []byte("http://else.example/"))
			if s, _ := profile.ReadSource(parse(t, body), d.ID); d.Type == "StructureDefinition" && s != nil {
				all = append(all, s)
			}
		}
		if len(all) < 4 {
			t.Errorf("%s: %d definitions", kind, len(all))
		}
		set := newSet(t).Over(all)
		for _, s := range all {
			for _, i := range set.Examine(s) {
				if i.Severity != fhir.SeverityInformation {
					t.Errorf("%s: %s: %s", kind, s.ID(), i)
				}
			}
		}
	}
}

// verdict tells how a resource comes off: "refused", "warned", "passed" or
// "unknown".
func verdict(issues []fhir.Issue, known bool) string {
	switch {
	case !known:
		return "unknown"
	case fhir.Failed(issues):
		return "refused"
	case len(issues) > 0:
		return "warned"
	}
	return "passed"
}

func TestWhatAStatusDoes(t *testing.T) {
	bad, good := parse(t, []byte(`{"resourceType":"Patient"}`)), parse(t, []byte(`{"resourceType":"Patient","birthDate":"1990"}`))
	asks := definition("p", "Patient", `{"path":"Patient.birthDate","min":1}`)
	broken := definition("p", "Patient", `{"path":"Patient.brithDate","min":1}`)
	cases := []struct {
		name string
		d    profile.Definition
		want string // asked for: bad, good; claimed: bad, good
	}{
		{"active", with(asks, "p", "active", ""), "refused passed refused passed"},
		{"draft", with(asks, "p", "draft", ""), "refused passed warned passed"},
		{"unknown", with(asks, "p", "unknown", ""), "refused passed warned passed"},
		{"retired", with(asks, "p", "retired", ""), "refused warned unknown unknown"},
		{"active, of no use", with(broken, "p", "active", ""), "refused refused warned warned"},
		{"retired, of no use", with(broken, "p", "retired", ""), "refused refused unknown unknown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			set := newSet(t).Over(sources(t, c.d))
			var got []string
			for _, check := range []func(fhir.Node, string) ([]fhir.Issue, bool){set.Check, set.Claim} {
				got = append(got, verdict(check(bad, base+"p")), verdict(check(good, base+"p")))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestClaimsWithinABundleCountByTheirStatus(t *testing.T) {
	bundle := func(birth string) fhir.Node {
		return parse(t, []byte(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","meta":{"profile":["`+base+`p"]}`+birth+`}}]}`))
	}
	for status, want := range map[string]string{"active": "refused passed", "draft": "warned passed", "retired": "passed passed"} {
		d := with(definition("p", "Patient", sliced("Patient.telecom", "value", "system", "open", ""), phoneSlice), "p", status, "")
		set := newSet(t).Over(sources(t, d))
		got := verdict(set.Check(bundle(`,"telecom":[{"system":"email","value":"1"}]`), core+"Bundle")) + " " + verdict(set.Check(bundle(`,"telecom":[{"system":"phone","value":"1"}]`), core+"Bundle"))
		if got != want {
			t.Errorf("%s: got %s, want %s", status, got, want)
		}
	}
}

func TestWhichVersionIsMeant(t *testing.T) {
	of := func(id, status, version, element string) profile.Definition {
		return with(definition("p", "Patient", `{"path":"Patient.`+element+`","min":1}`), id, status, version)
	}
	list := []profile.Definition{
		of("a", "active", "1.9.0", "name"), of("b", "active", "1.10.0", "gender"), of("c", "draft", "2.0.0", "birthDate"), of("d", "retired", "3.0.0", "photo"),
	}
	known := newSet(t, definition("ours", "Patient", `{"path":"Patient.active","min":1}`))
	list = append(list, with(definition("ours", "Patient"), "e", "active", "9"))
	set := known.Over(sources(t, list...))
	missing := func(canonical string) string {
		issues, known := set.Check(parse(t, []byte(`{"resourceType":"Patient"}`)), canonical)
		if !known {
			return "unknown"
		}
		for _, i := range issues {
			if i.Severity == fhir.SeverityError {
				return i.Expression
			}
		}
		return ""
	}
	for canonical, want := range map[string]string{
		base + "p": "Patient.gender", base + "p|1.9.0": "Patient.name", base + "p|1.9": "Patient.name", base + "p|1": "Patient.gender",
		base + "p|2": "Patient.birthDate", base + "p|3.0.0": "Patient.photo", base + "p|4": "unknown", base + "q": "unknown",
		base + "ours": "Patient.active", // what is built in is not weakened
	} {
		if got := missing(canonical); got != want {
			t.Errorf("%s: got %q, want %q", canonical, got, want)
		}
	}
	if diff := cmp.Diff([]string{"1.10.0", "1.9.0", "2.0.0", "3.0.0"}, set.Versions(base+"p|7")); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{base + "ours", base + "p"}, slices.Sorted(slices.Values(set.Profiles("Patient")))); diff != "" {
		t.Errorf("profiles (-want +got):\n%s", diff)
	}
}

func TestStoredProfilesBuildOnThoseBuiltIn(t *testing.T) {
	known := newSet(t, definition("parent", "Patient", sliced("Patient.telecom", "value", "system", "open", ""), phoneSlice))
	child := derived("child", "Patient", base+"parent", `{"id":"Patient.telecom:phone.use","path":"Patient.telecom.use","min":1}`)
	set := known.Over(sources(t, child))
	for members, want := range map[string][]string{
		`"telecom":[{"system":"phone","value":"1","use":"home"}]`: nil,
		`"telecom":[{"system":"phone","value":"1"}]`:              {"error required Patient.telecom[0].use"},
		`"telecom":[{"system":"email","value":"1"}]`:              {"error required phone Patient.telecom"},
	} {
		if diff := cmp.Diff(want, check(t, set, `{"resourceType":"Patient",`+members+`}`, "child")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", members, diff)
		}
		if members != `"telecom":[{"system":"email","value":"1"}]` {
			if got := check(t, set, `{"resourceType":"Patient",`+members+`}`, "parent"); len(got) > 0 {
				t.Errorf("%s: the parent has changed: %v", members, got)
			}
		}
	}
}

// What one definition may cost is bounded, also where it was stored before there
// were bounds.
func TestADefinitionHasBounds(t *testing.T) {
	many := func(n int, element func(i int) string) profile.Definition {
		list := make([]string, n)
		for i := range list {
			list[i] = element(i)
		}
		return definition("p", "Patient", list...)
	}
	slice := func(i int) string {
		return fmt.Sprintf(`{"id":"Patient.telecom:s%d","path":"Patient.telecom","sliceName":"s%d"}`, i, i)
	}
	rules := func(n int) string {
		return `{"path":"Patient","constraint":[` + strings.Join(slices.Repeat([]string{`{"key":"k","severity":"error","human":"h","expression":"true"}`}, n), ",") + `]}`
	}
	slicing := sliced("Patient.telecom", "value", "system", "open", "")
	cases := map[string]struct{ within, beyond profile.Definition }{
		"elements":       {many(5000, func(int) string { return `{"path":"Patient.name"}` }), many(5001, func(int) string { return `{"path":"Patient.name"}` })},
		"slices":         {many(1000, func(i int) string { return slice(i) }), many(1002, func(i int) string { return slice(i) })},
		"constraints":    {definition("p", "Patient", rules(5000)), definition("p", "Patient", rules(5001))},
		"bytes":          {definition("p", "Patient", `{"path":"Patient.name","patternHumanName":{"text":"`+strings.Repeat("x", 1<<20)+`"}}`), definition("p", "Patient", `{"path":"Patient.name","patternHumanName":{"text":"`+strings.Repeat("x", 2<<20)+`"}}`)},
		"discriminators": {definition("p", "Patient", slicing), definition("p", "Patient", strings.Replace(slicing, `"discriminator":[`, `"discriminator":[`+strings.Repeat(`{"type":"value","path":"use"},`, 16), 1))},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, one := range []struct {
				d    profile.Definition
				want bool
			}{{c.within, false}, {c.beyond, true}} {
				src := source(t, one.d)
				set := newSet(t).Over([]*profile.Source{src})
				issues := set.Examine(src)
				got := false
				for _, i := range issues {
					got = got || i.Code == fhir.IssueTooCostly && i.Severity == fhir.SeverityError
				}
				if got != one.want {
					t.Errorf("too costly is %v, want %v: %.300v", got, one.want, issues)
				}
				found, known := set.Claim(parse(t, []byte(`{"resourceType":"Patient"}`)), base+"p")
				if !known || fhir.Failed(found) {
					t.Errorf("a claim of it: %v %v", known, found)
				}
			}
		})
	}
}

// What anybody may have written takes no more than some seconds, and says so.
func TestRulesOfStoredProfilesEnd(t *testing.T) {
	rule := `{"key":"k","severity":"error","human":"h","expression":"%resource.descendants().select(%resource.descendants().count()).count() > 0"}`
	d := with(definition("p", "Patient", `{"path":"Patient.name","constraint":[`+rule+`]}`), "p", "active", "")
	set := newSet(t).Over(sources(t, d))
	for names, want := range map[int]bool{3: false, 1000: true} {
		n := parse(t, []byte(`{"resourceType":"Patient","name":[`+strings.TrimSuffix(strings.Repeat(`{"text":"a"},`, names), ",")+`]}`))
		start := time.Now()
		issues, _ := set.Check(n, base+"p")
		got := slices.ContainsFunc(issues, func(i fhir.Issue) bool { return i.Code == fhir.IssueTooCostly && i.Severity == fhir.SeverityError })
		if took := time.Since(start); got != want || took > time.Minute {
			t.Errorf("%d names: too costly is %v, want %v, after %s: %v", names, got, want, took, issues)
		}
	}
}

// The plans of stored profiles are forgotten where they take too much, and are the
// same when they are made anew.
func TestPlansAreMadeAnew(t *testing.T) {
	var list []profile.Definition
	for i := range 60 {
		element := fmt.Sprintf(`{"path":"Patient.name","min":1,"patternHumanName":{"text":"%s"}}`, strings.Repeat(fmt.Sprint(i%10), 200_000))
		list = append(list, with(definition(fmt.Sprintf("p%d", i), "Patient", element), fmt.Sprint(i), "active", ""))
	}
	set := newSet(t).Over(sources(t, list...))
	n := parse(t, []byte(`{"resourceType":"Patient"}`))
	for range 2 {
		for i := range list {
			if issues, known := set.Claim(n, fmt.Sprintf("%sp%d", base, i)); !known || !fhir.Failed(issues) {
				t.Fatalf("%d: %v %v", i, known, issues)
			}
		}
	}
}

// FuzzSource reads whatever comes as a definition that is stored, tells what would
// come of it, and holds whatever comes as a resource against it.
func FuzzSource(f *testing.F) {
	observation := read(f, "testdata/hl7/Observation-body-height.json")
	for _, d := range hl7(f) {
		f.Add(d.Body, observation)
	}
	for _, d := range without(f, hl7(f), "snapshot") {
		f.Add(d.Body, observation)
	}
	f.Add(definition("p", "Patient", sliced("Patient.telecom", "value", "system", "closed", ""), phoneSlice).Body, []byte(`{"resourceType":"Patient","telecom":[{"system":"fax"},null,7]}`))
	f.Add(derived("p", "Extension", base+"p", `{"path":"Extension.value[x]","sliceName":"a/b/c","type":[{"code":"Quantity"}]}`).Body, []byte(`{"resourceType":"Patient"}`))
	known := newSet(f, definition("ours", "Patient", `{"path":"Patient.active","min":1}`))
	f.Fuzz(func(t *testing.T, structure, resource []byte) {
		doc, err := fhir.Parse(structure)
		if err != nil {
			return
		}
		s, why := profile.ReadSource(doc.Root(), "f")
		if s == nil {
			if fhir.Failed(why) {
				t.Error("what has no effect is refused")
			}
			return
		}
		set := known.Over([]*profile.Source{s})
		issues := set.Examine(s)
		doc.Release() // nothing of it is needed any more
		on, err := fhir.Parse(resource)
		if err != nil {
			return
		}
		found, isKnown := set.Claim(on.Root(), s.URL())
		for _, i := range append(issues, found...) {
			if i.Diagnostics == "" || i.Severity == "" {
				t.Errorf("a finding without words: %+v", i)
			}
		}
		if fhir.Failed(issues) && isKnown && fhir.Failed(found) && !known.Defines(s.URL()) {
			t.Errorf("a definition that can't be used refuses: %v", found)
		}
	})
}
