package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Normal gives the form in which texts are compared: case folded, accents
// taken off, apostrophes and points left out, other punctuation and space
// squeezed to one space. Vowel signs of scripts in which they are letters stay.
// Source: R4 search#string ("case-insensitive and accent-insensitive").
func Normal(s string) string {
	if isNormal(s) {
		return s
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return squeeze(norm.NFD.String(cases.Fold().String(s)))
		}
	}
	return squeeze(s)
}

// isNormal reports whether s is in the form already, for ASCII only.
func isNormal(s string) bool {
	spaced := true // whether a space may not come next
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			spaced = false
		case c == ' ' && !spaced:
			spaced = true
		default:
			return false
		}
	}
	return s == "" || !spaced
}

func squeeze(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case r == '\'' || r == '’' || r == '.' || accent(r):
			continue
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || unicode.IsSymbol(r):
			if gap && out.Len() > 0 {
				out.WriteByte(' ')
			}
			gap = false
			out.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	return out.String()
}

// accent reports whether the mark changes a letter rather than being one:
// combining diacritics, and the vowel points of Arabic and Hebrew.
func accent(r rune) bool {
	switch {
	case r >= 0x0300 && r <= 0x036F, r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF,
		r >= 0x20D0 && r <= 0x20FF, r >= 0x064B && r <= 0x0652, r >= 0x0591 && r <= 0x05C7 && unicode.IsMark(r):
		return true
	}
	return false
}
