package validate

import (
	"strings"
	"unicode/utf8"

	"bima/fhir"
)

// A format is how the text of a primitive type looks.
type format uint8

const (
	formatNone format = iota
	formatBoolean
	formatInteger
	formatPositiveInt
	formatUnsignedInt
	formatDecimal
	formatString
	formatMarkdown
	formatCode
	formatID
	formatURI
	formatURL
	formatCanonical
	formatOID
	formatUUID
	formatDate
	formatDateTime
	formatInstant
	formatTime
	formatBase64
	formatXHTML
)

// formats gives the format of each primitive type of R4.
var formats = map[string]format{
	"boolean": formatBoolean, "integer": formatInteger, "positiveInt": formatPositiveInt, "unsignedInt": formatUnsignedInt,
	"decimal": formatDecimal, "string": formatString, "markdown": formatMarkdown, "code": formatCode, "id": formatID,
	"uri": formatURI, "url": formatURL, "canonical": formatCanonical, "oid": formatOID, "uuid": formatUUID,
	"date": formatDate, "dateTime": formatDateTime, "instant": formatInstant, "time": formatTime,
	"base64Binary": formatBase64, "xhtml": formatXHTML,
}

// wanted says of each format what is allowed.
var wanted = [...]string{
	formatNone:        "",
	formatBoolean:     "true or false",
	formatInteger:     "a whole number from -2147483648 to 2147483647, without decimals or leading zeros",
	formatPositiveInt: "a whole number from 1 to 2147483647",
	formatUnsignedInt: "a whole number from 0 to 2147483647",
	formatDecimal:     "a number of at most 400 digits, such as 150.25",
	formatString:      "text of at most 1048576 characters that is not only white space and has no control characters but tab and line ends",
	formatMarkdown:    "text of at most 1048576 characters that is not only white space and has no control characters but tab and line ends",
	formatCode:        "a code: no white space before, after or doubled within",
	formatID:          "an id: 1 to 64 characters of A-Z, a-z, 0-9, - and .",
	formatURI:         "a URI, which has no white space",
	formatURL:         "a URL, which has no white space",
	formatCanonical:   "a canonical URL, which has no white space",
	formatOID:         "an OID, such as urn:oid:1.2.36.146.595",
	formatUUID:        "a UUID in lower case, such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
	formatDate:        "a day that exists, as YYYY, YYYY-MM or YYYY-MM-DD, such as 2026-09-14",
	formatDateTime:    "a day that exists, or such a day with a time to the second and a zone, such as 2026-09-14T10:02:11+03:00",
	formatInstant:     "a moment to the second or finer with its zone, such as 2026-09-14T10:02:11.000+03:00",
	formatTime:        "a time of day to the second without a zone, such as 10:02:11",
	formatBase64:      "base64: groups of four of A-Z, a-z, 0-9, + and /, the last one padded with =",
	formatXHTML:       "XHTML: one div in the namespace http://www.w3.org/1999/xhtml",
}

// kind gives the JSON kind of values of a format.
func (f format) kind() fhir.NodeKind {
	switch f {
	case formatBoolean:
		return fhir.KindBool
	case formatInteger, formatPositiveInt, formatUnsignedInt, formatDecimal:
		return fhir.KindNumber
	}
	return fhir.KindString
}

// Primitive reports whether text is a valid value of a primitive type, such as
// "date" or "id"; numbers and booleans are given as JSON writes them. It is
// false for a type that is no primitive of R4.
// Source: R4 datatypes#primitive.
func Primitive(typ, text string) bool {
	f := formats[typ]
	if f == formatXHTML {
		return isXHTML(text)
	}
	if f == formatDecimal {
		_, err := fhir.ParseDecimal(text)
		return err == nil
	}
	return f != formatNone && f.holds(text)
}

// holds reports whether the text is a value of the format. Of decimals, which
// the JSON reader has checked, it looks at the size only; XHTML is read later.
func (f format) holds(s string) bool {
	switch f {
	case formatString, formatMarkdown:
		return isText(s)
	case formatCode:
		return isCode(s)
	case formatURI, formatURL, formatCanonical:
		return isURI(s)
	case formatID:
		return fhir.ValidID(s)
	case formatDate:
		return isDate(s)
	case formatDateTime:
		return isDateTime(s)
	case formatInstant:
		return isInstant(s)
	case formatTime:
		return isClock(s)
	case formatBoolean:
		return s == "true" || s == "false"
	case formatDecimal:
		return isDecimal(s)
	case formatInteger, formatPositiveInt, formatUnsignedInt:
		return f.isInteger(s)
	case formatBase64:
		return isBase64(s)
	case formatOID:
		return isOID(s)
	case formatUUID:
		return isUUID(s)
	case formatXHTML:
		return s != ""
	}
	return false
}

// textBytesMax is the longest string. Source: R4 datatypes#string ("SHALL NOT
// exceed 1MB (1024*1024 characters) in size").
const textBytesMax = 1 << 20

func isText(s string) bool {
	blank := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c > ' ' {
			blank = false
		} else if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return !blank && (len(s) <= textBytesMax || utf8.RuneCountInString(s) <= textBytesMax)
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isCode(s string) bool {
	space := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space
}

func isURI(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' {
			return false
		}
	}
	return s != ""
}

func isOID(s string) bool {
	rest, ok := strings.CutPrefix(s, "urn:oid:")
	if !ok || len(rest) < 3 || rest[0] < '0' || rest[0] > '2' || rest[1] != '.' {
		return false
	}
	for arc := range strings.SplitSeq(rest[2:], ".") {
		if arc == "" || arc[0] == '0' && len(arc) > 1 || strings.Trim(arc, "0123456789") != "" {
			return false
		}
	}
	return true
}

func isUUID(s string) bool {
	rest, ok := strings.CutPrefix(s, "urn:uuid:")
	if !ok || len(rest) != 36 {
		return false
	}
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// isBase64 accepts white space between the characters, as R4's own pattern does.
func isBase64(s string) bool {
	count, padding := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '+', c == '/':
			if padding > 0 {
				return false
			}
			count++
		case c == '=':
			padding++
			count++
		case !isSpace(c):
			return false
		}
	}
	return count > 0 && count%4 == 0 && padding <= 2
}
