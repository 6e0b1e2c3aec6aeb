package reindex

import (
	"context"
	"errors"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
)

// Module gives the Indexer's part in the server: it checks SearchParameters that
// are written, follows them, and offers $reindex.
func (x *Indexer) Module() fhir.Module {
	types := []string{"SearchParameter"}
	return fhir.Module{
		Name:       "reindex",
		Rules:      []fhir.Rule{{Types: types, Check: x.check}},
		Reactions:  []fhir.Reaction{{Name: "reindex", Types: types, React: x.react}},
		Notices:    []fhir.Notice{{Types: types, Tell: x.hear}},
		Workers:    []fhir.Worker{{Kind: job.Kind, Work: x.work}},
		Operations: []fhir.Operation{x.operation()},
	}
}

// check refuses an active SearchParameter that can't take effect, so that nobody
// waits for it.
func (x *Indexer) check(_ context.Context, r fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	params, err := search.Define(c.Node)
	if err != nil || len(params) == 0 {
		return err
	}
	if err := x.inForce.Load().conflict(c.Key, params); err != nil {
		return err
	}
	registry, err := x.withParts(r, params[0])
	if err != nil {
		return err
	}
	_, err = registry.With(params...)
	return err
}

// withParts gives the parameters built in with those stored that are parts of a
// composite.
func (x *Indexer) withParts(r fhir.Reader, composite *r4.SearchParam) (*search.Registry, error) {
	registry := x.builtIn.registry
	for _, c := range composite.Components {
		page, err := r.Search(&fhir.Query{Types: []string{"SearchParameter"}, Limit: 1, Where: fhir.Match{
			Param: fhir.Param{Code: "url", Kind: fhir.ParamURI}, Value: fhir.URIValue{URI: c.Definition},
		}})
		if err != nil {
			return nil, err
		}
		for _, stored := range page.Resources {
			doc, err := fhir.Parse(stored.Body)
			if err != nil {
				return nil, err
			}
			// What is not in force is no part; that is said of the composite.
			if params, err := search.Define(doc.Root()); err == nil {
				if next, err := registry.With(params...); err == nil {
					registry = next
				}
			}
		}
	}
	return registry, nil
}

// react has the job done in the transaction of the change: should this process
// end before it hears of the commit, another still follows.
func (x *Indexer) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if !defines(c.Before) && !defines(c.After) {
			continue
		}
		x.stirred.Store(true)
		return tx.Enqueue(job)
	}
	return nil
}

// defines reports whether a SearchParameter has an effect, or would.
func defines(r *fhir.Resource) bool {
	if r == nil {
		return false
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return false
	}
	defer doc.Release()
	params, err := search.Define(doc.Root())
	return err == nil && len(params) > 0
}

// hear puts in force what was committed, before whoever asked for it is answered.
// Where that fails the job does it.
func (x *Indexer) hear(ctx context.Context, _ []fhir.Key) {
	if !x.stirred.Swap(false) {
		return
	}
	if err := x.refresh(ctx, changing); err != nil {
		x.stirred.Store(true)
		x.log.Warn("a search parameter takes effect late", "error", err, "cause", errors.Unwrap(err))
	}
}
