package path

import (
	"regexp"
	"strings"

	"bima/fhir"
	"bima/fhir/path/syntax"
)

// patternMax is the longest regular expression in bytes. RE2 runs in time
// linear in the text, so no pattern can hang an evaluation.
const patternMax = 4096

// A matching is matches(), matchesFull() or replaceMatches(). Where the pattern
// stands in the expression it is compiled once.
type matching struct {
	on, pattern step
	with        step // replaceMatches() only
	flags       step // nil without
	full        bool
	compiled    *regexp.Regexp // nil if the pattern is computed
}

// compilePattern compiles the functions that take a regular expression; nil for
// others.
func compilePattern(e *syntax.Expr, on step, args []step) (step, error) {
	m := &matching{on: on, full: e.Text == "matchesFull"}
	switch e.Text {
	case "matches", "matchesFull":
		m.pattern, args = args[0], args[1:]
	case "replaceMatches":
		m.pattern, m.with, args = args[0], args[1], args[2:]
	default:
		return nil, nil
	}
	if len(args) > 0 {
		m.flags = args[0]
	}
	if l, ok := m.pattern.(*literal); ok && m.flags == nil && l.item.kind == kindString {
		re, err := m.regexp(l.item.Text(), "")
		if err != nil {
			return nil, wrong(e, "%s", fhir.OutcomeOf(err).Issues[0].Diagnostics)
		}
		m.compiled = re
	}
	return m, nil
}

// regexp compiles a pattern: the point matches line ends too, flags are i and m.
func (m *matching) regexp(pattern, flags string) (*regexp.Regexp, error) {
	if len(pattern) > patternMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the regular expression is longer than %d bytes", patternMax)
	}
	if m.full {
		pattern = "^(?:" + pattern + ")$"
	}
	mode := "s"
	for _, f := range flags {
		if f == 'i' || f == 'm' {
			mode += string(f)
		}
	}
	re, err := regexp.Compile("(?" + mode + ")" + pattern)
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "%.60q is not a regular expression that is understood here (look-around and back-references are not)", pattern)
	}
	return re, nil
}

func (m *matching) eval(sc *scope, dst []Item) ([]Item, error) {
	in, err := sc.collect(m.on)
	if err != nil {
		return dst, err
	}
	s, ok, err := input(in)
	sc.ev.free(in)
	if err != nil || !ok {
		return dst, err
	}
	re, err := m.expression(sc)
	if err != nil || re == nil {
		return dst, err
	}
	if err := sc.ev.spend(len(s) / 8); err != nil {
		return dst, err
	}
	if m.with == nil {
		return append(dst, booleanItem(re.MatchString(s))), nil
	}
	with, ok, err := sc.str(m.with)
	if err != nil || !ok {
		return dst, err
	}
	return replaceAll(dst, re, s, with)
}

// expression gives the compiled pattern; nil where it is empty.
func (m *matching) expression(sc *scope) (*regexp.Regexp, error) {
	if m.compiled != nil {
		return m.compiled, nil
	}
	pattern, ok, err := sc.str(m.pattern)
	if err != nil || !ok {
		return nil, err
	}
	flags := ""
	if m.flags != nil {
		if flags, _, err = sc.str(m.flags); err != nil {
			return nil, err
		}
	}
	return m.regexp(pattern, flags)
}

func replaceAll(dst []Item, re *regexp.Regexp, s, with string) ([]Item, error) {
	if re.String() == "(?s)" {
		return append(dst, stringItem(s)), nil
	}
	if (len(s)+1)*(len(with)+1) > stringMax && len(re.FindAllStringIndex(s, -1))*len(with) > stringMax {
		return dst, tooLong()
	}
	out := re.ReplaceAllString(s, goTemplate(with))
	if len(out) > stringMax {
		return dst, tooLong()
	}
	return append(dst, stringItem(out)), nil
}

// goTemplate turns $1 into ${1}: Go would read $1x as a group named 1x. An
// escaped dollar stands for itself.
func goTemplate(with string) string {
	if !strings.ContainsAny(with, `$\`) {
		return with
	}
	var b strings.Builder
	for i := 0; i < len(with); i++ {
		c := with[i]
		switch {
		case c == '\\' && i+1 < len(with):
			i++
			if with[i] == '$' {
				b.WriteByte('$')
			}
			b.WriteByte(with[i])
		case c == '$' && i+1 < len(with) && '0' <= with[i+1] && with[i+1] <= '9':
			b.WriteString("${")
			for i++; i < len(with) && '0' <= with[i] && with[i] <= '9'; i++ {
				b.WriteByte(with[i])
			}
			b.WriteByte('}')
			i--
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
