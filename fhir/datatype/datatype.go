// Package datatype writes the data types of R4 that the resources made by the
// server have in common. Its doors are the types and JSON.
package datatype

import (
	"encoding/json"

	"bima/fhir"
)

// The data types, their elements in the order of R4's definitions; see
// http://hl7.org/fhir/R4/datatypes.html.
type (
	// A Reference names another resource.
	Reference struct {
		Reference string `json:"reference"`
	}
	// A Coding is a code of a system.
	Coding struct {
		System string `json:"system"`
		Code   string `json:"code"`
	}
	// A Concept is a CodeableConcept: codes, or a text, or both.
	Concept struct {
		Coding []Coding `json:"coding,omitempty"`
		Text   string   `json:"text,omitempty"`
	}
	// An Identifier is a number that people know a thing by.
	Identifier struct {
		System string `json:"system"`
		Value  string `json:"value"`
	}
	// A Period has its first and its last day; either may be open.
	Period struct {
		Start string `json:"start,omitempty"`
		End   string `json:"end,omitempty"`
	}
	// A Money is a decimal in a currency.
	Money struct {
		Value    json.Number `json:"value"`
		Currency string      `json:"currency"`
	}
	// An Extension has one value, or extensions in it.
	Extension struct {
		Extension      []Extension `json:"extension,omitempty"`
		URL            string      `json:"url"`
		ValueCode      string      `json:"valueCode,omitempty"`
		ValueDate      string      `json:"valueDate,omitempty"`
		ValueDecimal   json.Number `json:"valueDecimal,omitempty"`
		ValueMoney     *Money      `json:"valueMoney,omitempty"`
		ValuePeriod    *Period     `json:"valuePeriod,omitempty"`
		ValueReference *Reference  `json:"valueReference,omitempty"`
		ValueString    string      `json:"valueString,omitempty"`
	}
)

// To refers to a resource of this server.
func To(k fhir.Key) Reference { return Reference{k.String()} }

// Of gives a Concept of one code.
func Of(system, code string) Concept { return Concept{Coding: []Coding{{system, code}}} }

// Number gives an Identifier.
func Number(system, value string) Identifier { return Identifier{system, value} }

// Between gives a Period of two days, such as 2026-01-31.
func Between(start, end string) Period { return Period{start, end} }

// MoneyOf gives an amount in its currency.
func MoneyOf(m fhir.Money) Money { return Money{json.Number(m.Value.String()), m.Currency} }

// JSON writes a value made of this package's types, texts and numbers, of which
// there is always a JSON form.
func JSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("what the server writes is always JSON: " + err.Error())
	}
	return text
}
