package interaction

import (
	"errors"
	"slices"

	"bima/fhir"
	"bima/fhir/interaction/scoped"
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

// veil gives what is hidden from the caller; nil where nothing is, and for what the
// server does of its own.
func (t *tx) veil() (*scoped.Veil, error) {
	if t.own {
		return nil, nil
	}
	return t.engine.veil(t.ctx, t.Writer, t.caller)
}

// hides reports whether a resource is hidden from the caller.
func (t *tx) hides(r *fhir.Resource) (bool, error) {
	veil, err := t.veil()
	if err != nil || veil == nil || r == nil {
		return false, err
	}
	return veil.Hides(t.Writer, r)
}

// IsHidden implements fhir.Seer. Where no Veil is over the caller nothing is read.
func (t *tx) IsHidden(k fhir.Key) (bool, error) {
	veil, err := t.engine.veil(t.ctx, t.Writer, t.caller.Veiled())
	if err != nil || veil == nil {
		return false, err
	}
	r, err := t.Writer.Read(k)
	if fhir.HasIssue(err, fhir.IssueNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return veil.Hides(t.Writer, r)
}

// unseen gives the current version that a caller's own step is done to: nothing,
// where that is hidden from him. Only what would be written over it is refused.
func (t *tx) unseen(s step, current *fhir.Resource) (*fhir.Resource, error) {
	if s.ours || current == nil {
		return current, nil
	}
	hides, err := t.hides(current)
	if err != nil || !hides {
		return current, err
	}
	if s.draft == nil {
		return nil, nil
	}
	if err := s.when.check(s.key, nil); err != nil {
		return nil, err
	}
	return nil, fhir.Errorf(fhir.IssueForbidden, "", "%s may not write under the id %s; leave the id to the server, or choose another", t.caller.Name, s.key)
}

// errRaced fails a transaction whose module went on after a conflict.
var errRaced = errors.New("a resource was changed by somebody else meanwhile")

// queue adds the names under which those who lost a race for a resource wait for
// each other when they try again. Who writes it for the first time takes no lock.
func (j *journal) queue(names []string) []string {
	for _, k := range j.raced {
		if name := turn(k); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// turn is the name of the lock by which those who lost a race wait.
func turn(k fhir.Key) string { return "write " + k.String() }
