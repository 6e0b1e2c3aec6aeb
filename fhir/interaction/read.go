package interaction

import (
	"context"
	"strconv"

	"bima/fhir"
	"bima/fhir/interaction/scoped"
)

// View implements fhir.Server.
func (e *Engine) View(ctx context.Context, read func(fhir.Reader) error) error {
	caller, err := callerOf(ctx)
	if err != nil {
		return err
	}
	if caller.Grant == nil {
		return outcome(e.store.View(ctx, read))
	}
	return outcome(e.store.View(ctx, func(r fhir.Reader) error { return read(scoped.Reader(r, caller.Grant)) }))
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
	if e.single != nil {
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
	return fhir.Errorf(fhir.IssueNotFound, "", "there is no %.80s", k)
}

func deleted(r *fhir.Resource) error {
	return fhir.Errorf(fhir.IssueDeleted, "", "%s was deleted; that is its version %d, and %s/_history shows those before", r.Key, r.Version, r.Key)
}
