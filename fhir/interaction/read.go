package interaction

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"bima/fhir"
	"bima/fhir/interaction/scoped"
)

// View implements fhir.Server.
func (e *Engine) View(ctx context.Context, read func(fhir.Reader) error) error {
	caller, err := callerOf(ctx)
	if err != nil {
		return err
	}
	if caller.Grant == nil && !e.bound(caller) {
		return outcome(e.store.View(ctx, read))
	}
	return outcome(e.store.View(ctx, func(r fhir.Reader) error {
		veil, err := e.veil(ctx, r, caller)
		if err != nil {
			return err
		}
		return read(scoped.Reader(veil.Reader(r), caller.Grant))
	}))
}

// bound reports whether a Veil may be over a caller.
func (e *Engine) bound(caller fhir.Caller) bool {
	return e.boundAt(caller, func(string) bool { return true })
}

// boundAt reports whether a Veil may be over a caller that hides something of such
// a type.
func (e *Engine) boundAt(caller fhir.Caller, such func(typ string) bool) bool {
	if caller.IsUnveiled() {
		return false
	}
	for i := range e.veils {
		if slices.ContainsFunc(e.veils[i].Types, such) && e.veils[i].Over(caller) {
			return true
		}
	}
	return false
}

// veil gives what is hidden from a caller, nil where nothing is. r reads all.
func (e *Engine) veil(ctx context.Context, r fhir.Reader, caller fhir.Caller) (*scoped.Veil, error) {
	if !e.bound(caller) {
		return nil, nil
	}
	m, _ := ctx.Value(memoKey{}).(*memo)
	if m != nil {
		m.Lock()
		defer m.Unlock()
		if m.known {
			return m.veil, nil
		}
	}
	var all []fhir.Hidden
	for i := range e.veils {
		if !e.veils[i].Over(caller) {
			continue
		}
		hidden, err := e.veils[i].Hides(r, caller)
		if err != nil {
			return nil, err
		}
		for typ := range hidden {
			if !slices.Contains(e.veils[i].Types, typ) {
				return nil, fmt.Errorf("interaction: a Veil hides %s, which is not among its types", typ)
			}
		}
		all = append(all, hidden)
	}
	veil := scoped.NewVeil(all, e.indexOf)
	if m != nil {
		m.veil, m.known = veil, true
	}
	return veil, nil
}

// A memo keeps what is hidden from the caller of one request that reads many times.
type memo struct {
	sync.Mutex
	veil  *scoped.Veil
	known bool
}

type memoKey struct{}

// remembering gives a context that keeps what is hidden from the caller, once it is
// known, where a Veil is over him.
func (e *Engine) remembering(ctx context.Context) context.Context {
	caller, ok := fhir.CallerOf(ctx)
	if _, has := ctx.Value(memoKey{}).(*memo); !ok || has || !e.bound(caller) {
		return ctx
	}
	return context.WithValue(ctx, memoKey{}, &memo{})
}

// beneath does something with a reader that reads all, where a Veil is over the
// caller and hides something of such a type; nothing otherwise. s is the Engine or a
// transaction that is under way.
func beneath(ctx context.Context, s fhir.Server, such func(typ string) bool, do func(fhir.Reader, *scoped.Veil) error) error {
	caller, err := callerOf(ctx)
	if err != nil {
		return err
	}
	e, _ := s.(*Engine)
	n, within := s.(nested)
	if within {
		e = n.tx.engine
	}
	if e == nil || !e.boundAt(caller, such) {
		return nil
	}
	look := func(r fhir.Reader) error {
		veil, err := e.veil(ctx, r, caller)
		if err != nil || veil == nil {
			return err
		}
		return do(r, veil)
	}
	if within {
		return look(n.tx.Writer)
	}
	return e.store.View(ctx, look)
}

// Read gives the current version. Of a deleted resource it gives the deletion,
// along with an Outcome of IssueDeleted; what never was is IssueNotFound.
// Source: R4 http#read.
func (e *Engine) Read(ctx context.Context, k fhir.Key) (*fhir.Resource, error) {
	if err := knownType(k.Type); err != nil {
		return nil, err
	}
	caller, err := callerOf(ctx)
	if err == nil {
		err = caller.Grant.Need(fhir.AccessRead, k.Type)
	}
	if err != nil {
		return nil, err
	}
	if e.single != nil && !e.boundAt(caller, func(typ string) bool { return typ == k.Type }) {
		found, err := readOn(direct{ctx, e.single}, k)
		return found, outcome(err)
	}
	var found *fhir.Resource
	err = e.View(ctx, func(r fhir.Reader) (err error) {
		found, err = readOn(r, k)
		return err
	})
	return found, err
}

// A singleReader is a fhir.Store that also reads one resource without opening a
// snapshot, which on most databases takes statements of its own.
type singleReader interface {
	Read(ctx context.Context, k fhir.Key) (*fhir.Resource, error)
}

// direct is a singleReader for one request.
type direct struct {
	ctx context.Context
	singleReader
}

// Read gives the current version.
func (d direct) Read(k fhir.Key) (*fhir.Resource, error) { return d.singleReader.Read(d.ctx, k) }

// ReadVersion gives one version by its versionId. A version that is a deletion
// comes along with an Outcome of IssueDeleted; one that never was is
// IssueNotFound. Source: R4 http#vread.
func (e *Engine) ReadVersion(ctx context.Context, k fhir.Key, version string) (*fhir.Resource, error) {
	if err := knownType(k.Type); err != nil {
		return nil, err
	}
	var found *fhir.Resource
	err := e.View(ctx, func(r fhir.Reader) (err error) {
		found, err = readVersionOn(r, k, version)
		return err
	})
	return found, err
}

// A current gives current versions: a fhir.Reader, or direct.
type current interface {
	Read(k fhir.Key) (*fhir.Resource, error)
}

func readOn(r current, k fhir.Key) (*fhir.Resource, error) {
	if !fhir.ValidID(k.ID) {
		return nil, notFound(k)
	}
	found, err := r.Read(k)
	if err == nil && found.Deleted {
		err = deleted(found)
	}
	return found, err
}

func readVersionOn(r fhir.Reader, k fhir.Key, version string) (*fhir.Resource, error) {
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || n < 1 || !fhir.ValidID(k.ID) {
		return nil, fhir.Errorf(fhir.IssueNotFound, "", "%s has no version %.60q", k, version)
	}
	found, err := r.ReadVersion(k, n)
	if err == nil && found.Deleted {
		err = deleted(found)
	}
	return found, err
}

func notFound(k fhir.Key) error {
	return fhir.Errorf(fhir.IssueNotFound, "", "There is no %.80s.", k)
}

func deleted(r *fhir.Resource) error {
	return fhir.Errorf(fhir.IssueDeleted, "", "%s was deleted; that is its version %d, and %s/_history shows those before", r.Key, r.Version, r.Key)
}
