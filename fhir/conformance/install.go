package conformance

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"bima/fhir"
	"bima/profiles"
)

// A Library holds what the server serves of its own: the definitions are stored
// like any resource, so that they are read, searched and referred to, and nobody
// but the server changes them. HL7's own may be stored in HL7's wording, or another
// under the same canonical URL, and then keep that. It is safe for concurrent use.
type Library struct {
	own atomic.Pointer[map[fhir.Key][]byte]
}

// definitionTypes are the resource types a Library may hold.
var definitionTypes = []string{
	"CapabilityStatement", "CodeSystem", "CompartmentDefinition", "ConceptMap", "ImplementationGuide", "NamingSystem",
	"OperationDefinition", "SearchParameter", "StructureDefinition", "ValueSet",
}

// Install stores those of the definitions that are not stored yet as they are,
// in one transaction, and gives how many it stored: none where nothing has
// changed since the last start. From then on the Module keeps them.
func (l *Library) Install(ctx context.Context, s fhir.Server, definitions []profiles.Definition) (stored int, err error) {
	ctx = fhir.WithCaller(ctx, fhir.System())
	var missing []profiles.Definition
	var moved []fhir.Key
	err = s.View(ctx, func(r fhir.Reader) (err error) {
		if missing, err = notStored(r, definitions); err == nil {
			moved, err = stillThere(r)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	own := make(map[fhir.Key][]byte, len(definitions))
	for _, d := range definitions {
		own[keyOf(d)] = d.Body
	}
	l.own.Store(&own)
	if len(missing) == 0 && len(moved) == 0 {
		return 0, nil
	}
	return len(missing), s.Commit(ctx, func(tx fhir.Tx) error {
		for _, k := range moved {
			if err := tx.Delete(k, 0); err != nil {
				return err
			}
		}
		return store(tx, missing)
	})
}

// formerly are the ids that definitions of ours bore in earlier releases, with
// their canonical URLs.
var formerly = map[fhir.Key]string{
	{Type: "CodeSystem", ID: "adjudication"}: profiles.SystemAdjudication,
}

// stillThere gives those of formerly that are stored as ours.
func stillThere(r fhir.Reader) (keys []fhir.Key, _ error) {
	found, err := r.ReadMany(slices.Collect(maps.Keys(formerly)))
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		doc, err := fhir.Parse(f.Body)
		if err != nil {
			return nil, err
		}
		if doc.Root().Get("url").Text() == formerly[f.Key] {
			keys = append(keys, f.Key)
		}
		doc.Release()
	}
	return keys, nil
}

func store(tx fhir.Tx, definitions []profiles.Definition) error {
	for _, d := range definitions {
		if _, err := tx.Update(&fhir.Resource{Key: keyOf(d), Body: d.Body}, 0); err != nil {
			return err
		}
	}
	return nil
}

// Module keeps what was installed from being changed or deleted. What is written
// there must be the definition itself, as Install writes it.
func (l *Library) Module() fhir.Module {
	return fhir.Module{Name: "conformance", Rules: []fhir.Rule{{Types: definitionTypes, Check: l.check}}}
}

func (l *Library) check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	own := l.own.Load()
	if own == nil {
		return nil
	}
	body, ok := (*own)[c.Key]
	if !ok || c.After != nil && (same(c.After.Body, body) || reworded(c.Node, body)) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s is a definition of this server itself and can't be changed; make your own under another id", c.Key)
}

// reworded reports whether a resource is the same definition of HL7's as body, by
// its canonical URL, in other words.
func reworded(n fhir.Node, body []byte) bool {
	doc, err := fhir.Parse(body)
	if err != nil {
		return false
	}
	defer doc.Release()
	url := doc.Root().Get("url").Text()
	return strings.HasPrefix(url, hl7) && n.Get("url").Text() == url
}

// ofHL7 reports whether a definition is one of R4's own.
func ofHL7(d profiles.Definition) bool {
	doc, err := fhir.Parse(d.Body)
	if err != nil {
		return false
	}
	defer doc.Release()
	return strings.HasPrefix(doc.Root().Get("url").Text(), hl7)
}

func keyOf(d profiles.Definition) fhir.Key { return fhir.Key{Type: d.Type, ID: d.ID} }

// notStored gives those of the definitions that are not stored, or otherwise.
func notStored(r fhir.Reader, definitions []profiles.Definition) ([]profiles.Definition, error) {
	keys := make([]fhir.Key, len(definitions))
	for i, d := range definitions {
		keys[i] = keyOf(d)
	}
	current, err := r.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	byKey := make(map[fhir.Key][]byte, len(current))
	for _, c := range current {
		byKey[c.Key] = c.Body
	}
	return slices.DeleteFunc(slices.Clone(definitions), func(d profiles.Definition) bool {
		body, ok := byKey[keyOf(d)]
		return ok && (ofHL7(d) || same(body, d.Body))
	}), nil
}

// same reports whether two resources are the same but for their meta.
func same(a, b []byte) bool {
	left, err := fhir.Parse(a)
	if err != nil {
		return false
	}
	defer left.Release()
	right, err := fhir.Parse(b)
	if err != nil {
		return false
	}
	defer right.Release()
	return sameObject(left.Root(), right.Root(), "meta")
}

// sameObject compares the members of two objects, whatever their order, but
// those of one name.
func sameObject(a, b fhir.Node, without string) bool {
	n := 0
	for m := range a.All() {
		if m.Name() == without {
			continue
		}
		n++
		if other := b.Get(m.Name()); !other.Exists() || !sameValue(m, other) {
			return false
		}
	}
	for m := range b.All() {
		if m.Name() != without {
			n--
		}
	}
	return n == 0
}

func sameValue(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case fhir.KindObject:
		return sameObject(a, b, "")
	case fhir.KindArray:
		for x, y := a.First(), b.First(); x.Exists(); x, y = x.Next(), y.Next() {
			if !sameValue(x, y) {
				return false
			}
		}
		return true
	}
	return a.Text() == b.Text()
}
