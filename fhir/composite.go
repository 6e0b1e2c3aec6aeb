package fhir

// A CompositeValue is what a Match on a composite parameter compares with: both
// parts of one occurrence, a CompositeRow. Second is a TokenValue, StringValue,
// DateValue, NumberValue or QuantityValue; the unit of a quantity is the row's
// Second token. Source: R4 search#composite.
type CompositeValue struct {
	First  TokenValue
	Second Value
}

func (CompositeValue) value() {}
