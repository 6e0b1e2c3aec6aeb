package interaction

import (
	"context"
	"slices"
	"time"

	"bima/fhir"
)

const (
	// writeAttempts is how often a transaction is run when others keep changing
	// the resources it writes.
	writeAttempts = 5
	// reactionRounds is how often Reactions may answer each other's changes; a
	// transaction still restless then is broken off as a fault of ours.
	reactionRounds = 16
	// indexRowsMax bounds the rows one resource writes to the index, some five
	// seconds of work. ICD-10 as one CodeSystem has a fifth of it.
	indexRowsMax = 100_000
)

// A tx performs interactions that commit together. It implements fhir.Tx.
type tx struct {
	fhir.Writer
	ctx     context.Context
	engine  *Engine
	caller  fhir.Caller
	own     bool // whether it writes with the server's own right
	journal *journal
	queue   []string                    // what it waited for, having lost a race before
	known   map[fhir.Key]*fhir.Resource // current versions read beforehand, each good for one write
}

// A journal is what a transaction has written so far.
type journal struct {
	pending []fhir.Change               // what Reactions have not heard of, one for each resource
	latest  map[fhir.Key]*fhir.Resource // the last version of each resource written
	revised []fhir.Key                  // whose current version was changed in place
	raced   []fhir.Key                  // what somebody else changed between read and write
	broken  error                       // why an operation's changes may not be committed
	guarded guarded                     // what references must be looked at
	seen    map[fhir.Key]int64          // the version of each resource read or written last
}

// A step is one write. Without a draft it deletes.
type step struct {
	key    fhir.Key
	method fhir.Method
	draft  *draft
	fresh  bool // whether the id is new, so that nothing can be there
	when   precondition

	follows bool // whether it follows from the version that was read in this transaction
	ours    bool // whether a module does it, not the caller himself
}

// Commit implements fhir.Server. What write does is asked and validated as the
// caller's own.
func (e *Engine) Commit(ctx context.Context, write func(fhir.Tx) error) error {
	e = e.pinned()
	_, err := e.commit(ctx, func(t *tx) error { return write(t) })
	return outcome(err)
}

// commit runs write and then the Reactions in one transaction, again when
// somebody else was faster. It gives what was written.
func (e *Engine) commit(ctx context.Context, write func(*tx) error) (*journal, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	ctx = e.remembering(ctx)
	var j *journal
	var queue []string
	for range writeAttempts {
		err = e.store.Update(ctx, func(w fhir.Writer) error {
			j = &journal{latest: make(map[fhir.Key]*fhir.Resource)}
			if len(queue) > 0 {
				if err := w.Lock(queue...); err != nil {
					return err
				}
			}
			t := &tx{Writer: w, ctx: ctx, engine: e, caller: caller, journal: j, queue: queue}
			if err := write(t); err != nil {
				return err
			}
			if err := t.react(); err != nil {
				return err
			}
			if len(j.raced) > 0 {
				return errRaced
			}
			if err := t.verify(); err != nil {
				return err
			}
			return t.reindex(e.pinned())
		})
		if err == nil {
			e.tell(ctx, j)
			return j, nil
		}
		if j == nil || len(j.raced) == 0 { // nil: it never began, its caller went away first
			return j, e.holding(ctx, err)
		}
		queue = j.queue(queue)
	}
	return j, fhir.Errorf(fhir.IssueConflict, "", "others keep changing the same resources; try again").Because(err)
}

// Caller implements fhir.Tx.
func (t *tx) Caller() fhir.Caller { return t.caller }

// Create implements fhir.Tx. Under an id of the module's it does not look whether
// that is taken: where it is, the store tells, and the next attempt looks.
func (t *tx) Create(r *fhir.Resource) (*fhir.Resource, error) {
	d, err := t.read(r)
	if err != nil {
		return nil, err
	}
	s := step{key: r.Key, method: fhir.MethodCreate, draft: d, when: precondition{absent: true}, ours: true}
	if r.ID == "" {
		s.key.ID = t.engine.newID()
	}
	_, written := t.journal.latest[s.key]
	s.fresh = !written && !slices.Contains(t.queue, turn(s.key))
	result, err := t.write(s)
	if err != nil {
		return nil, err
	}
	return result.Resource, nil
}

// Update implements fhir.Tx.
func (t *tx) Update(r *fhir.Resource, ifMatch int64) (*fhir.Resource, error) {
	d, err := t.read(r)
	if err != nil {
		return nil, err
	}
	if err := sameID(d, r.Key); d.id != "" && err != nil {
		return nil, err
	}
	result, err := t.write(step{key: r.Key, method: fhir.MethodUpdate, draft: d, when: versionIs(ifMatch), follows: ifMatch == 0, ours: true})
	if err != nil {
		return nil, err
	}
	return result.Resource, nil
}

// Delete implements fhir.Tx.
func (t *tx) Delete(k fhir.Key, ifMatch int64) error {
	_, err := t.write(step{key: k, method: fhir.MethodDelete, when: versionIs(ifMatch), follows: ifMatch == 0, ours: true})
	return err
}

// read makes a draft of what a module wants to write.
func (t *tx) read(r *fhir.Resource) (*draft, error) {
	if err := knownType(r.Type); err != nil {
		return nil, err
	}
	if r.ID != "" && !fhir.ValidID(r.ID) {
		return nil, badID(r.ID)
	}
	if t.own {
		return t.engine.ownDraft(r.Body, r.Type)
	}
	d, _, err := t.engine.draft(r.Body, r.Type)
	return d, err
}

// write is the one function that every change goes through. It resolves the
// conditional references, then asks, in this order: the scope, the precondition, the
// caller's right, whether anything changes at all, the Rules; and stores the version.
func (t *tx) write(s step) (*Result, error) {
	if err := t.scoped(s); err != nil {
		return nil, err
	}
	if s.draft != nil {
		d, err := t.follow(s.draft)
		if err != nil {
			return nil, err
		}
		s.draft = d
	}
	current, err := t.current(s)
	if err != nil {
		return nil, err
	}
	if err := s.when.check(s.key, current); err != nil {
		return nil, err
	}
	if err := t.outdated(s, current); err != nil {
		return nil, err
	}
	exists := current != nil && !current.Deleted
	if s.draft == nil && !exists {
		return &Result{Resource: current}, nil
	}
	change := t.change(s, current)
	if err := t.allowed(change); err != nil {
		return nil, err
	}
	if s, change, err = t.kept(s, change, current); err != nil {
		return nil, err
	}
	if s.draft != nil && exists && s.draft.same(current) {
		return &Result{Resource: current}, nil
	}
	if s.draft != nil && s.draft.index.Rows() > indexRowsMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, s.draft.typ, "the resource has %d values to search it by, more than the %d this server indexes; part it into several", s.draft.index.Rows(), indexRowsMax)
	}
	if err := t.obeysRules(change); err != nil {
		return nil, err
	}
	next, err := t.put(s, change, current)
	if err != nil {
		return nil, err
	}
	return &Result{Resource: next, Created: !exists}, nil
}

// current gives the version that is there for the caller, nil if there is none.
func (t *tx) current(s step) (*fhir.Resource, error) {
	if s.fresh {
		return nil, nil
	}
	if r, ok := t.known[s.key]; ok {
		delete(t.known, s.key)
		return t.unseen(s, r)
	}
	r, err := t.Writer.Read(s.key)
	if fhir.HasIssue(err, fhir.IssueNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return t.unseen(s, r)
}

// change describes the step to the Rules and Reactions.
func (t *tx) change(s step, current *fhir.Resource) fhir.Change {
	c := fhir.Change{Key: s.key, Method: s.method}
	if current != nil && !current.Deleted {
		c.Before = current
	}
	if s.draft == nil {
		return c
	}
	c.After = &fhir.Resource{Key: s.key, Version: 1, Updated: t.after(s.key), Method: s.method}
	if current != nil {
		c.After.Version = current.Version + 1
	}
	c.After.Body = s.draft.body(s.key.ID, c.After.Version, c.After.Updated)
	c.Node = s.draft.node
	if t.engine.heard[s.key.Type] || !t.own && len(t.engine.rules[s.key.Type]) > 0 {
		if doc, err := fhir.Parse(c.After.Body); err == nil {
			c.Node = doc.Root()
		}
	}
	return c
}

// after gives when the version that is written now is from: the time of the
// transaction, or a millisecond after the version it wrote of the same resource
// before, so that no two versions are from the same time.
func (t *tx) after(k fhir.Key) time.Time {
	if last, again := t.journal.latest[k]; again {
		return last.Updated.Add(time.Millisecond)
	}
	return t.Now()
}

// allowed asks whether the caller may make the change.
func (t *tx) allowed(c fhir.Change) error {
	if t.own {
		return nil
	}
	return allow(t.caller, c)
}

// obeysRules asks the Rules of the modules. They bind callers; what the server
// does of its own right is for its modules to get right.
func (t *tx) obeysRules(c fhir.Change) error {
	if t.own {
		return nil
	}
	for _, rule := range t.engine.rules[c.Type] {
		if err := rule.Check(t.ctx, t, c); err != nil {
			return err
		}
	}
	return nil
}

// put stores the version that the change leads to and notes it in the journal.
func (t *tx) put(s step, c fhir.Change, current *fhir.Resource) (*fhir.Resource, error) {
	v := fhir.Version{Resource: c.After}
	if current != nil {
		v.Expect = current.Version
	}
	if c.After == nil {
		v.Resource = &fhir.Resource{Key: s.key, Version: v.Expect + 1, Updated: t.after(s.key), Deleted: true, Method: s.method}
	} else {
		v.Index = s.draft.index
	}
	if c.Before != nil {
		before, err := t.engine.indexOf(c.Before)
		if err != nil {
			return nil, err
		}
		v.Before = before
	}
	if err := t.Put(v); err != nil {
		if hasDetail(err, fhir.DetailVersionConflict) {
			t.journal.raced = append(t.journal.raced, s.key)
		}
		return nil, err
	}
	c.Was, c.Index = v.Before, v.Index
	t.journal.note(c, v.Resource)
	t.guard(s, c)
	return v.Resource, nil
}

// note keeps a change for the Reactions, one for each resource: a second change
// of the same resource goes on from where the first began.
func (j *journal) note(c fhir.Change, stored *fhir.Resource) {
	if _, again := j.latest[c.Key]; again {
		for i := range j.pending {
			if j.pending[i].Key == c.Key {
				c.Before, c.Was = j.pending[i].Before, j.pending[i].Was
				j.pending = slices.Delete(j.pending, i, i+1)
				break
			}
		}
	}
	j.latest[c.Key] = stored
	j.see(stored)
	j.pending = append(j.pending, c)
}

// last gives the last version written of a resource, or r itself where it was
// not written.
func (j *journal) last(r *fhir.Resource) *fhir.Resource {
	if r == nil {
		return nil
	}
	if l, ok := j.latest[r.Key]; ok {
		return l
	}
	return r
}

// react shows the changes to the Reactions, and theirs to all again, until there
// are no new ones.
func (t *tx) react() error {
	server := &tx{Writer: t.Writer, ctx: t.ctx, engine: t.engine, caller: t.caller, own: true, journal: t.journal, queue: t.queue}
	for range reactionRounds {
		changes := t.journal.pending
		t.journal.pending = nil
		if len(changes) == 0 {
			return nil
		}
		for _, r := range t.engine.reactions {
			if mine := changesOf(changes, r.Types); len(mine) > 0 {
				if err := r.React(t.ctx, server, mine); err != nil {
					return err
				}
			}
		}
	}
	if len(t.journal.pending) == 0 {
		return nil
	}
	return fhir.Errorf(fhir.IssueException, "", "the server could not finish what follows from this change; nothing was stored")
}

func changesOf(changes []fhir.Change, types []string) []fhir.Change {
	if types == nil {
		return changes
	}
	var mine []fhir.Change
	for _, c := range changes {
		if slices.Contains(types, c.Type) {
			mine = append(mine, c)
		}
	}
	return mine
}
