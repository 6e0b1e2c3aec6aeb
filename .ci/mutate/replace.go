package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// orders says which comparisons take the place of one: the one with the other
// boundary, and the opposite.
var orders = map[token.Token][2]token.Token{
	token.LSS: {token.LEQ, token.GEQ},
	token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ},
	token.GEQ: {token.GTR, token.LSS},
}

func (m *mutator) binary(n *ast.BinaryExpr, was string) ast.Node {
	switch n.Op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		others := orders[n.Op]
		boundary := m.mutant(was + " with " + others[0].String())
		opposite := m.mutant(was + " with " + others[1].String())
		operator := &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(n.Op.String())}
		return call("mutOrder", boundary, opposite, operator, n.X, n.Y)
	case token.EQL:
		return call("mutNegated", m.mutant(was+" with !="), n)
	case token.NEQ:
		return call("mutNegated", m.mutant(was+" with =="), n)
	case token.LAND, token.LOR:
		other := map[token.Token]token.Token{token.LAND: token.LOR, token.LOR: token.LAND}[n.Op]
		operator := &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(n.Op.String())}
		swapped := m.mutant(was + " with " + other.String())
		return call("mutLogic", swapped, operator, later(n.X), later(n.Y))
	case token.ADD, token.SUB:
		if m.isNumber(n) {
			other := map[token.Token]token.Token{token.ADD: token.SUB, token.SUB: token.ADD}[n.Op]
			operator := &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(n.Op.String())}
			return call("mutSum", m.mutant(was+" with "+other.String()), operator, n.X, n.Y)
		}
	}
	return nil
}

// later wraps an expression into a function, so that && and || decide whether it
// is asked.
func later(e ast.Expr) ast.Expr {
	result := &ast.FieldList{List: []*ast.Field{{Type: ast.NewIdent("bool")}}}
	return &ast.FuncLit{
		Type: &ast.FuncType{Params: &ast.FieldList{}, Results: result},
		Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ReturnStmt{Results: []ast.Expr{e}}}},
	}
}

func (m *mutator) isNumber(e ast.Expr) bool {
	basic, ok := m.info.Types[e].Type.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

// call exchanges min and max, and negates calls that are conditions.
func (m *mutator) call(n *ast.CallExpr, was string) ast.Node {
	name, ok := n.Fun.(*ast.Ident)
	if ok && (name.Name == "min" || name.Name == "max") && len(n.Args) == 2 {
		swapped := m.mutant(was + " the other way")
		first, second := m.mutant(was+" as its first"), m.mutant(was+" as its second")
		return call("mut"+map[string]string{"min": "Min", "max": "Max"}[name.Name], swapped, first, second, n.Args[0], n.Args[1])
	}
	if m.isCondition(n) {
		return call("mutNegated", m.mutant("not "+was), n)
	}
	return nil
}

// isCondition reports whether an expression that stands alone decides a branch or
// is one side of && or ||.
func (m *mutator) isCondition(e ast.Expr) bool {
	if basic, ok := m.info.Types[e].Type.(*types.Basic); !ok || basic.Info()&types.IsBoolean == 0 {
		return false
	}
	switch p := m.parents[len(m.parents)-1].(type) {
	case *ast.IfStmt:
		return true
	case *ast.BinaryExpr:
		return p.Op == token.LAND || p.Op == token.LOR
	}
	return false
}

// literal adds one to a whole number that is reckoned with, not compared to.
func (m *mutator) literal(n *ast.BasicLit, was string) ast.Node {
	if n.Kind != token.INT {
		return nil
	}
	switch p := m.parents[len(m.parents)-1].(type) {
	case *ast.BinaryExpr:
		if !slices.Contains([]token.Token{token.ADD, token.SUB, token.MUL}, p.Op) || m.info.Types[p].Value != nil {
			return nil
		}
	case *ast.AssignStmt:
		if p.Tok == token.ASSIGN || p.Tok == token.DEFINE {
			return nil
		}
	default:
		return nil
	}
	of := m.written[m.parents[len(m.parents)-1]]
	basic, ok := m.info.Types[n].Type.(*types.Basic)
	if !ok {
		return nil
	}
	return &ast.CallExpr{
		Fun:  &ast.IndexExpr{X: ast.NewIdent("mutNumber"), Index: ast.NewIdent(types.Default(basic).(*types.Basic).Name())},
		Args: []ast.Expr{m.mutant(was + " one more in " + of), n},
	}
}

// optional lets a statement be left out.
func (m *mutator) optional(s ast.Stmt, was string) ast.Node {
	if b, ok := s.(*ast.BranchStmt); ok && (b.Tok == token.GOTO || b.Tok == token.FALLTHROUGH) {
		return nil
	}
	if _, ok := m.parents[len(m.parents)-1].(*ast.BlockStmt); !ok {
		if _, ok := m.parents[len(m.parents)-1].(*ast.CaseClause); !ok {
			return nil
		}
	}
	return &ast.IfStmt{
		Cond: call("mutKeeps", m.mutant("without "+was)),
		Body: &ast.BlockStmt{List: []ast.Stmt{s}},
	}
}

// isEarly reports whether the statement ends an if without an else, so that the
// function goes on where it is left out.
func (m *mutator) isEarly() bool {
	if len(m.parents) < 2 {
		return false
	}
	in, ok := m.parents[len(m.parents)-2].(*ast.IfStmt)
	return ok && in.Else == nil && in.Body == m.parents[len(m.parents)-1]
}

// switches is what the rewritten files call.
const switches = `
import (
	"cmp"
	"os"
	"strconv"
)

var mutant = func() int { n, _ := strconv.Atoi(os.Getenv("MUTANT")); return n }()

func mutKeeps(id int) bool { return mutant != id }

func mutNegated(id int, b bool) bool { return b != (mutant == id) }

func mutStage(id int, f func(*trial)) func(*trial) {
	if mutant == id {
		return func(*trial) {}
	}
	return f
}

func mutOrder[T cmp.Ordered](boundary, opposite int, op string, a, b T) bool {
	if mutant == opposite {
		return !order(op, a, b)
	}
	if mutant == boundary {
		op = map[string]string{"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[op]
	}
	return order(op, a, b)
}

func order[T cmp.Ordered](op string, a, b T) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

func mutLogic(id int, op string, a, b func() bool) bool {
	if (op == "&&") != (mutant == id) {
		return a() && b()
	}
	return a() || b()
}

type mutNumeric interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float64
}

func mutSum[T mutNumeric](id int, op string, a, b T) T {
	if (op == "+") != (mutant == id) {
		return a + b
	}
	return a - b
}

func mutNumber[T mutNumeric](id int, a T) T {
	if mutant == id {
		return a + 1
	}
	return a
}

func mutMin[T cmp.Ordered](swapped, first, second int, a, b T) T {
	switch mutant {
	case swapped:
		return max(a, b)
	case first:
		return a
	case second:
		return b
	}
	return min(a, b)
}

func mutMax[T cmp.Ordered](swapped, first, second int, a, b T) T {
	switch mutant {
	case swapped:
		return min(a, b)
	case first:
		return a
	case second:
		return b
	}
	return max(a, b)
}
`
