package storagetest

import (
	"testing"

	"bima/fhir"
)

// revising holds the writers of a store to fhir.Reviser.
func revising(t *testing.T, open func(t *testing.T) fhir.Store) {
	tagged := func(tag string) *fhir.Index {
		return &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}, {Param: "_tag", Code: tag}}}
	}
	revise := func(f fixture, version int64, body string, after, before *fhir.Index) {
		f.Helper()
		f.update(func(w fhir.Writer) error {
			r := &fhir.Resource{Key: key("Patient/asha"), Version: version, Body: []byte(body)}
			return w.(fhir.Reviser).Revise(r, after, before)
		})
	}
	f := fixture{t, open(t)}
	f.create("Patient/asha", tagged("a"))
	f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 1, tagged("b"), tagged("a")) })
	revise(f, 2, `{"current":true}`, tagged("c"), tagged("b"))
	revise(f, 1, `{"old":true}`, nil, nil)
	of := func(tag string) fhir.Query {
		return fhir.Query{Types: []string{"Patient"}, Where: token("_tag", tag)}
	}
	same(t, "by the tag it has now", f.found(of("c")), []string{"Patient/asha"})
	same(t, "by the tag it had", f.found(of("b")), nil)
	same(t, "by what stayed", f.found(fhir.Query{Types: []string{"Patient"}, Where: token("status", "active")}), []string{"Patient/asha"})
	f.view(func(r fhir.Reader) error {
		for version, want := range map[int64]string{1: `{"old":true}`, 2: `{"current":true}`} {
			got, err := r.ReadVersion(key("Patient/asha"), version)
			if err != nil {
				return err
			}
			same(t, "version", []string{string(got.Body)}, []string{want})
		}
		page, err := r.History(&fhir.HistoryQuery{Limit: 10})
		if err == nil && len(page.Resources) != 2 {
			t.Errorf("there are %d versions, want 2", len(page.Resources))
		}
		return err
	})
	f.view(func(r fhir.Reader) error {
		got, err := r.Read(key("Patient/asha"))
		if err == nil && (got.Version != 2 || string(got.Body) != `{"current":true}`) {
			t.Errorf("the current version is %d, %s", got.Version, got.Body)
		}
		return err
	})
	f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 2, tagged("d"), tagged("c")) })
	same(t, "by the tag of the version after", f.found(of("d")), []string{"Patient/asha"})
	err := f.store.Update(t.Context(), func(w fhir.Writer) error {
		return w.(fhir.Reviser).Revise(&fhir.Resource{Key: key("Patient/asha"), Version: 4, Body: []byte(`{}`)}, nil, nil)
	})
	refused(t, "a version that is not there", err, fhir.IssueNotFound)
}
