package storage_test

import (
	"context"
	"testing"

	"bima/fhir"
)

func TestReindexOfOneTextKeepsTheOther(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), context.Background()
			texts := func(narrative string) *fhir.Index {
				return &fhir.Index{Texts: []fhir.TextRow{{Param: "_text", Text: narrative}, {Param: "_content", Text: "uno"}}}
			}
			if err := s.Update(ctx, func(w fhir.Writer) error {
				return w.Put(fhir.Version{Index: texts("one"), Resource: &fhir.Resource{
					Key: fhir.Key{Type: "Basic", ID: "b"}, Version: 1, Updated: w.Now(), Method: fhir.MethodUpdate, Body: []byte("{}"),
				}})
			}); err != nil {
				t.Fatal(err)
			}
			found := func(param, word string) int {
				return total(t, s, fhir.Query{Types: []string{"Basic"}, Where: fhir.FullText{
					Param: param, Alternatives: [][]fhir.TextTerm{{{Words: []string{word}}}},
				}})
			}
			for _, page := range []fhir.ReindexPage{{Type: "Basic", Codes: []string{"_text"}}, {Type: "Basic"}, {Type: "Basic", Codes: []string{"code"}}} {
				if _, err := s.Reindex(ctx, page, func(*fhir.Resource) (*fhir.Index, error) { return texts("two"), nil }); err != nil {
					t.Fatal(err)
				}
				if one, two, uno := found("_text", "one"), found("_text", "two"), found("_content", "uno"); one != 0 || two != 1 || uno != 1 {
					t.Errorf("after %v: %d, %d, %d", page.Codes, one, two, uno)
				}
			}
		})
	}
}
