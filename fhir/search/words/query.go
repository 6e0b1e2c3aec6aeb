package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bima/fhir"
)

// Limits of one search of texts.
const (
	termsMax        = 100 // words and phrases
	alternativesMax = 100 // after "or" has been multiplied out
	bracketsMax     = 10  // depth
)

// Parse reads the words of a search: all of them must be there, in any order.
//
//	fever malaria      both words; "and" between them says the same
//	fever OR malaria   one of them, as "fever or malaria"
//	"severe malaria"   a phrase
//	mala*              words that begin so
//	-fever, NOT fever  not that word
//	(a or b) -c        brackets
//
// It gives alternatives, of each of which all terms must hold. It fails with an
// Outcome of IssueInvalid naming the position, counted in characters from 1, and
// of IssueTooCostly beyond the limits. Source: R4 search#text leaves the language
// to the server, but for its example "(bone OR liver) and metastases".
func Parse(query string) ([][]fhir.TextTerm, error) {
	p := &parser{text: query}
	all := p.or(0)
	if p.err == nil && p.space() {
		p.fail("%q is not expected here", p.text[p.at:][:1])
	}
	if p.err == nil && len(all) == 0 {
		p.fail("there is no word to search for")
	}
	if p.err != nil {
		return nil, p.err
	}
	return all, nil
}

type parser struct {
	text  string
	at    int
	terms int
	err   error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		at := utf8.RuneCountInString(p.text[:p.at]) + 1
		p.err = fhir.Errorf(fhir.IssueInvalid, "", "at character %d: "+format, append([]any{at}, args...)...)
	}
}

func (p *parser) tooCostly(what string, most int) {
	if p.err == nil {
		p.err = fhir.Errorf(fhir.IssueTooCostly, "", "the search of texts has more than %d %s", most, what)
	}
}

// space skips white space and tells whether there is more.
func (p *parser) space() bool {
	rest := strings.TrimLeftFunc(p.text[p.at:], unicode.IsSpace)
	p.at = len(p.text) - len(rest)
	return rest != ""
}

// or reads alternatives.
func (p *parser) or(depth int) [][]fhir.TextTerm {
	if depth > bracketsMax {
		p.tooCostly("brackets in each other", bracketsMax)
		return nil
	}
	all := p.and(depth)
	if len(all) == 0 && p.ahead("OR", "or") {
		p.fail("a word is missing before OR")
	}
	for p.err == nil && p.operator("OR", "or") {
		next := p.and(depth)
		if len(next) == 0 {
			p.fail("a word is missing after OR")
		}
		all = append(all, next...)
		if len(all) > alternativesMax {
			p.tooCostly("alternatives", alternativesMax)
		}
	}
	return all
}

// and reads what must hold together and multiplies its alternatives out.
func (p *parser) and(depth int) [][]fhir.TextTerm {
	var all [][]fhir.TextTerm
	for p.err == nil && p.space() && p.text[p.at] != ')' && !p.ahead("OR", "or") {
		joined := p.operator("AND", "and")
		next := p.factor(depth)
		switch {
		case p.err != nil:
			return nil
		case len(next) == 0 && joined:
			p.fail("a word is missing after AND")
		case len(next) == 0:
		case len(all) == 0:
			all = next
		default:
			all = p.product(all, next)
		}
	}
	return all
}

func (p *parser) product(a, b [][]fhir.TextTerm) [][]fhir.TextTerm {
	if len(a)*len(b) > alternativesMax {
		p.tooCostly("alternatives", alternativesMax)
		return nil
	}
	out := make([][]fhir.TextTerm, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(x[:len(x):len(x)], y...))
		}
	}
	return out
}

// factor reads a term or brackets, with what negates it. Punctuation between
// words gives none.
func (p *parser) factor(depth int) [][]fhir.TextTerm {
	if !p.space() || p.text[p.at] == ')' {
		return nil
	}
	negated := p.operator("NOT", "NOT")
	if p.space() && p.text[p.at] == '-' && p.at+1 < len(p.text) && !unicode.IsSpace(rune(p.text[p.at+1])) {
		negated = !negated
		p.at++
	}
	var all [][]fhir.TextTerm
	if p.space() && p.text[p.at] == '(' {
		p.at++
		all = p.or(depth + 1)
		if !p.space() || p.text[p.at] != ')' {
			p.fail("a closing bracket is missing")
			return nil
		}
		p.at++
	} else if term, ok := p.term(); ok {
		all = [][]fhir.TextTerm{{term}}
	}
	if negated && len(all) == 0 {
		p.fail("a word is missing after NOT")
	}
	if negated {
		return p.negate(all)
	}
	return all
}

// negate gives the alternatives of "none of these": one term of each, negated.
func (p *parser) negate(all [][]fhir.TextTerm) [][]fhir.TextTerm {
	var out [][]fhir.TextTerm
	for _, terms := range all {
		var one [][]fhir.TextTerm
		for _, t := range terms {
			t.Not = !t.Not
			one = append(one, []fhir.TextTerm{t})
		}
		if out == nil {
			out = one
		} else if out = p.product(out, one); p.err != nil {
			return nil
		}
	}
	return out
}

// ahead reports whether an operator, a word by itself, comes next.
func (p *parser) ahead(names ...string) bool {
	p.space()
	rest := p.text[p.at:]
	for _, name := range names {
		if after, ok := strings.CutPrefix(rest, name); ok {
			r, _ := utf8.DecodeRuneInString(after)
			if after == "" || unicode.IsSpace(r) || r == '(' || r == '"' || r == ')' {
				return true
			}
		}
	}
	return false
}

func (p *parser) operator(upper, lower string) bool {
	if !p.ahead(upper, lower) {
		return false
	}
	p.at += len(upper)
	return true
}

// term reads a phrase in quotes, or what stands between spaces.
func (p *parser) term() (fhir.TextTerm, bool) {
	var text string
	rest := p.text[p.at:]
	if quoted, ok := strings.CutPrefix(rest, `"`); ok {
		end := strings.IndexByte(quoted, '"')
		if end < 0 {
			p.fail("a closing quote is missing")
			return fhir.TextTerm{}, false
		}
		text = quoted[:end]
		p.at += end + 2
	} else {
		end := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == ')' || r == '"' })
		if end < 0 {
			end = len(rest)
		}
		text = rest[:end]
		p.at += end
	}
	t := fhir.TextTerm{Words: Split(text), Prefix: strings.HasSuffix(text, "*")}
	if p.at < len(p.text) && p.text[p.at] == '*' { // "severe mal"*
		t.Prefix = true
		p.at++
	}
	if len(t.Words) == 0 {
		return t, false
	}
	if p.terms += len(t.Words); p.terms > termsMax {
		p.tooCostly("words", termsMax)
	}
	return t, true
}

// Split parts a text into its words: runs of letters, digits and marks.
func Split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
}
