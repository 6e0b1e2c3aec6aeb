package interaction

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"bima/fhir"
)

// Create stores a new resource under an id of the server's. With IfNoneExist it
// first asks whether one matches those criteria, and then gives that one and
// creates none; so it does where a module answers fhir.Existing. Source: R4
// http#create, http#ccreate.
func (e *Engine) Create(ctx context.Context, typ string, w Write) (*Result, error) {
	e = e.pinned()
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
	result, err := e.one(ctx, issues, func(t *tx) (*Result, error) {
		if only != nil {
			found, err := t.lockAndFind(only)
			if err != nil || found != nil {
				return &Result{Resource: found, Private: private(t.caller, key)}, err
			}
		}
		return t.write(step{key: key, method: fhir.MethodCreate, draft: d, fresh: true})
	})
	var there fhir.Existing
	if errors.As(err, &there) && there.Key.Type == typ {
		if found := e.existing(ctx, there.Key); found != nil {
			caller, _ := fhir.CallerOf(ctx)
			return &Result{Resource: found, Issues: issues, Private: private(caller, key)}, nil
		}
	}
	return result, err
}

// existing gives a resource that a transaction found, nil where it is gone
// meanwhile. It looks from within a transaction, which ends no sooner than the
// one that wrote the resource: a View might not see it yet.
func (e *Engine) existing(ctx context.Context, k fhir.Key) *fhir.Resource {
	var found *fhir.Resource
	_, err := e.commit(ctx, func(t *tx) (err error) {
		found, err = t.Read(k)
		if hides, problem := t.hides(found); problem != nil || hides {
			return cmp.Or(problem, notFound(k))
		}
		return err
	})
	if err != nil || found.Deleted {
		return nil
	}
	return found
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
	d, issues, err := e.draft(body, typ)
	if err == nil {
		err = e.screen(ctx, d.node)
	}
	return d, issues, err
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

// newID makes a logical id: a UUID of version 7, so that ids made later sort
// later and the database appends to its indexes. Source: RFC 9562 section 5.7,
// with the fraction of the millisecond in rand_a (method 3 of section 6.2).
func (e *Engine) newID() string {
	var u [16]byte
	now := e.now()
	ms := now.UnixMilli()
	fraction := uint64(now.Nanosecond()%1_000_000) * 4096 / 1_000_000
	_, _ = rand.Read(u[8:]) // it never fails
	binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16|0x7000|fraction)
	u[8] = u[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:], u[:4])
	hex.Encode(text[9:], u[4:6])
	hex.Encode(text[14:], u[6:8])
	hex.Encode(text[19:], u[8:10])
	hex.Encode(text[24:], u[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

func badID(id string) error {
	return fhir.Errorf(fhir.IssueValue, "", "%.80q can't be a logical id: 1 to 64 letters, digits, '-' and '.'", id)
}

// sameID refuses a body whose id is not the one of the URL. Source: R4
// http#update ("If no id element is provided, or the id disagrees with the id in
// the URL, the server SHALL respond with an HTTP 400 error code").
func sameID(d *draft, k fhir.Key) error {
	switch d.id {
	case k.ID:
		return nil
	case "":
		return fhir.Errorf(fhir.IssueRequired, k.Type+".id", "the body must bear the id of the URL, %q", k.ID)
	}
	return fhir.Errorf(fhir.IssueInvalid, k.Type+".id", "the body's id %q is not the id of the URL, %q", d.id, k.ID)
}

// screen shows what a client sent to the Screens of the modules, before a
// transaction begins: a resource, and those in a Bundle or Parameters.
func (e *Engine) screen(ctx context.Context, n fhir.Node) error {
	if len(e.screens) == 0 || !n.Exists() {
		return nil
	}
	typ := n.Get("resourceType").Text()
	for _, s := range e.screens[typ] {
		if err := s.Look(ctx, n); err != nil {
			return err
		}
	}
	inner := ""
	switch typ {
	case "Bundle":
		inner = "entry"
	case "Parameters":
		inner = "parameter"
	}
	i := -1
	for part := range n.Get(inner).Each() {
		i++
		resource := part.Get("resource")
		if err := e.screen(ctx, resource); err != nil {
			at := fmt.Sprintf("%s.%s[%d]", typ, inner, i)
			return (&fhir.Outcome{Issues: within(fhir.OutcomeOf(err).Issues, at+".resource", at)}).Because(err)
		}
	}
	return nil
}

// screenInput is screen for what an operation is given. One that takes the entries
// of a batch apart is told of each by the context, also of those that are invalid.
func (e *Engine) screenInput(ctx context.Context, o *fhir.Operation, in *fhir.Resource, invalid map[int]error) (context.Context, error) {
	if len(e.screens) == 0 && invalid == nil || in == nil || len(in.Body) == 0 {
		return ctx, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return ctx, err
	}
	root := doc.Root()
	if !o.Apart || !isBatch(root) {
		return ctx, e.screen(ctx, root)
	}
	refused, i := map[int]error{}, 0
	for entry := range root.Get("entry").Each() {
		err := invalid[i]
		if err == nil {
			err = e.screen(ctx, entry.Get("resource"))
		}
		if err != nil {
			refused[i] = err
		}
		i++
	}
	return fhir.WithScreened(ctx, refused), nil
}
