package path_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gofhir/fhirpath"
	"github.com/gofhir/fhirpath/funcs"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// TestAgreesWithSecondEngine compares the number of results and, of primitives,
// their texts with another engine's over all search parameters on all examples.
func TestAgreesWithSecondEngine(t *testing.T) {
	funcs.SetTraceLogger(funcs.NullTraceLogger{})
	compared := 0
	eachExample(t, func(name string, root fhir.Node) {
		typ := r4.Lookup(root.Get("resourceType").Text())
		for _, p := range r4.SearchParams() {
			if p.Expression == "" || !typ.Is(p.Base) || accepted(p.Expression) != "" {
				continue
			}
			theirs, err := fhirpath.MustCompile(p.Expression).Evaluate(root.Raw())
			if err != nil {
				t.Errorf("%s: %s: the second engine fails: %v", name, p.Expression, err)
				continue
			}
			ours, err := path.MustCompile(p.Expression).Evaluate(root, typ, nil)
			if err != nil {
				t.Errorf("%s: %s: %v", name, p.Expression, err)
			}
			compared++
			if a, b := texts(ours), theirTexts(theirs); !slices.Equal(a, b) {
				t.Errorf("%s: %s:\nours   %q\ntheirs %q", name, p.Expression, a, b)
			}
		}
	})
	t.Logf("%d evaluations compared", compared)
}

// accepted gives why the engines may differ on an expression; "" if they may not.
func accepted(expression string) string {
	if strings.Contains(expression, "resolve()") {
		return "the second engine has no resolver here and gives nothing; ours reads the type off the reference"
	}
	return ""
}

func texts(c path.Collection) []string {
	out := make([]string, 0, len(c))
	for _, i := range c {
		n, _ := i.Node()
		if n.Kind() == fhir.KindObject {
			out = append(out, "{}")
			continue
		}
		out = append(out, strings.Replace(i.Text(), "Z", "+00:00", 1))
	}
	return comparable(out)
}

func theirTexts(c fhirpath.Collection) []string {
	out := make([]string, 0, len(c))
	for _, v := range c {
		s := v.String()
		if strings.HasPrefix(s, "{") {
			s = "{}"
		}
		// It writes a zone of zero as Z; ours keeps the text of the element.
		out = append(out, strings.Replace(s, "Z", "+00:00", 1))
	}
	return comparable(out)
}

// comparable sorts texts and drops equal ones: the second engine keeps elements
// twice that are in both parts of a union, which N1 section 6.4.2 forbids.
func comparable(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}
