// Package match says how alike two persons are, by what is known of each: names,
// birth date, sex, phone, village and identifiers. Its doors are Compare and
// Sounds. It is pure, and reads no register.
//
// Names are compared by their sound, in our own rules for how Swahili, Nepali,
// Hindi and English names are written by different clerks: Laxmi and Lakshmi,
// Mohammed and Muhamad, Shrestha and श्रेष्ठ.
package match

import (
	"strings"
	"unicode"
)

// textMax bounds how much of a name is looked at, in letters.
const textMax = 60

// Sounds gives how the words of a name sound, each once, in the order written.
// Words without a sound, such as titles, are left out.
func Sounds(name string) []string {
	var list []string
	for _, word := range Words(name) {
		if s := sound(word); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// Words gives the words of a name in small Latin letters, without marks, titles
// and punctuation.
func Words(name string) []string {
	var list []string
	for _, word := range strings.FieldsFunc(shortened(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) && r != '\'' && r != '’'
	}) {
		if word = latin(word); word != "" && !titles[word] {
			list = append(list, word)
		}
	}
	return list
}

// titles are words that are no part of a name.
var titles = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "miss": true, "dr": true, "bwana": true, "bibi": true, "bi": true,
	"mzee": true, "mama": true, "shri": true, "shree": true, "shrimati": true, "sri": true, "smt": true, "kumari": true,
}

func shortened(name string) string {
	n := 0
	for i := range name {
		if n++; n > textMax {
			return name[:i]
		}
	}
	return name
}

// A spelling is written for another: longer ones come first.
type spelling struct{ from, to string }

// spellings bring what is written differently and sounds alike together. They are
// tried at each place in this order, and what they write is not read again.
var spellings = []spelling{
	{"ksh", "x"},
	{"chh", "c"},
	{"sch", "s"},
	{"tch", "c"},
	{"gny", "gy"},
	{"jny", "gy"}, // ज्ञ: Gyan, Jnan
	{"ng'", "n"},
	{"sth", "st"},
	{"cks", "x"},
	{"dny", "gy"},
	{"aa", "a"},
	{"ee", "i"},
	{"ii", "i"},
	{"ea", "i"},
	{"oo", "u"},
	{"uu", "u"},
	{"ou", "u"},
	{"ai", "e"},
	{"ay", "e"},
	{"ei", "e"},
	{"ey", "e"},
	{"ie", "i"},
	{"au", "o"},
	{"aw", "o"},
	{"ph", "f"},
	{"gh", "g"},
	{"kh", "k"},
	{"ch", "c"},
	{"jh", "j"},
	{"th", "t"},
	{"dh", "d"},
	{"bh", "b"},
	{"sh", "s"},
	{"zh", "j"},
	{"rh", "r"},
	{"wh", "w"},
	{"ks", "x"},
	{"ck", "k"},
	{"cq", "k"},
	{"dj", "j"},
	{"q", "k"},
	{"v", "w"},
	{"z", "j"},
	{"y", "i"},
}

// spellingsOf holds the spellings by the letter they begin with.
var spellingsOf = func() (table [256][]spelling) {
	for _, s := range spellings {
		table[s.from[0]] = append(table[s.from[0]], s)
	}
	return table
}()

// sound gives how a word sounds: as it is written by the rules above, without
// doubled letters, without vowels but the first, and without an h that only the
// eye sees.
func sound(word string) string {
	spelt := respelt(word)
	var b []byte
	for i := 0; i < len(spelt); i++ {
		c := spelt[i]
		switch {
		case vowel(c) && i == 0:
			c = 'a'
		case vowel(c), c == 'h' && i > 0:
			continue
		}
		if len(b) > 0 && b[len(b)-1] == c && (i == 0 || spelt[i-1] == c || c == 'n') {
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

// respelt writes a word by the spellings, with vowels.
func respelt(word string) string {
	var b strings.Builder
	for i := 0; i < len(word); {
		from, to := word[i:i+1], word[i:i+1]
		for _, s := range spellingsOf[word[i]] {
			if strings.HasPrefix(word[i:], s.from) && (i > 0 || s.from != "y") {
				from, to = s.from, s.to
				break
			}
		}
		if from == "c" && !strings.HasPrefix(word[i+1:], "h") {
			if to = "k"; i+1 < len(word) && strings.IndexByte("eiy", word[i+1]) >= 0 {
				to = "s"
			}
		}
		if from == "'" {
			to = ""
		}
		b.WriteString(to)
		i += len(from)
	}
	return undoubled(b.String())
}

func undoubled(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if i == 0 || s[i] != s[i-1] {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func vowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }
