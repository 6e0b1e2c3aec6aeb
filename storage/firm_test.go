package storage_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"bima/fhir"
	"bima/storage/storagetest"
)

// TestPagesKeepToTheirOrderWhileATransactionEnds changes resources by a transaction
// that took its time before the first page was made, and commits after it: its versions
// are older than the newest that the page saw. On SQLite none is under way then.
func TestPagesKeepToTheirOrderWhileATransactionEnds(t *testing.T) {
	name := fhir.Param{Code: "name", Kind: fhir.ParamString}
	updated := fhir.Param{Code: "_lastUpdated", Kind: fhir.ParamDate}
	for _, sort := range [][]fhir.SortKey{{{Param: name}}, {{Param: name, Descending: true}}, {{Param: updated}}, {{Param: updated, Descending: true}}} {
		t.Run(fmt.Sprint(sort[0].Param.Code, sort[0].Descending), func(t *testing.T) { pagesWhileATransactionEnds(t, sort) })
	}
}

func pagesWhileATransactionEnds(t *testing.T, sort []fhir.SortKey) {
	s := open(t, storagetest.Postgres(t))
	indexes := map[string]*fhir.Index{}
	put := func(w fhir.Writer, id string, version int64, name string) error {
		x := &fhir.Index{Strings: []fhir.StringRow{{Param: "name", Normal: name, Exact: name}}}
		indexes[fmt.Sprint(id, " ", version)] = x
		return w.Put(fhir.Version{Expect: version - 1, Index: x, Before: indexes[fmt.Sprint(id, " ", version-1)], Resource: &fhir.Resource{
			Key: fhir.Key{Type: "Basic", ID: id}, Version: version, Updated: w.Now(), Body: []byte(`{}`),
		}})
	}
	update := func(write func(fhir.Writer) error) {
		if err := s.Update(context.Background(), write); err != nil {
			t.Error(err)
		}
	}
	const count = 9
	for i := range count {
		update(func(w fhir.Writer) error { return put(w, fmt.Sprint("b", i), 1, fmt.Sprint("n", i)) })
	}
	written, seen, ended := make(chan bool), make(chan bool), make(chan bool)
	go func() {
		defer close(ended)
		update(func(w fhir.Writer) error {
			for i, name := range map[int]string{1: "n8x", 7: "n0x", 4: "n4"} {
				if err := put(w, fmt.Sprint("b", i), 2, name); err != nil {
					return err
				}
			}
			if err := put(w, "during", 1, "n5"); err != nil {
				return err
			}
			if _, err := w.Read(fhir.Key{Type: "Basic", ID: "b0"}); err != nil { // sends what waits
				return err
			}
			close(written)
			<-seen
			return nil
		})
	}()
	<-written
	update(func(w fhir.Writer) error { return put(w, "other", 1, "n3x") })
	q := fhir.Query{Types: []string{"Basic"}, Sort: sort, Index: func(r *fhir.Resource) (*fhir.Index, error) {
		return indexes[fmt.Sprint(r.ID, " ", r.Version)], nil
	}}
	turn := func() (ids []string, next string) {
		err := s.View(context.Background(), func(r fhir.Reader) error {
			page, err := r.Search(&q)
			if err == nil {
				next = page.Next
				for _, r := range page.Resources {
					ids = append(ids, r.ID)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return ids, next
	}
	q.Limit = 100
	want, _ := turn()
	q.Limit = 3
	got, next := turn()
	close(seen)
	<-ended
	update(func(w fhir.Writer) error { return put(w, "b7", 3, "n9") })
	for next != "" {
		var ids []string
		q.After = next
		ids, next = turn()
		got = append(got, ids...)
	}
	if !slices.Equal(got, want) || len(want) != count+1 {
		t.Errorf("pages show\n%v, want\n%v", got, want)
	}
}

// TestPagesOfWhatStaysCostOneLook holds later pages of a sorted search, where nothing
// moved, to what they cost where it might: two looks into an index that find nothing,
// though all was written in the millisecond of the newest, and others come after it.
// However many there are, a page by text reads its own.
func TestPagesOfWhatStaysCostOneLook(t *testing.T) {
	const size, lookSteps, pageSteps = 4000, 120, 6000
	indexOf := func(i int) *fhir.Index {
		name := fmt.Sprintf("n%04d", i/3)
		return &fhir.Index{Strings: []fhir.StringRow{{Param: "name", Normal: name, Exact: name}}}
	}
	s := grown(t, storagetest.SQLite(t), keysOf("Patient", size), indexOf)
	for name, sort := range map[string]fhir.SortKey{
		"name": {Param: fhir.Param{Code: "name", Kind: fhir.ParamString}}, "name, down": {Param: fhir.Param{Code: "name", Kind: fhir.ParamString}, Descending: true},
	} {
		t.Run(name, func(t *testing.T) {
			q := fhir.Query{Types: []string{"Patient"}, Sort: []fhir.SortKey{sort}, Limit: 20}
			steps := func(index func(*fhir.Resource) (*fhir.Index, error)) int64 {
				q.Index = index
				n, err := s.Steps(context.Background(), func(r fhir.Reader) error { _, err := r.Search(&q); return err })
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			keeps := func(*fhir.Resource) (*fhir.Index, error) { return nil, fmt.Errorf("nothing moved") }
			q.Index = keeps
			_, page, _ := told(t, s, q)
			q.After = page.Next
			without, with := steps(nil), steps(keeps)
			if with > without+lookSteps || with > pageSteps {
				t.Errorf("a later page takes %d steps, and %d where its order may change", with, without)
			}
		})
	}
}
