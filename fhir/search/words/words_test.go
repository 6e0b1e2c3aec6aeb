package words_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"bima/fhir"
	"bima/fhir/search/words"

	"github.com/google/go-cmp/cmp"
)

func TestNarrative(t *testing.T) {
	for _, c := range []struct{ name, div, want string }{
		{"no narrative", "", ""},
		{"blocks part words", `<div xmlns="x"><p>one</p><p>two</p>three<br/>four</div>`, "one two three four"},
		{"marks within a word do not", "<div>h<sub>2</sub>o and <b>bo</b>ld</div>", "h2o and bold"},
		{"space is squeezed", "<div>\n  a \t b\n</div>", "a b"},
		{"references to characters", "<div>a&amp;b &#233;t&#xe9; &lt;p&gt;&nbsp;x &unknown; & c</div>", "a&b été <p> x &unknown; & c"},
		{"comments are left out", "<div>a<!-- > not --> b</div>", "a b"},
		{"a table", "<table><tr><td>a</td><td>b</td></tr></table>", "a b"},
		{"an open tag", "<div>a <b", "a"},
		{"no tags at all", " plain  text ", "plain text"},
	} {
		if got := words.Narrative(c.div); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestContent(t *testing.T) {
	const src = `{"resourceType":"Patient","id":"secret-id","implicitRules":"http://rules",
		"text":{"id":"tid","status":"generated","div":"<div>Told</div>"},
		"contained":[{"resourceType":"Organization","id":"oid","name":"Held","text":{"div":"<p>Held too</p>"}}],
		"extension":[{"url":"http://u","valueString":"Extended"},{"url":"http://u","valueCode":"code"}],
		"identifier":[{"system":"urn:s","value":"A-1"}],
		"name":[{"family":"F","given":["G",null,"H"],"_given":[null,{"extension":[]}]}],
		"gender":"female","birthDate":"1990","photo":[{"data":"QUJD","url":"http://p","title":"Face"}],
		"maritalStatus":{"coding":[{"system":"http://m","code":"M","display":"Married"}],"text":"wed"},
		"managingOrganization":{"reference":"Organization/x","display":"Org"},"unknown":"left out"}`
	const want = "Told\nHeld\nHeld too\nExtended\nA-1\nF\nG\nH\nFace\nMarried\nwed\nOrg\n"
	if got := content(t, src); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func content(t *testing.T, src string) string {
	t.Helper()
	doc, err := fhir.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	n := doc.Root()
	return words.Content(n, words.Narrative(n.At("text", "div").Text()))
}

func TestContent_IsBounded(t *testing.T) {
	got := content(t, `{"resourceType":"Basic","code":{"text":"`+strings.Repeat("é", 200_000)+`"},"extension":[{"valueString":"x"}]}`)
	if len(got) > 256<<10 || len(got) < 256<<10-4 || !utf8.ValidString(got) {
		t.Errorf("got %d bytes, valid %v", len(got), utf8.ValidString(got))
	}
}

// TestContent_HoldsTheTextsOfExamples compares with what a plain reading of the
// JSON finds of members that are texts wherever they stand.
func TestContent_HoldsTheTextsOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/examples/*.json")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	checked := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(src)
		if err != nil {
			continue
		}
		got := content(t, string(src))
		each(doc.Root(), func(n fhir.Node) {
			if name := n.Name(); (name == "display" || name == "family" || name == "title") && n.Kind() == fhir.KindString && len(got) < 200<<10 {
				checked++
				if !strings.Contains(got, strings.TrimSpace(n.Text())) {
					t.Errorf("%s: %s %q is not in its content", filepath.Base(file), name, n.Text())
				}
			}
			if name := n.Name(); name == "system" && n.Kind() == fhir.KindString && strings.HasPrefix(n.Text(), "http") && strings.Contains(got, "\n"+n.Text()+"\n") {
				t.Errorf("%s: the system %s is in its content", filepath.Base(file), n.Text())
			}
		})
	}
	if checked < 300 {
		t.Errorf("only %d texts were found in the examples", checked)
	}
}

func each(n fhir.Node, f func(fhir.Node)) {
	f(n)
	for c := n.First(); c.Exists(); c = c.Next() {
		each(c, f)
	}
}

func word(w ...string) fhir.TextTerm     { return fhir.TextTerm{Words: w} }
func starting(w ...string) fhir.TextTerm { return fhir.TextTerm{Words: w, Prefix: true} }
func not(t fhir.TextTerm) fhir.TextTerm  { t.Not = !t.Not; return t }

func TestParse(t *testing.T) {
	type terms = []fhir.TextTerm
	a, b, c, d := word("a"), word("b"), word("c"), word("d")
	for _, q := range []struct {
		query string
		want  []terms
	}{
		{"a", []terms{{a}}},
		{"a b", []terms{{a, b}}},
		{"a and b AND c", []terms{{a, b, c}}},
		{"a OR b or c", []terms{{a}, {b}, {c}}},
		{"a b OR c d", []terms{{a, b}, {c, d}}},
		{"(a OR b) and c", []terms{{a, c}, {b, c}}},
		{"(a OR b) (c OR d)", []terms{{a, c}, {a, d}, {b, c}, {b, d}}},
		{"-a", []terms{{not(a)}}},
		{"a NOT b", []terms{{a, not(b)}}},
		{"-(a OR b)", []terms{{not(a), not(b)}}},
		{"-(a b)", []terms{{not(a)}, {not(b)}}},
		{"NOT -a", []terms{{a}}},
		{`"a b" c`, []terms{{word("a", "b"), c}}},
		{"mala*", []terms{{starting("mala")}}},
		{`"severe mal*"`, []terms{{starting("severe", "mal")}}},
		{`"severe mal"*`, []terms{{starting("severe", "mal")}}},
		{"anne-marie", []terms{{word("anne", "marie")}}},
		{"O'Brien", []terms{{word("O", "Brien")}}},
		{"a - b", []terms{{a, b}}},
		{"a , b", []terms{{a, b}}},
		{"not order", []terms{{word("not"), word("order")}}},
		{"orchid android", []terms{{word("orchid"), word("android")}}},
		{"高血压", []terms{{word("高血压")}}},
		{"((a))", []terms{{a}}},
	} {
		got, err := words.Parse(q.query)
		if err != nil {
			t.Errorf("%s: %v", q.query, err)
			continue
		}
		if diff := cmp.Diff(q.want, got); diff != "" {
			t.Errorf("%s: %s", q.query, diff)
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, c := range []struct {
		query, says string
		code        fhir.IssueType
	}{
		{"", "no word", fhir.IssueInvalid},
		{" - ", "no word", fhir.IssueInvalid},
		{"a OR", "character 5: a word is missing after OR", fhir.IssueInvalid},
		{"OR a", "character 1: a word is missing before OR", fhir.IssueInvalid},
		{"a AND", "missing after AND", fhir.IssueInvalid},
		{"NOT", "missing after NOT", fhir.IssueInvalid},
		{"(a", "closing bracket", fhir.IssueInvalid},
		{"é a)", "character 4", fhir.IssueInvalid},
		{`"a`, "closing quote", fhir.IssueInvalid},
		{strings.Repeat("(", 30) + "a", "brackets", fhir.IssueTooCostly},
		{strings.Repeat("a ", 101), "more than 100 words", fhir.IssueTooCostly},
		{strings.Repeat("(a OR b) ", 8), "alternatives", fhir.IssueTooCostly},
	} {
		_, err := words.Parse(c.query)
		var o *fhir.Outcome
		if !errors.As(err, &o) || o.Issues[0].Code != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40s: got %v, want %s … %s", c.query, err, c.code, c.says)
		}
	}
}

func TestHas(t *testing.T) {
	const text = "Asha O’Brien has SEVERE malaria; éternue"
	for query, want := range map[string]bool{
		"severe": true, "sever": false, "sever*": true, `"severe malaria"`: true, `"malaria severe"`: false,
		"malaria severe": true, "eternue": true, "-malaria": false, "-fever": true, "fever OR asha": true,
		`"has sev"*`: true, `"asha obrien"`: false, `"O Brien"`: true,
	} {
		alternatives, err := words.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := words.Has(text, alternatives); got != want {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a b", `(a OR "b c"*) -d`, "NOT (a b) or é", "-(((a)))", `"`, "OR"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		got, err := words.Parse(query)
		if err != nil {
			return
		}
		for _, terms := range got {
			for _, term := range terms {
				if len(term.Words) == 0 {
					t.Fatalf("%q has a term without words", query)
				}
			}
		}
	})
}

func FuzzNarrative(f *testing.F) {
	f.Add("<div>a&amp;b<br/>c</div>")
	f.Add("<!-- a")
	f.Add("&  00;")
	f.Add("&00  000000&amp00;")
	f.Fuzz(func(t *testing.T, div string) {
		if got := words.Narrative(div); strings.Contains(got, "  ") || strings.TrimRight(got, " ") != got {
			t.Fatalf("%q is read as %q", div, got)
		}
	})
}

func BenchmarkContent(b *testing.B) {
	src, err := os.ReadFile("../../../testdata/examples/ExplanationOfBenefit-EB3500.json")
	if err != nil {
		b.Fatal(err)
	}
	doc, err := fhir.Parse(src)
	if err != nil {
		b.Fatal(err)
	}
	n := doc.Root()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		words.Content(n, words.Narrative(n.At("text", "div").Text()))
	}
}
