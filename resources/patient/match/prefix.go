package match

import "slices"

// initials holds how a sound at the beginning of a word is written in Latin
// letters and in Devanagari.
var initials = map[byte][]string{
	'a': {"a", "अ", "आ"},
	'e': {"e", "a", "i", "ए", "ऐ"},
	'i': {"i", "e", "y", "इ", "ई"},
	'o': {"o", "u", "a", "ओ", "औ"},
	'u': {"u", "o", "w", "उ", "ऊ"},
	'b': {"b", "ब", "भ"},
	'c': {"c", "च", "छ"},
	'd': {"d", "द", "ध", "ड", "ढ"},
	'f': {"f", "ph", "फ"},
	'g': {"g", "ग", "घ", "ज"},
	'h': {"h", "ह"},
	'j': {"j", "z", "g", "dj", "ज", "झ", "य"},
	'k': {"k", "c", "q", "क", "ख"},
	'l': {"l", "ल"},
	'm': {"m", "म"},
	'n': {"n", "न", "ण"},
	'p': {"p", "प"},
	'r': {"r", "र"},
	's': {"s", "c", "श", "ष", "स"},
	't': {"t", "त", "थ", "ट", "ठ"},
	'w': {"w", "v", "व"},
	'x': {"x", "k", "क"},
	'y': {"y", "य"},
}

// prefixesMax bounds the beginnings of one person's names.
const prefixesMax = 24

// Prefixes gives how the words of some names may begin where others have written
// them, for finding who is worth comparing: a letter or two each, no more than 24.
func Prefixes(names []string) []string {
	var list []string
	for _, name := range names {
		for _, w := range wordsOf(name) {
			if len(w.text) < 2 {
				continue
			}
			for _, beginning := range append([]string{w.text[:2]}, initials[w.spelt[0]]...) {
				if len(list) < prefixesMax && !slices.Contains(list, beginning) {
					list = append(list, beginning)
				}
			}
		}
	}
	return list
}
