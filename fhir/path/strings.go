package path

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"bima/fhir"
	"bima/fhir/path/pattern"
	"bima/fhir/path/syntax"
)

// stringFunctions holds the functions of N1 section 5.6 and their additions.
var stringFunctions = map[string]function{
	"indexOf":     {1, 1, onStrings(1, indexOf)},
	"lastIndexOf": {1, 1, onStrings(1, lastIndexOf)},
	"substring":   {1, 2, substring},
	"startsWith":  {1, 1, onStrings(1, func(s string, a []string) Item { return booleanItem(strings.HasPrefix(s, a[0])) })},
	"endsWith":    {1, 1, onStrings(1, func(s string, a []string) Item { return booleanItem(strings.HasSuffix(s, a[0])) })},
	"contains":    {1, 1, onStrings(1, func(s string, a []string) Item { return booleanItem(strings.Contains(s, a[0])) })},
	"upper":       {0, 0, onStrings(0, func(s string, _ []string) Item { return stringItem(strings.ToUpper(s)) })},
	"lower":       {0, 0, onStrings(0, func(s string, _ []string) Item { return stringItem(strings.ToLower(s)) })},
	"trim":        {0, 0, onStrings(0, func(s string, _ []string) Item { return stringItem(strings.TrimSpace(s)) })},
	"length":      {0, 0, onStrings(0, func(s string, _ []string) Item { return integerItem(int64(utf8.RuneCountInString(s))) })},
	"encode":      {1, 1, onStrings(1, encode)},
	"decode":      {1, 1, onStrings(1, decode)},
	"escape":      {1, 1, onStrings(1, escape)},
	"unescape":    {1, 1, onStrings(1, unescape)},
	"replace":     {2, 2, replace},
	"toChars":     {0, 0, toChars},
	"split":       {1, 1, split},
	"join":        {0, 1, join},

	"matches":        {1, 2, nil},
	"matchesFull":    {1, 2, nil},
	"replaceMatches": {2, 3, nil},
}

// input gives the one string that a function is applied to.
func input(in []Item) (string, bool, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return "", false, err
	}
	return item.mustStr()
}

// onStrings lifts a function on a string with string arguments: where any of
// them is empty, so is the result, and so it is where fn gives the zero Item.
func onStrings(n int, fn func(s string, args []string) Item) apply {
	return func(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
		s, ok, err := input(in)
		if err != nil || !ok {
			return dst, err
		}
		var texts [1]string
		for i := range n {
			if texts[i], ok, err = sc.str(args[i]); err != nil || !ok {
				return dst, err
			}
		}
		if out := fn(s, texts[:n]); out.kind != kindNone {
			dst = append(dst, out)
		}
		return dst, nil
	}
}

// runesBefore turns a position in bytes into one in characters.
func runesBefore(s string, at int) Item {
	if at < 0 {
		return integerItem(-1)
	}
	return integerItem(int64(utf8.RuneCountInString(s[:at])))
}

func indexOf(s string, a []string) Item { return runesBefore(s, strings.Index(s, a[0])) }

func lastIndexOf(s string, a []string) Item { return runesBefore(s, strings.LastIndex(s, a[0])) }

// substring counts characters. A start outside the string gives nothing.
func substring(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	s, ok, err := input(in)
	if err != nil || !ok {
		return dst, err
	}
	start, ok, err := sc.integer(args[0])
	if err != nil || !ok {
		return dst, err
	}
	runes := []rune(s)
	if start < 0 || start >= int64(len(runes)) {
		return dst, nil
	}
	runes = runes[start:]
	if len(args) > 1 {
		length, ok, err := sc.integer(args[1])
		if err != nil {
			return dst, err
		}
		if ok {
			runes = runes[:clamp(length, len(runes))]
		}
	}
	return append(dst, stringItem(string(runes))), nil
}

func replace(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	s, ok, err := input(in)
	if err != nil || !ok {
		return dst, err
	}
	old, ok, err := sc.str(args[0])
	if err != nil || !ok {
		return dst, err
	}
	with, ok, err := sc.str(args[1])
	if err != nil || !ok {
		return dst, err
	}
	if len(s)+(strings.Count(s, old)*len(with)) > stringMax {
		return dst, tooLong()
	}
	return append(dst, stringItem(strings.ReplaceAll(s, old, with))), nil
}

func toChars(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	s, ok, err := input(in)
	if err != nil || !ok {
		return dst, err
	}
	for _, r := range s {
		dst = append(dst, stringItem(string(r)))
	}
	return dst, nil
}

func split(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	s, ok, err := input(in)
	if err != nil || !ok {
		return dst, err
	}
	separator, ok, err := sc.str(args[0])
	if err != nil || !ok {
		return dst, err
	}
	for _, p := range strings.Split(s, separator) {
		dst = append(dst, stringItem(p))
	}
	return dst, nil
}

func join(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	separator := ""
	if len(args) > 0 {
		text, _, err := sc.str(args[0])
		if err != nil {
			return dst, err
		}
		separator = text
	}
	var b strings.Builder
	joined := 0
	for i := range in {
		s, ok, err := in[i].mustStr()
		if err != nil {
			return dst, err
		}
		if !ok {
			continue
		}
		if joined++; joined > 1 {
			b.WriteString(separator)
		}
		b.WriteString(s)
		if b.Len() > stringMax {
			return dst, tooLong()
		}
	}
	if joined == 0 {
		return dst, nil
	}
	return append(dst, stringItem(b.String())), nil
}

func encode(s string, a []string) Item {
	switch a[0] {
	case "hex":
		return stringItem(hex.EncodeToString([]byte(s)))
	case "base64":
		return stringItem(base64.StdEncoding.EncodeToString([]byte(s)))
	case "urlbase64":
		return stringItem(base64.URLEncoding.EncodeToString([]byte(s)))
	case "url":
		return stringItem(url.QueryEscape(s))
	}
	return Item{}
}

func decode(s string, a []string) Item {
	var b []byte
	var err error
	switch a[0] {
	case "hex":
		b, err = hex.DecodeString(s)
	case "base64":
		b, err = base64.StdEncoding.DecodeString(s)
	case "urlbase64":
		b, err = base64.URLEncoding.DecodeString(s)
	case "url":
		s, err = url.QueryUnescape(s)
		b = []byte(s)
	default:
		return Item{}
	}
	if err != nil || !utf8.Valid(b) {
		return Item{}
	}
	return stringItem(string(b))
}

// htmlEscaper writes the two quotes by their number and name, as XML knows them.
var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func escape(s string, a []string) Item {
	switch a[0] {
	case "html":
		return stringItem(htmlEscaper.Replace(s))
	case "json":
		text := quoted(s)
		return stringItem(text[1 : len(text)-1])
	}
	return Item{}
}

func unescape(s string, a []string) Item {
	switch a[0] {
	case "html":
		return stringItem(html.UnescapeString(s))
	case "json":
		d, err := fhir.Parse([]byte(inQuotes(s)))
		if err != nil {
			return Item{}
		}
		return stringItem(strings.Clone(d.Root().Text()))
	}
	return Item{}
}

// inQuotes makes a JSON string of text with JSON's escapes. Quotes and controls
// that should have been escaped and are not stand for themselves.
func inQuotes(s string) string {
	b := []byte{'"'}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b = append(b, c, s[i])
		case c == '"':
			b = append(b, '\\', c)
		case c < ' ':
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

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
		re, err := pattern.Compile(l.item.Text(), "", m.full)
		if err != nil {
			return nil, e.Errorf("%s", fhir.OutcomeOf(err).Issues[0].Diagnostics)
		}
		m.compiled = re
	}
	return m, nil
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
	out, ok := pattern.Replace(re, s, with, stringMax)
	if !ok {
		return dst, tooLong()
	}
	return append(dst, stringItem(out)), nil
}

// expression gives the compiled pattern; nil where it is empty.
func (m *matching) expression(sc *scope) (*regexp.Regexp, error) {
	if m.compiled != nil {
		return m.compiled, nil
	}
	text, ok, err := sc.str(m.pattern)
	if err != nil || !ok {
		return nil, err
	}
	flags := ""
	if m.flags != nil {
		if flags, _, err = sc.str(m.flags); err != nil {
			return nil, err
		}
	}
	return pattern.Compile(text, flags, m.full)
}
