package fhir_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bima/fhir"
)

// rebuild turns a tree into what encoding/json gives for the same text.
func rebuild(n fhir.Node) any {
	switch n.Kind() {
	case fhir.KindObject:
		m := map[string]any{}
		for c := range n.All() {
			m[c.Name()] = rebuild(c)
		}
		return m
	case fhir.KindArray:
		a := []any{}
		for c := range n.All() {
			a = append(a, rebuild(c))
		}
		return a
	case fhir.KindString:
		return n.Text()
	case fhir.KindNumber:
		return json.Number(n.Text())
	case fhir.KindBool:
		return n.Text() == "true"
	}
	return nil
}

func decode(text []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return v, nil
}

func marshal(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParse_AgreesWithEncodingJSON(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `""`, `0`, `-1.50e+3`, `true`, `null`, ` { "a" : [ 1 , {"b":null} ] } `,
		`{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, `{"é":"ü","\u0061b":1}`, `[[],[[]],{}]`,
	} {
		doc, err := fhir.Parse([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want, err := decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := marshal(t, rebuild(doc.Root())), marshal(t, want); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an empty text", ``, "line 1, column 1"},
		{"text after the value", `{} x`, "more text after the end"},
		{"a missing comma", "{\"a\":1\n \"b\":2}", "line 2, column 2"},
		{"a trailing comma", `[1,]`, "a value was expected"},
		{"a number with a leading zero", `[01]`, "not a number"},
		{"a single quote", `{'a':1}`, "double quotes"},
		{"a raw control character", "\"a\nb\"", "control character"},
		{"a bad escape", `"\x"`, "backslash"},
		{"an unfinished string", `"abc`, "ends inside a string"},
		{"an unfinished object", `{"a":1`, "ends inside an array or object"},
		{"a word that is none", `nul`, "a value was expected"},
	} {
		_, err := fhir.Parse([]byte(c.text))
		if !fhir.HasIssue(err, fhir.IssueStructure) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a structure issue with %q", c.name, err, c.want)
		}
	}
	deep := strings.Repeat("[", fhir.DepthMax+1) + strings.Repeat("]", fhir.DepthMax+1)
	if _, err := fhir.Parse([]byte(deep)); !fhir.HasIssue(err, fhir.IssueTooCostly) {
		t.Errorf("nesting beyond DepthMax: got %v, want an issue of type too-costly", err)
	}
	if _, err := fhir.Parse([]byte(deep[1 : len(deep)-1])); err != nil {
		t.Errorf("nesting of DepthMax: got %v, want no error", err)
	}
}

func TestParse_ListsWhatTheValidatorReports(t *testing.T) {
	doc, err := fhir.Parse([]byte(`{"a":1,"b":{"c":1,"c":2},"a":"\ud800","d":"` + "\xff" + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	names := func(nodes []fhir.Node) string {
		var b strings.Builder
		for _, n := range nodes {
			b.WriteString(n.Name() + "=" + string(n.Raw()) + " ")
		}
		return b.String()
	}
	if got, want := names(doc.Duplicates()), "c=2 a=\"\\ud800\" "; got != want {
		t.Errorf("duplicates: got %q, want %q", got, want)
	}
	if got, want := names(doc.IllFormed()), "a=\"\\ud800\" d=\"\xff\" "; got != want {
		t.Errorf("ill-formed: got %q, want %q", got, want)
	}
}

func TestNode(t *testing.T) {
	doc, err := fhir.Parse([]byte(`{"resourceType":"Claim","item":[{"sequence":1},{"sequence":2}],"use":"claim"}`))
	if err != nil {
		t.Fatal(err)
	}
	root := doc.Root()
	if got := root.At("item").Len(); got != 2 {
		t.Errorf("item has %d elements, want 2", got)
	}
	if got := root.At("subject", "reference"); got.Exists() || got.Text() != "" || got.Len() != 0 || got.Next().Exists() {
		t.Errorf("a path that is absent gave %v", got)
	}
	var sequences []string
	for item := range root.Get("item").Each() {
		sequences = append(sequences, item.Get("sequence").Text())
	}
	for single := range root.Get("use").Each() {
		sequences = append(sequences, single.Text())
	}
	if got := strings.Join(sequences, ","); got != "1,2,claim" {
		t.Errorf("Each gave %s, want 1,2,claim", got)
	}
	if got := string(root.Get("item").First().Raw()); got != `{"sequence":1}` {
		t.Errorf("Raw gave %s", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e3,"x\u00e9",null,true]}`, `[]`, `"\ud83d\ude00"`, `{"a":{"a":{}}}`, "\"\xff\""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := fhir.Parse(text)
		if err != nil {
			if json.Valid(text) && !fhir.HasIssue(err, fhir.IssueTooCostly) {
				t.Fatalf("refused valid JSON %q: %v", text, err)
			}
			return
		}
		if !json.Valid(text) {
			t.Fatalf("accepted invalid JSON %q", text)
		}
		if len(doc.IllFormed()) > 0 || len(doc.Duplicates()) > 0 {
			return
		}
		want, err := decode(text)
		if err != nil {
			return
		}
		if got, want := marshal(t, rebuild(doc.Root())), marshal(t, want); got != want {
			t.Fatalf("%q: got %s, want %s", text, got, want)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	files, err := filepath.Glob("../testdata/examples/Claim-*.json")
	if err != nil || len(files) == 0 {
		b.Fatalf("no example to parse: %v", err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc, err := fhir.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		doc.Release()
	}
}
