package syntax

// notNames are the words that can't begin a term: they are operators only.
var notNames = map[string]bool{"and": true, "or": true, "xor": true, "implies": true, "div": true, "mod": true}

// term reads a literal, a name, a variable or an expression in parentheses.
func (p *parser) term() (*Expr, error) {
	t := p.token
	switch t.kind {
	case tokenWord:
		if t.text == "true" || t.text == "false" {
			return p.literal(Boolean)
		}
		if notNames[t.text] {
			return nil, p.unexpected()
		}
		return p.named(nil)
	case tokenQuotedWord:
		return p.named(nil)
	case tokenString:
		return p.literal(String)
	case tokenNumber:
		return p.number()
	case tokenDate:
		return p.literal(Date)
	case tokenDateTime:
		return p.literal(DateTime)
	case tokenTime:
		return p.literal(Time)
	case tokenVariable:
		return p.literal(Variable)
	case tokenDollar:
		return p.dollar()
	}
	switch {
	case p.is("("):
		return p.parentheses()
	case p.is("{"):
		return p.empty()
	}
	return nil, p.unexpected()
}

func (p *parser) literal(kind Kind) (*Expr, error) {
	e := &Expr{Kind: kind, Pos: p.token.pos, Text: p.token.text}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return p.node(e)
}

// number reads a number, or a quantity where a unit follows.
func (p *parser) number() (*Expr, error) {
	e, err := p.literal(Number)
	if err != nil {
		return nil, err
	}
	calendar := p.token.kind == tokenWord && IsCalendarUnit(p.token.text)
	if p.token.kind != tokenString && !calendar {
		return e, nil
	}
	e.Kind, e.Unit, e.Calendar = Quantity, p.token.text, calendar
	return e, p.advance()
}

func (p *parser) dollar() (*Expr, error) {
	switch p.token.text {
	case "this":
		return p.literal(This)
	case "index":
		return p.literal(Index)
	case "total":
		return p.literal(Total)
	}
	return nil, fail(p.token.pos, "$%s is unknown; there are $this, $index and $total", p.token.text)
}

func (p *parser) parentheses() (*Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *parser) empty() (*Expr, error) {
	e := &Expr{Kind: Empty, Pos: p.token.pos}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect("}"); err != nil {
		return nil, err
	}
	return p.node(e)
}
