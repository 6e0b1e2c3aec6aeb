package employer

import (
	"encoding/json"

	"bima/fhir"
)

// The parts of FHIR's JSON that the resources made here have in common, in the
// order of R4's definitions.
type (
	reference struct {
		Reference string `json:"reference"`
	}
	coding struct {
		System string `json:"system"`
		Code   string `json:"code"`
	}
	concept struct {
		Coding []coding `json:"coding,omitempty"`
		Text   string   `json:"text,omitempty"`
	}
	identifier struct {
		System string `json:"system"`
		Value  string `json:"value"`
	}
	period struct {
		Start string `json:"start,omitempty"`
		End   string `json:"end,omitempty"`
	}
	money struct {
		Value    json.Number `json:"value"`
		Currency string      `json:"currency"`
	}
	extension struct {
		Extension      []extension `json:"extension,omitempty"`
		URL            string      `json:"url"`
		ValueCode      string      `json:"valueCode,omitempty"`
		ValueDate      string      `json:"valueDate,omitempty"`
		ValueString    string      `json:"valueString,omitempty"`
		ValueReference *reference  `json:"valueReference,omitempty"`
		ValueMoney     *money      `json:"valueMoney,omitempty"`
		ValuePeriod    *period     `json:"valuePeriod,omitempty"`
	}
)

// rawJSON is JSON as it stands.
type rawJSON = json.RawMessage

func to(k fhir.Key) reference { return reference{k.String()} }

func code(system, code string) concept { return concept{Coding: []coding{{system, code}}} }

func amount(m fhir.Money) *money { return &money{json.Number(m.Value.String()), m.Currency} }

// spell writes a resource. What is spelt here holds nothing that JSON can't.
func spell(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("a resource made of our own types is always JSON: " + err.Error())
	}
	return text
}

// moneyOf reads a Money; ok is false where it is none.
func moneyOf(n fhir.Node) (fhir.Money, bool) {
	value, err := fhir.ParseAmount(n.Get("value").Text())
	m := fhir.Money{Value: value, Currency: n.Get("currency").Text()}
	return m, err == nil && m.Currency != "" && value > -amountMax && value < amountMax
}

// amountMax bounds an amount, so that the sum of all that one contract may have in
// a month still fits.
const amountMax = fhir.Amount(10_000_000_000) * 10_000
