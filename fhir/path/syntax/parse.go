package syntax

import "strings"

// lengthMax is the longest expression in bytes. The longest of R4's search
// parameters is 4 KiB.
const lengthMax = 32 << 10

// depthMax is how deep parentheses, arguments and operators may be nested.
const depthMax = 150

// nodesMax is how many nodes one tree may have.
const nodesMax = 4000

// Parse reads one expression. It fails with an Outcome of IssueInvalid that
// names the character at which the text is no FHIRPath, or that it is too long
// or nested too deep.
func Parse(text string) (*Expr, error) {
	if len(text) > lengthMax {
		return nil, fail(lengthMax, "the expression is %d bytes long; at most %d are read", len(text), lengthMax)
	}
	p := &parser{scanner: scanner{src: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenEnd {
		return nil, p.unexpected()
	}
	return e, nil
}

type parser struct {
	scanner
	token token // the one not yet taken
	depth int
	nodes int
}

func (p *parser) advance() (err error) {
	p.token, err = p.next()
	return err
}

func (p *parser) unexpected() error {
	switch p.token.kind {
	case tokenEnd:
		return fail(p.token.pos, "the expression ends where more was expected")
	case tokenString:
		return fail(p.token.pos, "the text '%.40s' was not expected here", p.token.text)
	}
	return fail(p.token.pos, "%q was not expected here", p.token.text)
}

func (p *parser) is(symbol string) bool {
	return p.token.kind == tokenSymbol && p.token.text == symbol
}

// expect takes a symbol that must be here.
func (p *parser) expect(symbol string) error {
	if !p.is(symbol) {
		return fail(p.token.pos, "%q was expected here", symbol)
	}
	return p.advance()
}

// node bounds the size of the tree.
func (p *parser) node(e *Expr) (*Expr, error) {
	p.nodes++
	if p.nodes > nodesMax {
		return nil, fail(e.Pos, "the expression has more than %d parts", nodesMax)
	}
	return e, nil
}

// The precedence of operators, from weak to strong. Source: N1 section 6.8.
const (
	levelImplies = iota + 1
	levelOr
	levelAnd
	levelMembership
	levelEquality
	levelInequality
	levelUnion
	levelType
	levelAdditive
	levelMultiplicative
	levelUnary
)

var levels = map[string]int{
	"implies": levelImplies, "or": levelOr, "xor": levelOr, "and": levelAnd,
	"in": levelMembership, "contains": levelMembership,
	"=": levelEquality, "~": levelEquality, "!=": levelEquality, "!~": levelEquality,
	"<=": levelInequality, "<": levelInequality, ">": levelInequality, ">=": levelInequality,
	"|": levelUnion, "is": levelType, "as": levelType,
	"+": levelAdditive, "-": levelAdditive, "&": levelAdditive,
	"*": levelMultiplicative, "/": levelMultiplicative, "div": levelMultiplicative, "mod": levelMultiplicative,
}

// operator gives the level of the operator that stands here; 0 if none does.
func (p *parser) operator() int {
	if p.token.kind == tokenSymbol || p.token.kind == tokenWord {
		return levels[p.token.text]
	}
	return 0
}

// expression reads operators that bind stronger than level.
func (p *parser) expression(level int) (*Expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > depthMax {
		return nil, fail(p.token.pos, "the expression is nested deeper than %d", depthMax)
	}
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		l := p.operator()
		if l == 0 || l <= level {
			return left, nil
		}
		if left, err = p.binary(left, l); err != nil {
			return nil, err
		}
	}
}

func (p *parser) binary(left *Expr, level int) (*Expr, error) {
	e := &Expr{Kind: Binary, Pos: p.token.pos, Text: p.token.text, On: left}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if level == levelType {
		e.Kind = Is
		if e.Text == "as" {
			e.Kind = As
		}
		name, err := p.typeSpecifier()
		if err != nil {
			return nil, err
		}
		e.Text = name
		return p.node(e)
	}
	right, err := p.expression(level)
	if err != nil {
		return nil, err
	}
	e.Args = []*Expr{right}
	return p.node(e)
}

func (p *parser) unary() (*Expr, error) {
	if !p.is("-") && !p.is("+") {
		return p.postfix()
	}
	e := &Expr{Kind: Unary, Pos: p.token.pos, Text: p.token.text}
	if err := p.advance(); err != nil {
		return nil, err
	}
	on, err := p.expression(levelUnary)
	if err != nil {
		return nil, err
	}
	e.On = on
	return p.node(e)
}

// postfix reads a term with the invocations and indexes that follow it.
func (p *parser) postfix() (*Expr, error) {
	e, err := p.term()
	for err == nil {
		switch {
		case p.is("."):
			if err = p.advance(); err == nil {
				e, err = p.invocation(e)
			}
		case p.is("["):
			e, err = p.index(e)
		default:
			return e, nil
		}
	}
	return nil, err
}

func (p *parser) index(on *Expr) (*Expr, error) {
	e := &Expr{Kind: At, Pos: p.token.pos, On: on}
	if err := p.advance(); err != nil {
		return nil, err
	}
	index, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	e.Args = []*Expr{index}
	if err := p.expect("]"); err != nil {
		return nil, err
	}
	return p.node(e)
}

// invocation reads a name, a call or $this after a point.
func (p *parser) invocation(on *Expr) (*Expr, error) {
	if p.token.kind == tokenDollar {
		return p.dollar()
	}
	if p.token.kind != tokenWord && p.token.kind != tokenQuotedWord {
		return nil, p.unexpected()
	}
	return p.named(on)
}

// named reads a member, or a call where a parenthesis follows.
func (p *parser) named(on *Expr) (*Expr, error) {
	e := &Expr{Kind: Member, Pos: p.token.pos, Text: p.token.text, On: on}
	if e.Text == "" {
		return nil, fail(e.Pos, "a name is empty")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.is("(") {
		return p.node(e)
	}
	e.Kind = Call
	if err := p.advance(); err != nil {
		return nil, err
	}
	for !p.is(")") {
		if len(e.Args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.argument()
		if err != nil {
			return nil, err
		}
		e.Args = append(e.Args, arg)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return p.node(e)
}

// argument reads an argument; those of sort() may be followed by a direction.
func (p *parser) argument() (*Expr, error) {
	e, err := p.expression(0)
	if err != nil || p.token.kind != tokenWord || p.token.text != "asc" && p.token.text != "desc" {
		return e, err
	}
	sorted := &Expr{Kind: Sorted, Pos: p.token.pos, Text: p.token.text, On: e}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return p.node(sorted)
}

// typeSpecifier reads Quantity, FHIR.Patient or System.String.
func (p *parser) typeSpecifier() (string, error) {
	var names []string
	for {
		if p.token.kind != tokenWord && p.token.kind != tokenQuotedWord {
			return "", p.unexpected()
		}
		names = append(names, p.token.text)
		if err := p.advance(); err != nil {
			return "", err
		}
		if !p.is(".") {
			return strings.Join(names, "."), nil
		}
		if err := p.advance(); err != nil {
			return "", err
		}
	}
}
