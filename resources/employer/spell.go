package employer

import (
	"encoding/json"

	"bima/fhir"
	"bima/fhir/datatype"
)

// The data types that the resources made here are written with.
type (
	reference  = datatype.Reference
	coding     = datatype.Coding
	concept    = datatype.Concept
	identifier = datatype.Identifier
	period     = datatype.Period
	money      = datatype.Money
	extension  = datatype.Extension
)

// rawJSON is JSON as it stands.
type rawJSON = json.RawMessage

func amount(m fhir.Money) *money { return new(datatype.MoneyOf(m)) }

// moneyOf reads a Money; ok is false where it is none.
func moneyOf(n fhir.Node) (fhir.Money, bool) {
	value, err := fhir.ParseAmount(n.Get("value").Text())
	m := fhir.Money{Value: value, Currency: n.Get("currency").Text()}
	return m, err == nil && m.Currency != "" && value > -amountMax && value < amountMax
}

// amountMax bounds an amount, so that the sum of all that one contract may have in
// a month still fits.
const amountMax = fhir.Amount(10_000_000_000) * 10_000
