package match

import (
	"strings"
	"unicode"
)

// latin writes a word in small Latin letters without marks: Devanagari by its
// sound, as Nepali names are romanised, other letters as they are. Letters of
// other scripts are kept, so that they are at least compared letter for letter.
func latin(word string) string {
	runes := []rune(word)
	var b strings.Builder
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if consonant, ok := consonants[r]; ok {
			i += devanagari(&b, consonant, runes[i+1:])
			continue
		}
		if sound, ok := vowels[r]; ok {
			b.WriteString(sound)
			continue
		}
		r = unicode.ToLower(r)
		if plain, ok := plainLetters[r]; ok {
			b.WriteString(plain)
		} else if unicode.IsLetter(r) || r == '\'' {
			b.WriteRune(r)
		}
	}
	return strings.Trim(b.String(), "'")
}

// devanagari writes a consonant with the vowel that follows: the one written, none
// before a virama or at the end of a word, else a. It gives how many signs of what
// follows it has used.
func devanagari(b *strings.Builder, consonant string, rest []rune) int {
	used := 0
	if len(rest) > 0 && rest[0] == nukta {
		rest, used = rest[1:], 1
	}
	b.WriteString(consonant)
	switch {
	case len(rest) == 0:
	case rest[0] == virama:
		used++
	case signs[rest[0]] != "":
		b.WriteString(signs[rest[0]])
		used++
	default:
		b.WriteByte('a')
	}
	return used
}

const (
	virama = '्'
	nukta  = '़'
)

// consonants of Devanagari, as Nepali names write them in Latin letters.
var consonants = map[rune]string{
	'क': "k", 'ख': "kh", 'ग': "g", 'घ': "gh", 'ङ': "ng",
	'च': "ch", 'छ': "chh", 'ज': "j", 'झ': "jh", 'ञ': "ny",
	'ट': "t", 'ठ': "th", 'ड': "d", 'ढ': "dh", 'ण': "n",
	'त': "t", 'थ': "th", 'द': "d", 'ध': "dh", 'न': "n",
	'प': "p", 'फ': "ph", 'ब': "b", 'भ': "bh", 'म': "m",
	'य': "y", 'र': "r", 'ल': "l", 'व': "v",
	'श': "sh", 'ष': "sh", 'स': "s", 'ह': "h",
}

// vowels that stand by themselves, and signs of nasal sounds.
var vowels = map[rune]string{
	'अ': "a", 'आ': "a", 'इ': "i", 'ई': "i", 'उ': "u", 'ऊ': "u", 'ऋ': "ri",
	'ए': "e", 'ऐ': "ai", 'ओ': "o", 'औ': "au", 'ं': "n", 'ँ': "n", 'ः': "h",
}

// signs are vowels written on a consonant.
var signs = map[rune]string{
	'ा': "a", 'ि': "i", 'ी': "i", 'ु': "u", 'ू': "u", 'ृ': "ri",
	'े': "e", 'ै': "ai", 'ो': "o", 'ौ': "au",
}

// plainLetters are Latin letters with marks, as they are read without.
var plainLetters = map[rune]string{
	'á': "a", 'à': "a", 'â': "a", 'ä': "a", 'ã': "a", 'å': "a", 'ā': "a", 'ă': "a",
	'é': "e", 'è': "e", 'ê': "e", 'ë': "e", 'ē': "e", 'ę': "e",
	'í': "i", 'ì': "i", 'î': "i", 'ï': "i", 'ī': "i",
	'ó': "o", 'ò': "o", 'ô': "o", 'ö': "o", 'õ': "o", 'ō': "o", 'ø': "o",
	'ú': "u", 'ù': "u", 'û': "u", 'ü': "u", 'ū': "u",
	'ç': "s", 'ñ': "n", 'ṅ': "n", 'ṇ': "n", 'ś': "sh", 'ṣ': "sh", 'š': "sh", 'ṭ': "t", 'ḍ': "d", 'ž': "z", '’': "'",
}
