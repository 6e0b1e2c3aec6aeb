package interaction

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"bima/fhir"
)

// jsonPatch is the media type of RFC 6902, the one form of patch this server
// reads.
const jsonPatch = "application/json-patch+json"

// copyBytesMax bounds how much the copy operations of a patch may add: 16 MiB.
const copyBytesMax = 16 << 20

// Patch changes a resource by a JSON Patch; what comes out must be valid. A patch
// that changes nothing makes no version. Source: R4 http#patch, RFC 6902.
func (e *Engine) Patch(ctx context.Context, k fhir.Key, mediaType string, w Write) (*Result, error) {
	if err := knownType(k.Type); err != nil {
		return nil, err
	}
	p, when, err := e.patchOf(mediaType, w)
	if err != nil {
		return nil, err
	}
	return e.patchKey(ctx, k, p, when)
}

func (e *Engine) patchKey(ctx context.Context, k fhir.Key, p jsonpatch.Patch, when precondition) (*Result, error) {
	ready := e.foresee(ctx, k, p)
	return e.one(ctx, nil, func(t *tx) (*Result, error) { return t.patch(k, p, ready, when) })
}

// PatchConditional patches the one resource that matches the criteria; where
// none does it fails with IssueNotFound. Source: R4 http#patch.
func (e *Engine) PatchConditional(ctx context.Context, typ, criteria, mediaType string, w Write) (*Result, error) {
	p, when, err := e.patchOf(mediaType, w)
	if err != nil {
		return nil, err
	}
	return e.patchMatch(ctx, typ, criteria, p, when)
}

func (e *Engine) patchMatch(ctx context.Context, typ, criteria string, p jsonpatch.Patch, when precondition) (*Result, error) {
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
func (e *Engine) foresee(ctx context.Context, k fhir.Key, p jsonpatch.Patch) (f foreseen) {
	current, err := e.Read(ctx, k)
	if err != nil {
		return f
	}
	if d, err := e.patched(current, p); err == nil {
		f = foreseen{current.Version, d}
	}
	return f
}

func (t *tx) patch(k fhir.Key, p jsonpatch.Patch, ready foreseen, when precondition) (*Result, error) {
	current, err := readOn(t, k)
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
	return t.write(step{key: k, method: fhir.MethodPatch, draft: d})
}

// patched gives the draft that a patch makes of a version.
func (e *Engine) patched(r *fhir.Resource, p jsonpatch.Patch) (*draft, error) {
	body, err := apply(p, r.Body)
	if err != nil {
		return nil, misfit(p, r, err)
	}
	d, _, err := e.draft(body, r.Type)
	if err != nil {
		return nil, err
	}
	return d, sameID(d, r.Key)
}

// apply runs the library, which panics on some documents it does not expect.
func apply(p jsonpatch.Patch, body []byte) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("json patch: %v", r)
		}
	}()
	return p.ApplyWithOptions(body, &jsonpatch.ApplyOptions{AccumulatedCopySizeLimit: copyBytesMax})
}

// misfit says which operation of a patch could not be applied, by applying one
// after the other.
func misfit(p jsonpatch.Patch, r *fhir.Resource, cause error) error {
	body := r.Body
	for i, operation := range p {
		next, err := apply(jsonpatch.Patch{operation}, body)
		if err == nil {
			body = next
			continue
		}
		path, _ := operation.Path()
		expression := fmt.Sprintf("patch[%d]", i)
		if errors.Is(err, jsonpatch.ErrTestFailed) {
			return fhir.Errorf(fhir.IssueProcessing, expression, "the test of %.200q failed: %s, version %d, has another value there; nothing was changed", path, r.Key, r.Version).Because(err)
		}
		return fhir.Errorf(fhir.IssueProcessing, expression, "%s of %.200q can't be done: %s, version %d, has no such place; nothing was changed", operation.Kind(), path, r.Key, r.Version).Because(err)
	}
	return fhir.Errorf(fhir.IssueProcessing, "", "the patch can't be applied to %s", r.Key).Because(cause)
}

// patchOf reads a patch and its headers.
func (e *Engine) patchOf(mediaType string, w Write) (jsonpatch.Patch, precondition, error) {
	when, err := preconditions(w.IfMatch, w.IfNoneMatch)
	if err != nil {
		return nil, when, err
	}
	if name, _, err := mime.ParseMediaType(mediaType); err != nil || name != jsonPatch {
		return nil, when, fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMediaType, "", "a patch must be sent as %s, not %.80q", jsonPatch, mediaType)
	}
	doc, err := fhir.Parse(w.Body)
	if err != nil {
		return nil, when, outcome(err)
	}
	if issues := checkPatch(doc.Root(), e.limits.PatchOperations); len(issues) > 0 {
		return nil, when, &fhir.Outcome{Issues: issues}
	}
	p, err := jsonpatch.DecodePatch(w.Body)
	if err != nil {
		return nil, when, fhir.Errorf(fhir.IssueInvalid, "", "the body is no JSON Patch (RFC 6902)").Because(err)
	}
	return p, when, nil
}

// checkPatch gives all that is wrong with the form of a patch.
func checkPatch(patch fhir.Node, operationsMax int) []fhir.Issue {
	if patch.Kind() != fhir.KindArray {
		return fhir.Errorf(fhir.IssueStructure, "", "a JSON Patch is an array of operations, not %s", patch.Kind()).Issues
	}
	if patch.Len() > operationsMax {
		return fhir.Errorf(fhir.IssueTooCostly, "", "the patch has %d operations; at most %d are done at once", patch.Len(), operationsMax).Issues
	}
	var issues []fhir.Issue
	i := 0
	for operation := range patch.All() {
		at := fmt.Sprintf("patch[%d]", i)
		issues = append(issues, checkOperation(operation, at)...)
		i++
	}
	return issues
}

func checkOperation(n fhir.Node, at string) []fhir.Issue {
	op := n.Get("op")
	switch op.Text() {
	case "add", "replace", "test":
		if !n.Get("value").Exists() {
			return fhir.Errorf(fhir.IssueRequired, at+".value", "%s needs a value", op.Text()).Issues
		}
	case "move", "copy":
		if issues := checkPointer(n.Get("from"), at+".from"); issues != nil {
			return issues
		}
	case "remove":
	default:
		return fhir.Errorf(fhir.IssueInvalid, at+".op", "op must be add, remove, replace, move, copy or test, not %.40q", op.Text()).Issues
	}
	return checkPointer(n.Get("path"), at+".path")
}

// checkPointer checks a JSON Pointer. Source: RFC 6901 section 3.
func checkPointer(n fhir.Node, at string) []fhir.Issue {
	text := n.Text()
	plain := strings.NewReplacer("~0", "", "~1", "").Replace(text)
	if n.Kind() == fhir.KindString && (text == "" || text[0] == '/') && !strings.Contains(plain, "~") {
		return nil
	}
	return fhir.Errorf(fhir.IssueInvalid, at, "%.200q is not a JSON Pointer, such as /name/0/family", text).Issues
}
