package filter

// An Expr is a filter: And, Or, Not or Test.
type Expr interface{ expr() }

type (
	// And holds where both do.
	And struct{ Left, Right Expr }
	// Or holds where one does.
	Or struct{ Left, Right Expr }
	// Not holds where its filter does not.
	Not struct{ Expr Expr }
	// A Test compares what a path leads to with a value.
	Test struct {
		Path    []Step // at least one
		Op      string // eq, ne, co, sw, ew, gt, lt, ge, le, ap, sa, eb, pr, po, ss, sb, in, ni or re
		OpAt    int
		Value   string
		ValueAt int
	}
)

func (And) expr()  {}
func (Or) expr()   {}
func (Not) expr()  {}
func (Test) expr() {}

// A Step is a parameter's name on a path, perhaps with the type it refers to, as
// in subject:Patient.name, and with a filter on what it refers to.
type Step struct {
	Name   string
	Type   string // "" where the path does not say
	Filter Expr   // nil for none
	At     int
}

// Positions (At) count characters from 1.

// operators are those of R4 search_filter#ops.
func isOperator(word string) bool {
	switch word {
	case "eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "sa", "eb", "pr", "po", "ss", "sb", "in", "ni", "re":
		return true
	}
	return false
}
