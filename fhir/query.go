package fhir

// A ParamKind is the kind of a search parameter. Source: R4 search#ptypes.
type ParamKind uint8

// The kinds of search parameters.
const (
	ParamToken ParamKind = iota + 1
	ParamString
	ParamReference
	ParamDate
	ParamNumber
	ParamQuantity
	ParamURI
	ParamComposite
	ParamSpecial
)

// String gives R4's word for the kind, "token".
func (k ParamKind) String() string {
	if k < ParamToken || k > ParamSpecial {
		return "unknown"
	}
	return [...]string{"token", "string", "reference", "date", "number", "quantity", "uri", "composite", "special"}[k-1]
}

// A Param names a search parameter as the index knows it. Besides R4's codes the
// index keeps derived ones, each with the value in the form its modifier needs:
// "code:text" (string: texts and displays of a token, display of a reference),
// "identifier:of-type" (token: System is "type-system|type-code"),
// "subject:identifier" (token: the identifier of a logical reference),
// "value-quantity:ucum" (quantity: a UCUM quantity in base units, Code naming
// them), so that 5.4 mg and 0.0054 g are found as one.
type Param struct {
	Code string
	Kind ParamKind // of the table the values are in: of "code:text" ParamString
}

// A Prefix compares numbers, dates and quantities. Source: R4 search#prefix.
type Prefix string

// The prefixes of R4.
const (
	PrefixEqual        Prefix = "eq"
	PrefixNotEqual     Prefix = "ne"
	PrefixLess         Prefix = "lt"
	PrefixGreater      Prefix = "gt"
	PrefixLessEqual    Prefix = "le"
	PrefixGreaterEqual Prefix = "ge"
	PrefixStartsAfter  Prefix = "sa"
	PrefixEndsBefore   Prefix = "eb"
	PrefixApproximate  Prefix = "ap"
	// PrefixIncludes is of _filter, for dates: the value's whole interval lies in
	// that of the row. Source: R4 search_filter (co).
	PrefixIncludes Prefix = "co"
)

// A Criterion is a condition on a resource. It is one of All, Any, Not, Match,
// Present, Chain, Has, IDs, Updated, Of and FullText.
type Criterion interface{ criterion() }

type (
	// All holds where each of its criteria holds; an empty All always does.
	All []Criterion
	// Any holds where one of its criteria holds; an empty Any never does.
	Any []Criterion
	// Not holds where its criterion does not, also for want of a value.
	Not struct {
		Criterion Criterion
		// Absent is the code under which the index keeps which resources lack the
		// parameter that Criterion asks for, "" where it does not.
		Absent string
	}
	// Match holds where one of the parameter's values compares with Value.
	Match struct {
		Param Param
		Value Value
	}
	// Present holds where the parameter has any value (:missing=false).
	Present struct{ Param Param }
	// Chain holds where Param refers to a resource of Type on which Where holds.
	Chain struct {
		Param Param
		Type  string
		Where Criterion
	}
	// Has holds where a resource of Type, on which Where holds, refers to this
	// one by Param (_has).
	Has struct {
		Type  string
		Param Param
		Where Criterion
	}
	// IDs holds for resources with one of the logical ids (_id).
	IDs []string
	// Updated compares meta.lastUpdated (_lastUpdated).
	Updated DateValue
)

func (All) criterion()     {}
func (Any) criterion()     {}
func (Not) criterion()     {}
func (Match) criterion()   {}
func (Present) criterion() {}
func (Chain) criterion()   {}
func (Has) criterion()     {}
func (IDs) criterion()     {}
func (Updated) criterion() {}

// A Value is what a Match compares with: TokenValue, StringValue,
// ReferenceValue, DateValue, NumberValue, QuantityValue, URIValue, NearValue,
// TokenSetValue, OtherValue or, before a Terminology has read them, ValueSetValue and
// SubsumedValue.
type Value interface{ value() }

// A StringMode says how a StringValue compares.
type StringMode uint8

// The modes of strings. Source: R4 search#string.
const (
	StringStarts   StringMode = iota // the normalised text starts with it
	StringContains                   // the normalised text contains it
	StringExact                      // the text itself, letter for letter
	StringWhole                      // the normalised text is it (_filter: eq)
	StringEnds                       // the normalised text ends with it (_filter: ew)
)

// A URIMode says how a URIValue compares.
type URIMode uint8

// The modes of URIs. Source: R4 search#uri.
const (
	URIExact URIMode = iota
	URIBelow         // it, or a path below it
	URIAbove         // it, or a path above it
)

type (
	// A TokenValue is system|code. AnySystem is the form "code", AnyCode the form
	// "system|"; an empty System without AnySystem is the form "|code".
	TokenValue struct {
		System, Code       string
		AnySystem, AnyCode bool
	}
	// A StringValue is text; Text is normalised (see Normalise in fhir/search)
	// but for StringExact.
	StringValue struct {
		Text string
		Mode StringMode
	}
	// A ReferenceValue is a resource of this server by Key, with Key.Type "" for
	// any type, or else a URL (absolute, urn or canonical).
	ReferenceValue struct {
		Key Key
		URL string
	}
	// A DateValue is an interval in microseconds since 1970, From in it, To not.
	DateValue struct {
		Prefix   Prefix
		From, To int64
	}
	// A NumberValue is the interval of numbers that round to what was written,
	// Low in it and High not, with the Value itself.
	NumberValue struct {
		Prefix           Prefix
		Low, Value, High float64
	}
	// A QuantityValue is a NumberValue with a unit. With AnyUnit units don't
	// matter; with an empty System, Code matches code or unit.
	QuantityValue struct {
		NumberValue
		System, Code string
		AnyUnit      bool
	}
	// A URIValue is a URI, compared letter for letter.
	URIValue struct {
		URI  string
		Mode URIMode
	}
)

// An OtherValue compares with what Value, a token, string, reference or URI, does
// not compare with (_filter: ne).
type OtherValue struct{ Value Value }

func (OtherValue) value() {}

func (TokenValue) value()     {}
func (StringValue) value()    {}
func (ReferenceValue) value() {}
func (DateValue) value()      {}
func (NumberValue) value()    {}
func (QuantityValue) value()  {}
func (URIValue) value()       {}

// A SortKey is one key of _sort. Resources without a value come last in either
// direction. The parameters "_id" and "_lastUpdated" need no index.
type SortKey struct {
	Param      Param
	Descending bool
}

// A TotalMode is how Bundle.total is to be known. Source: R4 search#total.
type TotalMode uint8

// The modes of _total.
const (
	TotalNone TotalMode = iota
	TotalEstimate
	TotalAccurate
)

// A Query is a search as the Store runs it.
type Query struct {
	Types []string  // the resource types searched; none means all
	Where Criterion // nil means all resources
	Sort  []SortKey // then by age, newest first
	// Oldest has what is not sorted come from the oldest on. Databases keep it in that
	// order, so that to read all of it is a read straight on.
	Oldest bool
	Limit  int    // resources a page; 0 asks for the total only
	Bytes  int    // after how many bytes of resources a page ends before that; 0 is never
	After  string // Page.Next or Page.Previous of another page; "" is the first page
	Total  TotalMode
	// Index gives the search rows of a version that was current when the first page was
	// made. By them later pages keep what was changed since in its place of then; nil
	// lets it move, but for one sorted by _lastUpdated.
	Index func(*Resource) (*Index, error)
}

// A HistoryQuery asks for versions, newest first.
type HistoryQuery struct {
	Type  string // "" for all types
	ID    string // "" for all of the type
	Keys  []Key  // only of these resources; nil is all
	Since int64  // only versions at or after it, in microseconds since 1970; 0 is all
	At    *DateValue
	Limit int
	After string // Page.Next of another page
	Total TotalMode
}

// A Page is a part of the answer to a Query or HistoryQuery.
type Page struct {
	Resources []*Resource
	Next      string // cursor of the page that follows; "" on the last
	Previous  string // cursor of the page before; "" on the first
	Total     *int64 // nil where it was not asked for
}

// An Of is a Criterion that holds for resources of one of Types on which Where
// holds, nil being all of them; its parameters are those of these types. A search
// over many types asks of each what fits it, as that of a whole compartment does.
type Of struct {
	Types []string
	Where Criterion
}

func (Of) criterion() {}

// A FullText is a Criterion that holds where the words of a text match: those of
// the narrative (Param "_text") or of the whole resource ("_content"). It holds
// where all terms of one of the Alternatives do. Source: R4 search#text.
type FullText struct {
	Param        string
	Alternatives [][]TextTerm
}

func (FullText) criterion() {}

// A TextTerm is a word or a phrase that a text has, or with Not has not. Words
// are as the writer wrote them; how they fold is the database's business.
type TextTerm struct {
	Words  []string // one word, or those of a phrase in their order
	Prefix bool     // the last word may go on
	Not    bool
}

// A TextRow is a text to be found by its words; Param is "_text" or "_content".
type TextRow struct{ Param, Text string }

// A CompositeValue is what a Match on a composite parameter compares with: both
// parts of one occurrence, a CompositeRow. Second is a TokenValue, StringValue,
// DateValue, NumberValue, QuantityValue or SpanValue; the unit of a quantity is the row's
// Second token. Source: R4 search#composite.
type CompositeValue struct {
	First  TokenValue
	Second Value
}

func (CompositeValue) value() {}

// An OccurrenceValue is what a Match on a composite compares with whose rows don't
// join its parts: each of Parts with a row of its own, all of one occurrence.
type OccurrenceValue struct{ Parts []Value }

func (OccurrenceValue) value() {}

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
