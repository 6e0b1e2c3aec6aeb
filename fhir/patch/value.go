package patch

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// An elementName is an element of a type, found by the name a patch calls it.
type elementName struct {
	*r4.Element
	as *r4.ElementType // where the name settles the type of a choice; else nil
}

// elementOf finds an element by its FHIRPath name, "value", by value[x] or by
// its name in JSON, "valueQuantity".
func elementOf(typ *r4.Type, name string) (elementName, bool) {
	name = strings.TrimSuffix(name, "[x]")
	if e := typ.Element(name); e != nil {
		return elementName{Element: e}, true
	}
	if e, et := typ.Member(name); e != nil {
		return elementName{Element: e, as: et}, true
	}
	return elementName{}, false
}

// names gives the members that the element may be under in JSON.
func (e elementName) names() []string {
	var names []string
	for i := range e.Types {
		names = append(names, e.Types[i].JSON)
	}
	return names
}

// valueOf reads the value of a part as one value of an element. It gives the
// member the value belongs under.
func (o *operation) valueOf(part fhir.Node, e elementName) (name string, value entry, err error) {
	if e.as == nil && !e.Choice {
		e.as = &e.Types[0]
	}
	switch {
	case part.Get("part").Exists():
		if e.as == nil {
			return "", entry{}, o.misfit("%s may be of several types, so its value can't be given in parts", e.Name)
		}
		object, err := o.objectOf(part, e.as.Type)
		return e.as.JSON, entry{value: object}, err
	case part.Get("resource").Exists():
		if e.as == nil || !e.as.Type.Is("Resource") {
			return "", entry{}, o.misfit("%s holds no resource", e.Name)
		}
		return e.as.JSON, entry{value: part.Get("resource").Raw()}, nil
	}
	return o.typedValue(part, e)
}

// typedValue reads a value[x].
func (o *operation) typedValue(part fhir.Node, e elementName) (string, entry, error) {
	for m := range part.All() {
		plain := strings.TrimPrefix(m.Name(), "_")
		if !strings.HasPrefix(plain, "value") {
			continue
		}
		_, sent := r4.Lookup("Parameters.parameter").Member(plain)
		if sent == nil {
			return "", entry{}, o.misfit("%.60s is no type of a parameter's value", plain)
		}
		as := e.as
		if as == nil {
			i := slices.IndexFunc(e.Types, func(t r4.ElementType) bool { return t.Type == sent.Type })
			if i < 0 {
				return "", entry{}, o.misfit("%s can't be of the type %s; it is one of %s", e.Name, sent.Type.Name, strings.Join(e.names(), ", "))
			}
			as = &e.Types[i]
		}
		value := entry{}
		if v := part.Get(plain); v.Exists() {
			value.value = literal(v, as.Type)
		}
		if side := part.Get("_" + plain); side.Exists() {
			value.side = side.Raw()
		}
		return as.JSON, value, nil
	}
	return "", entry{}, o.misfit("the part named value holds no value")
}

// literal gives a value as JSON of the type: numbers and booleans that were sent
// as strings become what they say.
func literal(v fhir.Node, typ *r4.Type) []byte {
	if v.Kind() != fhir.KindString {
		return v.Raw()
	}
	text := v.Text()
	switch typ.Name {
	case "boolean":
		if text == "true" || text == "false" {
			return []byte(text)
		}
	case "integer", "positiveInt", "unsignedInt", "decimal":
		if doc, err := fhir.Parse([]byte(text)); err == nil && doc.Root().Kind() == fhir.KindNumber {
			return []byte(text)
		}
	}
	return v.Raw()
}

// objectOf writes an object of a type from the parts that name its elements.
func (o *operation) objectOf(part fhir.Node, typ *r4.Type) ([]byte, error) {
	if typ.Kind == r4.KindPrimitive {
		return nil, o.misfit("a %s has no parts", typ.Name)
	}
	values := make(map[string][]entry)
	var names []string
	for p := range part.Get("part").Each() {
		name := p.Get("name").Text()
		e, ok := elementOf(typ, name)
		if !ok {
			return nil, o.misfit("%s has no element named %.60q", typ.Name, name)
		}
		as, value, err := o.valueOf(p, e)
		if err != nil {
			return nil, err
		}
		if len(values[as]) > 0 && e.Max == 1 {
			return nil, o.misfit("%s.%s can't repeat", typ.Name, e.Name)
		}
		if len(values[as]) == 0 {
			names = append(names, as)
		}
		values[as] = append(values[as], value)
	}
	slices.SortStableFunc(names, func(a, b string) int { return indexOf(typ, a) - indexOf(typ, b) })
	var members []member
	for _, name := range names {
		members = append(members, changedMembers(typ, name, values[name])...)
	}
	if len(members) == 0 {
		return nil, o.misfit("the value is empty")
	}
	return written(members), nil
}
