// Package parameters reads what operations are given. Its door is Of.
package parameters

import (
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
)

// A Form is the Parameters that an operation was given.
type Form struct{ root fhir.Node }

// Of reads the input of an operation; none is an empty Form. It fails with an
// Outcome of IssueInvalid on any other resource than Parameters.
func Of(in *fhir.Resource) (Form, error) {
	if in == nil || len(in.Body) == 0 {
		return Form{}, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return Form{}, err
	}
	if typ := doc.Root().Get("resourceType").Text(); typ != "Parameters" {
		return Form{}, fhir.Errorf(fhir.IssueInvalid, "", "the operation takes a Parameters, not %.60q", typ)
	}
	return Form{doc.Root()}, nil
}

// Root gives the Parameters; absent where none were given.
func (f Form) Root() fhir.Node { return f.root }

// All gives the parameters of a name.
func (f Form) All(name string) []fhir.Node {
	var list []fhir.Node
	for p := range f.root.Get("parameter").Each() {
		if p.Get("name").Text() == name {
			list = append(list, p)
		}
	}
	return list
}

// Only refuses parameters of other names than those, so that a misspelt one is
// not silently left out.
func (f Form) Only(names ...string) error {
	for p := range f.root.Get("parameter").Each() {
		known := false
		for _, name := range names {
			known = known || p.Get("name").Text() == name
		}
		if !known {
			return fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "there is no parameter %.60q here; there are %s", p.Get("name").Text(), strings.Join(names, ", "))
		}
	}
	return nil
}

// Value gives the value[x] of the first parameter of a name; absent where there
// is none.
func (f Form) Value(name string) fhir.Node {
	for _, p := range f.All(name) {
		return Value(p)
	}
	return fhir.Node{}
}

// Values gives the value[x] of the parameters of a name that have one.
func (f Form) Values(name string) []fhir.Node {
	var list []fhir.Node
	for _, p := range f.All(name) {
		if v := Value(p); v.Exists() {
			list = append(list, v)
		}
	}
	return list
}

// Value gives the value[x] of a parameter.
func Value(parameter fhir.Node) fhir.Node {
	for m := range parameter.All() {
		if strings.HasPrefix(m.Name(), "value") {
			return m
		}
	}
	return fhir.Node{}
}

// Day gives a parameter that is a whole day as it stands, "2026-01-31", or the
// other where it is not given.
func (f Form) Day(name, otherwise string) (string, error) {
	v := f.Value(name)
	if !v.Exists() {
		return otherwise, nil
	}
	d, err := fhir.ParseDate(v.Text())
	if err != nil || d.Precision != fhir.PrecisionDay {
		return "", fhir.Errorf(fhir.IssueValue, Expression(name), "%s is a day, such as 2026-01-31; %.40q is none", name, v.Text())
	}
	return d.First.Format(time.DateOnly), nil
}

// Count gives a number parameter from 1 on, at the most so many; the other where it
// is not given.
func (f Form) Count(name string, otherwise, most int) (int, error) {
	v := f.Value(name)
	if !v.Exists() {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v.Text())
	if err != nil || n < 1 {
		return 0, fhir.Errorf(fhir.IssueValue, Expression(name), "%s is a number from 1 to %d", name, most)
	}
	return min(n, most), nil
}

// Flag gives a boolean parameter; false where it is not given.
func (f Form) Flag(name string) (bool, error) {
	switch v := f.Value(name); v.Text() {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, fhir.Errorf(fhir.IssueValue, Expression(name), "%s is true or false, not %.40q", name, v.Text())
	}
}

// Key gives the resource of a type that a parameter names, by reference or by an
// identifier that only one bears. It fails where the parameter is not given, and
// where no such resource is there.
func (f Form) Key(r fhir.Reader, name, typ string) (fhir.Key, error) {
	keys, err := f.Keys(r, name, typ)
	if err != nil {
		return fhir.Key{}, err
	}
	if len(keys) != 1 {
		return fhir.Key{}, fhir.Errorf(fhir.IssueRequired, Expression(name), "the operation needs one parameter %s, a reference to a %s; there are %d", name, typ, len(keys))
	}
	return keys[0], nil
}

// keysMax bounds how many resources a parameter may name.
const keysMax = 1000

// Keys gives the resources that the parameters of a name refer to.
func (f Form) Keys(r fhir.Reader, name, typ string) ([]fhir.Key, error) {
	all := f.All(name)
	if len(all) > keysMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, Expression(name), "there are %d parameters %s; at most %d are taken at once", len(all), name, keysMax)
	}
	keys := make([]fhir.Key, 0, len(all))
	for _, p := range all {
		k, err := keyOf(r, Value(p), name, typ)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func keyOf(r fhir.Reader, v fhir.Node, name, typ string) (fhir.Key, error) {
	text, identifier := v.Text(), v
	if v.Kind() == fhir.KindObject {
		text = v.Get("reference").Text()
		if nested := v.Get("identifier"); nested.Exists() {
			identifier = nested
		}
	}
	if ref := fhir.ParseReference(text, r4.IsResource); ref.Type == typ && ref.ID != "" {
		found, err := r.ReadMany([]fhir.Key{ref.Key})
		if err == nil && len(found) == 0 {
			err = fhir.Errorf(fhir.IssueNotFound, Expression(name), "there is no %s", ref.Key)
		}
		return ref.Key, err
	}
	if value := identifier.Get("value").Text(); value != "" && text == "" {
		owner, ok, err := r.Owner(fhir.UniqueKey{Type: typ, Name: identifier.Get("system").Text(), Value: value})
		if ok || err != nil {
			return owner, err
		}
		return fhir.Key{}, fhir.Errorf(fhir.IssueNotFound, Expression(name), "no %s bears the identifier %.60q", typ, value)
	}
	return fhir.Key{}, fhir.Errorf(fhir.IssueValue, Expression(name), "%s is a reference to a %s of this server, or an identifier of one", name, typ)
}

// Expression gives the FHIRPath of a parameter, for outcomes.
func Expression(name string) string {
	return "Parameters.parameter.where(name = '" + name + "')"
}
