package interaction

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/integrity"
	"bima/fhir/interaction/jsontext"
	"bima/fhir/r4"
	"bima/fhir/validate"
)

// A draft is a resource on its way into the store: read, valid and indexed, all
// of which is done before the transaction that stores it. Only the id, the
// version and the time are written in later.
type draft struct {
	typ   string
	id    string // as the body says; may be ""
	node  fhir.Node
	meta  []byte // the members of meta after versionId and lastUpdated, each with a comma before it
	rest  []byte // the members after meta, each with a comma before it
	index *fhir.Index

	refers []*criteria           // its conditional references, until they are resolved
	points []integrity.Reference // what it refers to, where that must be there
}

// draft reads a resource of the type, or of any where typ is "". The error holds
// all that is wrong with it; the issues are warnings.
func (e *Engine) draft(body []byte, typ string) (*draft, []fhir.Issue, error) {
	n, issues, err := e.validated(body, typ)
	if err != nil {
		return nil, nil, err
	}
	d, err := e.referring(n)
	return d, issues, err
}

// validated reads a resource of the type, which meets R4 and the profiles that
// it claims. The error holds all that is wrong with it; the issues are warnings.
func (e *Engine) validated(body []byte, typ string) (fhir.Node, []fhir.Issue, error) {
	doc, issues := validate.Resource(body, validate.Options{Type: typ})
	if doc != nil {
		issues = append(issues, e.claims(doc.Root())...)
		if !fhir.Failed(issues) {
			issues = append(issues, e.examined(doc.Root())...)
		}
	}
	if err := refused(issues); err != nil {
		return fhir.Node{}, nil, err
	}
	return doc.Root(), issues, nil
}

// referring is draftOf that notes the conditional references of the resource.
// Few resources have a question mark at all.
func (e *Engine) referring(n fhir.Node) (*draft, error) {
	d := e.draftOf(n)
	if bytes.IndexByte(n.Raw(), '?') < 0 {
		return d, nil
	}
	var err error
	d.refers, err = e.conditions((&bundle.Meanings{}).Rewriting(n, "").Queries)
	return d, err
}

// conditions reads the criteria of conditional references.
func (e *Engine) conditions(queries []bundle.Query) ([]*criteria, error) {
	var all []*criteria
	for _, q := range queries {
		typ, text, _ := strings.Cut(q.Text, "?")
		c, err := e.criteria(typ, text)
		if err != nil {
			return nil, &fhir.Outcome{Issues: within(fhir.OutcomeOf(err).Issues, q.Path, q.Path)}
		}
		c.text, c.path = q.Text, q.Path
		all = append(all, c)
	}
	return all, nil
}

// follow gives the draft with its conditional references resolved, each to the
// one resource that matches. Source: R4 http#trules (conditional references).
func (t *tx) follow(d *draft) (*draft, error) {
	if len(d.refers) == 0 {
		return d, nil
	}
	found := make(map[string]fhir.Key, len(d.refers))
	if err := t.Lock(locksOf(d.refers)...); err != nil {
		return nil, err
	}
	if err := t.matchEach(d.refers, found); err != nil {
		return nil, err
	}
	rw := (&bundle.Meanings{Found: found}).Rewriting(d.node, "")
	if err := refused(rw.Issues); err != nil {
		return nil, err
	}
	return t.engine.linked(d.node, rw)
}

// matchEach finds the resource that each of the conditional references means.
func (t *tx) matchEach(refers []*criteria, found map[string]fhir.Key) error {
	for _, c := range refers {
		if _, done := found[c.text]; done {
			continue
		}
		one, err := t.find(c)
		if err != nil {
			return err
		}
		if one == nil {
			return fhir.Detailf(fhir.IssueNotFound, fhir.DetailPrecondition, c.path, "nothing matches the reference %.200q; it must match exactly one resource", c.text)
		}
		found[c.text] = one.Key
	}
	return nil
}

// kept asks the Keepers what to store of what a caller sent.
func (t *tx) kept(s step, c fhir.Change, current *fhir.Resource) (step, fhir.Change, error) {
	if t.own || s.draft == nil {
		return s, c, nil
	}
	for _, k := range t.engine.keepers[c.Type] {
		body, err := k.Keep(t.ctx, t, c)
		if err != nil {
			return s, c, err
		}
		if body == nil {
			continue
		}
		if s.draft, _, err = t.engine.draft(body, c.Type); err != nil {
			return s, c, err
		}
		c = t.change(s, current)
	}
	return s, c, nil
}

// linked makes the draft of a resource whose links are replaced.
func (e *Engine) linked(n fhir.Node, rw *bundle.Rewrite) (*draft, error) {
	if !rw.Changes() {
		return e.draftOf(n), nil
	}
	doc, err := fhir.Parse(rw.Bytes())
	if err != nil {
		return nil, err
	}
	return e.draftOf(doc.Root()), nil
}

// ownDraft is draft for what the server writes of its own right, which is
// validated only where the configuration asks for it.
func (e *Engine) ownDraft(body []byte, typ string) (*draft, error) {
	if e.checkOwn {
		d, _, err := e.draft(body, typ)
		return d, err
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	if got := doc.Root().Get("resourceType").Text(); got != typ {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the server meant to write a %s, not a %.40q", typ, got)
	}
	return e.referring(doc.Root())
}

// draftOf takes a valid resource apart.
func (e *Engine) draftOf(n fhir.Node) *draft {
	d := &draft{typ: n.Get("resourceType").Text(), id: n.Get("id").Text(), node: n}
	if meta := n.Get("meta"); meta.Exists() {
		d.meta = make([]byte, 0, len(meta.Raw()))
		for m := range meta.All() {
			if name := m.Name(); name != "versionId" && name != "lastUpdated" {
				d.meta = jsontext.AppendMember(d.meta, m)
			}
		}
	}
	d.rest = make([]byte, 0, len(n.Raw()))
	for m := range n.All() {
		switch m.Name() {
		case "resourceType", "id", "meta":
		default:
			d.rest = jsontext.AppendMember(d.rest, m)
		}
	}
	d.index, d.points = e.extract(n)
	return d
}

// extract gives the index of a resource, and what it refers to where that must
// be there. References that no search parameter leads to are in the index of such
// a resource too, so that a deletion finds them.
func (e *Engine) extract(n fhir.Node) (*fhir.Index, []integrity.Reference) {
	index := e.search.Extract(n)
	index.Unique = e.uniqueKeys(n)
	if !e.integrity.Guards(n.Get("resourceType").Text()) {
		return index, nil
	}
	points := e.integrity.References(n)
	known := make(map[fhir.Key]bool, len(index.References))
	for _, row := range index.References {
		known[row.Key] = true
	}
	for _, p := range points {
		if !known[p.Key] {
			known[p.Key] = true
			index.References = append(index.References, fhir.ReferenceRow{Param: integrity.RefersParam, Key: p.Key})
		}
	}
	return index, points
}

// uniqueKeys gives the business identifiers of a resource that no other of its
// type may bear.
func (e *Engine) uniqueKeys(n fhir.Node) []fhir.UniqueKey {
	typ := n.Get("resourceType").Text()
	var keys []fhir.UniqueKey
	for _, system := range e.unique[typ] {
		for identifier := range n.Get("identifier").Each() {
			value := identifier.Get("value").Text()
			key := fhir.UniqueKey{Type: typ, Name: system, Value: value}
			if value != "" && identifier.Get("system").Text() == system && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// Index gives the index of a stored version, by the search parameters in force:
// what has to be stored when they have changed.
func (e *Engine) Index(r *fhir.Resource) (*fhir.Index, error) { return e.pinned().indexOf(r) }

// indexOf gives the index of a stored version.
func (e *Engine) indexOf(r *fhir.Resource) (*fhir.Index, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	index, _ := e.extract(doc.Root())
	return index, nil
}

// reindex indexes what was written by the search parameters that are in force now,
// where others were when the transaction began: those who index by what has changed
// can't see it yet. Later they can, since they wait for who writes.
func (t *tx) reindex(now *Engine) error {
	if now.search == t.engine.search {
		return nil
	}
	keys := slices.AppendSeq(slices.Clone(t.journal.revised), maps.Keys(t.journal.latest))
	for _, k := range keys {
		r, err := t.Writer.Read(k)
		switch {
		case fhir.HasIssue(err, fhir.IssueNotFound) || fhir.HasIssue(err, fhir.IssueDeleted):
			continue
		case err != nil:
			return err
		case r.Deleted:
			continue
		}
		x, err := now.indexOf(r)
		if err != nil {
			return err
		}
		if err := t.Reindex(k, x); err != nil {
			return err
		}
	}
	return nil
}

// body writes the JSON that is stored: resourceType, id and meta first, the rest
// in the order it was sent, every value as it was written.
func (d *draft) body(id string, version int64, updated time.Time) []byte {
	b := make([]byte, 0, len(d.meta)+len(d.rest)+len(id)+len(d.typ)+112)
	b = append(b, `{"resourceType":"`...)
	b = append(b, d.typ...)
	b = append(b, `","id":"`...)
	b = append(b, id...)
	b = append(b, `","meta":{"versionId":"`...)
	b = strconv.AppendInt(b, version, 10)
	b = append(b, `","lastUpdated":`...)
	b = jsontext.AppendInstant(b, updated)
	b = append(b, d.meta...)
	b = append(b, '}')
	b = append(b, d.rest...)
	return append(b, '}')
}

// same reports whether storing the draft would change nothing of the resource
// but its version and its time.
func (d *draft) same(r *fhir.Resource) bool {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return false
	}
	defer doc.Release()
	return jsontext.SameMembers(d.node, doc.Root(), "id", "meta") &&
		jsontext.SameMembers(d.node.Get("meta"), doc.Root().Get("meta"), "versionId", "lastUpdated")
}

// knownType refuses what is no resource type of R4.
func knownType(typ string) error {
	if r4.IsResource(typ) {
		return nil
	}
	return fhir.Detailf(fhir.IssueNotSupported, DetailUnknownType, "", "%.60q is not a resource type of FHIR R4", typ)
}
