package interaction

import (
	"context"

	"bima/fhir"
)

// Delete deletes a resource; its versions stay readable. What is deleted or
// never was is no error: Result.Resource then is the old deletion, or nil.
// Source: R4 http#delete.
func (e *Engine) Delete(ctx context.Context, k fhir.Key, ifMatch string) (*Result, error) {
	e = e.pinned()
	if err := knownType(k.Type); err != nil {
		return nil, err
	}
	if !fhir.ValidID(k.ID) {
		return nil, badID(k.ID)
	}
	when, err := preconditions(ifMatch, "")
	if err != nil {
		return nil, err
	}
	return e.one(ctx, nil, func(t *tx) (*Result, error) {
		return t.write(step{key: k, method: fhir.MethodDelete, when: when})
	})
}

// DeleteConditional deletes what matches the criteria and gives how many that
// were. More matches than Limits.DeleteMatches are refused, and none deleted.
// Source: R4 http#3.1.0.7.1 (conditional delete).
func (e *Engine) DeleteConditional(ctx context.Context, typ, criteria string) (int, error) {
	e = e.pinned()
	c, err := e.criteria(typ, criteria)
	if err != nil {
		return 0, outcome(err)
	}
	var count int
	_, err = e.commit(ctx, func(t *tx) error {
		if err := t.Lock(c.lock); err != nil {
			return err
		}
		found, err := t.deletable(c)
		if err != nil {
			return err
		}
		count = len(found)
		for _, r := range found {
			if _, err := t.write(step{key: r.Key, method: fhir.MethodDelete, follows: true}); err != nil {
				return err
			}
		}
		return nil
	})
	return count, outcome(err)
}

// deletable gives what a conditional delete deletes.
func (t *tx) deletable(c *criteria) ([]*fhir.Resource, error) {
	limit := t.engine.limits.DeleteMatches
	found, err := t.matches(c, limit+1)
	if err != nil {
		return nil, err
	}
	if len(found) > limit {
		return nil, c.tooMany("this server deletes at most %d at once by criteria", limit)
	}
	return found, nil
}
