package fhir

// An Index is what search finds one version by: the values of its search
// parameters, taken out of Body by fhir/search and kept by storage. A resource
// has one row for each distinct value; order does not matter.
type Index struct {
	Tokens     []TokenRow
	Strings    []StringRow
	References []ReferenceRow
	Dates      []DateRow
	Numbers    []NumberRow
	Quantities []QuantityRow
	URIs       []URIRow
	Composites []CompositeRow
	Positions  []PositionRow
	Texts      []TextRow
	// Unique holds the business identifiers that only one resource may bear.
	Unique []UniqueKey
}

// The rows of an Index. Param is the parameter's code, "identifier", or a
// derived code (see Param); the resource's type completes it.
type (
	// A TokenRow is a code or identifier of a system; System "" is none.
	TokenRow struct{ Param, System, Code string }
	// A StringRow is a text as written and normalised for comparison.
	StringRow struct{ Param, Normal, Exact string }
	// A ReferenceRow points at a resource of this server by Key, or elsewhere by URL.
	ReferenceRow struct {
		Param string
		Key   Key
		URL   string
	}
	// A DateRow is an interval in microseconds since 1970, From in it, To not.
	// Open ends are math.MinInt64 and math.MaxInt64.
	DateRow struct {
		Param    string
		From, To int64
	}
	// A NumberRow is the interval of values the element stands for: a point
	// (Low = High) for a number, from low to high for a Range. The index is for
	// comparing only: no number is ever answered from it.
	NumberRow struct {
		Param     string
		Low, High float64
	}
	// A QuantityRow is a NumberRow with its unit. Money has the system
	// urn:iso:std:iso:4217.
	QuantityRow struct {
		Param              string
		Low, High          float64
		System, Code, Unit string
	}
	// A URIRow is a URI as written.
	URIRow struct{ Param, URI string }
	// A CompositeRow joins the values of one occurrence: the first part as a
	// token, the second as a token, an interval (dates, numbers, quantities) or a
	// text.
	CompositeRow struct {
		Param     string
		First     TokenRow
		Second    TokenRow
		Low, High float64
		Text      string
	}
	// A UniqueKey is an identifier only one resource of the Type may bear: its
	// Name is the identifier's system, or what else makes it unique.
	UniqueKey struct{ Type, Name, Value string }
)

// Rows gives the number of rows the index has in all tables.
func (x *Index) Rows() int {
	return len(x.Tokens) + len(x.Strings) + len(x.References) + len(x.Dates) + len(x.Numbers) +
		len(x.Quantities) + len(x.URIs) + len(x.Composites) +
		len(x.Positions) + len(x.Texts) + len(x.Unique)
}
