package contract

import (
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
)

// A form is the Parameters that an operation was given.
type form struct{ parameters.Form }

// formOf reads the Parameters of a call; none is an empty form.
func formOf(in *fhir.Resource) (form, error) {
	f, err := parameters.Of(in)
	return form{f}, err
}

// part gives the value[x] of a part of a parameter.
func part(parameter fhir.Node, name string) fhir.Node {
	for p := range parameter.Get("part").Each() {
		if p.Get("name").Text() == name {
			return parameters.Value(p)
		}
	}
	return fhir.Node{}
}

// day gives a date parameter, or another day where it is not given.
func (f form) day(name string, otherwise day) (day, error) {
	text, err := f.Day(name, "")
	if err != nil || text == "" {
		return otherwise, err
	}
	read, _ := adjudication.ReadDay(text)
	return read, nil
}

// keys gives the resources that the parameters of a name refer to, by reference
// or by a business identifier that only one bears.
func (f form) keys(r fhir.Reader, name string, types ...string) ([]fhir.Key, error) {
	var keys []fhir.Key
	for _, p := range f.All(name) {
		k, err := keyOf(r, parameters.Value(p), name, types)
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
	k := r4.Local(text)
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
	return k, fhir.Errorf(fhir.IssueNotFound, parameters.Expression(name), "%s is a reference to a %s of this server, or an identifier of one", name, strings.Join(types, " or a "))
}
