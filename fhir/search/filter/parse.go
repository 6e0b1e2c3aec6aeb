package filter

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"bima/fhir"
)

// Limits of one filter.
const (
	testsMax   = 200 // comparisons
	nestingMax = 20  // brackets, round or square, within each other
	stepsMax   = 20  // names on a path
	lengthMax  = 16 << 10
)

// Parse reads a filter. It fails with an Outcome of IssueInvalid that names the
// position of the error, or of IssueTooCostly beyond the limits.
//
//	filter    = test / "not" filter / "(" filter ")" / filter ("and" / "or") filter
//	test      = path operator value
//	path      = name [":" type] ["[" filter "]"] ["." path]
//	value     = a JSON string, or anything up to a space, or a "]" or ")" that it did
//	            not open, as the unit mm[Hg] does
//
// "and" and "or" go from left to right, neither before the other, as R4 has it.
func Parse(text string) (Expr, error) {
	if len(text) > lengthMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the filter is longer than %d bytes", lengthMax)
	}
	p := &parser{text: text}
	e := p.filter()
	if p.err == nil && p.space() {
		p.fail("%q is not expected here", p.peek())
	}
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

type parser struct {
	text  string
	at    int
	depth int
	tests int
	err   error
}

func (p *parser) position() int { return utf8.RuneCountInString(p.text[:p.at]) + 1 }

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fhir.Errorf(fhir.IssueInvalid, "", "at character %d: "+format, append([]any{p.position()}, args...)...)
	}
}

func (p *parser) tooCostly(most int, what string) {
	if p.err == nil {
		p.err = fhir.Errorf(fhir.IssueTooCostly, "", "at character %d: the filter has more than %d %s", p.position(), most, what)
	}
}

// space skips white space and tells whether there is more.
func (p *parser) space() bool {
	rest := strings.TrimLeftFunc(p.text[p.at:], unicode.IsSpace)
	p.at = len(p.text) - len(rest)
	return rest != ""
}

// peek gives the character that comes next, "" at the end.
func (p *parser) peek() string {
	_, size := utf8.DecodeRuneInString(p.text[p.at:])
	return p.text[p.at : p.at+size]
}

// keyword reads a word if it comes next, by itself.
func (p *parser) keyword(word string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.text[p.at:], word)
	if !ok {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && r != '(' && !unicode.IsSpace(r) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *parser) filter() Expr {
	if p.depth++; p.depth > nestingMax {
		p.tooCostly(nestingMax, "brackets within each other")
		return nil
	}
	defer func() { p.depth-- }()
	e := p.term()
	for p.err == nil {
		switch {
		case p.keyword("and"):
			e = And{e, p.term()}
		case p.keyword("or"):
			e = Or{e, p.term()}
		default:
			return e
		}
	}
	return e
}

// term reads a test, brackets, or either with "not" before it.
func (p *parser) term() Expr {
	not := false
	for p.keyword("not") {
		not = !not
	}
	var e Expr
	if p.space() && p.text[p.at] == '(' {
		p.at++
		e = p.filter()
		p.expect(')')
	} else {
		e = p.test()
	}
	if not {
		return Not{e}
	}
	return e
}

func (p *parser) expect(c byte) {
	if p.err != nil {
		return
	}
	if !p.space() || p.text[p.at] != c {
		p.fail("a %q is missing", string(c))
		return
	}
	p.at++
}

func (p *parser) test() Expr {
	if p.tests++; p.tests > testsMax {
		p.tooCostly(testsMax, "comparisons")
		return nil
	}
	path := p.path()
	if p.err != nil {
		return nil
	}
	if !p.space() {
		p.fail("an operator such as eq is missing")
		return nil
	}
	t := Test{Path: path, OpAt: p.position()}
	start := p.at
	t.Op = p.until(func(r rune) bool { return unicode.IsSpace(r) || r == ')' || r == ']' })
	if t.Op = strings.ToLower(t.Op); !isOperator(t.Op) {
		p.at = start
		p.fail("%.20q is no operator; there are eq, ne, co, sw, ew, gt, lt, ge, le, ap, sa, eb, pr, po, ss, sb, in, ni, re", t.Op)
		return nil
	}
	if !p.space() {
		p.fail("a value is missing after %s", t.Op)
		return nil
	}
	t.ValueAt = p.position()
	t.Value = p.value(t.Op)
	return t
}

// until reads up to a character that ends it.
func (p *parser) until(ends func(rune) bool) string {
	end := strings.IndexFunc(p.text[p.at:], ends)
	if end < 0 {
		end = len(p.text) - p.at
	}
	read := p.text[p.at : p.at+end]
	p.at += end
	return read
}

func (p *parser) path() []Step {
	var path []Step
	p.space()
	for p.err == nil {
		if len(path) == stepsMax {
			p.tooCostly(stepsMax, "names on a path")
			return nil
		}
		path = append(path, p.step())
		if p.at >= len(p.text) || p.text[p.at] != '.' {
			return path
		}
		p.at++
	}
	return nil
}

func (p *parser) step() Step {
	s := Step{At: p.position()}
	if p.at < len(p.text) && !nameStart(p.text[p.at]) || p.at == len(p.text) {
		p.fail("a parameter's name is missing")
		return s
	}
	s.Name = p.name()
	if p.at < len(p.text) && p.text[p.at] == ':' {
		p.at++
		if s.Type = p.name(); s.Type == "" {
			p.fail("a resource type is missing")
			return s
		}
	}
	if p.at < len(p.text) && p.text[p.at] == '[' {
		p.at++
		s.Filter = p.filter()
		p.expect(']')
	}
	return s
}

func (p *parser) name() string {
	start := p.at
	for p.at < len(p.text) && (nameStart(p.text[p.at]) || p.text[p.at] == '-' || isDigit(p.text[p.at])) {
		p.at++
	}
	return p.text[start:p.at]
}

func nameStart(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// value reads a JSON string, or what stands up to a space or closing bracket.
func (p *parser) value(op string) string {
	if p.text[p.at] == '"' {
		return p.quoted()
	}
	opened := 0
	text := p.until(func(r rune) bool {
		switch r {
		case '(', '[':
			opened++
		case ')', ']':
			opened--
		}
		return unicode.IsSpace(r) || opened < 0
	})
	if text == "" {
		p.fail("a value is missing after %s", op)
	}
	return text
}

func (p *parser) quoted() string {
	end := p.at + 1
	for end < len(p.text) && p.text[end] != '"' {
		if p.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.text) {
		p.fail("the closing quote is missing")
		return ""
	}
	var text string
	if err := json.Unmarshal([]byte(p.text[p.at:end+1]), &text); err != nil {
		p.fail("%.60s is no JSON string", p.text[p.at:end+1])
		return ""
	}
	p.at = end + 1
	return text
}
