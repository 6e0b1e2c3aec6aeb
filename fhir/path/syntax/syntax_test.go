package syntax_test

import (
	"strings"
	"testing"

	"bima/fhir/path/syntax"
)

// show writes a tree with parentheses around every operator.
func show(e *syntax.Expr) string {
	if e == nil {
		return "$this"
	}
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = show(a)
	}
	switch e.Kind {
	case syntax.Empty:
		return "{}"
	case syntax.Member:
		if e.On == nil {
			return e.Text
		}
		return show(e.On) + "." + e.Text
	case syntax.Call:
		return show(e.On) + "." + e.Text + "(" + strings.Join(args, ", ") + ")"
	case syntax.Variable:
		return "%" + e.Text
	case syntax.This, syntax.Index, syntax.Total:
		return "$" + e.Text
	case syntax.At:
		return show(e.On) + "[" + args[0] + "]"
	case syntax.Unary:
		return "(" + e.Text + show(e.On) + ")"
	case syntax.Binary:
		return "(" + show(e.On) + " " + e.Text + " " + args[0] + ")"
	case syntax.Is:
		return "(" + show(e.On) + " is " + e.Text + ")"
	case syntax.As:
		return "(" + show(e.On) + " as " + e.Text + ")"
	case syntax.Sorted:
		return show(e.On) + " " + e.Text
	case syntax.Quantity:
		return e.Text + " '" + e.Unit + "'"
	}
	return e.Text
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"multiplication binds stronger", "1+2*3+4", "((1 + (2 * 3)) + 4)"},
		{"operators join from the left", "8 - 4 - 2", "((8 - 4) - 2)"},
		{"a sign binds weaker than a call", "-1.abs()", "(-1.abs())"},
		{"a sign binds stronger than multiplication", "-1 * 2", "((-1) * 2)"},
		{"is binds stronger than comparison", "1 > 2 is Boolean", "(1 > (2 is Boolean))"},
		{"union binds stronger than equality", "a = b | c", "(a = (b | c))"},
		{"and binds stronger than or", "a or b and c", "(a or (b and c))"},
		{"implies binds weakest", "a implies b or c", "(a implies (b or c))"},
		{"membership binds weaker than equality", "a = b in c", "((a = b) in c)"},
		{"operators' words are names where a term begins", "contains.in.is(as)", "contains.in.is(as)"},
		{"any word is a name behind a point", "text.div.and", "text.div.and"},
		{"a qualified type", "value as FHIR.Quantity", "(value as FHIR.Quantity)"},
		{"a calendar duration", "4 days + 1 'mg'", "(4 'days' + 1 'mg')"},
		{"a call on a number", "1.not()", "1.not()"},
		{"an index", "name[1+1].given", "name[(1 + 1)].given"},
		{"comments", "1 /* one */ + // two\n 2", "(1 + 2)"},
		{"a delimited variable", "%`vs-x` | %'y'", "(%vs-x | %y)"},
		{"directions", "sort(a desc, b)", "$this.sort(a desc, b)"},
		{"moments", "@2018-03-01T10:00:00.5+03:00", "2018-03-01T10:00:00.5+03:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := syntax.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(e); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
