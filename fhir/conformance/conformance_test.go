package conformance_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/conformance"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/fhir/validate"
	"bima/profiles"
)

const base = "https://example.org/fhir"

// facts gives the facts of a server with a few operations.
func facts(t testing.TB) conformance.Facts {
	t.Helper()
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return conformance.Facts{
		Base: base, Version: "1.2", Security: []string{"Basic"}, Parameters: registry,
		Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Operations: []fhir.Operation{
			{Code: "validate", Types: r4.Resources(), Type: true, Instance: true, Definition: "http://hl7.org/fhir/OperationDefinition/Resource-validate"},
			{Code: "submit", Types: []string{"Claim"}, Type: true, Affects: true, Definition: profiles.Canonical + "/OperationDefinition/claim-submit"},
			{Code: "greet", Types: []string{"Patient"}, Type: true, Instance: true},
			{Code: "count", System: true},
		},
		Terminology: func() *conformance.Terminology {
			return &conformance.Terminology{
				CodeSystems: []conformance.CodeSystem{{URL: "http://hl7.org/fhir/administrative-gender", Version: "4.0.1", Subsume: true}},
				Paging:      true, Parameters: []string{"url", "filter", "count"}, TextFilter: "the beginning of words", ValidateCode: true, Translate: true,
			}
		},
	}
}

func documents(t testing.TB) *conformance.Documents {
	f := facts(t)
	return conformance.NewDocuments(func() conformance.Facts { return f })
}

func capabilities(t *testing.T, d *conformance.Documents, mode conformance.Mode) *conformance.Document {
	t.Helper()
	document, err := d.Capabilities(mode)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestStatementsAreValid(t *testing.T) {
	for mode, typ := range map[conformance.Mode]string{
		"": "CapabilityStatement", conformance.ModeNormative: "CapabilityStatement", conformance.ModeTerminology: "TerminologyCapabilities",
	} {
		document := capabilities(t, documents(t), mode)
		_, issues := validate.Resource(document.Body, validate.Options{Type: typ})
		for _, issue := range issues {
			t.Errorf("mode %q: %s %s", mode, issue.Severity, issue)
		}
		if !bytes.Contains(document.Body, []byte(`"date":"2026-01-02T03:04:05Z"`)) {
			t.Errorf("mode %q has no date", mode)
		}
	}
}

// A statementOf is what the tests read of a CapabilityStatement.
type statementOf struct {
	Instantiates, ImplementationGuide []string
	Rest                              []struct {
		Security    struct{ CORS bool }
		Compartment []string
		Operation   []struct{ Name, Definition string }
		SearchParam []struct{ Name string }
		Resource    []struct {
			Type, ConditionalDelete         string
			SearchInclude, SearchRevInclude []string
			SupportedProfile                []string
			Operation                       []struct{ Name, Definition string }
			Extension                       []struct{ URL, ValueCanonical string }
			SearchParam                     []struct{ Name, Type, Definition, Documentation string }
		}
	}
}

func TestTheStatementTellsWhatTheFactsAre(t *testing.T) {
	var s statementOf
	if err := json.Unmarshal(capabilities(t, documents(t), "full").Body, &s); err != nil {
		t.Fatal(err)
	}
	rest := s.Rest[0]
	if len(rest.Resource) != len(r4.Resources()) || !rest.Security.CORS || len(rest.Compartment) != 5 {
		t.Errorf("%d types, cors %t, %d compartments", len(rest.Resource), rest.Security.CORS, len(rest.Compartment))
	}
	if len(rest.Operation) != 2 || rest.Operation[0].Name != "count" || rest.Operation[0].Definition != base+"/OperationDefinition/count" || rest.Operation[1].Name != "versions" {
		t.Errorf("operations of the system: %v", rest.Operation)
	}
	for _, r := range rest.Resource {
		switch r.Type {
		case "Patient":
			if len(r.Operation) != 2 || r.Operation[0].Definition != base+"/OperationDefinition/Patient-greet" {
				t.Errorf("operations of Patient: %v", r.Operation)
			}
			if len(r.SearchInclude) < 4 || len(r.SearchRevInclude) < 100 || r.SearchInclude[0] != "*" {
				t.Errorf("Patient: %d includes, %d reverse", len(r.SearchInclude), len(r.SearchRevInclude))
			}
		case "Claim":
			if len(r.Operation) != 2 || r.Operation[0].Name != "submit" {
				t.Errorf("operations of Claim: %v", r.Operation)
			}
		}
		for _, p := range r.SearchParam {
			if p.Documentation == "" || p.Type == "" || p.Definition == "" && p.Name != "_has" {
				t.Errorf("%s: parameter %+v", r.Type, p)
			}
		}
	}
}

func TestTheNormativePartLeavesOutTrialUse(t *testing.T) {
	var s statementOf
	if err := json.Unmarshal(capabilities(t, documents(t), conformance.ModeNormative).Body, &s); err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, r := range s.Rest[0].Resource {
		types = append(types, r.Type)
	}
	if got := strings.Join(types, " "); !strings.Contains(got, "Patient") || strings.Contains(got, "Claim") {
		t.Errorf("got %s", got)
	}
}

func TestSupportedProfilesAreThoseThatAreLoaded(t *testing.T) {
	f := facts(t)
	own := string(capabilities(t, documents(t), conformance.ModeFull).Body)
	if want := `"supportedProfile":["` + profiles.ProfilePatient + `"]`; !strings.Contains(own, want) {
		t.Errorf("our own profile on Patient is not told: want %s", want)
	}
	f.Profiles = func(typ string) []string {
		return map[string][]string{"Patient": {"http://x.example/b", "http://x.example/a"}}[typ]
	}
	loaded := string(capabilities(t, conformance.NewDocuments(func() conformance.Facts { return f }), conformance.ModeFull).Body)
	if n := strings.Count(loaded, `"supportedProfile":`); n != 1 || !strings.Contains(loaded, `"supportedProfile":["http://x.example/a","http://x.example/b"]`) {
		t.Errorf("%d types have profiles, want Patient only", n)
	}
}

// A server of topics says that it keeps to the R5 backport, as that wants it said.
func TestAServerOfTopicsSaysSo(t *testing.T) {
	const guide = "http://hl7.org/fhir/uv/subscriptions-backport/"
	f := facts(t)
	f.Operations = append(f.Operations,
		fhir.Operation{Code: "status", Types: []string{"Subscription"}, Instance: true, Definition: "https://x.example/status"},
		fhir.Operation{Code: "replay", Types: []string{"Subscription"}, Instance: true, Definition: "https://x.example/replay"})
	told := func() (statementOf, string) {
		var s statementOf
		if err := json.Unmarshal(capabilities(t, conformance.NewDocuments(func() conformance.Facts { return f }), "full").Body, &s); err != nil {
			t.Fatal(err)
		}
		for _, r := range s.Rest[0].Resource {
			if r.Type == "Subscription" {
				return s, fmt.Sprint(r.SupportedProfile, r.Operation, r.Extension[1:])
			}
		}
		t.Fatal("Subscription is not told of")
		return s, ""
	}
	if s, of := told(); len(s.Instantiates)+len(s.ImplementationGuide) > 0 || strings.Contains(of, guide) {
		t.Errorf("without topics: %v %v, Subscription %s", s.Instantiates, s.ImplementationGuide, of)
	}
	f.Topics = func() []string { return []string{"https://x.example/a", "https://x.example/b"} }
	s, of := told()
	if got, want := fmt.Sprint(s.Instantiates, s.ImplementationGuide), "["+guide+"CapabilityStatement/backport-subscription-server-r4] ["+guide+"ImplementationGuide/hl7.fhir.uv.subscriptions-backport]"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	want := "[" + guide + "StructureDefinition/backport-subscription] " +
		"[{replay https://x.example/replay} {status https://x.example/status} {validate http://hl7.org/fhir/OperationDefinition/Resource-validate} {status " + guide + "OperationDefinition/backport-subscription-status}] " +
		"[{" + guide + "StructureDefinition/capabilitystatement-subscriptiontopic-canonical https://x.example/a} {" + guide + "StructureDefinition/capabilitystatement-subscriptiontopic-canonical https://x.example/b}]"
	served := conformance.Definitions(f)
	if !slices.ContainsFunc(served, func(d profiles.Definition) bool {
		return strings.Contains(string(d.Body), `"url":"`+guide+`OperationDefinition/backport-subscription-status"`)
	}) {
		t.Error("the guide's $status is named and not served")
	}
	if of != want {
		t.Errorf("Subscription:\n got %s\nwant %s", of, want)
	}
}

func TestOtherModesAreRefused(t *testing.T) {
	if _, err := documents(t).Capabilities("nonsense"); !fhir.HasIssue(err, fhir.IssueValue) {
		t.Errorf("got %v", err)
	}
	without := facts(t)
	without.Terminology = nil
	d := conformance.NewDocuments(func() conformance.Facts { return without })
	if _, err := d.Capabilities(conformance.ModeTerminology); !fhir.HasIssue(err, fhir.IssueNotSupported) {
		t.Errorf("got %v", err)
	}
}

func TestADocumentIsMadeOnceAndAnewWhenParametersChange(t *testing.T) {
	f := facts(t)
	d := conformance.NewDocuments(func() conformance.Facts { return f })
	first := capabilities(t, d, "")
	f.Date = f.Date.Add(time.Hour)
	if again := capabilities(t, d, ""); again != first {
		t.Error("it was made again without need")
	}
	other := facts(t)
	other.Date = other.Date.Add(time.Hour)
	if tag := capabilities(t, conformance.NewDocuments(func() conformance.Facts { return other }), "").ETag; tag != first.ETag {
		t.Errorf("the tag changed with the date, from %s to %s", first.ETag, tag)
	}
	extended, err := f.Parameters.(*search.Registry).With(&r4.SearchParam{
		Code: "eye-colour", Base: "Patient", Kind: "token", URL: "https://example.org/eye-colour", Expression: "Patient.extension.where(url = 'https://example.org/eye-colour').value",
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Parameters = extended
	changed := capabilities(t, d, "")
	if changed.ETag == first.ETag || !bytes.Contains(changed.Body, []byte("eye-colour")) {
		t.Error("the new parameter is not told")
	}
}

func TestADocumentIsCompressedAsItIs(t *testing.T) {
	document := capabilities(t, documents(t), "")
	z, err := gzip.NewReader(bytes.NewReader(document.Zipped()))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(plain, document.Body) {
		t.Errorf("%d bytes come out of gzip, want %d; %v", len(plain), len(document.Body), err)
	}
	t.Logf("statement: %d bytes, %d compressed", len(document.Body), len(document.Zipped()))
	api := documents(t).OpenAPI()
	t.Logf("OpenAPI: %d bytes, %d compressed", len(api.Body), len(api.Zipped()))
}

func TestEveryDefinitionServedIsValid(t *testing.T) {
	f := facts(t)
	for _, id := range []string{
		"CapabilityStatement-versions", "Claim-submit", "CodeSystem-lookup", "CodeSystem-subsumes", "CodeSystem-validate-code", "ConceptMap-closure", "ConceptMap-translate",
		"CoverageEligibilityRequest-submit", "Encounter-everything", "Group-everything", "Measure-evaluate-measure", "Patient-everything", "Patient-match",
		"Resource-meta", "Resource-meta-add", "Resource-meta-delete", "Resource-validate", "ValueSet-expand", "ValueSet-validate-code",
	} {
		f.Operations = append(f.Operations, fhir.Operation{Code: "x", Definition: "http://hl7.org/fhir/OperationDefinition/" + id})
	}
	found := map[string]bool{}
	for _, d := range conformance.Definitions(f) {
		key := d.Type + "/" + d.ID
		if found[key] {
			t.Errorf("%s is there twice", key)
		}
		found[key] = true
		_, issues := validate.Resource(d.Body, validate.Options{Type: d.Type})
		for _, issue := range issues {
			t.Errorf("%s: %s %s", key, issue.Severity, issue)
		}
	}
	for _, want := range []string{"Resource-validate", "Patient-greet", "count", "claim-submit", "CapabilityStatement-versions", "ValueSet-expand"} {
		if !found["OperationDefinition/"+want] {
			t.Errorf("%s is not served", want)
		}
	}
	if found["OperationDefinition/Patient-submit"] || !found["CodeSystem/issue-detail"] {
		t.Error("what is served is not what is offered")
	}
}

func BenchmarkDocuments(b *testing.B) {
	f := facts(b)
	for name, write := range map[string]func(*conformance.Documents) *conformance.Document{
		"capabilities": func(d *conformance.Documents) *conformance.Document {
			document, err := d.Capabilities("")
			if err != nil {
				b.Fatal(err)
			}
			return document
		},
		"openapi": (*conformance.Documents).OpenAPI,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				write(conformance.NewDocuments(func() conformance.Facts { return f })).Zipped()
			}
		})
	}
}

func TestWhatIsNotEnforcedIsNotSaidToBe(t *testing.T) {
	f := facts(t)
	f.Guarded = func(typ string) bool { return typ == "Coverage" }
	var statement struct {
		Rest []struct {
			Resource []struct {
				Type            string
				ReferencePolicy []string
			}
		}
	}
	body := capabilities(t, conformance.NewDocuments(func() conformance.Facts { return f }), conformance.ModeFull).Body
	if err := json.Unmarshal(body, &statement); err != nil {
		t.Fatal(err)
	}
	for _, r := range statement.Rest[0].Resource {
		if got := slices.Contains(r.ReferencePolicy, "enforced"); got != (r.Type == "Coverage") {
			t.Errorf("%s: the policy of references is %v", r.Type, r.ReferencePolicy)
		}
	}
}
