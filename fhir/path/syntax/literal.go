package syntax

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escapes are the characters that stand for others after a backslash. Any
// character that is not here stands for itself.
const (
	escapes = "rntf"
	escaped = "\r\n\t\f"
)

// quoted reads a string or a delimited identifier that begins here.
func (s *scanner) quoted(quote byte) (string, error) {
	start := s.pos
	s.pos++
	plain := strings.IndexAny(s.src[s.pos:], string([]byte{quote, '\\'}))
	if plain >= 0 && s.src[s.pos+plain] == quote {
		text := s.src[s.pos : s.pos+plain]
		s.pos += plain + 1
		return text, nil
	}
	var b strings.Builder
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		s.pos++
		switch c {
		case quote:
			return b.String(), nil
		case '\\':
			if err := s.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", fail(start, "the text that begins here has no closing %c", quote)
}

// escape reads what follows a backslash.
func (s *scanner) escape(b *strings.Builder) error {
	if s.pos >= len(s.src) {
		return nil
	}
	c := s.src[s.pos]
	if c == 'u' {
		return s.unicode(b)
	}
	s.pos++
	if i := strings.IndexByte(escapes, c); i >= 0 {
		b.WriteByte(escaped[i])
		return nil
	}
	b.WriteByte(c)
	return nil
}

func (s *scanner) unicode(b *strings.Builder) error {
	r, ok := s.hex4()
	if !ok {
		return fail(s.pos-1, `\u must be followed by four hexadecimal digits`)
	}
	if utf16.IsSurrogate(r) {
		if !strings.HasPrefix(s.src[s.pos:], `\u`) {
			b.WriteRune(utf8.RuneError)
			return nil
		}
		s.pos++
		low, ok := s.hex4()
		if !ok {
			return fail(s.pos-1, `\u must be followed by four hexadecimal digits`)
		}
		r = utf16.DecodeRune(r, low)
	}
	b.WriteRune(r)
	return nil
}

// hex4 reads uXXXX.
func (s *scanner) hex4() (rune, bool) {
	if s.pos+5 > len(s.src) {
		return 0, false
	}
	v, err := strconv.ParseUint(s.src[s.pos+1:s.pos+5], 16, 16)
	if err != nil {
		return 0, false
	}
	s.pos += 5
	return rune(v), true
}

// moment reads a date, dateTime or time literal that begins here with an at sign.
func (s *scanner) moment() (token, error) {
	start := s.pos
	s.pos++
	if s.pos < len(s.src) && s.src[s.pos] == 'T' {
		s.pos++
		from := s.pos
		s.clock()
		if s.pos == from {
			return token{}, fail(start, "a time must follow @T, such as @T14:30")
		}
		return token{tokenTime, start, s.src[from:s.pos]}, nil
	}
	from := s.pos
	s.pattern("dddd")
	if s.pos == from {
		return token{}, fail(start, "a date or time must follow @, such as @2026-01-25")
	}
	if s.pattern("-dd") {
		s.pattern("-dd")
	}
	if s.pos >= len(s.src) || s.src[s.pos] != 'T' {
		return token{tokenDate, start, s.src[from:s.pos]}, nil
	}
	s.pos++
	s.clock()
	if s.pos < len(s.src) && s.src[s.pos] == 'Z' {
		s.pos++
	} else if !s.pattern("+dd:dd") {
		s.pattern("-dd:dd")
	}
	return token{tokenDateTime, start, s.src[from:s.pos]}, nil
}

// clock reads hh, hh:mm, hh:mm:ss or hh:mm:ss.f.
func (s *scanner) clock() {
	if s.pattern("dd") && s.pattern(":dd") && s.pattern(":dd") && s.pattern(".d") {
		s.digits()
	}
}

// pattern moves over the text if it is of the form, in which d is a digit.
func (s *scanner) pattern(form string) bool {
	if len(s.src)-s.pos < len(form) {
		return false
	}
	for i := range len(form) {
		c := s.src[s.pos+i]
		if form[i] == 'd' && !isDigit(c) || form[i] != 'd' && c != form[i] {
			return false
		}
	}
	s.pos += len(form)
	return true
}
