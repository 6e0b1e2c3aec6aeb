package payment

import (
	"bytes"
	"context"
	"strings"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
)

// A form is the Parameters that an operation was given.
type form struct{ parameters.Form }

func formOf(in *fhir.Resource) (form, error) {
	f, err := parameters.Of(in)
	return form{f}, err
}

// money gives a Money parameter, more than 0 and in a currency.
func (f form) money(name string) (fhir.Money, error) {
	v := f.Value(name)
	if !v.Exists() {
		return fhir.Money{}, fhir.Errorf(fhir.IssueRequired, parameters.Expression(name), "say the %s as a Money", name)
	}
	value, err := fhir.ParseAmount(v.Get("value").Text())
	currency := v.Get("currency").Text()
	if err != nil || value <= 0 || currency == "" {
		return fhir.Money{}, fhir.Errorf(fhir.IssueValue, parameters.Expression(name), "the %s is a Money of more than 0 with its currency and at most four decimals", name)
	}
	return fhir.Money{Value: value, Currency: currency}, nil
}

// method gives a method of payment; otherwise where it is absent.
func (f form) method(otherwise string) (string, error) {
	switch m := f.Value("method").Text(); m {
	case "":
		return otherwise, nil
	case "B", "C", "M", "F":
		return m, nil
	default:
		return "", fhir.Errorf(fhir.IssueCodeInvalid, parameters.Expression("method"), "a method is B, C, M or F, not %.20q", m)
	}
}

// reference gives an Identifier parameter; absent where there is none. One
// without system or value names nothing.
func (f form) reference() (fhir.Node, error) {
	v := f.Value("reference")
	if v.Exists() && (v.Get("system").Text() == "" || v.Get("value").Text() == "") {
		return v, fhir.Errorf(fhir.IssueRequired, parameters.Expression("reference"), "name the reference by system and value")
	}
	return v, nil
}

// key gives a Reference parameter to one of the types; zero where it is absent.
func (f form) key(name string, types ...string) (fhir.Key, error) {
	v := f.Value(name)
	if !v.Exists() {
		return fhir.Key{}, nil
	}
	text := v.Get("reference").Text()
	if v.Kind() == fhir.KindString {
		text = v.Text()
	}
	k := r4.Local(text)
	for _, typ := range types {
		if k.Type == typ {
			return k, nil
		}
	}
	return k, fhir.Errorf(fhir.IssueValue, parameters.Expression(name), "%s refers to a %s of this server", name, strings.Join(types, " or a "))
}

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
