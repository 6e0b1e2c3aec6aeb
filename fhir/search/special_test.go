package search_test

import (
	"errors"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/search"

	"github.com/google/go-cmp/cmp"
)

func TestParseSpecialCriteria(t *testing.T) {
	code := func(v fhir.Value) fhir.Match { return match("code", fhir.ParamToken, v) }
	near := func(km float64) fhir.Match {
		return match("near", fhir.ParamSpecial, fhir.NearValue{Latitude: -6.8, Longitude: 39.28, Kilometres: km})
	}
	words := func(param string, alternatives ...[]fhir.TextTerm) fhir.FullText {
		return fhir.FullText{Param: param, Alternatives: alternatives}
	}
	a, b := fhir.TextTerm{Words: []string{"a"}}, fhir.TextTerm{Words: []string{"b"}}
	item := fhir.Param{Code: "item", Kind: fhir.ParamReference}
	location := fhir.Param{Code: "location", Kind: fhir.ParamReference}
	inSet := code(fhir.ValueSetValue{URL: "http://v"})
	for _, c := range []struct {
		name, typ, query string
		want             fhir.Criterion
	}{
		{"codes of a value set", "Observation", "code:in=http://v", inSet},
		{"codes of none of two value sets", "Observation", "code:not-in=http://v,http://w", fhir.Not{Criterion: fhir.Any{inSet, code(fhir.ValueSetValue{URL: "http://w"})}}},
		{"a code and those below", "Observation", "code:below=http://s|x", code(fhir.SubsumedValue{System: "http://s", Code: "x"})},
		{"a code and those above", "Observation", "code:above=http://s|x", code(fhir.SubsumedValue{System: "http://s", Code: "x", Above: true})},
		{"a subsumed code of a filter", "Observation", "_filter=code ss http://s|x", code(fhir.SubsumedValue{System: "http://s", Code: "x"})},
		{"a subsuming code of a filter", "Observation", "_filter=code sb loinc|x", code(fhir.SubsumedValue{System: "http://loinc.org", Code: "x", Above: true})},
		{"a value set of a filter", "Observation", "_filter=code in http://v", inSet},
		{"none of a value set of a filter", "Observation", "_filter=code ni http://v", fhir.Not{Criterion: inSet}},
		{"a distance", "Location", "near=-6.8|39.28|11.20|km", near(11.2)},
		{"a distance without a unit", "Location", "near=-6.8|39.28|11.20", near(11.2)},
		{"no distance", "Location", "near=-6.8|39.28", near(50)},
		{"no distance but a unit", "Location", "near=-6.8|39.28||km", near(50)},
		{"miles", "Location", "near=-6.8|39.28|10|[mi_i]", near(16.09344)},
		{"miles as people write them", "Location", "near=-6.8|39.28|10|mi", near(16.09344)},
		{"a chain to a place", "Encounter", "location.near=-6.8|39.28|1|km", fhir.Chain{Param: location, Type: "Location", Where: near(1)}},
		{"words", "Claim", "_text=a b", words("_text", []fhir.TextTerm{a, b})},
		{"words joined by a comma", "Claim", "_content=a,b", words("_content", []fhir.TextTerm{a}, []fhir.TextTerm{b})},
		{"words at system level", "", "_content=a", words("_content", []fhir.TextTerm{a})},
		{"lists", "Patient", "_list=1,2", fhir.Has{Type: "List", Param: item, Where: fhir.IDs{"1", "2"}}},
		{"a list by its type", "Patient", "_list=List/1", fhir.Has{Type: "List", Param: item, Where: fhir.IDs{"1"}}},
		{"a filter in a chain", "Claim", "patient._filter=active eq true", fhir.Chain{
			Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Type: "Patient",
			Where: match("active", fhir.ParamToken, fhir.TokenValue{Code: "true", AnySystem: true}),
		}},
		{"a quantity in base units", "Observation", "value-quantity=gt5|http://unitsofmeasure.org|mg", match("value-quantity:ucum", fhir.ParamQuantity, fhir.QuantityValue{
			NumberValue: fhir.NumberValue{Prefix: fhir.PrefixGreater, Low: 0.0045, Value: 0.005, High: 0.0055}, Code: "g1",
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := registry(t).Parse(c.typ, strings.ReplaceAll(c.query, "|", "%7C"), options())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fhir.Criterion(fhir.All{c.want}), got.Where); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseContained(t *testing.T) {
	got, err := registry(t).Parse("Patient", "_contained=both&_containedType=contained", options())
	if err != nil {
		t.Fatal(err)
	}
	if got.Contained != "both" || got.ContainedType != "contained" || got.Where != nil || got.Self != "_contained=both&_containedType=contained" {
		t.Errorf("got %+v", got)
	}
}

func TestParseRefusesWhatItCanNotSearch(t *testing.T) {
	for _, c := range []struct {
		name, typ, query string
		code             fhir.IssueType
		says             string
	}{
		{"a code without its system", "Observation", "code:below=x", fhir.IssueInvalid, "system|code"},
		{"a latitude", "Location", "near=91|0", fhir.IssueInvalid, "latitude"},
		{"a longitude", "Location", "near=0|x", fhir.IssueInvalid, "longitude"},
		{"half a place", "Location", "near=1", fhir.IssueInvalid, "latitude|longitude"},
		{"a negative distance", "Location", "near=1|1|-1|km", fhir.IssueInvalid, "distance"},
		{"a unit of no length", "Location", "near=1|1|1|kg", fhir.IssueInvalid, "unit of length"},
		{"a unit there is not", "Location", "near=1|1|1|leagues", fhir.IssueInvalid, "unit of length"},
		{"a modifier of near", "Location", "near:exact=1|1", fhir.IssueNotSupported, ":exact"},
		{"no words", "Claim", "_text=-", fhir.IssueInvalid, "no word"},
		{"words with an open quote", "Claim", `_content="a`, fhir.IssueInvalid, "closing quote"},
		{"a modifier of words", "Claim", "_text:exact=a", fhir.IssueNotSupported, ":exact"},
		{"a narrative of what has none", "Binary", "_text=a", fhir.IssueNotSupported, "no parameter"},
		{"a functional list", "Claim", "_list=$current", fhir.IssueNotSupported, "functional"},
		{"a list that can't be", "Claim", "_list=a b", fhir.IssueInvalid, "logical id"},
		{"a named query", "Claim", "_query=x", fhir.IssueNotSupported, "named"},
		{"neither contained nor not", "Claim", "_contained=x", fhir.IssueInvalid, "none of"},
		{"no type of contained", "Claim", "_containedType=x", fhir.IssueInvalid, "none of"},
		{"a modifier of what is no criterion", "Claim", "_sort:desc=created", fhir.IssueNotSupported, ":desc"},
		{"elements left out", "Claim", "_elements:exclude=status", fhir.IssueNotSupported, ":exclude"},
		{"a modifier of an include", "Claim", "_include:all=Claim:patient", fhir.IssueNotSupported, ":all"},
		{"order by distance", "Location", "_sort=near", fhir.IssueNotSupported, "can't be sorted"},
		{"order by words", "Claim", "_sort=_text", fhir.IssueNotSupported, "can't be sorted"},
		{"order by a composite", "Observation", "_sort=code-value-quantity", fhir.IssueNotSupported, "can't be sorted"},
		{"order by a filter", "Claim", "_sort=_filter", fhir.IssueNotSupported, "can't be sorted"},
		{"order by relevance", "Claim", "_sort=_score", fhir.IssueNotSupported, "no parameter"},
		{"since", "Claim", "_since=2020", fhir.IssueNotSupported, "no parameter"},
		{"a chain through another type", "Observation", "subject:Claim.status=active", fhir.IssueInvalid, "does not refer to"},
		{"above what has no parts", "Observation", "subject:above=Patient/1", fhir.IssueNotSupported, "no part"},
		{"below a reference of no type", "Observation", "subject:below=1", fhir.IssueInvalid, "Type/id"},
		{"below a URL", "Organization", "partof:below=http://else/1", fhir.IssueNotSupported, "this server"},
		{"a modifier of quantities", "Observation", "value-quantity:exact=5", fhir.IssueNotSupported, ":exact"},
		{"a modifier of numbers", "RiskAssessment", "probability:not=5", fhir.IssueNotSupported, ":not"},
		{"a modifier of uris", "ValueSet", "url:contains=a", fhir.IssueNotSupported, ":contains"},
		{"a modifier of strings", "Patient", "name:not=a", fhir.IssueNotSupported, ":not"},
		{"a modifier of tokens", "Patient", "gender:exact=a", fhir.IssueNotSupported, ":exact"},
		{"a modifier of composites", "Observation", "code-value-quantity:not=a$5", fhir.IssueNotSupported, ":not"},
		{"a modifier of ids", "Patient", "_id:exact=a", fhir.IssueNotSupported, ":exact"},
		{"a modifier of the last change", "Patient", "_lastUpdated:exact=2020", fhir.IssueNotSupported, ":exact"},
		{"half a composite", "Observation", "code-value-quantity=a", fhir.IssueInvalid, "value$value"},
		{"an unknown name in a filter", "Patient", "_filter=gender eq male and nmae eq x", fhir.IssueNotSupported, "at character 20: Patient has no parameter \"nmae\"; did you mean name"},
		{"an operator of another kind", "Patient", "_filter=gender co male", fhir.IssueNotSupported, "at character 8: co is not done on gender, a token parameter"},
		{"an operator strings don't have", "Patient", "_filter=name gt a", fhir.IssueNotSupported, "gt is not done on name"},
		{"no date in a filter", "Patient", `_filter=birthdate ge "last year"`, fhir.IssueInvalid, "at character 14"},
		{"neither true nor false in a filter", "Patient", "_filter=gender pr maybe", fhir.IssueInvalid, "at character 11: pr takes true or false"},
		{"a filter on the way to nothing", "Observation", "_filter=subject[gender eq male] eq x", fhir.IssueInvalid, "there must follow"},
		{"a path through what is no reference", "Patient", "_filter=name.given eq x", fhir.IssueInvalid, "no reference"},
		{"a group's parts confused", "Group", "_filter=characteristic[code eq a].code eq b", fhir.IssueInvalid, "one to filter by and one to compare"},
		{"a modifier of filters", "Patient", "_filter:not=gender eq male", fhir.IssueNotSupported, ":not"},
		{"bad grammar of a filter", "Patient", "_filter=gender", fhir.IssueInvalid, `search parameter "_filter": at character 7`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := registry(t).Parse(c.typ, strings.NewReplacer("|", "%7C", "%", "%25").Replace(c.query), options())
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

func TestWithoutTexts(t *testing.T) {
	r := registry(t).WithoutTexts()
	if _, err := r.Parse("Claim", "_content=a", options()); !fhir.HasIssue(err, fhir.IssueNotSupported) {
		t.Errorf("_content is searched: %v", err)
	}
	for _, p := range r.Searchable("Claim") {
		if p.Code == "_content" || p.Code == "_text" {
			t.Errorf("%s is said to be searched", p.Code)
		}
	}
	doc, err := fhir.Parse([]byte(`{"resourceType":"Claim","text":{"div":"<div>a</div>"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if x := r.Extract(doc.Root()); len(x.Texts) != 0 {
		t.Errorf("texts are extracted: %v", x.Texts)
	}
	if x := registry(t).Extract(doc.Root()); len(x.Texts) != 2 {
		t.Errorf("without the setting they are not: %v", x.Texts)
	}
	more, err := r.With()
	if err != nil {
		t.Fatal(err)
	}
	if x := more.Extract(doc.Root()); len(x.Texts) != 0 {
		t.Error("a parameter more brings the texts back")
	}
	changed := r.Diff(registry(t))
	if len(changed) == 0 || changed[0] != (search.Changed{Type: "Account", Code: "_content"}) {
		t.Errorf("what texts change: %v", changed[:min(len(changed), 3)])
	}
}
