package interaction

import (
	"context"

	"bima/fhir"
)

// Update stores a new version of a resource, or its first one under the id the
// client chose. Content that is already there makes no version. Source: R4
// http#update, http#upsert, http#concurrency.
func (e *Engine) Update(ctx context.Context, k fhir.Key, w Write) (*Result, error) {
	e = e.pinned()
	if !fhir.ValidID(k.ID) {
		return nil, badID(k.ID)
	}
	when, err := preconditions(w.IfMatch, w.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	d, issues, err := e.incoming(ctx, w.Body, k.Type)
	if err == nil {
		err = sameID(d, k)
	}
	if err != nil {
		return nil, outcome(err)
	}
	return e.one(ctx, issues, func(t *tx) (*Result, error) {
		return t.write(step{key: k, method: fhir.MethodUpdate, draft: d, when: when})
	})
}

// UpdateConditional updates the one resource that matches the criteria, or
// creates one where none does. Source: R4 http#cond-update.
func (e *Engine) UpdateConditional(ctx context.Context, typ, criteria string, w Write) (*Result, error) {
	e = e.pinned()
	when, err := preconditions(w.IfMatch, w.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	d, issues, err := e.incoming(ctx, w.Body, typ)
	if err != nil {
		return nil, outcome(err)
	}
	c, err := e.criteria(typ, criteria)
	if err != nil {
		return nil, outcome(err)
	}
	fresh := fhir.Key{Type: typ, ID: e.newID()}
	return e.one(ctx, issues, func(t *tx) (*Result, error) {
		found, err := t.lockAndFind(c)
		if err != nil {
			return nil, err
		}
		s, err := upsert(d, found, fresh)
		if err != nil {
			return nil, err
		}
		s.when = s.when.and(when)
		return t.write(s)
	})
}

// upsert decides what a conditional update does, by R4's four cases: found or
// not, with an id in the body or without. An id in the body that is somebody
// else's is refused.
func upsert(d *draft, found *fhir.Resource, fresh fhir.Key) (step, error) {
	s := step{method: fhir.MethodUpdate, draft: d}
	switch {
	case found == nil && d.id == "":
		s.key, s.fresh, s.method = fresh, true, fhir.MethodCreate
	case found == nil:
		s.key, s.when = fhir.Key{Type: d.typ, ID: d.id}, precondition{absent: true}
	case d.id != "" && d.id != found.ID:
		return s, fhir.Errorf(fhir.IssueInvalid, d.typ+".id", "the criteria match %s, but the body's id is %q", found.Key, d.id)
	default:
		s.key = found.Key
	}
	return s, nil
}
