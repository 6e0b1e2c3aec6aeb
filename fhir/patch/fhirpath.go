package patch

import (
	"fmt"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// An operation is one operation of a FHIRPath Patch.
type operation struct {
	index int // in the patch
	kind  string
	text  string           // the path as it was written
	path  *path.Expression // of text
	name  string           // of the element that add adds
	value fhir.Node        // the part named "value"
	at    int              // index, or source of a move
	to    int              // destination of a move
}

// FHIRPath reads a FHIRPath Patch from a Parameters resource, whose tree must
// stay. It fails with an Outcome that names the parameter at fault. Source: R4
// fhirpatch.
func FHIRPath(parameters fhir.Node, l Limits) (Patch, error) {
	if typ := parameters.Get("resourceType").Text(); typ != "Parameters" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "a FHIRPath Patch is a Parameters resource, not %.60q", typ)
	}
	list := parameters.Get("parameter")
	if list.Len() > l.Operations {
		return nil, tooMany(list.Len(), l.Operations)
	}
	var operations []*operation
	for p := range list.Each() {
		o, err := readOperation(p, len(operations))
		if err != nil {
			return nil, err
		}
		operations = append(operations, o)
	}
	return func(resource []byte) ([]byte, error) { return applyAll(operations, resource) }, nil
}

// readOperation reads one parameter of the patch.
func readOperation(n fhir.Node, index int) (*operation, error) {
	o := &operation{index: index, at: -1, to: -1}
	at := fmt.Sprintf("Parameters.parameter[%d]", index)
	if name := n.Get("name").Text(); name != "operation" {
		return nil, fhir.Errorf(fhir.IssueInvalid, at+".name", "each parameter of a FHIRPath Patch is named operation, not %.60q", name)
	}
	i := 0
	for part := range n.Get("part").Each() {
		if err := o.part(part); err != nil {
			return nil, fhir.Errorf(fhir.IssueInvalid, fmt.Sprintf("%s.part[%d]", at, i), "operation %d: %s", index, fhir.OutcomeOf(err).Issues[0].Diagnostics)
		}
		i++
	}
	if err := o.complete(); err != nil {
		err.Issues[0].Expression = at
		return nil, err
	}
	return o, nil
}

// part reads one part of an operation.
func (o *operation) part(n fhir.Node) (err error) {
	text := textOf(n)
	number := func(to *int) {
		*to, err = strconv.Atoi(text)
		if err != nil || *to < 0 {
			err = fhir.Errorf(fhir.IssueValue, "", "%s must be a whole number of 0 or more, not %.40q", n.Get("name").Text(), text)
		}
	}
	switch name := n.Get("name").Text(); name {
	case "type":
		o.kind = text
	case "path":
		o.text = text
		o.path, err = path.Compile(text)
	case "name":
		o.name = text
	case "value":
		o.value = n
	case "index", "source":
		number(&o.at)
	case "destination":
		number(&o.to)
	default:
		err = fhir.Errorf(fhir.IssueInvalid, "", "an operation has no part named %.60q", name)
	}
	return err
}

// complete refuses an operation that lacks what its type needs.
func (o *operation) complete() *fhir.Outcome {
	lacks := func(what string) *fhir.Outcome {
		return fhir.Errorf(fhir.IssueRequired, "", "operation %d: %s needs a part named %s", o.index, o.kind, what)
	}
	switch {
	case o.kind == "":
		return fhir.Errorf(fhir.IssueRequired, "", "operation %d needs a part named type", o.index)
	case o.kind != "add" && o.kind != "insert" && o.kind != "delete" && o.kind != "replace" && o.kind != "move":
		return fhir.Errorf(fhir.IssueInvalid, "", "operation %d: the type must be add, insert, delete, replace or move, not %.40q", o.index, o.kind)
	case o.path == nil:
		return lacks("path")
	case o.kind == "add" && o.name == "":
		return lacks("name")
	case o.kind == "insert" && o.at < 0:
		return lacks("index")
	case o.kind == "move" && o.at < 0:
		return lacks("source")
	case o.kind == "move" && o.to < 0:
		return lacks("destination")
	case !o.value.Exists() && (o.kind == "add" || o.kind == "insert" || o.kind == "replace"):
		return lacks("value")
	}
	return nil
}

// textOf gives the text of a parameter's value[x], whatever its type.
func textOf(parameter fhir.Node) string {
	for m := range parameter.All() {
		if strings.HasPrefix(m.Name(), "value") {
			return m.Text()
		}
	}
	return ""
}

// applyAll does the operations one after the other.
func applyAll(operations []*operation, resource []byte) ([]byte, error) {
	work := 0
	for _, o := range operations {
		if work += len(resource); work > workMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the patch has too many operations for so large a resource; send it in parts")
		}
		next, err := o.apply(resource)
		if err != nil {
			return nil, err
		}
		resource = next
	}
	return resource, nil
}

// apply does one operation.
func (o *operation) apply(resource []byte) ([]byte, error) {
	doc, err := fhir.Parse(resource)
	if err != nil {
		return nil, err
	}
	defer doc.Release()
	if again := doc.Duplicates(); len(again) > 0 {
		return nil, o.misfit("the resource has the member %.60q twice", again[0].Name())
	}
	t := &tree{operation: o, root: doc.Root(), src: resource}
	t.typ = r4.Lookup(t.root.Get("resourceType").Text())
	if t.typ == nil {
		return nil, o.misfit("the resource is of no type of FHIR R4")
	}
	found, err := t.find(o.path)
	if err != nil {
		return nil, err
	}
	switch o.kind {
	case "add":
		return t.add(found)
	case "insert":
		return t.insert(found)
	case "delete":
		return t.remove(found)
	case "replace":
		return t.replace(found)
	}
	return t.move(found)
}

// misfit tells why the operation can't be done on the resource.
func (o *operation) misfit(format string, args ...any) error {
	return fhir.Errorf(fhir.IssueProcessing, o.text, "operation %d, %s of %.200q: %s; nothing was changed", o.index, o.kind, o.text, fmt.Sprintf(format, args...))
}
