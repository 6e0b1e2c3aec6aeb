package xml

import (
	"strconv"
	"strings"
)

// filter reads what stands in brackets: conditions joined by or.
func (p *selectorParser) filter() filter {
	if p.nested++; p.nested > selectorNestedMax {
		p.problem = "its conditions are nested too deep"
		return nil
	}
	defer func() { p.nested-- }()
	all := []filter{p.conjunction()}
	for p.problem == "" && p.takeWord("or") {
		all = append(all, p.conjunction())
	}
	if len(all) == 1 {
		return all[0]
	}
	return func(f *finder, at place, position, size int) bool {
		for _, one := range all {
			if one(f, at, position, size) {
				return true
			}
		}
		return false
	}
}

// conjunction reads conditions joined by and.
func (p *selectorParser) conjunction() filter {
	all := []filter{p.condition()}
	for p.problem == "" && p.takeWord("and") {
		all = append(all, p.condition())
	}
	return func(f *finder, at place, position, size int) bool {
		for _, one := range all {
			if !one(f, at, position, size) {
				return false
			}
		}
		return true
	}
}

// condition reads one condition: a position, a comparison, or something that must
// be there.
func (p *selectorParser) condition() filter {
	p.space()
	switch {
	case p.take("("):
		inner := p.filter()
		p.closeBracket()
		return inner
	case p.take("not("):
		inner := p.filter()
		p.closeBracket()
		return func(f *finder, at place, position, size int) bool { return !inner(f, at, position, size) }
	case p.take("starts-with("):
		return p.function(strings.HasPrefix)
	case p.take("contains("):
		return p.function(strings.Contains)
	case p.take("last()"):
		return func(_ *finder, _ place, position, size int) bool { return position == size }
	case p.take("position()"):
		return p.position()
	case p.pos < len(p.text) && '0' <= p.text[p.pos] && p.text[p.pos] <= '9':
		wanted := p.number()
		return func(_ *finder, _ place, position, _ int) bool { return position == wanted }
	}
	return p.comparison()
}

func (p *selectorParser) closeBracket() {
	if !p.take(")") {
		p.fail()
	}
}

// position reads what follows position(): "=2" or "=last()".
func (p *selectorParser) position() filter {
	if !p.take("=") {
		p.fail()
		return nil
	}
	if p.take("last()") {
		return func(_ *finder, _ place, position, size int) bool { return position == size }
	}
	p.space()
	wanted := p.number()
	return func(_ *finder, _ place, position, _ int) bool { return position == wanted }
}

func (p *selectorParser) number() int {
	n := digits(p.text[p.pos:])
	value, err := strconv.Atoi(p.text[p.pos : p.pos+n])
	if err != nil {
		p.fail()
	}
	p.pos += n
	return value
}

// function reads "path, 'text')" and holds the one against the other.
func (p *selectorParser) function(holds func(s, part string) bool) filter {
	path := p.operand()
	if !p.take(",") {
		p.fail()
	}
	part := p.literal()
	p.closeBracket()
	return func(f *finder, at place, _, _ int) bool {
		return f.any(path, at, func(text string) bool { return holds(text, part) })
	}
}

// comparison reads "path", "path = 'text'" or "path != 'text'", also the other
// way round.
func (p *selectorParser) comparison() filter {
	if p.pos < len(p.text) && (p.text[p.pos] == '\'' || p.text[p.pos] == '"') {
		wanted := p.literal()
		equal, ok := p.operator()
		if !ok {
			p.fail()
		}
		return compared(p.operand(), wanted, equal)
	}
	path := p.operand()
	equal, ok := p.operator()
	if !ok {
		return func(f *finder, at place, _, _ int) bool { return len(f.from(path, at)) > 0 }
	}
	return compared(path, p.literal(), equal)
}

func compared(path selector, wanted string, equal bool) filter {
	return func(f *finder, at place, _, _ int) bool {
		return f.any(path, at, func(text string) bool { return (text == wanted) == equal })
	}
}

func (p *selectorParser) operator() (equal, ok bool) {
	if p.take("!=") {
		return false, true
	}
	return true, p.take("=")
}

// operand reads a path within a condition.
func (p *selectorParser) operand() selector {
	if p.nested++; p.nested > selectorNestedMax {
		p.problem = "its conditions are nested too deep"
		return nil
	}
	defer func() { p.nested-- }()
	if p.take(".//") {
		return p.steps(true)
	}
	return p.steps(false)
}

// literal reads a text in quotes, or a number, which is compared as its text.
func (p *selectorParser) literal() string {
	p.space()
	if p.pos >= len(p.text) {
		p.fail()
		return ""
	}
	quote := p.text[p.pos]
	if quote != '\'' && quote != '"' {
		start := p.pos
		if p.number(); p.problem != "" {
			return ""
		}
		return p.text[start:p.pos]
	}
	end := strings.IndexByte(p.text[p.pos+1:], quote)
	if end < 0 {
		p.fail()
		return ""
	}
	text := p.text[p.pos+1 : p.pos+1+end]
	p.pos += end + 2
	return text
}
