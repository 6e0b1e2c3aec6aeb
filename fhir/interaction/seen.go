package interaction

import (
	"errors"

	"bima/fhir"
)

// nothing is noted as the version of what was looked for and is not there.
const nothing = -1

// What a module writes follows from what it read. So the transaction remembers the
// version of each resource it read last, and an Update, Delete or patch that asks
// for no version expects that one: where somebody else was faster, the transaction
// runs again on what is there then. SQLite lets nobody be faster; PostgreSQL, under
// READ COMMITTED, does. What a client puts whole follows from nothing read here,
// and the last writer wins.

// see notes what was read.
func (j *journal) see(list ...*fhir.Resource) {
	if j.seen == nil {
		j.seen = make(map[fhir.Key]int64, 16+len(list))
	}
	for _, r := range list {
		j.seen[r.Key] = r.Version
	}
}

// Read implements fhir.Reader.
func (t *tx) Read(k fhir.Key) (*fhir.Resource, error) {
	r, err := t.Writer.Read(k)
	switch {
	case err == nil:
		t.journal.see(r)
	case fhir.HasIssue(err, fhir.IssueNotFound):
		t.journal.see(&fhir.Resource{Key: k, Version: nothing})
	}
	return r, err
}

// ReadMany implements fhir.Reader.
func (t *tx) ReadMany(keys []fhir.Key) ([]*fhir.Resource, error) {
	list, err := t.Writer.ReadMany(keys)
	t.journal.see(list...)
	return list, err
}

// ReadAhead implements fhir.Ahead, and reads when it is asked for it where the store
// does not.
func (t *tx) ReadAhead(keys []fhir.Key) func() ([]*fhir.Resource, error) {
	ahead, ok := t.Writer.(fhir.Ahead)
	if !ok {
		return func() ([]*fhir.Resource, error) { return t.ReadMany(keys) }
	}
	read := ahead.ReadAhead(keys)
	return func() ([]*fhir.Resource, error) {
		list, err := read()
		t.journal.see(list...)
		return list, err
	}
}

// Search implements fhir.Reader.
func (t *tx) Search(q *fhir.Query) (*fhir.Page, error) {
	page, err := t.Writer.Search(q)
	if err == nil {
		t.journal.see(page.Resources...)
	}
	return page, err
}

// outdated refuses a step that follows from another version than the current one,
// and has the transaction run again.
func (t *tx) outdated(s step, current *fhir.Resource) error {
	version, known := t.journal.seen[s.key]
	if !s.follows || !known || current == nil && version == nothing || current != nil && current.Version == version {
		return nil
	}
	t.journal.raced = append(t.journal.raced, s.key)
	return fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "", "%s was changed while this was decided; send the request again", s.key)
}

// errRaced fails a transaction whose module went on after a conflict.
var errRaced = errors.New("a resource was changed by somebody else meanwhile")
