package contract

import (
	"strings"

	"bima/adjudication"
	"bima/fhir"
)

// A form is the Parameters that an operation was given.
type form struct{ root fhir.Node }

// formOf reads the Parameters of a call; none is an empty form.
func formOf(in *fhir.Resource) (form, error) {
	if in == nil || len(in.Body) == 0 {
		return form{}, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return form{}, err
	}
	if typ := doc.Root().Get("resourceType").Text(); typ != "Parameters" {
		return form{}, fhir.Errorf(fhir.IssueInvalid, "", "the operation takes a Parameters, not %.60q", typ)
	}
	return form{doc.Root()}, nil
}

// all gives the parameters of a name.
func (f form) all(name string) []fhir.Node {
	var list []fhir.Node
	for p := range f.root.Get("parameter").Each() {
		if p.Get("name").Text() == name {
			list = append(list, p)
		}
	}
	return list
}

// value gives the value[x] of the first parameter of a name; absent where there
// is none.
func (f form) value(name string) fhir.Node {
	for _, p := range f.all(name) {
		return valueOf(p)
	}
	return fhir.Node{}
}

func valueOf(parameter fhir.Node) fhir.Node {
	for m := range parameter.All() {
		if strings.HasPrefix(m.Name(), "value") {
			return m
		}
	}
	return fhir.Node{}
}

// part gives the value[x] of a part of a parameter.
func part(parameter fhir.Node, name string) fhir.Node {
	for p := range parameter.Get("part").Each() {
		if p.Get("name").Text() == name {
			return valueOf(p)
		}
	}
	return fhir.Node{}
}

// day gives a date parameter, or another day where it is not given.
func (f form) day(name string, otherwise day) (day, error) {
	v := f.value(name)
	if !v.Exists() {
		return otherwise, nil
	}
	d, err := fhir.ParseDate(v.Text())
	if err != nil || d.Precision != fhir.PrecisionDay {
		return 0, fhir.Errorf(fhir.IssueValue, parameter(name), "%s is a day, as 2026-01-31; %.40q is none", name, v.Text())
	}
	read, _ := adjudication.ReadDay(v.Text())
	return read, nil
}

// flag gives a boolean parameter; false where it is not given.
func (f form) flag(name string) (bool, error) {
	switch v := f.value(name); v.Text() {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, fhir.Errorf(fhir.IssueValue, parameter(name), "%s is true or false, not %.40q", name, v.Text())
	}
}

// keys gives the resources that the parameters of a name refer to, by reference
// or by a business identifier that only one bears.
func (f form) keys(r fhir.Reader, name string, types ...string) ([]fhir.Key, error) {
	var keys []fhir.Key
	for _, p := range f.all(name) {
		k, err := keyOf(r, valueOf(p), name, types)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func keyOf(r fhir.Reader, v fhir.Node, name string, types []string) (fhir.Key, error) {
	text, identifier := v.Text(), v
	if v.Kind() == fhir.KindObject {
		text = v.Get("reference").Text()
		if nested := v.Get("identifier"); nested.Exists() {
			identifier = nested
		}
	}
	k := named(text)
	for _, typ := range types {
		if k.Type == typ {
			return k, nil
		}
		if value := identifier.Get("value").Text(); value != "" && text == "" {
			owner, ok, err := r.Owner(fhir.UniqueKey{Type: typ, Name: identifier.Get("system").Text(), Value: value})
			if ok || err != nil {
				return owner, err
			}
		}
	}
	return k, fhir.Errorf(fhir.IssueNotFound, parameter(name), "%s is a reference to a %s of this server, or an identifier of one", name, strings.Join(types, " or a "))
}

func parameter(name string) string {
	return "Parameters.parameter.where(name = '" + name + "')"
}
