package interaction

import (
	"context"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/integrity"
	"bima/fhir/interaction/jsontext"
)

// Referrers implements fhir.Referrers, where the store does.
func (t *tx) Referrers(k fhir.Key, limit int) ([]fhir.Key, error) {
	finder, ok := t.Writer.(fhir.Referrers)
	if !ok {
		return nil, unable("find what refers to a resource")
	}
	return finder.Referrers(k, limit)
}

// ReferrersOf implements fhir.ManyReferrers, where the store does.
func (t *tx) ReferrersOf(of []fhir.Key, limit int) ([]fhir.Key, error) {
	finder, ok := t.Writer.(fhir.ManyReferrers)
	if !ok {
		return nil, unable("find what refers to resources")
	}
	return finder.ReferrersOf(of, limit)
}

// Heads implements fhir.HeadReader, where the store does.
func (t *tx) Heads(q *fhir.Query) ([]fhir.Head, error) {
	reader, ok := t.Writer.(fhir.HeadReader)
	if !ok {
		return nil, unable("tell versions apart")
	}
	return reader.Heads(q)
}

// Explain implements fhir.Explainer, where the store does.
func (t *tx) Explain(q *fhir.Query) (*fhir.Page, *fhir.Plan, error) {
	explainer, ok := t.Writer.(fhir.Explainer)
	if !ok {
		return nil, nil, unable("tell how it searches")
	}
	return explainer.Explain(q)
}

// Purge implements fhir.Purger, where the store does. It is for administrators.
// What is purged wholly must not be referred to by what guards its references,
// as with a deletion.
func (t *tx) Purge(k fhir.Key, wholly bool) error {
	purger, ok := t.Writer.(fhir.Purger)
	if !ok {
		return unable("forget")
	}
	if !t.own && !t.caller.Has(fhir.RoleAdministrator) {
		return fhir.Errorf(fhir.IssueForbidden, "", "only an administrator may have versions forgotten")
	}
	if wholly && t.engine.integrity != nil {
		if err := t.Lock(integrity.Lock(k)); err != nil {
			return err
		}
		orphaned, err := t.engine.integrity.Orphaned(t, []fhir.Key{k})
		if err != nil {
			return err
		}
		if len(orphaned) > 0 {
			return &fhir.Outcome{Issues: []fhir.Issue{orphaned[0].Issue}}
		}
	}
	err := purger.Purge(k, wholly)
	if err == nil && wholly {
		delete(t.journal.seen, k)
		t.journal.latest[k] = &fhir.Resource{Key: k, Deleted: true} // for the Notices
	}
	return err
}

// Revise changes the meta of a version in place, asking whether the caller may
// change the resource and whether it is valid then. Nothing but meta may differ.
// A module passes no index: the engine makes it. It implements fhir.Reviser.
func (t *tx) Revise(r *fhir.Resource, _, _ *fhir.Index) error {
	reviser, ok := t.Writer.(fhir.Reviser)
	if !ok {
		return unable("change a version that is there")
	}
	current, err := readOn(t, r.Key)
	if err != nil {
		return err
	}
	before, err := readVersionOn(t, r.Key, bundle.VersionText(r.Version))
	if err != nil {
		return err
	}
	d, _, err := t.engine.draft(r.Body, r.Type)
	if err != nil {
		return err
	}
	if err := sameButMeta(d.node, before); err != nil {
		return err
	}
	change := fhir.Change{Key: r.Key, Method: fhir.MethodPatch, Before: before, After: r, Node: d.node}
	if err := t.allowed(change); err != nil {
		return err
	}
	revised := *before
	revised.Body = d.body(r.ID, before.Version, before.Updated)
	if current.Version != before.Version {
		return reviser.Revise(&revised, nil, nil)
	}
	old, err := t.engine.indexOf(before)
	if err != nil {
		return err
	}
	err = reviser.Revise(&revised, d.index, old)
	if hasDetail(err, fhir.DetailVersionConflict) {
		t.journal.raced = append(t.journal.raced, r.Key)
	}
	t.journal.revised = append(t.journal.revised, r.Key)
	return err
}

// sameButMeta refuses a revision that changes more than meta.
func sameButMeta(n fhir.Node, before *fhir.Resource) error {
	doc, err := fhir.Parse(before.Body)
	if err != nil {
		return err
	}
	defer doc.Release()
	if jsontext.SameMembers(n, doc.Root(), "meta") {
		return nil
	}
	return fhir.Errorf(fhir.IssueException, "", "only meta can change without a new version")
}

func unable(what string) error {
	return fhir.Errorf(fhir.IssueNotSupported, "", "this server's database can't %s", what)
}

// Witnessed implements fhir.Witness.
func (e *Engine) Witnessed(ctx context.Context, write func(fhir.Tx) error) (last func(fhir.Key) *fhir.Resource, err error) {
	e = e.pinned()
	j, err := e.commit(ctx, func(t *tx) error { return write(t) })
	if err != nil {
		return nil, outcome(err)
	}
	return func(k fhir.Key) *fhir.Resource { return j.latest[k] }, nil
}

// A nested server lets an operation take part in a transaction that is under
// way: what it commits is committed with the rest, or not at all.
type nested struct{ tx *tx }

// as gives the server to an operation whose scopes were asked.
func (n nested) as(ctx context.Context, caller fhir.Caller) nested {
	free := *n.tx
	free.ctx, free.caller = ctx, caller
	return nested{&free}
}

// View implements fhir.Server.
func (n nested) View(ctx context.Context, read func(fhir.Reader) error) error {
	caller, err := callerOf(ctx)
	if err != nil {
		return err
	}
	veil, err := n.tx.engine.veil(ctx, n.tx.Writer, caller)
	if err != nil {
		return err
	}
	return read(veil.Reader(n.tx))
}

// Commit implements fhir.Server. What follows from the changes follows at once,
// as the operation expects. Half a commit can't be taken back alone: when it
// fails the whole transaction does, whatever the operation makes of it.
func (n nested) Commit(_ context.Context, write func(fhir.Tx) error) error {
	err := write(n.tx)
	if err == nil {
		err = n.tx.react()
	}
	if n.tx.journal.broken == nil {
		n.tx.journal.broken = err
	}
	return err
}

// Operation implements fhir.Server.
func (n nested) Operation(ctx context.Context, code string, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	o, err := n.tx.engine.operation(code, on)
	if err != nil {
		return nil, err
	}
	return handle(ctx, n, o, on, in)
}
