package syntax

import "strings"

// A Kind says what an Expr is.
type Kind uint8

// The kinds of expressions.
const (
	Empty    Kind = iota + 1 // {}
	Boolean                  // true, false
	String                   // 'text', Text without quotes and escapes
	Number                   // 12, 1.50; Text as written
	Quantity                 // 4 days, 4 'mg'; Text is the number
	Date                     // @2014-01-25, Text without the at sign
	DateTime                 // @2014-01-25T14:30, Text without the at sign
	Time                     // @T14:30, Text without "@T"
	Member                   // On.Text
	Call                     // On.Text(Args...)
	Variable                 // %Text
	This                     // $this
	Index                    // $index
	Total                    // $total
	At                       // On[Args[0]]
	Unary                    // Text On: + or -
	Binary                   // On Text Args[0]
	Is                       // On is Text
	As                       // On as Text
	Sorted                   // On asc, On desc: an argument of sort()
)

// An Expr is one node of the tree.
type Expr struct {
	Kind     Kind
	Pos      int     // where it stands in the text, in bytes
	Text     string  // name, operator, literal or type specifier ("System.String")
	Unit     string  // of a Quantity: "mg", or "days" of a calendar duration
	Calendar bool    // of a Quantity: Unit is a calendar duration word
	On       *Expr   // what it is applied to; nil of a Member or Call on $this
	Args     []*Expr // arguments, or the right operand
}

// calendarUnits are the words that follow a number to make a calendar duration.
var calendarUnits = map[string]bool{
	"year": true, "years": true, "month": true, "months": true, "week": true, "weeks": true,
	"day": true, "days": true, "hour": true, "hours": true, "minute": true, "minutes": true,
	"second": true, "seconds": true, "millisecond": true, "milliseconds": true,
}

// IsCalendarUnit reports whether a word is a calendar duration: "day", "days".
func IsCalendarUnit(word string) bool { return calendarUnits[word] }

// Errorf makes an Outcome of IssueInvalid about the place where e stands.
func (e *Expr) Errorf(format string, args ...any) error { return fail(e.Pos, format, args...) }

// TypeSpecifier gives the name in an argument that names a type, such as
// FHIR.Patient of is(FHIR.Patient). It reports false for other expressions.
func (e *Expr) TypeSpecifier() (string, bool) {
	if e.Kind != Member {
		return "", false
	}
	if e.On == nil {
		return e.Text, true
	}
	before, ok := e.On.TypeSpecifier()
	return before + "." + e.Text, ok
}

// SplitType parts a type specifier into its namespace, FHIR or System, and the
// type's name; the namespace is "" where none is named.
func SplitType(specifier string) (namespace, name string) {
	namespace, name, qualified := strings.Cut(specifier, ".")
	if !qualified || namespace != "FHIR" && namespace != "System" {
		return "", specifier
	}
	return namespace, name
}
