package storage_test

import (
	"context"
	"testing"

	"bima/fhir"
)

// set puts a version of a value set with a URL, and gives an error to roll it
// back with.
func set(t *testing.T, s fhir.Store, id, url string, version int64, after error) {
	t.Helper()
	err := s.Update(context.Background(), func(w fhir.Writer) error {
		k := fhir.Key{Type: "ValueSet", ID: id}
		err := w.Put(fhir.Version{
			Resource: &fhir.Resource{Key: k, Version: version, Updated: w.Now(), Body: []byte(`{"resourceType":"ValueSet"}`)},
			Expect:   version - 1, Index: &fhir.Index{URIs: []fhir.URIRow{{Param: "url", URI: url}}},
		})
		if err != nil {
			return err
		}
		return after
	})
	if (err == nil) != (after == nil) {
		t.Fatal(err)
	}
}

func TestHeadsTellVersionsWithoutBodies(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := open(t, dsn(t))
			ask := func(url string, limit int) (heads []fhir.Head) {
				t.Helper()
				err := s.View(context.Background(), func(r fhir.Reader) (err error) {
					heads, err = r.(fhir.HeadReader).Heads(&fhir.Query{Types: []string{"ValueSet"}, Limit: limit, Where: fhir.Match{
						Param: fhir.Param{Code: "url", Kind: fhir.ParamURI}, Value: fhir.URIValue{URI: url},
					}})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return heads
			}
			if got := ask("urn:a", 10); len(got) != 0 {
				t.Errorf("of an empty store: got %v", got)
			}
			set(t, s, "one", "urn:a", 1, nil)
			set(t, s, "two", "urn:a", 1, nil)
			set(t, s, "other", "urn:b", 1, nil)
			first := ask("urn:a", 10)
			if len(first) != 2 || first[0].ID != "two" || first[1].ID != "one" || first[0].Type != "ValueSet" {
				t.Fatalf("got %v, want two and one", first)
			}
			if again := ask("urn:a", 10); again[0] != first[0] || again[1] != first[1] {
				t.Errorf("nothing has changed: got %v, want %v", again, first)
			}
			if got := ask("urn:a", 1); len(got) != 1 || got[0] != first[0] {
				t.Errorf("the first of them: got %v, want %v", got, first[:1])
			}
			if got := ask("urn:a", 0); len(got) != 0 {
				t.Errorf("none of them: got %v", got)
			}
			set(t, s, "one", "urn:a", 2, fhir.Errorf(fhir.IssueConflict, "", "rolled back"))
			if got := ask("urn:a", 10); got[1] != first[1] {
				t.Errorf("a change was rolled back: got %v, want %v", got, first)
			}
			set(t, s, "one", "urn:a", 2, nil)
			if got := ask("urn:a", 10); got[0] != first[0] || got[1].Key != first[1].Key || got[1].Stamp == first[1].Stamp {
				t.Errorf("one has changed: got %v, before %v", got, first)
			}
		})
	}
}
