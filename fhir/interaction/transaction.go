package interaction

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/patch"
	"bima/fhir/r4"
)

// A transaction is a Bundle whose entries are done all or not at all. What can be
// done before the store's transaction begins is in its jobs; nothing in them
// changes afterwards, for the store may run its transaction again.
type transaction struct {
	engine  *Engine
	jobs    []*job
	entries map[string]int // by fullUrl
	keys    []fhir.Key     // by job, where they are known beforehand
}

// A job is one entry of a transaction, prepared.
type job struct {
	*entry
	node   fhir.Node // of the resource as it was sent
	draft  *draft    // nil where a link in it is not known beforehand
	issues []fhir.Issue
	fresh  bool      // whether the key was made for it
	key    fhir.Key  // as far as it is known; a create found by its condition has another
	only   *criteria // of a conditional interaction
	patch  patch.Patch
	when   precondition
	refers []*criteria // of its conditional references
	called *fhir.Operation
	there  *fhir.Resource // what a module said is there already instead of it
}

// repeatsMax is how often a transaction is run again because modules said of one
// of its creates that it is there already.
const repeatsMax = 20

// transact performs a transaction.
func (e *Engine) transact(ctx context.Context, r *request, o BundleOptions) ([]byte, error) {
	t, err := e.prepare(r)
	if err != nil {
		return nil, err
	}
	for _, j := range t.jobs {
		if err := j.at(e.screen(ctx, j.node)); err != nil {
			return nil, err
		}
	}
	for range repeatsMax {
		var replies []reply
		_, err = e.commit(ctx, func(tx *tx) (err error) {
			replies, err = t.run(tx, o)
			return err
		})
		if err == nil {
			return e.responses(fhir.BundleTransactionResponse, replies, o), nil
		}
		var there fhir.Existing
		if !errors.As(err, &there) || !t.repeats(ctx, there.Key) {
			break
		}
	}
	return nil, err
}

// repeats finds the create that a module found to be there already, so that the
// next attempt answers it with what is there, as a create by itself is. It
// reports false where it can't tell which of the entries that is.
func (t *transaction) repeats(ctx context.Context, k fhir.Key) bool {
	there := t.engine.existing(ctx, k)
	if there == nil {
		return false
	}
	doc, err := fhir.Parse(there.Body)
	if err != nil {
		return false
	}
	defer doc.Release()
	var creates, alike []*job
	others := 0
	for _, j := range t.jobs {
		switch {
		case j.target.key.Type != k.Type || j.reads() || j.there != nil:
		case j.method != "POST" || j.called != nil || j.only != nil:
			others++
		default:
			creates = append(creates, j)
			if shareIdentifier(j.node, doc.Root()) {
				alike = append(alike, j)
			}
		}
	}
	if len(alike) != 1 && (len(creates) != 1 || others > 0) {
		return false
	}
	if len(alike) == 1 {
		creates = alike
	}
	creates[0].there = there
	t.keys[creates[0].index] = there.Key
	return t.relink() == nil
}

// relink makes the drafts anew after an entry turned out to be another resource.
func (t *transaction) relink() error {
	for _, j := range t.jobs {
		if !j.node.Exists() {
			continue
		}
		j.draft, j.refers = nil, nil
		if err := t.link(j); err != nil {
			return err
		}
	}
	return nil
}

// shareIdentifier reports whether two resources have an identifier in common.
func shareIdentifier(a, b fhir.Node) bool {
	for i := range a.Get("identifier").Each() {
		value := i.Get("value").Text()
		for other := range b.Get("identifier").Each() {
			if value != "" && other.Get("value").Text() == value && other.Get("system").Text() == i.Get("system").Text() {
				return true
			}
		}
	}
	return false
}

// prepare reads and validates all entries, and gives all that is wrong with any.
func (e *Engine) prepare(r *request) (*transaction, error) {
	t := &transaction{
		engine: e, jobs: make([]*job, len(r.entries)), keys: make([]fhir.Key, len(r.entries)),
		entries: make(map[string]int, len(r.entries)),
	}
	failures := make([]error, len(r.entries))
	for i, en := range r.entries {
		t.jobs[i] = &job{entry: en}
		if failures[i] = en.err; en.err == nil {
			failures[i] = t.identify(t.jobs[i])
		}
	}
	inParallel(len(t.jobs), func(i int) {
		if failures[i] == nil {
			failures[i] = t.jobs[i].at(t.ready(t.jobs[i]))
		}
	})
	if err := joined(failures); err != nil {
		return nil, err
	}
	return t, distinct(t.jobs, t.keys)
}

// joined gives the issues of all errors as one Outcome.
func joined(failures []error) error {
	all := &fhir.Outcome{}
	for _, err := range failures {
		if err != nil {
			all.Issues = append(all.Issues, fhir.OutcomeOf(err).Issues...)
		}
	}
	if len(all.Issues) == 0 {
		return nil
	}
	return all
}

// identify finds out which resource an entry is about, where that is known
// beforehand, and notes its fullUrl.
func (t *transaction) identify(j *job) error {
	if j.fullURL != "" {
		if other, twice := t.entries[j.fullURL]; twice {
			return fhir.Errorf(fhir.IssueInvalid, j.path()+".fullUrl", "entry %d has the same fullUrl, %.100q", other, j.fullURL)
		}
		t.entries[j.fullURL] = j.index
	}
	condition := j.target.query
	switch {
	case j.reads() || j.target.operation != "":
		return nil
	case j.method == "POST":
		condition = j.write.IfNoneExist
		j.key, j.fresh = fhir.Key{Type: j.target.key.Type, ID: t.engine.newID()}, true
	case j.target.key.ID != "":
		j.key, condition = j.target.key, ""
	}
	if condition == "" {
		t.keys[j.index] = j.key
		return nil
	}
	only, err := t.engine.criteria(j.target.key.Type, condition)
	if err != nil {
		return &fhir.Outcome{Issues: within(fhir.OutcomeOf(err).Issues, j.path(), j.path()+".request")}
	}
	j.only = only
	return nil
}

// ready validates the entry's resource, replaces its links where they are known,
// and indexes it.
func (t *transaction) ready(j *job) (err error) {
	if j.target.operation != "" {
		j.called, err = t.engine.callable(j.target.operation, j.target.key, j.reads())
		return err
	}
	if j.reads() {
		return nil
	}
	if j.method == "PATCH" {
		j.patch, j.when, err = t.engine.patch(j.entry)
		return err
	}
	if j.when, err = preconditions(j.write.IfMatch, j.write.IfNoneMatch); err != nil || j.method == "DELETE" {
		return err
	}
	n, issues, err := t.engine.validated(j.body, j.target.key.Type)
	if err != nil {
		return err
	}
	j.node, j.issues = n, within(issues, j.path()+".resource", j.path())
	if id := j.node.Get("id").Text(); j.method == "PUT" && j.only == nil {
		if err := sameID(&draft{typ: j.key.Type, id: id}, j.key); err != nil {
			return err
		}
	}
	return t.link(j)
}

// link makes the draft of an entry, unless a link in it leads to what is only
// found in the store's transaction; then it notes the criteria to find it by.
func (t *transaction) link(j *job) error {
	rw := (&bundle.Meanings{Entries: t.entries, Keys: t.keys}).Rewriting(j.node, restBase(j.fullURL))
	if err := refused(rw.Issues); err != nil {
		return err
	}
	var err error
	if j.refers, err = t.engine.conditions(rw.Queries); err != nil {
		return err
	}
	if rw.Pending || len(rw.Queries) > 0 {
		return nil
	}
	j.draft, err = t.engine.linked(j.node, rw)
	return err
}

// restBase gives the [base] of a fullUrl of the form [base]/[type]/[id], "" of
// any other.
func restBase(fullURL string) string {
	ref := fhir.ParseReference(fullURL, r4.IsResource)
	return ref.Base
}

// distinct refuses two entries that write the same resource.
// Source: R4 http#trules.
func distinct(jobs []*job, keys []fhir.Key) error {
	first := make(map[fhir.Key]int, len(keys))
	for i, k := range keys {
		if k.ID == "" {
			continue
		}
		if other, twice := first[k]; twice {
			return fhir.Errorf(fhir.IssueInvalid, jobs[i].path(), "entry %d writes %s too; a transaction writes each resource once", other, k)
		}
		first[k] = i
	}
	return nil
}

// inParallel calls do for 0 to n-1 on all processors.
func inParallel(n int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}

// locks gives the names that the conditional entries and references lock.
func (t *transaction) locks() []string {
	var names []string
	for _, j := range t.jobs {
		if j.only != nil {
			names = append(names, j.only.lock)
		}
		names = append(names, locksOf(j.refers)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// locksOf gives the names that criteria lock.
func locksOf(all []*criteria) []string {
	var names []string
	for _, c := range all {
		names = append(names, c.lock)
	}
	return names
}
