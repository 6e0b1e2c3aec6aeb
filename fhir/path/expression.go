package path

import (
	"time"

	"bima/fhir"
	"bima/fhir/path/check"
	"bima/fhir/path/syntax"
	"bima/fhir/r4"
)

// An Expression is compiled FHIRPath. It is immutable and safe for concurrent use.
type Expression struct {
	text string
	tree *syntax.Expr
	step step
}

// A Context is what an evaluation knows besides its input. All of it is optional.
type Context struct {
	Resource   fhir.Node                                                // %resource, and where "#id" is resolved; default the input's root
	Root       fhir.Node                                                // %rootResource: the container of a contained resource; default Resource
	Variables  map[string]Collection                                    // %name
	Resolve    func(reference string) (fhir.Node, bool)                 // resolve(); nil means by type only, from the reference's text
	MemberOf   func(valueSet, system, code string) (member, known bool) // memberOf() beyond R4's own value sets
	ConformsTo func(n fhir.Node, profile string) (ok, known bool)       // conformsTo() beyond R4's own types
	Now        time.Time                                                // now() and today(), and the zone of times without one; zero is the clock, in UTC
	Trace      func(name string, c Collection)                          // trace(); nil drops it
	Steps      int                                                      // the most an evaluation may do, of which ten million take seconds; 0 is ten million
}

// steps gives the most an evaluation may do.
func (c *Context) steps() int {
	if c == nil || c.Steps <= 0 {
		return workMax
	}
	return min(c.Steps, workMax)
}

// Compile reads an expression. It fails with an Outcome of IssueInvalid that
// names the character where the text is no FHIRPath, or the function or type
// that is not known.
func Compile(expression string) (*Expression, error) {
	tree, err := syntax.Parse(expression)
	if err != nil {
		return nil, err
	}
	s, err := compile(tree)
	if err != nil {
		return nil, err
	}
	return &Expression{text: expression, tree: tree, step: s}, nil
}

// MustCompile is Compile for expressions in the program text; it panics on a
// wrong one.
func MustCompile(expression string) *Expression {
	e, err := Compile(expression)
	if err != nil {
		panic("path: " + expression + ": " + err.Error())
	}
	return e
}

// String gives the text the expression was compiled from.
func (e *Expression) String() string { return e.text }

// Evaluate gives what the expression means on an element. A nil typ is taken
// from its resourceType; without one its members have no types. It fails with an
// Outcome: of IssueProcessing where the data is not what an operator or function
// takes, of IssueTooCostly where the work has no bound, of IssueNotSupported
// where it would need what Context does not give.
func (e *Expression) Evaluate(n fhir.Node, typ *r4.Type, c *Context) (Collection, error) {
	return e.Append(nil, n, typ, c)
}

// Append is Evaluate that adds to dst. With room in dst, plain paths allocate
// nothing.
func (e *Expression) Append(dst Collection, n fhir.Node, typ *r4.Type, c *Context) (Collection, error) {
	return e.AppendItem(dst, Element(n, typ), c)
}

// AppendItem is Append on an item of an earlier evaluation, which keeps the
// item's type and the extensions of a primitive.
func (e *Expression) AppendItem(dst Collection, i Item, c *Context) (Collection, error) {
	if p, ok := e.step.(*walk); ok && p.on == nil {
		return p.down(dst, &i, 0), nil
	}
	sc := begin(c, i)
	out, err := e.step.eval(sc, dst)
	sc.ev.end()
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Check reports a mistake that only shows once the type of the input is known: a
// name that no element has, or a position in a collection without order. It
// fails with an Outcome of IssueInvalid that names the character. Evaluation
// itself is lenient: such names give nothing.
func (e *Expression) Check(typ *r4.Type) error { return check.Tree(e.tree, typ) }

// Bool evaluates a condition: known is false where the result is empty. One item
// that is no Boolean is true, as FHIRPath's singleton evaluation has it. It fails
// as Evaluate does, and where there are several items.
func (e *Expression) Bool(n fhir.Node, typ *r4.Type, c *Context) (value, known bool, err error) {
	return e.BoolItem(Element(n, typ), c)
}

// BoolItem is Bool on an item of an earlier evaluation.
func (e *Expression) BoolItem(i Item, c *Context) (value, known bool, err error) {
	sc := begin(c, i)
	t, err := sc.truth(e.step)
	sc.ev.end()
	return t == yes, t != unknown, err
}
