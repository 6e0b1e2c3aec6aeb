package account

import (
	"encoding/json"
	"slices"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
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
type form struct{ parameters.Form }

func formOf(in *fhir.Resource) (form, error) {
	f, err := parameters.Of(in)
	return form{f}, err
}

// key gives what a parameter refers to, as a Reference or as its text; zero where
// it is absent.
func (f form) key(name string) (fhir.Key, error) {
	v := f.Value(name)
	if !v.Exists() {
		return fhir.Key{}, nil
	}
	text := v.Get("reference").Text()
	if v.Kind() == fhir.KindString {
		text = v.Text()
	}
	k := r4.Local(text)
	if k.IsZero() {
		return k, fhir.Errorf(fhir.IssueValue, parameters.Expression(name), "%s refers to a resource of this server, as Group/f1; %.60q does not", name, text)
	}
	return k, nil
}
