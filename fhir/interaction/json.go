package interaction

import (
	"time"
	"unicode/utf8"

	"bima/fhir"
)

// instant is how meta.lastUpdated and other instants are written: UTC, to the
// millisecond.
const instant = "2006-01-02T15:04:05.000Z"

func appendInstant(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, instant)
	return append(b, '"')
}

// appendString writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendString[T string | []byte](b []byte, s T) []byte {
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

// appendCompact writes JSON without the white space between its tokens. The text
// is well formed: it comes from a Node.
func appendCompact(b, src []byte) []byte {
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

// appendMember writes a comma, the name and the value of a member.
func appendMember(b []byte, n fhir.Node) []byte {
	b = append(b, ',')
	b = appendString(b, n.Name())
	b = append(b, ':')
	return appendCompact(b, n.Raw())
}
