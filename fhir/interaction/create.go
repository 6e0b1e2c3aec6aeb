package interaction

import (
	"context"

	"bima/fhir"
)

// Create stores a new resource under an id of the server's. With IfNoneExist it
// first asks whether one matches those criteria, and then gives that one and
// creates none. Source: R4 http#create, http#ccreate.
func (e *Engine) Create(ctx context.Context, typ string, w Write) (*Result, error) {
	d, issues, err := e.incoming(ctx, w.Body, typ)
	if err != nil {
		return nil, outcome(err)
	}
	var only *criteria
	if w.IfNoneExist != "" {
		if only, err = e.criteria(typ, w.IfNoneExist); err != nil {
			return nil, outcome(err)
		}
	}
	key := fhir.Key{Type: typ, ID: e.newID()}
	return e.one(ctx, issues, func(t *tx) (*Result, error) {
		if only != nil {
			found, err := t.lockAndFind(only)
			if err != nil || found != nil {
				return &Result{Resource: found}, err
			}
		}
		return t.write(step{key: key, method: fhir.MethodCreate, draft: d, fresh: true})
	})
}

// incoming reads a body from outside. It asks who the caller is first, so that
// nobody unknown makes the server work.
func (e *Engine) incoming(ctx context.Context, body []byte, typ string) (*draft, []fhir.Issue, error) {
	if _, err := callerOf(ctx); err != nil {
		return nil, nil, err
	}
	if err := knownType(typ); err != nil {
		return nil, nil, err
	}
	return e.draft(body, typ)
}

// one commits a single write. It gives the resource as the Reactions left it,
// with the warnings about what was sent.
func (e *Engine) one(ctx context.Context, issues []fhir.Issue, write func(*tx) (*Result, error)) (*Result, error) {
	var result *Result
	j, err := e.commit(ctx, func(t *tx) (err error) {
		result, err = write(t)
		return err
	})
	if err != nil {
		return nil, outcome(err)
	}
	result.Resource, result.Issues = j.last(result.Resource), issues
	return result, nil
}
