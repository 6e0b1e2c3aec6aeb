package path_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

const examples = "../../testdata/examples"

func TestEverySearchParameterCompiles(t *testing.T) {
	for _, p := range r4.SearchParams() {
		if p.Expression == "" {
			continue
		}
		e, err := path.Compile(p.Expression)
		if err != nil {
			t.Errorf("%s.%s: %v", p.Base, p.Code, err)
		} else if err := e.Check(r4.Lookup(p.Base)); err != nil {
			t.Errorf("%s.%s: %s: %v", p.Base, p.Code, p.Expression, err)
		}
		for _, c := range p.Components {
			if _, err := path.Compile(c.Expression); err != nil {
				t.Errorf("%s.%s component: %v", p.Base, p.Code, err)
			}
		}
	}
}

// constraints ranges over the invariants of a type, its elements and the
// backbone types within it.
func constraints(t *r4.Type, visit func(owner *r4.Type, c r4.Constraint)) {
	for _, c := range t.Constraints {
		visit(t, c)
	}
	for _, e := range t.Elements {
		for _, c := range e.Constraints {
			if len(e.Types) == 1 {
				visit(e.Types[0].Type, c)
			}
		}
		for _, et := range e.Types {
			if et.Type.Kind == r4.KindBackbone && strings.HasPrefix(et.Type.Name, t.Name+"."+e.Name) {
				constraints(et.Type, visit)
			}
		}
	}
}

func TestEveryConstraintCompiles(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range r4.Resources() {
		constraints(r4.Lookup(name), func(owner *r4.Type, c r4.Constraint) {
			if c.Expression == "" || seen[c.Expression] {
				return
			}
			seen[c.Expression] = true
			e, err := path.Compile(c.Expression)
			if err != nil {
				t.Errorf("%s: %s: %v", c.Key, c.Expression, err)
			} else if err := e.Check(owner); err != nil {
				t.Errorf("%s: %s: %s: %v", owner.Name, c.Key, c.Expression, err)
			}
		})
	}
	if len(seen) < 100 {
		t.Errorf("only %d different constraints were found", len(seen))
	}
}

func TestSearchExpressionsEvaluateOnExamples(t *testing.T) {
	results := 0
	eachExample(t, func(name string, root fhir.Node) {
		typ := r4.Lookup(root.Get("resourceType").Text())
		for _, p := range r4.SearchParams() {
			if p.Expression == "" || !typ.Is(p.Base) {
				continue
			}
			got, err := path.MustCompile(p.Expression).Evaluate(root, typ, nil)
			if err != nil {
				t.Errorf("%s: %s.%s: %s: %v", name, p.Base, p.Code, p.Expression, err)
			}
			results += len(got)
		}
	})
	if results < 1000 {
		t.Errorf("got %d results in all, want more than 1000", results)
	}
}

func TestInvariantsHoldOnExamples(t *testing.T) {
	eachExample(t, func(name string, root fhir.Node) {
		typ := r4.Lookup(root.Get("resourceType").Text())
		for _, c := range typ.Constraints {
			if c.Expression == "" {
				continue
			}
			value, known, err := path.MustCompile(c.Expression).Bool(root, typ, nil)
			if err != nil {
				t.Errorf("%s: %s: %v", name, c.Key, err)
			} else if known && !value && c.Severity == "error" {
				t.Errorf("%s: %s: %s does not hold", name, c.Key, c.Expression)
			}
		}
	})
}

func eachExample(t testing.TB, visit func(name string, root fhir.Node)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examples, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d, err := fhir.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		visit(filepath.Base(f), d.Root())
	}
}
