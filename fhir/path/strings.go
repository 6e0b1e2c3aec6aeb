package path

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"strings"
	"unicode/utf8"

	"bima/fhir"
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
	pattern, ok, err := sc.str(args[0])
	if err != nil || !ok {
		return dst, err
	}
	with, ok, err := sc.str(args[1])
	if err != nil || !ok {
		return dst, err
	}
	if len(s)+(strings.Count(s, pattern)*len(with)) > stringMax {
		return dst, tooLong()
	}
	return append(dst, stringItem(strings.ReplaceAll(s, pattern, with))), nil
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
	for i := range in {
		s, ok, err := in[i].mustStr()
		if err != nil {
			return dst, err
		}
		if i > 0 {
			b.WriteString(separator)
		}
		if ok {
			b.WriteString(s)
		}
		if b.Len() > stringMax {
			return dst, tooLong()
		}
	}
	if len(in) == 0 {
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
		for _, c := range [...]string{"<", ">", "&"} {
			text = strings.ReplaceAll(text, map[string]string{"<": `\u003c`, ">": `\u003e`, "&": `\u0026`}[c], c)
		}
		return stringItem(text[1 : len(text)-1])
	}
	return Item{}
}

func unescape(s string, a []string) Item {
	switch a[0] {
	case "html":
		return stringItem(html.UnescapeString(s))
	case "json":
		d, err := fhir.Parse([]byte(`"` + s + `"`))
		if err != nil {
			return Item{}
		}
		return stringItem(strings.Clone(d.Root().Text()))
	}
	return Item{}
}
