package query

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

func TestPaths(t *testing.T) {
	for uri, want := range map[string][]string{
		"http://a/b/c": {"http://a/b/c", "http://a/b/", "http://a/b", "http://a/", "http://a"},
		"http://a/":    {"http://a/", "http://a"},
		"urn:oid:1":    {"urn:oid:1"},
		"":             {""},
	} {
		if got := paths(uri); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", uri, got, want)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(Cursor{Hash: 1, Bound: 2, RID: 3, Back: true, Values: []any{nil, int64(-4), 5.5, "sechs"}}.String())
	f.Add("")
	f.Add("AQEqy6fVaG9uKgyot15MYZMnDKi3XkvhkyUDAm430pboMc7D-GI")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor(text, 1)
		if err != nil {
			if !fhir.HasIssue(err, fhir.IssueValue) {
				t.Errorf("got %v", err)
			}
			return
		}
		if again, err := ParseCursor(c.String(), 1); err != nil || !cmp.Equal(again.Values, c.Values) && len(c.Values) > 0 {
			t.Errorf("%v came back as %v, %v", c, again, err)
		}
	})
}
