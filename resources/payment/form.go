package payment

import (
	"bytes"
	"context"
	"strings"

	"bima/fhir"
)

// A form is the Parameters that an operation was given.
type form struct{ root fhir.Node }

func formOf(in *fhir.Resource) (form, error) {
	if in == nil || len(in.Body) == 0 {
		return form{}, nil
	}
	n, err := parse(in)
	if err != nil {
		return form{}, err
	}
	if typ := n.Get("resourceType").Text(); typ != "Parameters" {
		return form{}, fhir.Errorf(fhir.IssueInvalid, "", "the operation takes a Parameters, not %.60q", typ)
	}
	return form{n}, nil
}

// all gives the value[x] of the parameters of a name.
func (f form) all(name string) []fhir.Node {
	var list []fhir.Node
	for p := range f.root.Get("parameter").Each() {
		if p.Get("name").Text() != name {
			continue
		}
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				list = append(list, m)
			}
		}
	}
	return list
}

// value gives the first of them; absent where there is none.
func (f form) value(name string) fhir.Node {
	for _, v := range f.all(name) {
		return v
	}
	return fhir.Node{}
}

// money gives a Money parameter, more than 0 and in a currency.
func (f form) money(name string) (fhir.Money, error) {
	v := f.value(name)
	if !v.Exists() {
		return fhir.Money{}, fhir.Errorf(fhir.IssueRequired, parameter(name), "say the %s as a Money", name)
	}
	value, err := fhir.ParseAmount(v.Get("value").Text())
	currency := v.Get("currency").Text()
	if err != nil || value <= 0 || currency == "" {
		return fhir.Money{}, fhir.Errorf(fhir.IssueValue, parameter(name), "the %s is a Money of more than 0 with its currency and at most four decimals", name)
	}
	return fhir.Money{Value: value, Currency: currency}, nil
}

// date gives a day; otherwise where it is absent.
func (f form) date(name, otherwise string) (string, error) {
	v := f.value(name)
	if !v.Exists() {
		return otherwise, nil
	}
	d, err := fhir.ParseDate(v.Text())
	if err != nil || d.Precision != fhir.PrecisionDay {
		return "", fhir.Errorf(fhir.IssueValue, parameter(name), "%s is a day, as 2026-01-31; %.40q is none", name, v.Text())
	}
	return v.Text(), nil
}

// method gives a method of payment; otherwise where it is absent.
func (f form) method(otherwise string) (string, error) {
	switch m := f.value("method").Text(); m {
	case "":
		return otherwise, nil
	case "B", "C", "M", "F":
		return m, nil
	default:
		return "", fhir.Errorf(fhir.IssueCodeInvalid, parameter("method"), "a method is B, C, M or F, not %.20q", m)
	}
}

// reference gives an Identifier parameter; absent where there is none. One
// without system or value names nothing.
func (f form) reference() (fhir.Node, error) {
	v := f.value("reference")
	if v.Exists() && (v.Get("system").Text() == "" || v.Get("value").Text() == "") {
		return v, fhir.Errorf(fhir.IssueRequired, parameter("reference"), "name the reference by system and value")
	}
	return v, nil
}

// key gives a Reference parameter to one of the types; zero where it is absent.
func (f form) key(name string, types ...string) (fhir.Key, error) {
	v := f.value(name)
	if !v.Exists() {
		return fhir.Key{}, nil
	}
	text := v.Get("reference").Text()
	if v.Kind() == fhir.KindString {
		text = v.Text()
	}
	k := named(text)
	for _, typ := range types {
		if k.Type == typ {
			return k, nil
		}
	}
	return k, fhir.Errorf(fhir.IssueValue, parameter(name), "%s refers to a %s of this server", name, strings.Join(types, " or a "))
}

func parameter(name string) string { return "Parameters.parameter.where(name = '" + name + "')" }

// accountant refuses callers who may not book money.
func accountant(ctx context.Context, more ...fhir.Role) error {
	caller, _ := fhir.CallerOf(ctx)
	for _, role := range append(more, fhir.RoleAccountant, fhir.RoleIntegration) {
		if caller.Has(role) {
			return nil
		}
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not book money; that is for the roles %s, %s and %s", caller.Name, fhir.RoleAccountant, fhir.RoleIntegration, fhir.RoleAdministrator)
}

// A named resource of an answer.
type result struct {
	name string
	key  fhir.Key
}

// answer gives what an operation made or changed, each as it is after all that
// followed.
func answer(ctx context.Context, s fhir.Server, status int, list []result) (*fhir.Response, error) {
	response := &fhir.Response{Status: status}
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Parameters","parameter":[`)
	err := s.View(ctx, func(r fhir.Reader) error {
		for i, one := range list {
			now, err := r.Read(one.key)
			if err != nil {
				return err
			}
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(`{"name":` + string(quote(one.name)) + `,"resource":`)
			out.Write(now.Body)
			out.WriteByte('}')
		}
		return nil
	})
	out.WriteString(`]}`)
	if status == 201 && len(list) > 0 {
		response.Location = list[0].key
	}
	response.Resource = &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: out.Bytes()}
	return response, err
}
