package fhir_test

import (
	"os"
	"path/filepath"
	"testing"

	"bima/fhir"
)

// chosen gives what a choice leaves of a tree, written with every member in its order.
func chosen(n fhir.Node, c fhir.Choice) []any {
	out := []any{int(n.Kind()), n.Text()}
	if c != nil && len(c) == 0 {
		return append(out, string(n.Raw()))
	}
	for child := range n.All() {
		below := c
		if n.Kind() == fhir.KindObject && c != nil {
			var is bool
			if below, is = c[child.Name()]; !is {
				continue
			}
		}
		out = append(out, child.Name(), chosen(child, below))
	}
	return out
}

var choices = []fhir.Choice{
	nil,
	{},
	{"a": nil},
	{"a": {"b": nil, "": nil}, "c": {}},
	{"status": nil, "patient": {"reference": nil}, "item": {"sequence": nil, "productOrService": {"coding": {"code": nil}}, "adjudication": nil}},
}

// picks holds what is picked of a text against what there is of it in the whole tree.
func picks(t *testing.T, text []byte) {
	t.Helper()
	whole, err := fhir.Parse(text)
	for _, c := range choices {
		doc, problem := fhir.NewPicker(c).Parse(text)
		if err != nil {
			continue // what is passed over may be what is wrong
		}
		if problem != nil {
			t.Fatalf("%q: %v", text, problem)
		}
		if want, got := marshal(t, chosen(whole.Root(), c)), marshal(t, chosen(doc.Root(), c)); got != want {
			t.Fatalf("%v of %q: got %s, want %s", c, text, got, want)
		}
	}
}

func TestPicker_ReadsWhatIsChosen(t *testing.T) {
	files, err := filepath.Glob("../testdata/examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		picks(t, text)
	}
	doc, err := fhir.NewPicker(fhir.Choice{"a": {"b": nil}, "x": {}}).Parse([]byte(` {"x":{"a":[{"]":"}"}]},"a":[{"c":[1,{}],"b":2},{"b":3}],"y":-1.5} `))
	if err != nil {
		t.Fatal(err)
	}
	if got := marshal(t, rebuild(doc.Root())); got != `{"a":[{"b":2},{"b":3}],"x":{}}` || string(doc.Root().Get("x").Raw()) != `{"a":[{"]":"}"}]}` {
		t.Errorf("picked %s", got)
	}
}

func TestPicker_TellsWhatIsWrong(t *testing.T) {
	p := fhir.NewPicker(fhir.Choice{"a": nil})
	for _, text := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":[1`, `{"a":1}}`, `{"b":{`, `{"b":"`, `{"b"1}`, `{1}`, `{"a":x}`, `[1 2]`, `"a`} {
		if _, err := p.Parse([]byte(text)); !fhir.HasIssue(err, fhir.IssueStructure) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzPicker(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e3,"x\u00e9",null,true],"b":{"a":{}}}`, `{"c":{"]":"}"},"a":{"b":"c","":[[]]}}`, `{"a":{"a":{}},"a":1}`, ` [ {"a" : 1 } ] `} {
		f.Add([]byte(text))
	}
	f.Fuzz(picks)
}

func BenchmarkPicker(b *testing.B) {
	text, err := os.ReadFile("../testdata/examples/Claim-960151.json")
	if err != nil {
		b.Fatal(err)
	}
	p := fhir.NewPicker(choices[len(choices)-1])
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc, err := p.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		doc.Release()
	}
}
