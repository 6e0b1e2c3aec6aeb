package xml

import (
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// operationsMax is how many operations one patch may have.
const operationsMax = 1_000

// Patch changes a resource, given as FHIR's JSON, by an XML Patch: its operations
// add, replace and remove are done one after the other on the resource's XML, each
// at the one place its sel finds, and what comes out is given as JSON. Elements
// that are added at the end go where the definition has them.
//
// It fails with an Outcome of IssueProcessing that names the operation and its sel
// where one can't be done, and then nothing is changed; of IssueStructure or
// IssueInvalid where the patch itself can't be read; and as ToJSON does where what
// comes out is no resource. Whether it is valid the caller asks.
// Source: R4 http#patch, RFC 5261.
func Patch(resourceJSON, patch []byte) ([]byte, error) {
	text, err := FromJSON(nil, resourceJSON)
	if err != nil {
		return nil, err
	}
	document, err := treeOf(string(text))
	if err != nil {
		return nil, err
	}
	operations, err := operationsOf(string(patch))
	if err != nil {
		return nil, err
	}
	var f finder
	for i := range operations {
		if err := operations[i].do(&f, document); err != nil {
			return nil, err
		}
	}
	root := document.children[0]
	root.order(r4.Lookup(root.name))
	return ToJSON(root.append(nil, spaceNone))
}

// An operation is one change that a patch makes.
type operation struct {
	kind     string // add, replace or remove
	at       string // "patch[0]"
	sel      string
	selector selector
	position string // of add: "", prepend, before or after
	target   string // type of add: "" or "@name"
	space    string // ws of remove: "", before, after or both
	content  *node
}

// operationsOf reads a patch: the elements inside of its root.
func operationsOf(text string) ([]operation, error) {
	var s scanner
	s.reset(text)
	t := s.next()
	for ; t == tokenText; t = s.next() {
		continue
	}
	if t == tokenStart && s.tag.local != "diff" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "an XML Patch is a <diff> with <add>, <replace> and <remove> in it, not <%s>", excerpt(s.tag.name))
	}
	var all []operation
	for s.problem == "" && len(s.open) > 0 {
		switch s.next() {
		case tokenStart:
			if len(all) >= operationsMax {
				return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the patch has more than %d operations, the most that are done at once", operationsMax)
			}
			o, err := s.operation(fmt.Sprintf("patch[%d]", len(all)))
			if err != nil {
				return nil, err
			}
			all = append(all, o)
		case tokenText:
			if strings.TrimSpace(s.text) != "" {
				return nil, fhir.Errorf(fhir.IssueInvalid, "", "the text %q stands between the operations of the patch", excerpt(strings.TrimSpace(s.text)))
			}
		}
	}
	for s.next() != tokenNone {
		continue
	}
	if s.problem != "" {
		return nil, s.outcome()
	}
	return all, nil
}

// operation reads one operation, whose start tag has been read.
func (s *scanner) operation(at string) (operation, error) {
	o := operation{kind: s.tag.local, at: at, content: &node{}}
	for _, a := range s.attributes {
		switch value := a.plain(); a.name {
		case "sel":
			o.sel = value
		case "pos":
			o.position = value
		case "type":
			o.target = value
		case "ws":
			o.space = value
		}
	}
	var problem string
	o.selector, problem = compileSelector(o.sel, s.namespaces)
	if problem != "" {
		return o, fhir.Errorf(fhir.IssueInvalid, at+".sel", "the sel %q is no path this server reads: %s", excerpt(o.sel), problem)
	}
	s.build(o.content, nil)
	return o, o.check()
}

// check gives what is wrong with the form of an operation.
func (o *operation) check() error {
	attribute := strings.TrimPrefix(o.target, "@")
	switch {
	case o.kind != "add" && o.kind != "replace" && o.kind != "remove":
		return fhir.Errorf(fhir.IssueInvalid, o.at, "the operations of an XML Patch are add, replace and remove, not %s", excerpt(o.kind))
	case o.position != "" && o.position != "prepend" && o.position != "before" && o.position != "after":
		return fhir.Errorf(fhir.IssueInvalid, o.at+".pos", "pos must be prepend, before or after, not %q", excerpt(o.position))
	case o.target != "" && (len(attribute) == len(o.target) || attribute == ""):
		return fhir.Errorf(fhir.IssueNotSupported, o.at+".type", "type must name an attribute, as @value does; %q does not, and resources have no other things to add", excerpt(o.target))
	case o.space != "" && o.space != "before" && o.space != "after" && o.space != "both":
		return fhir.Errorf(fhir.IssueInvalid, o.at+".ws", "ws must be before, after or both, not %q", excerpt(o.space))
	}
	return nil
}

// do makes the change.
func (o *operation) do(f *finder, document *node) error {
	found := f.from(o.selector, place{node: document})
	switch {
	case f.costly:
		return fhir.Errorf(fhir.IssueTooCostly, o.at, "finding %q takes more work than this server does for one patch; write the path without //", excerpt(o.sel))
	case len(found) == 0:
		return o.misfit("there is no such place")
	case len(found) > 1:
		return o.misfit(fmt.Sprintf("it finds %d places and must find one: add a position such as [1], or a condition", len(found)))
	case found[0].node == document:
		return o.misfit("it is the document itself")
	}
	switch o.kind {
	case "add":
		return o.add(found[0])
	case "replace":
		return o.replace(found[0])
	}
	return o.remove(found[0])
}

// misfit is the outcome of an operation that can't be done.
func (o *operation) misfit(why string) error {
	return fhir.Errorf(fhir.IssueProcessing, o.at, "%s of %q can't be done: %s; nothing was changed", o.kind, excerpt(o.sel), why)
}
