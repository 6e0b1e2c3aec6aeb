package storagetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"bima/fhir"
)

// Run holds a fhir.Store to its contract. open gives a new, empty one, which is
// closed by the test's cleanup.
func Run(t *testing.T, open func(t *testing.T) fhir.Store) {
	t.Helper()
	for _, part := range []struct {
		name string
		run  func(t *testing.T, open func(t *testing.T) fhir.Store)
	}{
		{"versions", versions},
		{"writing", writing},
		{"identifiers", identifiers},
		{"identifiers within a transaction", identifiersWithin},
		{"search", searches},
		{"sets of tokens", tokenSets},
		{"near", near},
		{"full text", fullTexts},
		{"crowds", crowds},
		{"ties", ties},
		{"explaining", explains},
		{"estimates", estimates},
		{"sorting", sorting},
		{"paging", paging},
		{"walks while others write", walks},
		{"walks while sort keys change", firm},
		{"runs of values", runs},
		{"what was written long ago", past},
		{"empty pages", emptyPages},
		{"history", histories},
		{"referrers", referrers},
		{"samples", samples},
		{"many alternatives", alternatives},
		{"purging", purging},
		{"revising", revising},
		{"ledger", ledgers},
		{"sums of the ledger", ledgerSums},
		{"races", races},
		{"failures", failures},
		{"jobs", jobs},
		{"asynchronous requests", asyncs},
		{"events of subscriptions", events},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, open) })
	}
}

// fixture writes and reads resources the way the tests name them.
type fixture struct {
	*testing.T
	store fhir.Store
}

func (f fixture) update(write func(w fhir.Writer) error) {
	f.Helper()
	if err := f.store.Update(context.Background(), write); err != nil {
		f.Fatalf("Update: %v", err)
	}
}

func (f fixture) view(read func(r fhir.Reader) error) {
	f.Helper()
	if err := f.store.View(context.Background(), read); err != nil {
		f.Fatalf("View: %v", err)
	}
}

// key parts "Patient/asha".
func key(s string) fhir.Key {
	for i := range s {
		if s[i] == '/' {
			return fhir.Key{Type: s[:i], ID: s[i+1:]}
		}
	}
	return fhir.Key{Type: s}
}

// body is what the tests store: nothing looks into it.
func body(k fhir.Key, version int64) []byte {
	return fmt.Appendf(nil, `{"resourceType":%q,"id":%q,"meta":{"versionId":"%d"}}`, k.Type, k.ID, version)
}

// put stores the version after expect.
func put(w fhir.Writer, name string, expect int64, index, before *fhir.Index) error {
	k := key(name)
	method := fhir.MethodUpdate
	if expect == 0 {
		method = fhir.MethodCreate
	}
	return w.Put(fhir.Version{Expect: expect, Index: index, Before: before, Resource: &fhir.Resource{
		Key: k, Version: expect + 1, Updated: w.Now(), Method: method, Body: body(k, expect+1),
	}})
}

// remove stores a deletion after expect.
func remove(w fhir.Writer, name string, expect int64, before *fhir.Index) error {
	return w.Put(fhir.Version{Expect: expect, Before: before, Resource: &fhir.Resource{
		Key: key(name), Version: expect + 1, Updated: w.Now(), Method: fhir.MethodDelete, Deleted: true,
	}})
}

// create stores one new resource in a transaction of its own.
func (f fixture) create(name string, index *fhir.Index) {
	f.Helper()
	f.update(func(w fhir.Writer) error { return put(w, name, 0, index, nil) })
}

// tick lets the store's clock go on by a millisecond.
func (f fixture) tick() {
	f.Helper()
	var first, now time.Time
	for !now.After(first) {
		f.update(func(w fhir.Writer) error {
			now = w.Now()
			return nil
		})
		if first.IsZero() {
			first = now
		}
	}
}

// found searches and gives the keys in the order of the page.
func (f fixture) found(q fhir.Query) []string {
	f.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	var out []string
	f.view(func(r fhir.Reader) error {
		page, err := r.Search(&q)
		if err != nil {
			return err
		}
		out = names(page.Resources)
		return nil
	})
	if len(q.Sort) == 0 && q.After == "" && len(out) < q.Limit {
		f.fromTheOldest(q, out)
	}
	return out
}

// fromTheOldest holds a query that comes from the oldest on to the order of another
// turned round, in one page and in several, and on its way back.
func (f fixture) fromTheOldest(q fhir.Query, newest []string) {
	f.Helper()
	q.Oldest, q.Total = true, fhir.TotalNone
	want := slices.Clone(newest)
	slices.Reverse(want)
	for _, q.Limit = range []int{100, 2} {
		q.After = ""
		forth, back := f.walk(q, nil)
		same(f.T, fmt.Sprintf("from the oldest on by pages of %d", q.Limit), forth, want)
		same(f.T, fmt.Sprintf("and back by pages of %d", q.Limit), back, want)
	}
}

func names(all []*fhir.Resource) []string {
	out := make([]string, 0, len(all))
	for _, r := range all {
		out = append(out, r.Key.String())
	}
	return out
}

// same compares two lists, nil and empty being one.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got)+len(want) > 0 && !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// refused checks that an error is an Outcome of the type.
func refused(t *testing.T, what string, err error, code fhir.IssueType) {
	t.Helper()
	if !fhir.HasIssue(err, code) {
		t.Errorf("%s: got %v, want an outcome of %s", what, err, code)
	}
}
