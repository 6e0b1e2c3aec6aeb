package facts

import (
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
)

// resolve gives the resource of this server that a Reference in root means: by
// its literal reference, or by a business identifier, its own or that of the
// contained resource it points at. ok is false where it means none, or several.
func (f *Facts) resolve(r fhir.Reader, root, ref fhir.Node, types ...string) (k fhir.Key, ok bool, err error) {
	if text := ref.Get("reference").Text(); text != "" {
		literal := fhir.ParseReference(text, r4.IsResource)
		local := literal.Relative() || literal.ID != "" && literal.Base == f.base
		switch {
		case local && slices.Contains(types, literal.Type):
			return literal.Key, true, nil
		case literal.Anchor != "":
			return f.resolveContained(r, root, literal.Anchor, types)
		}
	}
	if typ := ref.Get("type").Text(); slices.Contains(types, typ) {
		types = []string{typ}
	}
	return f.owner(r, ref.Get("identifier"), types)
}

// Resolve is resolve for a module: it gives the key of the resource of one of
// the types that a Reference means, or false where it means none.
func (f *Facts) Resolve(r fhir.Reader, root, ref fhir.Node, types ...string) (fhir.Key, bool, error) {
	return f.resolve(r, root, ref, types...)
}

func (f *Facts) resolveContained(r fhir.Reader, root fhir.Node, id string, types []string) (fhir.Key, bool, error) {
	for c := range root.Get("contained").Each() {
		typ := c.Get("resourceType").Text()
		if c.Get("id").Text() != id || !slices.Contains(types, typ) {
			continue
		}
		for identifier := range c.Get("identifier").Each() {
			if k, ok, err := f.owner(r, identifier, []string{typ}); ok || err != nil {
				return k, ok, err
			}
		}
	}
	return fhir.Key{}, false, nil
}

// identifiersTried bounds how many resources may bear one identifier: with two
// it is clear that it names nobody.
const identifiersTried = 2

// owner gives the one resource that bears a business identifier.
func (f *Facts) owner(r fhir.Reader, identifier fhir.Node, types []string) (fhir.Key, bool, error) {
	system, value := identifier.Get("system").Text(), identifier.Get("value").Text()
	if value == "" {
		return fhir.Key{}, false, nil
	}
	for _, typ := range types {
		if k, ok, err := r.Owner(fhir.UniqueKey{Type: typ, Name: system, Value: value}); ok || err != nil {
			return k, ok, err
		}
	}
	for _, typ := range types {
		page, err := r.Search(&fhir.Query{Types: []string{typ}, Limit: identifiersTried, Where: fhir.Match{
			Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken},
			Value: fhir.TokenValue{System: system, Code: value, AnySystem: system == ""},
		}})
		if err != nil {
			return fhir.Key{}, false, err
		}
		if len(page.Resources) == 1 {
			return page.Resources[0].Key, true, nil
		}
	}
	return fhir.Key{}, false, nil
}
