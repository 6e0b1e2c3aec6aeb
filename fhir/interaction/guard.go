package interaction

import (
	"bima/fhir"
	"bima/fhir/interaction/integrity"
)

// guarded is what a transaction has done for its caller that must not leave a
// reference leading nowhere.
type guarded struct {
	writes  []integrity.Write
	place   map[fhir.Key]int // in writes
	deleted []fhir.Key
	done    bool // whether it was looked at already
}

// guard notes a change whose references must lead to something at the end.
func (t *tx) guard(s step, c fhir.Change) {
	if t.own || t.engine.integrity == nil {
		return
	}
	g := &t.journal.guarded
	g.done = false
	switch {
	case s.draft == nil:
		g.deleted = append(g.deleted, s.key)
	case len(s.draft.points) > 0:
		if i, again := g.place[s.key]; again {
			g.writes[i].References = s.draft.points
			return
		}
		if g.place == nil {
			g.place = make(map[fhir.Key]int)
		}
		g.place[s.key] = len(g.writes)
		g.writes = append(g.writes, integrity.Write{Key: s.key, References: s.draft.points, Before: c.Before})
	}
}

// violations gives what would lead nowhere once the transaction is committed.
func (t *tx) violations() ([]integrity.Violation, error) {
	g := &t.journal.guarded
	if g.done || len(g.writes)+len(g.deleted) == 0 {
		return nil, nil
	}
	g.done = true
	writes := make([]integrity.Write, 0, len(g.writes))
	for _, w := range g.writes {
		if !t.journal.latest[w.Key].Deleted {
			writes = append(writes, w)
		}
	}
	deleted := make([]fhir.Key, 0, len(g.deleted))
	for _, k := range g.deleted {
		if t.journal.latest[k].Deleted {
			deleted = append(deleted, k)
		}
	}
	if err := t.hold(writes, deleted); err != nil {
		return nil, err
	}
	found, err := t.engine.integrity.Dangling(t, writes, func(k fhir.Key) (exists, known bool) {
		r, known := t.journal.latest[k]
		return known && !r.Deleted, known
	})
	if err != nil {
		return nil, err
	}
	orphaned, err := t.engine.integrity.Orphaned(t.Writer, deleted)
	return append(found, orphaned...), err
}

// hold keeps others from deleting what the writes refer to and from referring to what
// is deleted, until the transaction has ended. One that does both takes all its locks
// alone, in one order, so that two such never wait for each other.
func (t *tx) hold(writes []integrity.Write, deleted []fhir.Key) error {
	var names []string
	for _, w := range writes {
		for _, ref := range w.References {
			if _, ours := t.journal.latest[ref.Key]; !ours {
				names = append(names, integrity.Lock(ref.Key))
			}
		}
	}
	sharer, ok := t.Writer.(fhir.Sharer)
	if ok && len(deleted) == 0 {
		return sharer.Share(names...)
	}
	for _, k := range deleted {
		names = append(names, integrity.Lock(k))
	}
	return t.Lock(names...)
}

// verify refuses a transaction that leaves references leading nowhere.
func (t *tx) verify() error {
	violations, err := t.violations()
	if err != nil || len(violations) == 0 {
		return err
	}
	all := &fhir.Outcome{}
	for _, v := range violations {
		all.Issues = append(all.Issues, v.Issue)
	}
	return all
}

// verify is the transaction's that says of each finding which entry it is of.
func (r *run) verify() error {
	violations, err := r.tx.violations()
	if err != nil || len(violations) == 0 {
		return err
	}
	all := &fhir.Outcome{}
	for _, v := range violations {
		issues := []fhir.Issue{v.Issue}
		for i, j := range r.jobs {
			if r.keys[i] == v.Key && !j.reads() {
				issues = within(issues, j.path()+".resource", j.path())
				break
			}
		}
		all.Issues = append(all.Issues, issues...)
	}
	return all
}
