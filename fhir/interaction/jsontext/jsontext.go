// Package jsontext writes JSON by joining bytes, in the way resources are stored:
// no white space between tokens, and every value as it was sent.
package jsontext

import (
	"time"
	"unicode/utf8"

	"bima/fhir"
)

// Instant is the layout by which meta.lastUpdated and other instants are written: UTC, to the
// millisecond.
const Instant = "2006-01-02T15:04:05.000Z"

// AppendInstant writes an instant in quotes, in UTC.
func AppendInstant(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, Instant)
	return append(b, '"')
}

// AppendString writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func AppendString[T string | []byte](b []byte, s T) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			b = utf8.AppendRune(b, r)
			i += size
			continue
		default:
			b = append(b, c)
		}
		i++
	}
	return append(b, '"')
}

// AppendCompact writes JSON without the white space between its tokens. The text
// is well formed: it comes from a Node.
func AppendCompact(b, src []byte) []byte {
	inString, start := false, 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\r' || c == '\t'):
			b = append(b, src[start:i]...)
			start = i + 1
		}
	}
	return append(b, src[start:]...)
}

// AppendMember writes a comma, the name and the value of a member.
func AppendMember(b []byte, n fhir.Node) []byte {
	b = append(b, ',')
	b = AppendString(b, n.Name())
	b = append(b, ':')
	return AppendCompact(b, n.Raw())
}
