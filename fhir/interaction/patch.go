package interaction

import (
	"cmp"
	"context"
	"encoding/base64"
	"mime"
	"strings"

	"bima/fhir"
	"bima/fhir/patch"
	"bima/fhir/validate"
	"bima/fhir/xml"
)

// The media types of patches. A FHIRPath Patch comes as any resource does.
const (
	jsonPatch  = "application/json-patch+json"
	mergePatch = "application/merge-patch+json"
	xmlPatch   = "application/xml-patch+xml"
)

// PatchTypes gives the media types of the patches that Patch reads.
func PatchTypes() []string {
	return []string{jsonPatch, "application/fhir+json", "application/fhir+xml", xmlPatch, mergePatch}
}

// copyBytesMax bounds how much the copy operations of a patch may add: 16 MiB.
const copyBytesMax = 16 << 20

// Patch changes a resource; what comes out must be valid. A patch that changes
// nothing makes no version. Source: R4 http#patch.
func (e *Engine) Patch(ctx context.Context, k fhir.Key, mediaType string, w Write) (*Result, error) {
	e = e.pinned()
	if err := knownType(k.Type); err != nil {
		return nil, err
	}
	p, when, err := e.patchOf(mediaType, w)
	if err != nil {
		return nil, err
	}
	return e.patchKey(ctx, k, p, when)
}

func (e *Engine) patchKey(ctx context.Context, k fhir.Key, p patch.Patch, when precondition) (*Result, error) {
	ready := e.foresee(ctx, k, p)
	return e.one(ctx, nil, func(t *tx) (*Result, error) { return t.patch(k, p, ready, when) })
}

// PatchConditional patches the one resource that matches the criteria; where
// none does it fails with IssueNotFound. Source: R4 http#patch.
func (e *Engine) PatchConditional(ctx context.Context, typ, criteria, mediaType string, w Write) (*Result, error) {
	e = e.pinned()
	p, when, err := e.patchOf(mediaType, w)
	if err != nil {
		return nil, err
	}
	return e.patchMatch(ctx, typ, criteria, p, when)
}

func (e *Engine) patchMatch(ctx context.Context, typ, criteria string, p patch.Patch, when precondition) (*Result, error) {
	c, err := e.criteria(typ, criteria)
	if err != nil {
		return nil, outcome(err)
	}
	return e.one(ctx, nil, func(t *tx) (*Result, error) {
		found, err := t.lockAndFind(c)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, fhir.Errorf(fhir.IssueNotFound, "", "nothing matches %.200q, so there is nothing to patch", c.text)
		}
		return t.patch(found.Key, p, foreseen{}, when)
	})
}

// A foreseen is the draft that a patch made of one version, before the
// transaction.
type foreseen struct {
	version int64
	draft   *draft
}

// foresee applies the patch to the version there is now, to keep that work out
// of the transaction. Where it can't, the transaction finds out why.
func (e *Engine) foresee(ctx context.Context, k fhir.Key, p patch.Patch) (f foreseen) {
	current, err := e.Read(ctx, k)
	if err != nil {
		return f
	}
	if d, err := e.patched(current, p); err == nil {
		f = foreseen{current.Version, d}
	}
	return f
}

func (t *tx) patch(k fhir.Key, p patch.Patch, ready foreseen, when precondition) (*Result, error) {
	// First of all: what becomes of a patch tells what is there.
	if err := t.allowed(fhir.Change{Key: k, Method: fhir.MethodPatch}); err != nil {
		return nil, err
	}
	current, err := readOn(t, k)
	if err != nil && !fhir.HasIssue(err, fhir.IssueDeleted) {
		return nil, err
	}
	if hides, problem := t.hides(current); problem != nil || hides {
		return nil, cmp.Or(problem, notFound(k))
	}
	if err != nil {
		return nil, err
	}
	if err := when.check(k, current); err != nil {
		return nil, err
	}
	d := ready.draft
	if d == nil || ready.version != current.Version {
		if d, err = t.engine.patched(current, p); err != nil {
			return nil, err
		}
	}
	result, err := t.write(step{key: k, method: fhir.MethodPatch, draft: d, follows: true})
	if err == nil {
		result.Private = private(t.caller, k)
	}
	return result, err
}

// scoped asks whether the scopes of the caller's token grant a step, before anything
// tells him what is there.
func (t *tx) scoped(s step) error {
	if t.caller.Grant == nil {
		return nil
	}
	return t.allowed(fhir.Change{Key: s.key, Method: s.method})
}

// private reports whether a caller's scopes keep from him what is in a resource that
// he did not write whole.
func private(caller fhir.Caller, k fhir.Key) bool {
	return !caller.Grant.May(fhir.AccessRead, k.Type)
}

// patched gives the draft that a patch makes of a version.
func (e *Engine) patched(r *fhir.Resource, p patch.Patch) (*draft, error) {
	body, err := p(r.Body)
	if err != nil {
		return nil, err
	}
	d, _, err := e.draft(body, r.Type)
	if err != nil {
		return nil, err
	}
	return d, sameID(d, r.Key)
}

// patchOf reads a patch and its headers.
func (e *Engine) patchOf(mediaType string, w Write) (patch.Patch, precondition, error) {
	when, err := preconditions(w.IfMatch, w.IfNoneMatch)
	if err != nil {
		return nil, when, err
	}
	name, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		name = mediaType
	}
	p, err := e.readPatch(name, w.Body)
	return p, when, outcome(err)
}

// readPatch reads a patch of a media type.
func (e *Engine) readPatch(mediaType string, body []byte) (patch.Patch, error) {
	limits := patch.Limits{Operations: e.limits.PatchOperations, CopyBytes: copyBytesMax}
	switch mediaType {
	case jsonPatch:
		return patch.JSON(body, limits)
	case mergePatch:
		return patch.Merge(body)
	case xmlPatch:
		return func(resource []byte) ([]byte, error) { return xml.Patch(resource, body) }, nil
	case "application/fhir+xml", "application/xml", "text/xml":
		converted, err := xml.ToJSON(body)
		if err != nil {
			return nil, err
		}
		body = converted
	case "application/fhir+json", "application/json", "application/json+fhir", "text/json":
	default:
		return nil, fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMediaType, "", "a patch must be sent as one of %s, not %.80q", strings.Join(PatchTypes(), ", "), mediaType)
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	return patch.FHIRPath(doc.Root(), limits)
}

// patch reads the patch of a PATCH entry: a FHIRPath Patch is Parameters, every
// other one a Binary that holds it. Source: R4 http#3.1.0.11.2 (rules for
// transactions).
func (e *Engine) patch(en *entry) (patch.Patch, precondition, error) {
	when, err := preconditions(en.write.IfMatch, en.write.IfNoneMatch)
	if err != nil {
		return nil, when, err
	}
	doc, issues := validate.Resource(en.body, validate.Options{SkipInvariants: true})
	if err := refused(issues); err != nil {
		return nil, when, err
	}
	n := doc.Root()
	switch typ := n.Get("resourceType").Text(); typ {
	case "Parameters":
		p, err := patch.FHIRPath(n, patch.Limits{Operations: e.limits.PatchOperations})
		return p, when, err
	case "Binary":
		data := strings.Map(dropSpace, n.Get("data").Text())
		body, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return nil, when, fhir.Errorf(fhir.IssueValue, "Binary.data", "this is no base64").Because(err)
		}
		w := en.write
		w.Body = body
		return e.patchOf(n.Get("contentType").Text(), w)
	default:
		return nil, when, fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMediaType, typ, "a patch in a Bundle is a Parameters with a FHIRPath Patch, or a Binary of contentType %s; a %.60s is not read as one", jsonPatch, typ)
	}
}

func dropSpace(r rune) rune {
	if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
		return -1
	}
	return r
}
