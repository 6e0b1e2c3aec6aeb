package codes_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// kinds has a hierarchy with a code that has two parents, an abstract and an
// inactive code, properties, and names in Swahili.
const kinds = `{"resourceType":"CodeSystem","url":"urn:test:kinds","version":"1","status":"active","language":"en","content":"complete",
"property":[{"code":"price","type":"integer"},{"code":"off","uri":"http://hl7.org/fhir/concept-properties#inactive","type":"boolean"},
 {"code":"up","uri":"http://hl7.org/fhir/concept-properties#parent","type":"code"}],
"concept":[
 {"code":"care","display":"Care","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
  {"code":"visit","display":"Visit to a doctor","definition":"A visit.","designation":[{"language":"sw","value":"Kumwona daktari"},{"language":"fr-CD","value":"Visite"}],
   "property":[{"code":"price","valueInteger":500},{"code":"level","valueCoding":{"system":"urn:l","code":"low"}}],"concept":[
   {"code":"night","display":"Visit at night","property":[{"code":"price","valueInteger":900}]}]},
  {"code":"ward","display":"Day in a ward","property":[{"code":"price","valueInteger":4000}]}]},
 {"code":"drug","display":"Drug","concept":[
  {"code":"pill","display":"Pill","property":[{"code":"up","valueCode":"care"}]},
  {"code":"leech","display":"Leech","property":[{"code":"off","valueBoolean":true}]},
  {"code":"salt","display":"Salt","property":[{"code":"status","valueCode":"retired"}]}]}]}`

func parse(t testing.TB, text string) *codes.System {
	t.Helper()
	doc, err := fhir.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := codes.Parse(doc.Root())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func names(list []codes.Concept) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Code())
	}
	return strings.Join(out, " ")
}

func find(t testing.TB, s *codes.System, code string) codes.Concept {
	t.Helper()
	c, ok := s.Find(code)
	if !ok {
		t.Fatalf("there is no %s", code)
	}
	return c
}

func TestConceptsKnowWhatIsAboveAndBelow(t *testing.T) {
	s := parse(t, kinds)
	for _, x := range []struct{ code, parents, children, ancestors, descendants string }{
		{"care", "", "visit ward pill", "", "visit night ward pill"},
		{"visit", "care", "night", "care", "night"},
		{"night", "visit", "", "care visit", ""},
		{"pill", "care drug", "", "care drug", ""},
		{"drug", "", "pill leech salt", "", "pill leech salt"},
	} {
		c := find(t, s, x.code)
		got := [4]string{names(c.Parents()), names(c.Children()), names(c.Ancestors()), names(c.Descendants())}
		if want := [4]string{x.parents, x.children, x.ancestors, x.descendants}; got != want {
			t.Errorf("%s: got %q, want %q", x.code, got, want)
		}
	}
	for a := range s.All() {
		for b := range s.All() {
			want := strings.Contains(" "+names(a.Ancestors())+" ", " "+b.Code()+" ")
			if got := a.Under(b); got != want {
				t.Errorf("%s under %s: got %v, want %v", a.Code(), b.Code(), got, want)
			}
		}
	}
}

func TestCirclesEnd(t *testing.T) {
	s := parse(t, `{"resourceType":"CodeSystem","url":"urn:c","content":"complete","concept":[
	 {"code":"a","property":[{"code":"parent","valueCode":"c"}]},
	 {"code":"b","property":[{"code":"parent","valueCode":"a"},{"code":"parent","valueCode":"b"},{"code":"parent","valueCode":"nowhere"}]},
	 {"code":"c","property":[{"code":"subsumedBy","valueCode":"b"}]}]}`)
	if got := names(find(t, s, "a").Ancestors()); got != "b c" {
		t.Errorf("got %q, want b c", got)
	}
	if !find(t, s, "a").Under(find(t, s, "b")) || find(t, s, "a").Under(find(t, s, "a")) {
		t.Error("a is below b and not below itself")
	}
}

func TestFilters(t *testing.T) {
	s := parse(t, kinds)
	for _, x := range []struct{ property, op, value, want string }{
		{"concept", "is-a", "visit", "visit night"},
		{"concept", "is-a", "care", "care visit night ward pill"},
		{"concept", "descendent-of", "care", "visit night ward pill"},
		{"concept", "is-not-a", "care", "drug leech salt"},
		{"concept", "generalizes", "night", "care visit night"},
		{"concept", "generalizes", "pill", "care drug pill"},
		{"concept", "=", "pill", "pill"},
		{"concept", "in", "pill, leech,none", "pill leech"},
		{"code", "not-in", "care,visit,night,ward,drug", "pill leech salt"},
		{"price", "=", "900", "night"},
		{"price", "in", "500,4000", "visit ward"},
		{"price", "not-in", "500,4000", "care night drug pill leech salt"},
		{"price", "exists", "true", "visit night ward"},
		{"price", "exists", "false", "care drug pill leech salt"},
		{"price", "regex", "[49].*", "night ward"},
		{"code", "regex", "p.ll|leech", "pill leech"},
		{"code", "regex", "ee", ""},
		{"display", "regex", "Visit.*", "visit night"},
		{"level", "=", "low", "visit"},
		{"parent", "=", "care", "visit ward pill"},
		{"child", "exists", "true", "care visit drug"},
		{"off", "=", "true", "leech"},
		{"inactive", "=", "true", "leech salt"},
		{"notSelectable", "=", "false", "visit night ward drug pill leech salt"},
		{"status", "=", "retired", "salt"},
		{"designation", "=", "Visite", "visit"},
		{"definition", "exists", "true", "visit"},
	} {
		t.Run(fmt.Sprintf("%s %s %s", x.property, x.op, x.value), func(t *testing.T) {
			selection, err := s.Select(codes.Filter{Property: x.property, Op: x.op, Value: x.value})
			if err != nil {
				t.Fatal(err)
			}
			var listed, tested []codes.Concept
			for c := range selection.All() {
				listed = append(listed, c)
			}
			for c := range s.All() {
				if selection.Has(c) {
					tested = append(tested, c)
				}
			}
			if names(listed) != x.want || names(tested) != x.want {
				t.Errorf("got %q by All and %q by Has, want %q", names(listed), names(tested), x.want)
			}
		})
	}
}

func TestFiltersThatCannotBeRead(t *testing.T) {
	s := parse(t, kinds)
	for _, x := range []struct {
		op, value string
		want      fhir.IssueType
	}{
		{"is-a", "unheard-of", fhir.IssueNotFound},
		{"like", "x", fhir.IssueNotSupported},
		{"exists", "maybe", fhir.IssueInvalid},
		{"regex", "(", fhir.IssueInvalid},
		{"regex", "a)|(b", fhir.IssueInvalid},
		{"regex", strings.Repeat("a", 1001), fhir.IssueTooLong},
	} {
		if _, err := s.Select(codes.Filter{Property: "code", Op: x.op, Value: x.value}); !fhir.HasIssue(err, x.want) {
			t.Errorf("%s %.20s: got %v, want %s", x.op, x.value, err, x.want)
		}
	}
}

func TestSystemsWithoutCase(t *testing.T) {
	s := parse(t, `{"resourceType":"CodeSystem","url":"urn:f","caseSensitive":false,"content":"complete","concept":[{"code":"AbC","concept":[{"code":"D"}]}]}`)
	if c, ok := s.Find("aBc"); !ok || c.Code() != "AbC" {
		t.Error("aBc should find AbC")
	}
	selection, err := s.Select(codes.Filter{Property: "concept", Op: "descendent-of", Value: "ABC"})
	if err != nil || !selection.Has(find(t, s, "d")) {
		t.Errorf("D should be below: %v", err)
	}
	if selection, _ = s.Select(codes.Filter{Property: "code", Op: "=", Value: "abc"}); !selection.Has(find(t, s, "ABC")) {
		t.Error("code = abc should select AbC")
	}
}

func TestLabels(t *testing.T) {
	visit := find(t, parse(t, kinds), "visit")
	for _, x := range []struct{ languages, want string }{
		{"", "Visit to a doctor"},
		{"en", "Visit to a doctor"},
		{"sw", "Kumwona daktari"},
		{"sw-TZ", "Kumwona daktari"},
		{"fr", "Visite"},
		{"de, sw;q=0.5, en", "Kumwona daktari"},
		{"de", "Visit to a doctor"},
		{"s", "Visit to a doctor"},
	} {
		if got := visit.Label(codes.Languages(x.languages), nil); got != x.want {
			t.Errorf("%q: got %q, want %q", x.languages, got, x.want)
		}
	}
}

func TestWanted(t *testing.T) {
	for _, x := range []struct {
		filter, text string
		want         bool
	}{
		{"acut ast", "Acute asthma", true},
		{"ast acut", "Acute asthma", true},
		{"male", "Female", false},
		{"FEVER", "Dengue fever", true},
		{"fievre", "Fièvre jaune", true},
		{"a00.1", "A00.1", true},
		{"", "anything", true},
		{"b", "Acute asthma", false},
	} {
		if got := codes.Want(x.filter).In("other", x.text); got != x.want {
			t.Errorf("%q in %q: got %v, want %v", x.filter, x.text, got, x.want)
		}
	}
}

func TestRules(t *testing.T) {
	for _, x := range []struct {
		system string
		right  string
		wrong  string
	}{
		{codes.UCUM, "mg mg/dL mm[Hg] 10*3/uL {tablets} Cel", "mgg tablets kg/ ((m)"},
		{codes.MediaType, "image/png application/fhir+json text/plain;charset=utf-8 a/b;c=\"d\"", "image image/ /png image/p/g text/plain;charset a/b;=c"},
		{codes.Language, "en sw-TZ zh-Hant-TW de-CH-1996 sl-rozaj-biske x-private i-klingon es-419 en-a-bcde-x-y zh-cmn-Hans art-lojban", "e en_US en- english-language-much 12 en-a x sw-TZ-TZ-TZ de-u"},
	} {
		rule, ok := codes.Ruled(x.system)
		if !ok {
			t.Fatalf("%s has no rule", x.system)
		}
		for _, code := range strings.Fields(x.right) {
			if !rule(code) {
				t.Errorf("%s: %q should be a code", x.system, code)
			}
		}
		for _, code := range append(strings.Fields(x.wrong), "") {
			if rule(code) {
				t.Errorf("%s: %q should be no code", x.system, code)
			}
		}
	}
	if _, ok := codes.Ruled("http://snomed.info/sct"); ok {
		t.Error("SNOMED CT has no rule")
	}
}

// large gives a code system of so many codes, like ICD-10 in its shape.
func large(concepts int) string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"CodeSystem","url":"urn:test:large","status":"active","content":"complete","concept":[`)
	for i := 0; i < concepts; i += 10 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"code":"C%d","display":"Disease group %d","concept":[`, i/10, i/10)
		for j := range 9 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"code":"C%d.%d","display":"Disease number %d of its group, unspecified"}`, i/10, j, j)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}`)
	return b.String()
}

func BenchmarkParse70000(b *testing.B) {
	text := []byte(large(70_000))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc, err := fhir.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		s, err := codes.Parse(doc.Root())
		if err != nil || s.Len() != 70_000 {
			b.Fatal(err, s.Len())
		}
		doc.Release()
	}
}

func BenchmarkUnder(b *testing.B) {
	s := parse(b, large(70_000))
	group, _ := s.Find("C77")
	b.ReportAllocs()
	for b.Loop() {
		c, ok := s.Find("C77.3")
		if !ok || !c.Under(group) {
			b.Fatal("C77.3 is below C77")
		}
	}
}
