package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

// Of three resources, one younger than the others, one parameter is written
// anew; the rows of another parameter, and of what fails, stay as they were.
func TestReindexOfOneParameter(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), t.Context()
			write := func(id string) (at time.Time) {
				if err := s.Update(ctx, func(w fhir.Writer) error {
					at = w.Now()
					return w.Put(fhir.Version{
						Resource: &fhir.Resource{Key: fhir.Key{Type: "Basic", ID: id}, Version: 1, Updated: at, Method: fhir.MethodUpdate, Body: []byte(`{"resourceType":"Basic","id":"` + id + `"}`)},
						Index: &fhir.Index{
							Tokens:  []fhir.TokenRow{{Param: "code", Code: "old"}, {Param: "other", Code: "kept"}},
							Strings: []fhir.StringRow{{Param: "code:text", Normal: "old", Exact: "Old"}},
							Unique:  []fhir.UniqueKey{{Type: "Basic", Name: "urn:number", Value: id}},
						},
					})
				}); err != nil {
					t.Fatal(err)
				}
				return at
			}
			write("a")
			young := write("b").Add(time.Millisecond)
			for time.Now().Before(young) {
				time.Sleep(time.Millisecond)
			}
			write("c")
			extract := func(r *fhir.Resource) (*fhir.Index, error) {
				if r.ID == "a" {
					return nil, fmt.Errorf("%s can't be read", r.Key)
				}
				return &fhir.Index{
					Tokens:  []fhir.TokenRow{{Param: "code", Code: "new"}, {Param: "other", Code: "not to be written"}},
					Strings: []fhir.StringRow{{Param: "code:text", Normal: "new", Exact: "New"}},
				}, nil
			}
			count := func(code, value string) int {
				return total(t, s, fhir.Query{Types: []string{"Basic"}, Total: fhir.TotalAccurate, Where: fhir.Match{
					Param: fhir.Param{Code: code, Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: value, AnySystem: true},
				}})
			}
			text := func(value string) int {
				return total(t, s, fhir.Query{Types: []string{"Basic"}, Total: fhir.TotalAccurate, Where: fhir.Match{
					Param: fhir.Param{Code: "code:text", Kind: fhir.ParamString}, Value: fhir.StringValue{Text: value},
				}})
			}
			for _, step := range []struct {
				name            string
				page            fhir.ReindexPage
				want            fhir.Reindexed
				old, new, words int
			}{
				{"the young one", fhir.ReindexPage{Since: young}, fhir.Reindexed{Found: 1, Changed: 1}, 2, 1, 1},
				{"all", fhir.ReindexPage{}, fhir.Reindexed{Found: 3, Changed: 2, Failed: []fhir.Key{{Type: "Basic", ID: "a"}}}, 1, 2, 2},
			} {
				step.page.Type, step.page.Codes = "Basic", []string{"code"}
				done, err := s.Reindex(ctx, step.page, extract)
				if err != nil {
					t.Fatal(err)
				}
				next := done.Next
				done.Next = 0
				if diff := cmp.Diff(step.want, *done); diff != "" {
					t.Errorf("%s (-want +got):\n%s", step.name, diff)
				}
				step.page.From = next
				if last, err := s.Reindex(ctx, step.page, extract); err != nil || last.Found != 0 || last.Next != 0 {
					t.Errorf("%s, after the last: %+v, %v", step.name, last, err)
				}
				if old, new, words := count("code", "old"), count("code", "new"), text("new"); old != step.old || new != step.new || words != step.words {
					t.Errorf("%s: %d are old, %d new, %d have the new words; want %d, %d, %d", step.name, old, new, words, step.old, step.new, step.words)
				}
				if kept := count("other", "kept"); kept != 3 {
					t.Errorf("%s: %d have the other parameter, want 3", step.name, kept)
				}
			}
		})
	}
}
