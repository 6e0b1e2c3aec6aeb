package index

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// How much of a text is searched: what PostgreSQL's tsvector can hold with every
// position, so that both databases find the same.
const (
	wordsMax     = 16000
	wordBytesMax = 255
	textBytesMax = 256 << 10
	sameWordMax  = 255 // times that a word is found in one text
)

// Words gives the words of a text as they are compared: runs of letters, digits
// and marks, case folded and without accents. Of scripts that put no space
// between words every character is a word.
func Words(text string) []string {
	text = folded(text)
	out := make([]string, 0, len(text)/6+1)
	start, size := -1, 0
	end := func(at int) {
		if start >= 0 && len(out) < wordsMax && size < textBytesMax {
			out = append(out, short(text[start:at]))
			size += at - start
		}
		start = -1
	}
	for i, r := range text {
		switch {
		case alone(r):
			end(i)
			start = i
			end(i + utf8.RuneLen(r))
		case !inWord(r):
			end(i)
		case start < 0:
			start = i
		}
	}
	end(len(text))
	return out
}

// folded takes case and accents off. Source: R4 search#string.
func folded(text string) string {
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if accent(r) {
					return -1
				}
				return unicode.ToLower(r)
			}, norm.NFD.String(cases.Fold().String(Stored(text))))
		}
	}
	return strings.ToLower(text)
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

// alone reports whether a character is a word by itself.
func alone(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// accent reports whether a mark changes a letter rather than being one: combining
// diacritics, and the vowel points of Arabic and Hebrew.
func accent(r rune) bool {
	switch {
	case r < 0x0300:
		return false
	case r <= 0x036F, r >= 0x0591 && r <= 0x05C7 && unicode.IsMark(r), r >= 0x064B && r <= 0x0652,
		r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF, r >= 0x20D0 && r <= 0x20FF:
		return true
	}
	return false
}

func short(word string) string {
	if len(word) <= wordBytesMax {
		return word
	}
	end := wordBytesMax
	for !utf8.RuneStart(word[end]) {
		end--
	}
	return word[:end]
}

// standIn holds the place of a word that stands too often in a text to be found
// there once more. It is no word.
const standIn = "\u00A4"

// thinned leaves each word in its place, but those that stand too often.
func thinned(all []string) []string {
	if len(all) <= sameWordMax {
		return all
	}
	count := make(map[string]int, len(all))
	for i, w := range all {
		if count[w]++; count[w] > sameWordMax {
			all[i] = standIn
		}
	}
	return all
}
