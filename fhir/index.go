package fhir

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
	// text. Of composites without a token among two parts each part has rows of its
	// own: First is then PartSystem of the part with a number of the occurrence.
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

// Of gives the part of the index that is of some search parameters, by their
// codes: with the rows of derived codes ("code:text"), without the business
// identifiers.
func (x *Index) Of(codes []string) *Index {
	is := func(param string) bool {
		code, _, _ := strings.Cut(param, ":")
		return slices.Contains(codes, code)
	}
	return &Index{
		Tokens:     rowsOf(x.Tokens, func(r TokenRow) bool { return is(r.Param) }),
		Strings:    rowsOf(x.Strings, func(r StringRow) bool { return is(r.Param) }),
		References: rowsOf(x.References, func(r ReferenceRow) bool { return is(r.Param) }),
		Dates:      rowsOf(x.Dates, func(r DateRow) bool { return is(r.Param) }),
		Numbers:    rowsOf(x.Numbers, func(r NumberRow) bool { return is(r.Param) }),
		Quantities: rowsOf(x.Quantities, func(r QuantityRow) bool { return is(r.Param) }),
		URIs:       rowsOf(x.URIs, func(r URIRow) bool { return is(r.Param) }),
		Composites: rowsOf(x.Composites, func(r CompositeRow) bool { return is(r.Param) }),
		Positions:  rowsOf(x.Positions, func(r PositionRow) bool { return is(r.Param) }),
		Texts:      rowsOf(x.Texts, func(r TextRow) bool { return is(r.Param) }),
	}
}

func rowsOf[Row any](rows []Row, of func(Row) bool) []Row {
	var out []Row
	for _, r := range rows {
		if of(r) {
			out = append(out, r)
		}
	}
	return out
}

// A Reindexer is a Store that can write index rows anew from the bodies it
// keeps, and knows which are not complete.
type Reindexer interface {
	// Reindex does one page in one transaction. It makes no version.
	Reindex(ctx context.Context, p ReindexPage, extract func(*Resource) (*Index, error)) (*Reindexed, error)
	// Building says whether the index of search parameters of a type, by their
	// codes, is incomplete. While it is, a search by one of them is an Outcome of
	// IssueIncomplete, in every process within a second.
	Building(ctx context.Context, typ string, codes []string, incomplete bool) error
	// Redefine says that searches by these parameters mean something else from now
	// on in this process, after they were marked by Building. A transaction that
	// has begun before can't tell whether their index is complete in what it sees:
	// its search by one of them is an Outcome of IssueIncomplete.
	Redefine(typ string, codes []string)
	// Writing gives the transactions that write to the database now, in any
	// process; where some are given, those of them that still do. None is nil.
	Writing(ctx context.Context, among []string) ([]string, error)
}

// A ReindexPage asks for the next resources of a type, from the oldest to the
// newest.
type ReindexPage struct {
	Type  string
	Codes []string  // the parameters whose rows are written anew; nil is the whole index
	From  int64     // Reindexed.Next of the page before; 0 is the first page
	Since time.Time // only resources whose current version is as young; zero is all
	Limit int       // resources a page; 0 leaves it to the Store
}

// A Reindexed is what became of one page.
type Reindexed struct {
	Next    int64 // where the next page goes on; 0 after the last
	Found   int   // resources looked at
	Changed int   // those of them that were given rows
	Failed  []Key // those that could not be read: they keep the rows they had
}

// A Notebook is a Store that keeps small things by name: what a Module must
// remember that is no resource, such as how far it is.
type Notebook interface {
	// Note gives what is kept under a name with its version, from 1; nil and 0
	// where there is nothing.
	Note(ctx context.Context, name string) (value []byte, version int64, err error)
	// SetNote replaces what is kept under a name where that is still at the
	// version, 0 being nothing, and reports whether it was.
	SetNote(ctx context.Context, name string, value []byte, version int64) (bool, error)
}

// PartSystem gives First.System of the rows of a part, by its number.
func PartSystem(part int) string { return "part " + strconv.Itoa(part) }
