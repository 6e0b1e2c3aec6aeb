package search

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestRoutesFindWhatFHIRPathFinds extracts each parameter from each of HL7's
// examples twice: by the routes that serve all parameters in one walk, and by
// evaluating its expression.
func TestRoutesFindWhatFHIRPathFinds(t *testing.T) {
	r, err := New("http://localhost/fhir", nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../testdata/examples/*.json")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	compared := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(src)
		if err != nil {
			continue // a resource that is wrong on purpose
		}
		compared += compareWithFHIRPath(t, r, filepath.Base(file), doc.Root())
	}
	t.Logf("%d rows compared", compared)
}

func compareWithFHIRPath(t *testing.T, r *Registry, name string, n fhir.Node) (rows int) {
	t.Helper()
	typ := r4.Lookup(n.Get("resourceType").Text())
	for _, definition := range r.Params(typ.Name) {
		p := r.param(typ.Name, definition.Code)
		if strings.Contains(p.Expression, " as uri)") {
			continue // a search takes a canonical to be a uri, a cast of FHIRPath does not
		}
		if len(p.routes) == 0 || p.kind == fhir.ParamComposite || p.kind == fhir.ParamSpecial {
			continue
		}
		routed := &plan{members: map[string]*member{}}
		routed.add(p, typ)
		expression, err := path.Compile(p.Expression)
		if err != nil {
			t.Errorf("%s: %v", p.URL, err)
			continue
		}
		byPath := &plan{here: []emitter{evaluated(&param{SearchParam: p.SearchParam, kind: p.kind, expression: expression}, typ)}}
		got, want := rowsOf(r, routed, n), rowsOf(r, byPath, n)
		if diff := cmp.Diff(want, got, unordered, cmpopts.IgnoreFields(fhir.TokenRow{}, "System")); diff != "" {
			t.Errorf("%s: %s (-FHIRPath +routes)\n%s", name, p.Expression, diff)
		}
		rows += len(got.Tokens) + len(got.Strings) + len(got.References) + len(got.Dates) + len(got.Quantities) + len(got.URIs)
	}
	return rows
}

func rowsOf(r *Registry, p *plan, n fhir.Node) *fhir.Index {
	x := &extraction{Index: &fhir.Index{}, zone: r.zone, base: r.base, root: n}
	x.walk(p, n)
	x.dedupe()
	return x.Index
}

// unordered compares rows as sets; a code has its system from its route only.
var unordered = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.SortSlices(func(a, b fhir.TokenRow) bool { return a.Param+a.Code < b.Param+b.Code }),
	cmpopts.SortSlices(func(a, b fhir.StringRow) bool { return a.Exact < b.Exact }),
	cmpopts.SortSlices(func(a, b fhir.ReferenceRow) bool { return a.Key.String()+a.URL < b.Key.String()+b.URL }),
	cmpopts.SortSlices(func(a, b fhir.DateRow) bool { return a.From < b.From }),
	cmpopts.SortSlices(func(a, b fhir.QuantityRow) bool { return a.Low < b.Low }),
	cmpopts.SortSlices(func(a, b fhir.URIRow) bool { return a.URI < b.URI }),
}
