package search_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/search"

	"github.com/google/go-cmp/cmp"
)

// match, and the constructors below, write criteria shortly.
func match(code string, kind fhir.ParamKind, v fhir.Value) fhir.Match {
	return fhir.Match{Param: fhir.Param{Code: code, Kind: kind}, Value: v}
}

func day(t *testing.T, from, to string) fhir.DateValue {
	return fhir.DateValue{Prefix: fhir.PrefixEqual, From: micros(t, from), To: micros(t, to)}
}

func TestParseCriteria(t *testing.T) {
	active := match("status", fhir.ParamToken, fhir.TokenValue{Code: "active", AnySystem: true})
	draft := match("status", fhir.ParamToken, fhir.TokenValue{Code: "draft", AnySystem: true})
	patient := fhir.ReferenceValue{Key: fhir.Key{Type: "Patient", ID: "1"}}
	year := day(t, "2025-12-31T21:00:00Z", "2026-12-31T21:00:00Z")
	from := year
	from.Prefix = fhir.PrefixGreaterEqual
	name := func(text string, mode fhir.StringMode) fhir.Match {
		return match("name", fhir.ParamString, fhir.StringValue{Text: text, Mode: mode})
	}
	number := fhir.NumberValue{Prefix: fhir.PrefixEqual, Low: 5.35, Value: 5.4, High: 5.45}
	for _, c := range []struct {
		name, typ, query string
		want             fhir.Criterion
	}{
		{"nothing asked is all", "Claim", "", nil},
		{"a code", "Claim", "status=active", active},
		{"one of several", "Claim", "status=active,draft", fhir.Any{active, draft}},
		{"all of several", "Claim", "status=active&status=draft", fhir.All{active, draft}},
		{"none of several", "Claim", "status:not=active,draft", fhir.Not{Criterion: fhir.Any{active, draft}, Absent: "status:missing"}},
		{"a code of a system", "Claim", "status=http://s|active", match("status", fhir.ParamToken, fhir.TokenValue{System: "http://s", Code: "active"})},
		{"a code without system", "Claim", "identifier=|7", match("identifier", fhir.ParamToken, fhir.TokenValue{Code: "7"})},
		{"any code of a system", "Claim", "identifier=http://s|", match("identifier", fhir.ParamToken, fhir.TokenValue{System: "http://s", AnyCode: true})},
		{"escapes", "Claim", `identifier=a\|b\,c\$\\`, match("identifier", fhir.ParamToken, fhir.TokenValue{Code: `a|b,c$\`, AnySystem: true})},
		{"an identifier of a type", "Claim", "identifier:of-type=http://t|MR|7", match("identifier:of-type", fhir.ParamToken, fhir.TokenValue{System: "http://t|MR", Code: "7"})},
		{"the text of a code", "Coverage", "type:text=Public%20", match("type:text", fhir.ParamString, fhir.StringValue{Text: "public"})},
		{"a phone's punctuation", "Patient", "phone=%2B255 712-345", match("phone", fhir.ParamToken, fhir.TokenValue{Code: "255712345", AnySystem: true})},
		{"a beginning", "Patient", "name=%C3%89lo%C3%AFse", name("eloise", fhir.StringStarts)},
		{"a part", "Patient", "name:contains=Ndi", name("ndi", fhir.StringContains)},
		{"letter for letter", "Patient", "name:exact=O'Brien", name("O'Brien", fhir.StringExact)},
		{"a comma in a text", "Patient", `name=a\,b`, name("a b", fhir.StringStarts)},
		{"a reference by id", "Claim", "patient=1", match("patient", fhir.ParamReference, patient)},
		{"by type and id", "Claim", "patient=Patient/1", match("patient", fhir.ParamReference, patient)},
		{"by our URL", "Claim", "patient=http://localhost/fhir/Patient/1", match("patient", fhir.ParamReference, patient)},
		{"by another's URL", "Claim", "patient=http://o/fhir/Patient/1", match("patient", fhir.ParamReference, fhir.ReferenceValue{URL: "http://o/fhir/Patient/1"})},
		{"by id of one of several types", "Claim", "provider=1", match("provider", fhir.ParamReference, fhir.ReferenceValue{Key: fhir.Key{ID: "1"}})},
		{"by a type as modifier", "Claim", "provider:Organization=1", match("provider", fhir.ParamReference, fhir.ReferenceValue{Key: fhir.Key{Type: "Organization", ID: "1"}})},
		{"a canonical that looks like an id", "Library", "predecessor=a", fhir.Any{
			match("predecessor", fhir.ParamReference, fhir.ReferenceValue{Key: fhir.Key{ID: "a"}}),
			match("predecessor", fhir.ParamReference, fhir.ReferenceValue{URL: "a"}),
		}},
		{"in a value set at its address", "Observation", "code:in=ValueSet/v", match("code", fhir.ParamToken, fhir.ValueSetValue{URL: "ValueSet/v"})},
		{"in a value set at an address of another server", "Observation", "code:in=http://other.org/fhir/ValueSet/v", match("code", fhir.ParamToken, fhir.ValueSetValue{URL: "http://other.org/fhir/ValueSet/v"})},
		{"by identifier", "Claim", "patient:identifier=urn:n|1", match("patient:identifier", fhir.ParamToken, fhir.TokenValue{System: "urn:n", Code: "1"})},
		{"a target that all elements share is the only one", "Observation", "patient=1", match("patient", fhir.ParamReference, patient)},
		{"a date", "Claim", "created=2026", match("created", fhir.ParamDate, year)},
		{"a date with a prefix", "Claim", "created=ge2026", match("created", fhir.ParamDate, from)},
		{"a plus that was not escaped", "Claim", "created=2026-01-01T00:00:00+03:00", match("created", fhir.ParamDate, day(t, "2025-12-31T21:00:00Z", "2025-12-31T21:00:01Z"))},
		{"a minute", "Claim", "created=2026-01-01T00:00", match("created", fhir.ParamDate, day(t, "2025-12-31T21:00:00Z", "2025-12-31T21:01:00Z"))},
		{"zeros after the milliseconds", "Claim", "created=2026-01-01T00:00:00.5000000Z", match("created", fhir.ParamDate, day(t, "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.501Z"))},
		{"digits after the milliseconds", "Claim", "created=2026-01-01T00:00:00.50010Z", match("created", fhir.ParamDate, day(t, "2026-01-01T00:00:00.5001Z", "2026-01-01T00:00:00.5002Z"))},
		{"tenths of a second", "Claim", "created=2026-01-01T00:00:00.0Z", match("created", fhir.ParamDate, day(t, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1Z"))},
		{"a number to its digits", "RiskAssessment", "probability=5.4", match("probability", fhir.ParamNumber, number)},
		{"a quantity in any unit", "Observation", "value-quantity=5.4", match("value-quantity", fhir.ParamQuantity, fhir.QuantityValue{NumberValue: number, AnyUnit: true})},
		{"a quantity in a unit", "Observation", "value-quantity=5.4|http://u|mg", match("value-quantity", fhir.ParamQuantity, fhir.QuantityValue{NumberValue: number, System: "http://u", Code: "mg"})},
		{"a quantity in a unit as people write it", "Observation", "value-quantity=5.4||mg", match("value-quantity", fhir.ParamQuantity, fhir.QuantityValue{NumberValue: number, Code: "mg"})},
		{"a quantity with a system or a unit", "Observation", "value-quantity=5.4|mg", fhir.Any{
			match("value-quantity", fhir.ParamQuantity, fhir.QuantityValue{NumberValue: number, System: "mg"}),
			match("value-quantity", fhir.ParamQuantity, fhir.QuantityValue{NumberValue: number, Code: "mg"}),
		}},
		{"a uri", "ValueSet", "url=http://v", match("url", fhir.ParamURI, fhir.URIValue{URI: "http://v"})},
		{"uris below", "ValueSet", "url:below=http://v", match("url", fhir.ParamURI, fhir.URIValue{URI: "http://v", Mode: fhir.URIBelow})},
		{"ids", "Claim", "_id=a,b", fhir.IDs{"a", "b"}},
		{"the time of the last change", "Claim", "_lastUpdated=ge2026", fhir.Updated(from)},
		{"there is none", "Claim", "created:missing=true", fhir.All{fhir.All{
			fhir.Not{Criterion: fhir.Present{Param: fhir.Param{Code: "created", Kind: fhir.ParamDate}}},
			fhir.Match{Param: fhir.Param{Code: "created:missing", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "true"}},
		}}},
		{
			"there is one, be it by identifier only", "Claim", "insurer:missing=false",
			fhir.Any{
				fhir.Present{Param: fhir.Param{Code: "insurer", Kind: fhir.ParamReference}},
				fhir.Present{Param: fhir.Param{Code: "insurer:identifier", Kind: fhir.ParamToken}},
				fhir.Present{Param: fhir.Param{Code: "insurer:text", Kind: fhir.ParamString}},
			},
		},
		{
			"a composite", "Observation", "code-value-quantity=http://l|c$5.4||mg",
			match("code-value-quantity", fhir.ParamComposite, fhir.CompositeValue{
				First:  fhir.TokenValue{System: "http://l", Code: "c"},
				Second: fhir.QuantityValue{NumberValue: number, Code: "mg"},
			}),
		},
		{
			"a composite of three", "MolecularSequence", "chromosome-window-coordinate=7$5.4$gt5.4",
			match("chromosome-window-coordinate", fhir.ParamComposite, fhir.CompositeValue{
				First:  fhir.TokenValue{Code: "7", AnySystem: true},
				Second: fhir.SpanValue{From: number, To: fhir.NumberValue{Prefix: fhir.PrefixGreater, Low: 5.35, Value: 5.4, High: 5.45}},
			}),
		},
		{
			"a chain", "Claim", "patient.name=Asha",
			fhir.Chain{Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Type: "Patient", Where: name("asha", fhir.StringStarts)},
		},
		{
			"a chain through a type", "Observation", "subject:Patient.name:exact=Asha",
			fhir.Chain{Param: fhir.Param{Code: "subject", Kind: fhir.ParamReference}, Type: "Patient", Where: name("Asha", fhir.StringExact)},
		},
		{
			"a chain of chains", "Claim", "patient.organization.name=Mbeya",
			fhir.Chain{
				Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Type: "Patient",
				Where: fhir.Chain{Param: fhir.Param{Code: "organization", Kind: fhir.ParamReference}, Type: "Organization", Where: name("mbeya", fhir.StringStarts)},
			},
		},
		{
			"a chain goes where what follows is known", "AllergyIntolerance", "patient._id=1",
			fhir.Chain{Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Type: "Patient", Where: fhir.IDs{"1"}},
		},
		{
			"what refers to it", "Patient", "_has:Claim:patient:status=active",
			fhir.Has{Type: "Claim", Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Where: active},
		},
		{
			"what refers to what refers to it", "Patient", "_has:Claim:patient:_has:ClaimResponse:request:status=active",
			fhir.Has{
				Type: "Claim", Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference},
				Where: fhir.Has{Type: "ClaimResponse", Param: fhir.Param{Code: "request", Kind: fhir.ParamReference}, Where: active},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := registry(t).Parse(c.typ, c.query, options())
			if err != nil {
				t.Fatal(err)
			}
			want := c.want
			if all, ok := want.(fhir.All); !ok && want != nil {
				want = fhir.All{want}
			} else if ok {
				want = all
			}
			if diff := cmp.Diff(want, got.Where); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApproximately(t *testing.T) {
	got, err := registry(t).Parse("RiskAssessment", "probability=ap100&date=ap2026-09-04T12:00:00Z", options())
	if err != nil {
		t.Fatal(err)
	}
	want := fhir.All{
		match("probability", fhir.ParamNumber, fhir.NumberValue{Prefix: fhir.PrefixApproximate, Low: 90, Value: 100, High: 110}),
		// Ten days ago: a day on either side.
		match("date", fhir.ParamDate, fhir.DateValue{
			Prefix: fhir.PrefixApproximate,
			From:   micros(t, "2026-09-03T12:00:00Z"), To: micros(t, "2026-09-05T12:00:01Z"),
		}),
	}
	if diff := cmp.Diff(fhir.Criterion(want), got.Where); diff != "" {
		t.Error(diff)
	}
}

func TestParseResultParameters(t *testing.T) {
	status := fhir.Param{Code: "status", Kind: fhir.ParamToken}
	for _, c := range []struct {
		name, typ, query string
		want             search.Request
	}{
		{"the page's size", "Claim", "_count=5", search.Request{Query: fhir.Query{Limit: 5}}},
		{"the largest page", "Claim", "_count=5000", search.Request{Query: fhir.Query{Limit: 1000}}},
		{"the first of two sizes", "Claim", "_count=5&_count=7", search.Request{Query: fhir.Query{Limit: 5}}},
		{"nothing", "Claim", "status=&_count=5&_sort=&pateint=&=", search.Request{Query: fhir.Query{Limit: 5}}},
		{"no page", "Claim", "_count=0", search.Request{Query: fhir.Query{Total: fhir.TotalAccurate}}},
		{"only the count", "Claim", "_summary=count", search.Request{Query: fhir.Query{Limit: 20, Total: fhir.TotalAccurate}, Summary: "count"}},
		{"order", "Claim", "_sort=-status,_lastUpdated", search.Request{Query: fhir.Query{Limit: 20, Sort: []fhir.SortKey{
			{Param: status, Descending: true}, {Param: fhir.Param{Code: "_lastUpdated", Kind: fhir.ParamDate}},
		}}}},
		{"elements", "Claim", "_elements=status,Claim.use", search.Request{Query: fhir.Query{Limit: 20}, Elements: []string{"status", "use"}}},
		{"the total", "Claim", "_total=estimate", search.Request{Query: fhir.Query{Limit: 20, Total: fhir.TotalEstimate}}},
		{"the next page", "Claim", "_cursor=abc", search.Request{Query: fhir.Query{Limit: 20, After: "abc"}}},
		{"includes", "Claim", "_include=Claim:patient&_include:iterate=Patient:organization:Organization&_revinclude=*", search.Request{
			Query: fhir.Query{Limit: 20},
			Includes: []search.Include{
				{Source: "Claim", Param: "patient"},
				{Source: "Patient", Param: "organization", Target: "Organization", Iterate: true},
			},
			RevIncludes: []search.Include{{Param: "*", Wildcard: true}},
		}},
		{"all that refers", "Claim", "_revinclude=*:*&_include:iterate=*:*", search.Request{
			Query:       fhir.Query{Limit: 20},
			Includes:    []search.Include{{Source: "*", Param: "*", Wildcard: true, Iterate: true}},
			RevIncludes: []search.Include{{Param: "*", Wildcard: true}},
		}},
		{"types", "", "_type=Claim,Coverage", search.Request{Query: fhir.Query{Limit: 20, Types: []string{"Claim", "Coverage"}}}},
		{"the format is the transport's", "Claim", "_format=json&_pretty=true", search.Request{Query: fhir.Query{Limit: 20}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := registry(t).Parse(c.typ, c.query, options())
			if err != nil {
				t.Fatal(err)
			}
			if c.typ != "" {
				c.want.Types = []string{c.typ}
			}
			c.want.Self = got.Self
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSelfIsWhatWasUsed(t *testing.T) {
	o := options()
	o.Lenient = true
	got, err := registry(t).Parse("Patient", "name=A%20%26%20b&nmae=x&_cursor=c&_sort=-birthdate", o)
	if err != nil {
		t.Fatal(err)
	}
	if want := "name=A+%26+b&_sort=-birthdate"; got.Self != want {
		t.Errorf("got %q, want %q", got.Self, want)
	}
	again, err := registry(t).Parse("Patient", got.Self, options())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got.Where, again.Where); diff != "" {
		t.Errorf("the query it gives asks for something else: %s", diff)
	}
	if len(got.Ignored) != 1 || got.Ignored[0].Severity != fhir.SeverityWarning || !strings.Contains(got.Ignored[0].Diagnostics, "did you mean name") {
		t.Errorf("what was left out: %v", got.Ignored)
	}
}

func TestParseRefuses(t *testing.T) {
	many := strings.Repeat("status=active&", 101)
	deep := strings.Repeat("link:Patient.", 9) + "name=x"
	for _, c := range []struct {
		name, typ, query string
		code             fhir.IssueType
		says             string
	}{
		{"an hour without minutes", "Patient", "birthdate=1990-05-17T10", fhir.IssueInvalid, "is not a date"},
		{"a time that is left out", "Patient", "birthdate=ge1990-05-17T", fhir.IssueInvalid, "is not a date"},
		{"an unknown parameter", "Claim", "pateint=1", fhir.IssueNotSupported, "did you mean patient"},
		{"one of another type", "Claim", "birthdate=2020", fhir.IssueNotSupported, "Claim has no parameter"},
		{"one of what is referred to", "Patient", "general-practitioner:Practitioner.nmae=x", fhir.IssueNotSupported, `search parameter "general-practitioner:Practitioner.nmae": in "nmae": Practitioner has no parameter "nmae"`},
		{"one of what refers to it", "Patient", "_has:Observation:subject:nmae=x", fhir.IssueNotSupported, `search parameter "_has:Observation:subject:nmae": in "nmae": Observation has no parameter "nmae"`},
		{"none of what is referred to", "Patient", "general-practitioner:Practitioner.=x", fhir.IssueNotSupported, `search parameter "general-practitioner:Practitioner.": in "": Practitioner has no parameter`},
		{"an unknown modifier", "Claim", "created:exact=2020", fhir.IssueNotSupported, "it has :missing"},
		{"no value", "Claim", "status=", fhir.IssueInvalid, "no value"},
		{"an empty value", "Claim", "status=active,", fhir.IssueInvalid, "empty value"},
		{"no date", "Claim", "created=yesterday", fhir.IssueInvalid, "is not a date"},
		{"a day that does not exist", "Claim", "created=2026-02-30", fhir.IssueInvalid, "is not a date"},
		{"no number", "RiskAssessment", "probability=high", fhir.IssueInvalid, "is not a number"},
		{"half a quantity", "Observation", "value-quantity=5|", fhir.IssueInvalid, "number|system|code"},
		{"too much of a quantity", "Observation", "value-quantity=5|a|b|c", fhir.IssueInvalid, "number|system|code"},
		{"half a quantity as a part", "Observation", "code-value-quantity=w$5|mg", fhir.IssueInvalid, "number|system|code"},
		{"no id", "Claim", "_id=a%20b", fhir.IssueInvalid, "is not a logical id"},
		{"neither true nor false", "Claim", "created:missing=yes", fhir.IssueInvalid, "true or false"},
		{"a chain from what is no reference", "Claim", "status.name=x", fhir.IssueInvalid, "no reference"},
		{"a chain to another type", "Claim", "patient:Group.name=x", fhir.IssueInvalid, "does not refer to"},
		{"a chain to what is not known there", "Claim", "patient.nmae=x", fhir.IssueNotSupported, "did you mean name"},
		{"a chain to a type that is none", "Claim", "patient._type=Person,Human", fhir.IssueInvalid, "no resource type"},
		{"a chain to anything", "Basic", "subject.name=x", fhir.IssueInvalid, "name one"},
		{"a chain too long", "Patient", deep, fhir.IssueTooCostly, "more than 8 links"},
		{"half a _has", "Patient", "_has:Claim:patient=1", fhir.IssueInvalid, "_has:Type"},
		{"_has of no reference", "Patient", "_has:Claim:status:created=2020", fhir.IssueInvalid, "no reference"},
		{"_has of no type", "Patient", "_has:Bill:patient:created=2020", fhir.IssueInvalid, "no resource type"},
		{"too much", "Claim", many, fhir.IssueTooCostly, "more than 100"},
		{"too many values", "Claim", "status=a" + strings.Repeat(",a", 2000), fhir.IssueTooCostly, "more than 2000"},
		{"order by nothing", "Claim", "_sort=name", fhir.IssueNotSupported, "Claim has no parameter"},
		{"an include of no reference", "Claim", "_include=Claim:status", fhir.IssueInvalid, "no reference"},
		{"half an include", "Claim", "_include=patient", fhir.IssueInvalid, "Type:parameter"},
		{"a negative page", "Claim", "_count=-1", fhir.IssueInvalid, "0 or more"},
		{"bad escapes", "Claim", "status=%zz", fhir.IssueInvalid, "not escaped"},
		{"a named query", "Claim", "_query=x", fhir.IssueNotSupported, "no query named"},
		{"an unknown type", "", "_type=Bill", fhir.IssueInvalid, "no resource type"},
		{"nothing to look for", "Patient", "name=-", fhir.IssueInvalid, "nothing to search for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			exact := options()
			exact.Exact = true
			_, err := registry(t).Parse(c.typ, c.query, exact)
			var o *fhir.Outcome
			if !errors.As(err, &o) {
				t.Fatalf("got %v", err)
			}
			if o.Issues[0].Code != c.code || !strings.Contains(o.Issues[0].Diagnostics, c.says) {
				t.Errorf("got %v, want %s … %s", err, c.code, c.says)
			}
		})
	}
}

func TestCompartment(t *testing.T) {
	r := registry(t)
	owner := fhir.Key{Type: "Patient", ID: "1"}
	got, err := r.Compartment(owner, "Claim")
	if err != nil {
		t.Fatal(err)
	}
	ref := fhir.ReferenceValue{Key: owner}
	want := fhir.Any{match("patient", fhir.ParamReference, ref), match("payee", fhir.ParamReference, ref)}
	if diff := cmp.Diff(fhir.Criterion(want), got); diff != "" {
		t.Error(diff)
	}
	self, err := r.Compartment(owner, "Patient")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fhir.Criterion(fhir.Any{match("link", fhir.ParamReference, ref), fhir.IDs{"1"}}), self); diff != "" {
		t.Error(diff)
	}
	if _, err := r.Compartment(owner, "Organization"); !fhir.HasIssue(err, fhir.IssueNotSupported) {
		t.Errorf("an Organization is in no Patient's compartment: %v", err)
	}
	if _, err := r.Compartment(fhir.Key{Type: "Group", ID: "1"}, "Claim"); !fhir.HasIssue(err, fhir.IssueNotSupported) {
		t.Errorf("a Group has no compartment: %v", err)
	}
}

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"Mwangi":          "mwangi",
		"  Asha \t Juma ": "asha juma",
		"O'Brien":         "obrien",
		"Éloïse":          "eloise",
		"Straße":          "strasse",
		"Anne-Marie":      "anne marie",
		"Dr. Who":         "dr who",
		"कुमार":           "कुमार", // vowel signs are letters
		"مُحَمَّد":        "محمد",  // vowel points are not
		"already plain":   "already plain",
		"":                "",
		"--":              "",
		"5 > 3":           "5 > 3",
	} {
		got := search.Normalise(in)
		if got != want {
			t.Errorf("Normalise(%q) = %q, want %q", in, got, want)
		}
		if again := search.Normalise(got); again != got {
			t.Errorf("Normalise(%q) = %q is not stable: %q", in, got, again)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"patient.name:exact=A", "_has:Claim:patient:status=a,b", "created=ge2026-01-01T00:00:00+03:00", `identifier=a\|b|c`,
		"_sort=-created&_include=Claim:*&_count=1", "value-quantity=ap5.40|u|mg", "_id=a,b&_lastUpdated=lt2020",
		"code-value-quantity=a$lt5", "name=%C3%A9", "_filter=code+eq+a+and+not+(subject[id+eq+x].id+pr+true)", "near=1|2|3|km",
		"_text=(a+or+b)+-c*", "_list=1,2&_contained=true", "subject:below=Location/1", "value-quantity=5|http://unitsofmeasure.org|mg",
	} {
		f.Add("Observation", seed)
		f.Add("Claim", seed)
	}
	r, err := search.New("http://localhost/fhir", time.UTC)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typ, raw string) {
		got, err := r.Parse(typ, raw, options())
		if err != nil {
			return
		}
		again, err := r.Parse(typ, got.Self, options())
		if err != nil {
			t.Fatalf("%q was understood as %q, which is not: %v", raw, got.Self, err)
		}
		if diff := cmp.Diff(got.Where, again.Where); diff != "" {
			t.Fatalf("%q and %q: %s", raw, got.Self, diff)
		}
		if _, err := url.ParseQuery(got.Self); err != nil {
			t.Fatalf("%q is no query string: %v", got.Self, err)
		}
	})
}

func FuzzExtract(f *testing.F) {
	f.Add(`{"resourceType":"Patient","name":[{"family":"A"}],"birthDate":"2020"}`)
	f.Add(`{"resourceType":"Observation","valueQuantity":{"value":1e9,"comparator":"<"}}`)
	f.Add(`{"resourceType":"Claim","item":[{"encounter":[{"reference":"#"}]}],"contained":[{}]}`)
	r, err := search.New("http://localhost/fhir", time.UTC)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		doc, err := fhir.Parse([]byte(src))
		if err != nil {
			return
		}
		for _, row := range r.Extract(doc.Root()).Dates {
			if row.From > row.To && row.Param == "birthdate" {
				t.Fatalf("%v ends before it starts", row)
			}
		}
	})
}
