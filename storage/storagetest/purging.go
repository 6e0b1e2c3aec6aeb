package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"bima/fhir"
)

// purging holds the writers of a store to fhir.Purger.
func purging(t *testing.T, open func(t *testing.T) fhir.Store) {
	index := func(name string) *fhir.Index {
		return &fhir.Index{
			Tokens:     []fhir.TokenRow{{Param: "status", Code: "active"}},
			Strings:    []fhir.StringRow{{Param: "name", Normal: name, Exact: name}},
			References: []fhir.ReferenceRow{{Param: "link", Key: key("Patient/other")}},
			Positions:  []fhir.PositionRow{{Param: "near", Latitude: 1, Longitude: 2}},
			Texts:      []fhir.TextRow{{Param: "_text", Text: name}, {Param: "_content", Text: name}},
			Unique:     []fhir.UniqueKey{{Type: "Patient", Name: "urn:card", Value: name}},
		}
	}
	purge := func(f fixture, name string, wholly bool) {
		f.Helper()
		f.update(func(w fhir.Writer) error { return w.(fhir.Purger).Purge(key(name), wholly) })
	}
	history := func(f fixture) (out []string) {
		f.view(func(r fhir.Reader) error {
			page, err := r.History(&fhir.HistoryQuery{Limit: 100, Total: fhir.TotalAccurate})
			if err != nil {
				return err
			}
			for _, v := range page.Resources {
				out = append(out, fmt.Sprintf("%s %d", v.Key, v.Version))
			}
			if *page.Total != int64(len(out)) {
				t.Errorf("total %d of %v", *page.Total, out)
			}
			return nil
		})
		return out
	}
	two := func(t *testing.T) fixture {
		f := fixture{t, open(t)}
		f.create("Patient/asha", index("asha"))
		f.create("Patient/other", index("other"))
		f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 1, index("asha m"), index("asha")) })
		f.update(func(w fhir.Writer) error {
			entry := fhir.Entry{Account: "Contract/a", Bucket: "ceiling", Day: 1, Value: 5}
			return errors.Join(w.Post(key("Patient/asha"), []fhir.Entry{entry}), w.Post(key("Patient/other"), []fhir.Entry{entry}))
		})
		return f
	}
	active := fhir.Query{Types: []string{"Patient"}, Where: token("status", "active")}
	t.Run("previous versions go, the current one stays", func(t *testing.T) {
		f := two(t)
		purge(f, "Patient/asha", false)
		same(t, "history", history(f), []string{"Patient/asha 2", "Patient/other 1"})
		same(t, "search", f.found(active), []string{"Patient/other", "Patient/asha"})
		f.view(func(r fhir.Reader) error {
			_, err := r.ReadVersion(key("Patient/asha"), 1)
			refused(t, "ReadVersion", err, fhir.IssueNotFound)
			_, err = r.ReadVersion(key("Patient/asha"), 2)
			return err
		})
		f.update(func(w fhir.Writer) error { return put(w, "Patient/asha", 2, index("asha m"), index("asha m")) })
		same(t, "later history", history(f), []string{"Patient/asha 3", "Patient/asha 2", "Patient/other 1"})
	})
	t.Run("wholly, nothing is left", func(t *testing.T) {
		f := two(t)
		purge(f, "Patient/asha", true)
		same(t, "history", history(f), []string{"Patient/other 1"})
		same(t, "search", f.found(active), []string{"Patient/other"})
		for _, c := range []fhir.Criterion{
			text("name", "asha", fhir.StringStarts),
			fhir.IDs{"asha"},
			fhir.FullText{Param: "_content", Alternatives: [][]fhir.TextTerm{{{Words: []string{"asha"}}}}},
		} {
			same(t, "by what it had", f.found(fhir.Query{Types: []string{"Patient"}, Where: c}), nil)
		}
		f.view(func(r fhir.Reader) error {
			_, err := r.Read(key("Patient/asha"))
			refused(t, "Read", err, fhir.IssueNotFound)
			if _, taken, err := r.Owner(fhir.UniqueKey{Type: "Patient", Name: "urn:card", Value: "asha m"}); taken || err != nil {
				t.Errorf("its identifier is taken: %v", err)
			}
			left, err := r.Tally(fhir.Tally{Accounts: []string{"Contract/a"}})
			if len(left) != 1 || left[0].Value != 5 {
				t.Errorf("the ledger has %v", left)
			}
			return err
		})
		f.create("Patient/asha", index("asha m"))
		same(t, "used again", history(f), []string{"Patient/asha 1", "Patient/other 1"})
	})
	t.Run("and created again in one transaction", func(t *testing.T) {
		f := two(t)
		f.update(func(w fhir.Writer) error {
			return errors.Join(w.(fhir.Purger).Purge(key("Patient/asha"), true), put(w, "Patient/asha", 0, index("asha"), nil))
		})
		same(t, "history", history(f), []string{"Patient/asha 1", "Patient/other 1"})
	})
	t.Run("what never was is not found, and what was deleted goes too", func(t *testing.T) {
		f := two(t)
		err := f.store.Update(context.Background(), func(w fhir.Writer) error { return w.(fhir.Purger).Purge(key("Patient/nobody"), true) })
		refused(t, "Purge", err, fhir.IssueNotFound)
		f.update(func(w fhir.Writer) error { return remove(w, "Patient/asha", 2, index("asha m")) })
		purge(f, "Patient/asha", true)
		same(t, "history", history(f), []string{"Patient/other 1"})
	})
	t.Run("pages go on where the resource they ended with was", func(t *testing.T) {
		f := fixture{t, open(t)}
		for i := range 9 {
			f.create(fmt.Sprint("Patient/p", i), index(fmt.Sprint("n", i)))
		}
		forth, _ := f.walk(fhir.Query{Types: []string{"Patient"}, Limit: 3}, func(page int) {
			purge(f, fmt.Sprint("Patient/p", 6-3*page), true)
		})
		same(t, "forth", forth, []string{"Patient/p8", "Patient/p7", "Patient/p6", "Patient/p5", "Patient/p4", "Patient/p3", "Patient/p2", "Patient/p1", "Patient/p0"})
	})
	purgingRace(t, open)
}

// purgingRace lets updates and purges of one resource race: whichever comes
// first, no version is left without its resource.
func purgingRace(t *testing.T, open func(t *testing.T) fhir.Store) {
	t.Run("an update that comes too late is a conflict", func(t *testing.T) {
		f := fixture{t, open(t)}
		for i := range 10 {
			name := fmt.Sprint("Patient/p", i)
			f.create(name, &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}}})
			var both sync.WaitGroup
			both.Go(func() {
				err := f.store.Update(context.Background(), func(w fhir.Writer) error {
					if _, err := w.Read(key(name)); err != nil {
						return err
					}
					return put(w, name, 1, &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "late"}}}, nil)
				})
				if err != nil && !fhir.HasIssue(err, fhir.IssueConflict) && !fhir.HasIssue(err, fhir.IssueNotFound) {
					t.Errorf("the update: %v", err)
				}
			})
			both.Go(func() {
				if err := f.store.Update(context.Background(), func(w fhir.Writer) error {
					return w.(fhir.Purger).Purge(key(name), true)
				}); err != nil {
					t.Errorf("the purge: %v", err)
				}
			})
			both.Wait()
		}
		f.view(func(r fhir.Reader) error {
			page, err := r.History(&fhir.HistoryQuery{Limit: 100, Total: fhir.TotalAccurate})
			if err == nil && *page.Total != 0 {
				t.Errorf("%d versions are left", *page.Total)
			}
			return err
		})
	})
}
