package search_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"bima/fhir"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// day gives midnight in the tests' zone, in microseconds, of a day in UTC.
func micros(t *testing.T, instant string) int64 {
	t.Helper()
	d, err := fhir.ParseInstant(instant)
	if err != nil {
		t.Fatal(err)
	}
	return d.First.UnixMicro()
}

func extract(t *testing.T, src string) *fhir.Index {
	t.Helper()
	doc, err := fhir.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return registry(t).Extract(doc.Root())
}

func TestExtractTokens(t *testing.T) {
	const gender = "http://hl7.org/fhir/administrative-gender"
	const special = "http://terminology.hl7.org/CodeSystem/special-values"
	for _, c := range []struct {
		name, src string
		want      []fhir.TokenRow
	}{
		{
			"a code has the system of its required value set", `{"resourceType":"Patient","gender":"female"}`,
			[]fhir.TokenRow{token("gender", gender, "female"), token("deceased", special, "false")},
		},
		{
			"who has a date of death is dead", `{"resourceType":"Patient","deceasedDateTime":"2026-01-01"}`,
			[]fhir.TokenRow{token("deceased", special, "true")},
		},
		{
			"an identifier is also found by its type",
			`{"resourceType":"Coverage","identifier":[{"type":{"coding":[{"system":"http://t","code":"MR"}],"text":"record"},"system":"urn:nid","value":"4711"}]}`,
			[]fhir.TokenRow{token("identifier", "urn:nid", "4711"), token("identifier:of-type", "http://t|MR", "4711")},
		},
		{
			"every coding of a concept counts once",
			`{"resourceType":"Coverage","type":{"coding":[{"system":"s","code":"a"},{"system":"s","code":"a"},{"code":"b"}]}}`,
			[]fhir.TokenRow{token("type", "s", "a"), token("type", "", "b")},
		},
		{
			"phones are told from e-mails, and their punctuation left out",
			`{"resourceType":"Organization","telecom":[]}`, nil,
		},
		{
			"a contact is found by its bare number",
			`{"resourceType":"Practitioner","telecom":[{"system":"phone","value":"+255 712-345"},{"system":"email","value":"Asha@Example.org"}]}`,
			[]fhir.TokenRow{token("telecom", "", "255712345"), token("phone", "", "255712345"), token("telecom", "", "asha@example.org"), token("email", "", "asha@example.org")},
		},
		{
			"tags are those of any resource", `{"resourceType":"Basic","meta":{"tag":[{"system":"s","code":"t"}],"security":[{"code":"R"}]}}`,
			[]fhir.TokenRow{token("_tag", "s", "t"), token("_security", "", "R")},
		},
		{
			"a reference's identifier is kept apart", `{"resourceType":"Basic","subject":{"identifier":{"system":"urn:nid","value":"1"}}}`,
			[]fhir.TokenRow{token("subject:identifier", "urn:nid", "1")},
		},
		{
			"a contained resource's identifier stands for it",
			`{"resourceType":"Basic","contained":[{"resourceType":"Patient","id":"p","identifier":[{"value":"9"}]}],"subject":{"reference":"#p"}}`,
			[]fhir.TokenRow{token("subject:identifier", "", "9"), token("patient:identifier", "", "9")},
		},
		{"what is not as R4 wants it gives nothing", `{"resourceType":"Coverage","status":7,"type":"x","identifier":[null,[]]}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, tells(extract(t, c.src).Tokens, false), anyOrder); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExtractStrings(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []fhir.StringRow
	}{
		{
			"each part of a name, and the name as people type it",
			`{"resourceType":"RelatedPerson","name":[{"family":"Mwangi","given":["Asha","Zawadi"],"prefix":["Dr."]}]}`,
			[]fhir.StringRow{
				text("name", "mwangi", "Mwangi"),
				text("name", "asha", "Asha"),
				text("name", "zawadi", "Zawadi"),
				text("name", "dr", "Dr."),
				text("name", "asha zawadi mwangi", ""),
				text("phonetic", "mwangi", "Mwangi"),
				text("phonetic", "asha", "Asha"),
				text("phonetic", "zawadi", "Zawadi"),
				text("phonetic", "dr", "Dr."),
				text("phonetic", "asha zawadi mwangi", ""),
			},
		},
		{
			"each part of an address", `{"resourceType":"Location","address":{"line":["Plot 7"],"city":"Mbeya"}}`,
			[]fhir.StringRow{text("address", "plot 7", "Plot 7"), text("address", "mbeya", "Mbeya"), text("address-city", "mbeya", "Mbeya")},
		},
		{
			"texts of concepts serve :text", `{"resourceType":"Coverage","type":{"coding":[{"display":"Public"}],"text":"State"}}`,
			[]fhir.StringRow{text("type:text", "public", "Public"), text("type:text", "state", "State")},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, extract(t, c.src).Strings, anyOrder); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExtractReferences(t *testing.T) {
	patient := fhir.Key{Type: "Patient", ID: "1"}
	for _, c := range []struct {
		name, reference string
		want            []fhir.ReferenceRow
	}{
		{"a resource of ours", "Patient/1", []fhir.ReferenceRow{link("beneficiary", patient, ""), link("patient", patient, "")}},
		{"its version does not matter", "Patient/1/_history/3", []fhir.ReferenceRow{link("beneficiary", patient, ""), link("patient", patient, "")}},
		{"our own base is ours", "http://localhost/fhir/Patient/1", []fhir.ReferenceRow{link("beneficiary", patient, ""), link("patient", patient, "")}},
		{"another server's is a URL", "http://example.org/fhir/Patient/1/_history/2", []fhir.ReferenceRow{
			link("beneficiary", fhir.Key{}, "http://example.org/fhir/Patient/1"),
			link("patient", fhir.Key{}, "http://example.org/fhir/Patient/1"),
		}},
		{"a urn", "urn:uuid:7", []fhir.ReferenceRow{link("beneficiary", fhir.Key{}, "urn:uuid:7"), link("patient", fhir.Key{}, "urn:uuid:7")}},
		{"a contained one is there but no link", "#p", []fhir.ReferenceRow{link("beneficiary", fhir.Key{}, "#p"), link("patient", fhir.Key{}, "#p")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := extract(t, `{"resourceType":"Coverage","beneficiary":{"reference":"`+c.reference+`"}}`).References
			if diff := cmp.Diff(c.want, got, anyOrder); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a parameter of one type leaves out others", func(t *testing.T) {
		got := extract(t, `{"resourceType":"Observation","subject":{"reference":"Group/g"}}`).References
		if diff := cmp.Diff([]fhir.ReferenceRow{link("subject", fhir.Key{Type: "Group", ID: "g"}, "")}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("of many contained resources the first of an id is meant", func(t *testing.T) {
		const many = 30_000 // to look through all of them for each would take a minute
		contained, members := make([]string, many), make([]string, many)
		for i := range many {
			contained[i] = fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","identifier":[{"value":"n%d"}]}`, i/2, i)
			members[i] = fmt.Sprintf(`{"entity":{"reference":"#p%d"}}`, i)
		}
		got := extract(t, `{"resourceType":"Group","contained":[`+strings.Join(contained, ",")+`],"member":[`+strings.Join(members, ",")+`]}`).Tokens
		found := map[string]bool{}
		for _, row := range got {
			if row.Param == "member:identifier" {
				found[row.Code] = true
			}
		}
		if len(found) != many/2 || !found["n0"] || found["n1"] || !found["n29998"] {
			t.Errorf("%d identifiers are found", len(found))
		}
	})
	t.Run("a canonical counts with and without its version", func(t *testing.T) {
		got := extract(t, `{"resourceType":"QuestionnaireResponse","questionnaire":"http://q|2"}`).References
		want := []fhir.ReferenceRow{link("questionnaire", fhir.Key{}, "http://q|2"), link("questionnaire", fhir.Key{}, "http://q")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a document names its composition", func(t *testing.T) {
		got := extract(t, `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Composition","id":"c"}},{"resource":{"resourceType":"Composition","id":"d"}}]}`).References
		if diff := cmp.Diff([]fhir.ReferenceRow{link("composition", fhir.Key{Type: "Composition", ID: "c"}, "")}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestExtractDates(t *testing.T) {
	for _, c := range []struct {
		name, src, param, from, to string
	}{
		{"a day is a day of the scheme's zone", `{"resourceType":"Patient","birthDate":"2020-02-29"}`, "birthdate", "2020-02-28T21:00:00Z", "2020-02-29T21:00:00Z"},
		{"a year is all of it", `{"resourceType":"Patient","birthDate":"2020"}`, "birthdate", "2019-12-31T21:00:00Z", "2020-12-31T21:00:00Z"},
		{"a second is all of it", `{"resourceType":"Claim","created":"2026-09-14T10:00:00+02:00"}`, "created", "2026-09-14T08:00:00Z", "2026-09-14T08:00:01Z"},
		{"a period runs to the end of its last day", `{"resourceType":"Encounter","period":{"start":"2026-01-01","end":"2026-01-31"}}`, "date", "2025-12-31T21:00:00Z", "2026-01-31T21:00:00Z"},
		{"a period without end is open", `{"resourceType":"Encounter","period":{"start":"2026-01-01"}}`, "date", "2025-12-31T21:00:00Z", ""},
		{"a period without start is open", `{"resourceType":"Encounter","period":{"end":"2026-01-01"}}`, "date", "", "2026-01-01T21:00:00Z"},
		{
			"a schedule runs from its first event to its last", `{"resourceType":"ServiceRequest","occurrenceTiming":{"event":["2026-03-01T00:00:00Z","2026-01-01T00:00:00Z"]}}`,
			"occurrence", "2026-01-01T00:00:00Z", "2026-03-01T00:00:01Z",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := fhir.DateRow{Param: c.param, From: math.MinInt64, To: math.MaxInt64}
			if c.from != "" {
				want.From = micros(t, c.from)
			}
			if c.to != "" {
				want.To = micros(t, c.to)
			}
			if diff := cmp.Diff([]fhir.DateRow{want}, extract(t, c.src).Dates); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := extract(t, `{"resourceType":"Patient","birthDate":"2020-02-30"}`).Dates; got != nil {
		t.Errorf("a day that does not exist gives no row, not %v", got)
	}
}

func TestExtractQuantities(t *testing.T) {
	const ucum = "http://unitsofmeasure.org"
	for _, c := range []struct {
		name, src string
		want      []fhir.QuantityRow
	}{
		{
			"a quantity is what it says", `{"valueQuantity":{"value":5.40,"unit":"kilo","system":"` + ucum + `","code":"kg"}`,
			[]fhir.QuantityRow{quantity("value-quantity", 5.4, 5.4, unit{ucum, "kg", "kilo"})},
		},
		{"a comparator opens an end", `{"valueQuantity":{"value":5,"comparator":"<"}`, []fhir.QuantityRow{quantity("value-quantity", math.Inf(-1), 5, unit{"", "", ""})}},
		{"words are no number", `{"valueQuantity":{"value":"5"}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := extract(t, `{"resourceType":"Observation",`+c.src[1:]+`}`).Quantities
			if diff := cmp.Diff(c.want, got, cmpopts.SortSlices(func(a, b fhir.QuantityRow) bool { return a.Param < b.Param }), only("value-quantity")); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("money has its currency for a unit", func(t *testing.T) {
		got := extract(t, `{"resourceType":"Invoice","totalNet":{"value":40.22,"currency":"TZS"}}`).Quantities
		if diff := cmp.Diff([]fhir.QuantityRow{quantity("totalnet", 40.22, 40.22, unit{"urn:iso:std:iso:4217", "TZS", ""})}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a range has both ends", func(t *testing.T) {
		got := extract(t, `{"resourceType":"Condition","onsetRange":{"low":{"value":40,"unit":"a"},"high":{"value":50,"unit":"a"}}}`).Quantities
		if diff := cmp.Diff([]fhir.QuantityRow{quantity("onset-age", 40, 50, unit{"", "", "a"})}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestExtractNumbersAndURIs(t *testing.T) {
	got := extract(t, `{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.30},{"probabilityRange":{"low":{"value":0.5}}}]}`).Numbers
	want := []fhir.NumberRow{number("probability", 0.3, 0.3), number("probability", 0.5, math.Inf(1))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	uris := extract(t, `{"resourceType":"ValueSet","url":"http://v","meta":{"source":"urn:s","profile":["http://p|1"]}}`).URIs
	wantURIs := []fhir.URIRow{uri("url", "http://v"), uri("_source", "urn:s"), uri("_profile", "http://p|1"), uri("_profile", "http://p")}
	if diff := cmp.Diff(wantURIs, uris, anyOrder); diff != "" {
		t.Error(diff)
	}
}

func TestExtractComposites(t *testing.T) {
	got := extract(t, `{"resourceType":"Observation","code":{"coding":[{"system":"l","code":"c"}]},
		"component":[{"code":{"coding":[{"code":"sys"}]},"valueQuantity":{"value":107,"code":"mm"}},
			{"code":{"coding":[{"code":"dia"}]},"valueQuantity":{"value":60,"code":"mm"}}]}`).Composites
	want := []fhir.CompositeRow{
		{Param: "component-code-value-quantity", First: fhir.TokenRow{Code: "sys"}, Second: fhir.TokenRow{Code: "mm"}, Low: 107, High: 107},
		{Param: "component-code-value-quantity", First: fhir.TokenRow{Code: "dia"}, Second: fhir.TokenRow{Code: "mm"}, Low: 60, High: 60},
	}
	if diff := cmp.Diff(want, got, only("component-code-value-quantity")); diff != "" {
		t.Error(diff)
	}
	related := extract(t, `{"resourceType":"DocumentReference","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/d"}}]}`).Composites
	wantRelated := []fhir.CompositeRow{{
		Param: "relationship", First: fhir.TokenRow{Code: "DocumentReference/d"},
		Second: fhir.TokenRow{System: "http://hl7.org/fhir/document-relationship-type", Code: "replaces"},
	}}
	if diff := cmp.Diff(wantRelated, related); diff != "" {
		t.Error(diff)
	}
}

func TestExtractCoordinates(t *testing.T) {
	got := extract(t, `{"resourceType":"MolecularSequence","coordinateSystem":0,
		"referenceSeq":{"chromosome":{"coding":[{"code":"7"}]},"windowStart":100,"windowEnd":200},
		"variant":[{"start":110,"end":111},{"start":120}]}`).Composites
	want := []fhir.CompositeRow{
		{Param: "chromosome-window-coordinate", First: fhir.TokenRow{Code: "7"}, Low: 100, High: 200},
		{Param: "chromosome-variant-coordinate", First: fhir.TokenRow{Code: "7"}, Low: 110, High: 111},
	}
	byParam := cmpopts.SortSlices(func(a, b fhir.CompositeRow) bool { return a.Param > b.Param })
	if diff := cmp.Diff(want, got, byParam); diff != "" {
		t.Error(diff)
	}
}

func TestCompositesAreBounded(t *testing.T) {
	codes := strings.TrimSuffix(strings.Repeat(`{"system":"s","code":"c"},`, 3000), ",")
	x := extract(t, `{"resourceType":"Observation","code":{"coding":[`+codes+`]},"valueCodeableConcept":{"coding":[`+codes+`]}}`)
	if len(x.Composites) == 0 || len(x.Composites) > 10_000 {
		t.Errorf("%d rows", len(x.Composites))
	}
}

func TestExtractTokensOfASystemOnly(t *testing.T) {
	x := extract(t, `{"resourceType":"Patient","identifier":[{"system":"urn:card","type":{"coding":[{"code":"MR"}]}}],"gender":""}`)
	if diff := cmp.Diff([]fhir.TokenRow{token("identifier", "urn:card", ""), token("deceased", "http://terminology.hl7.org/CodeSystem/special-values", "false")}, tells(x.Tokens, false), anyOrder); diff != "" {
		t.Error(diff)
	}
}

func TestReferences(t *testing.T) {
	doc, err := fhir.Parse([]byte(`{"resourceType":"Coverage","beneficiary":{"reference":"Patient/1"},"payor":[{"reference":"http://o/Organization/2"},{"reference":"#x"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r := registry(t)
	want := []fhir.Reference{{URL: "http://o/Organization/2"}}
	if diff := cmp.Diff(want, r.References(doc.Root(), "payor")); diff != "" {
		t.Error(diff)
	}
	if n := len(r.References(doc.Root(), "*")); n != 3 {
		t.Errorf("got %d references of all parameters, want 3", n)
	}
}

// Rows, shortly written.
func token(param, system, code string) fhir.TokenRow {
	return fhir.TokenRow{Param: param, System: system, Code: code}
}

func text(param, normal, exact string) fhir.StringRow {
	return fhir.StringRow{Param: param, Normal: normal, Exact: exact}
}

func link(param string, key fhir.Key, url string) fhir.ReferenceRow {
	return fhir.ReferenceRow{Param: param, Key: key, URL: url}
}

func number(param string, low, high float64) fhir.NumberRow {
	return fhir.NumberRow{Param: param, Low: low, High: high}
}

func uri(param, text string) fhir.URIRow { return fhir.URIRow{Param: param, URI: text} }

type unit struct{ system, code, text string }

func quantity(param string, low, high float64, u unit) fhir.QuantityRow {
	return fhir.QuantityRow{Param: param, Low: low, High: high, System: u.system, Code: u.code, Unit: u.text}
}

// anyOrder compares rows as sets.
var anyOrder = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.SortSlices(func(a, b fhir.TokenRow) bool { return a.Param+"\t"+a.Code < b.Param+"\t"+b.Code }),
	cmpopts.SortSlices(func(a, b fhir.StringRow) bool { return a.Param+"\t"+a.Normal < b.Param+"\t"+b.Normal }),
	cmpopts.SortSlices(func(a, b fhir.ReferenceRow) bool { return a.Param < b.Param }),
	cmpopts.SortSlices(func(a, b fhir.URIRow) bool { return a.Param+a.URI < b.Param+b.URI }),
}

// only leaves out the rows of other parameters.
func only(param string) cmp.Option {
	return cmp.Options{
		cmpopts.EquateEmpty(),
		cmpopts.IgnoreSliceElements(func(r fhir.QuantityRow) bool { return r.Param != param }),
		cmpopts.IgnoreSliceElements(func(r fhir.CompositeRow) bool { return r.Param != param }),
	}
}
