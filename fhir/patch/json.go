package patch

import (
	"errors"
	"fmt"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"bima/fhir"
)

// JSON reads a JSON Patch. It fails with an Outcome that names all that is wrong
// with its form. Source: RFC 6902.
func JSON(body []byte, l Limits) (Patch, error) {
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	if issues := checkJSON(doc.Root(), l.Operations); len(issues) > 0 {
		return nil, &fhir.Outcome{Issues: issues}
	}
	p, err := jsonpatch.DecodePatch(body)
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the body is no JSON Patch (RFC 6902)").Because(err)
	}
	return func(resource []byte) ([]byte, error) {
		out, err := applyJSON(p, resource, l)
		if err != nil {
			return nil, misfit(p, resource, l, err)
		}
		return out, nil
	}, nil
}

// applyJSON runs the library, which panics on some documents it does not expect.
func applyJSON(p jsonpatch.Patch, resource []byte, l Limits) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("json patch: %v", r)
		}
	}()
	return p.ApplyWithOptions(resource, &jsonpatch.ApplyOptions{AccumulatedCopySizeLimit: int64(l.CopyBytes)})
}

// misfit says which operation of a patch could not be applied, by applying one
// after the other.
func misfit(p jsonpatch.Patch, resource []byte, l Limits, cause error) error {
	for i, operation := range p {
		next, err := applyJSON(jsonpatch.Patch{operation}, resource, l)
		if err == nil {
			resource = next
			continue
		}
		path, _ := operation.Path()
		expression := fmt.Sprintf("patch[%d]", i)
		if errors.Is(err, jsonpatch.ErrTestFailed) {
			return fhir.Errorf(fhir.IssueProcessing, expression, "operation %d: the test of %.200q failed, another value is there; nothing was changed", i, path).Because(err)
		}
		return fhir.Errorf(fhir.IssueProcessing, expression, "operation %d: %s of %.200q can't be done, the resource has no such place; nothing was changed", i, operation.Kind(), path).Because(err)
	}
	return fhir.Errorf(fhir.IssueProcessing, "", "the patch can't be applied").Because(cause)
}

// checkJSON gives all that is wrong with the form of a patch.
func checkJSON(patch fhir.Node, operationsMax int) []fhir.Issue {
	if patch.Kind() != fhir.KindArray {
		return fhir.Errorf(fhir.IssueStructure, "", "a JSON Patch is an array of operations, not %s", patch.Kind()).Issues
	}
	if patch.Len() > operationsMax {
		return tooMany(patch.Len(), operationsMax).Issues
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

func tooMany(count, most int) *fhir.Outcome {
	return fhir.Errorf(fhir.IssueTooCostly, "", "the patch has %d operations; at most %d are done at once", count, most)
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
