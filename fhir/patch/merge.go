package patch

import (
	"bima/fhir"
)

// Merge reads a JSON Merge Patch: an object whose members replace those of the
// resource, or with null remove them. Source: RFC 7396.
func Merge(body []byte) (Patch, error) {
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	if kind := doc.Root().Kind(); kind != fhir.KindObject {
		return nil, fhir.Errorf(fhir.IssueStructure, "", "a JSON Merge Patch of a resource is an object, not %s", kind)
	}
	return func(resource []byte) ([]byte, error) {
		target, err := fhir.Parse(resource)
		if err != nil {
			return nil, err
		}
		defer target.Release()
		return merged(make([]byte, 0, len(resource)+len(body)), target.Root(), doc.Root()), nil
	}, nil
}

// merged writes what the patch makes of the target: its members in their order,
// then those the patch adds.
func merged(b []byte, target, patch fhir.Node) []byte {
	if patch.Kind() != fhir.KindObject {
		return append(b, patch.Raw()...)
	}
	b = append(b, '{')
	start := len(b)
	name := func(n fhir.Node) {
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(quoted(b, n.Name()), ':')
	}
	if target.Kind() == fhir.KindObject {
		for m := range target.All() {
			switch change := patch.Get(m.Name()); change.Kind() {
			case fhir.KindNull:
			case fhir.KindAbsent:
				name(m)
				b = append(b, m.Raw()...)
			default:
				name(m)
				b = merged(b, m, change)
			}
		}
	}
	for m := range patch.All() {
		if m.Kind() != fhir.KindNull && !target.Get(m.Name()).Exists() {
			name(m)
			b = merged(b, fhir.Node{}, m)
		}
	}
	return append(b, '}')
}
