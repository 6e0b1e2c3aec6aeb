package account

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
)

// A parameter is one of the Parameters that an operation answers, or a part.
type parameter struct {
	Name           string         `json:"name"`
	ValueDate      string         `json:"valueDate,omitempty"`
	ValueString    string         `json:"valueString,omitempty"`
	ValueCode      string         `json:"valueCode,omitempty"`
	ValueBoolean   *bool          `json:"valueBoolean,omitempty"`
	ValueUnsigned  *int           `json:"valueUnsignedInt,omitempty"`
	ValueMoney     *moneyJSON     `json:"valueMoney,omitempty"`
	ValueReference *referenceJSON `json:"valueReference,omitempty"`
	Part           []parameter    `json:"part,omitempty"`
}

type moneyJSON struct {
	Value    json.RawMessage `json:"value"`
	Currency string          `json:"currency,omitempty"`
}

type referenceJSON struct {
	Reference string `json:"reference"`
}

func ofMoney(name string, a fhir.Amount, currency string) parameter {
	return parameter{Name: name, ValueMoney: &moneyJSON{json.RawMessage(a.String()), currency}}
}

func ofKey(name string, k fhir.Key) parameter {
	return parameter{Name: name, ValueReference: &referenceJSON{k.String()}}
}

func ofCount(name string, n int) parameter { return parameter{Name: name, ValueUnsigned: &n} }

func ofFlag(name string, is bool) parameter { return parameter{Name: name, ValueBoolean: &is} }

// withKeys leaves out references to nothing.
func withKeys(list ...parameter) []parameter {
	return slices.DeleteFunc(list, func(p parameter) bool { return p.ValueReference != nil && p.ValueReference.Reference == "/" })
}

// parametersOf spells what an operation answers.
func parametersOf(list []parameter) *fhir.Response {
	body, err := json.Marshal(struct {
		ResourceType string      `json:"resourceType"`
		Parameter    []parameter `json:"parameter"`
	}{"Parameters", list})
	if err != nil {
		panic("what the server writes is always JSON: " + err.Error())
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}
}

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

// value gives the value[x] of a parameter; absent where there is none.
func (f form) value(name string) fhir.Node {
	for p := range f.root.Get("parameter").Each() {
		if p.Get("name").Text() != name {
			continue
		}
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				return m
			}
		}
	}
	return fhir.Node{}
}

// date gives a day; otherwise where it is absent.
func (f form) date(name, otherwise string) (string, error) {
	v := f.value(name)
	if !v.Exists() {
		return otherwise, nil
	}
	d, err := fhir.ParseDate(v.Text())
	if err != nil || d.Precision != fhir.PrecisionDay {
		return "", fhir.Errorf(fhir.IssueValue, "Parameters.parameter.where(name = '"+name+"')", "%s is a day, as 2026-01-31; %.40q is none", name, v.Text())
	}
	return v.Text(), nil
}

// key gives what a parameter refers to, as a Reference or as its text; zero where
// it is absent.
func (f form) key(name string) (fhir.Key, error) {
	v := f.value(name)
	if !v.Exists() {
		return fhir.Key{}, nil
	}
	text := v.Get("reference").Text()
	if v.Kind() == fhir.KindString {
		text = v.Text()
	}
	k := named(text)
	if k.IsZero() {
		return k, fhir.Errorf(fhir.IssueValue, "Parameters.parameter.where(name = '"+name+"')", "%s refers to a resource of this server, as Group/f1; %.60q does not", name, text)
	}
	return k, nil
}

// count gives a number from 1 to most; otherwise where it is absent.
func (f form) count(name string, otherwise, most int) (int, error) {
	v := f.value(name)
	if !v.Exists() {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v.Text())
	if err != nil || n < 1 {
		return 0, fhir.Errorf(fhir.IssueValue, "Parameters.parameter.where(name = '"+name+"')", "%s is a number from 1 to %d", name, most)
	}
	return min(n, most), nil
}
