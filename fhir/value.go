package fhir

// A CompositeValue is what a Match on a composite parameter compares with: both
// parts of one occurrence, a CompositeRow. Second is a TokenValue, StringValue,
// DateValue, NumberValue, QuantityValue or SpanValue; the unit of a quantity is the row's
// Second token. Source: R4 search#composite.
type CompositeValue struct {
	First  TokenValue
	Second Value
}

func (CompositeValue) value() {}

// A SpanValue compares with both ends of an interval of numbers, each by itself:
// From with the row's Low and To with its High. Source: R4 molecularsequence#search
// (chromosome-window-coordinate).
type SpanValue struct{ From, To NumberValue }

func (SpanValue) value() {}

// A PositionRow is a place on the globe, in degrees of WGS 84.
type PositionRow struct {
	Param               string
	Latitude, Longitude float64
}

// A NearValue is a place and how far from it others may be. Source: R4
// location#search (near).
type NearValue struct {
	Latitude, Longitude float64 // degrees of WGS 84
	Kilometres          float64 // along a great circle
}

func (NearValue) value() {}
