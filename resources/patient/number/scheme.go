// Package number says which insurance numbers a scheme has: how long they are, of
// which letters, how the last of them checks the others, and how new ones are
// made. Its door is Scheme.
package number

import (
	"fmt"
	"math/big"
	"strings"
)

// A Check is how a number finds its own typing errors.
type Check string

// The checks. A modulo check is openIMIS's: the last characters are the remainder
// of the number before them.
const (
	Luhn     Check = "luhn" // ISO/IEC 7812-1 annex B; of other alphabets than digits, modulo their size
	None     Check = "none"
	Modulo7  Check = "modulo-7"
	Modulo10 Check = "modulo-10"
	Modulo11 Check = "modulo-11" // a base whose remainder is 10 has no number
	Modulo97 Check = "modulo-97" // with two characters
)

// Digits are the letters of a number where a Scheme names no others.
const Digits = "0123456789"

const (
	lengthMin = 2
	// lengthMax is the longest number: openIMIS keeps twelve digits, and some
	// schemes' national numbers have more.
	lengthMax = 20
)

// A Scheme is how the insurance numbers of a scheme are made. The zero value is 2
// to 20 digits, the last by Luhn, given by the scheme's officers.
type Scheme struct {
	Length   int    // characters, with prefix and check; 0 is 2 to 20
	Alphabet string // its letters in the order of their values; "" is Digits
	Check    Check  // "" is Luhn
	// Generator makes numbers for persons who have none: Serial, without gaps, or
	// Random, which nobody can guess; "" makes none.
	Generator Generator
	// Prefixes holds what numbers begin with, by the code of the district
	// (Location.identifier) the person lives in; "" is for all others.
	Prefixes map[string]string
}

// A Generator is a way to make numbers.
type Generator string

// The generators.
const (
	Serial Generator = "serial"
	Random Generator = "random"
)

func (s Scheme) alphabet() string {
	if s.Alphabet == "" {
		return Digits
	}
	return s.Alphabet
}

// generatedLength is how long made numbers are where the scheme fixes no length.
const generatedLength = 12

func (s Scheme) length() int {
	if s.Length == 0 {
		return generatedLength
	}
	return s.Length
}

// checks gives how many characters check the others.
func (s Scheme) checks() int {
	switch s.Check {
	case None:
		return 0
	case Modulo97:
		return 2
	}
	return 1
}

// Fault says what is wrong with the scheme itself; "" where it can be used.
func (s Scheme) Fault() string {
	letters := s.alphabet()
	for i, c := range letters {
		if c > '~' || c <= ' ' || strings.IndexRune(letters, c) != i {
			return fmt.Sprintf("the alphabet has %q, which is not a letter of ASCII, or twice", c)
		}
	}
	switch {
	case len(letters) < len(Digits):
		return "the alphabet has fewer than ten letters"
	case s.Length != 0 && (s.Length < lengthMin || s.Length > lengthMax):
		return fmt.Sprintf("numbers have %d to %d characters, not %d", lengthMin, lengthMax, s.Length)
	case s.checkText("") == unknown:
		return fmt.Sprintf("there is no check %q", s.Check)
	case s.Generator != "" && s.Generator != Serial && s.Generator != Random:
		return fmt.Sprintf("there is no generator %q", s.Generator)
	}
	for district, prefix := range s.Prefixes {
		if s.Generator != "" && len(prefix)+s.checks() >= s.length() {
			return fmt.Sprintf("the prefix %q of %q leaves no room for a number", prefix, district)
		}
		for _, c := range prefix {
			if !strings.ContainsRune(letters, c) {
				return fmt.Sprintf("the prefix %q of %q has a letter that is not in the alphabet", prefix, district)
			}
		}
	}
	return ""
}

// Wrong says what is wrong with a number, with a way out; "" where nothing is.
func (s Scheme) Wrong(number string) string {
	if s.Length != 0 && len(number) != s.Length {
		return fmt.Sprintf("%.40q has %d characters, and an insurance number has %d; look for one that is missing or typed twice", number, len(number), s.Length)
	}
	if len(number) < lengthMin || len(number) > lengthMax {
		return fmt.Sprintf("%.40q is not an insurance number, which has %d to %d characters", number, lengthMin, lengthMax)
	}
	letters := s.alphabet()
	for _, c := range number {
		if !strings.ContainsRune(letters, c) {
			return fmt.Sprintf("%.40q is not an insurance number: %q is none of its letters, %s", number, c, letters)
		}
	}
	base, check := number[:len(number)-s.checks()], number[len(number)-s.checks():]
	if got := s.checkText(base); got != check {
		return fmt.Sprintf("%.40q is not an insurance number: its last digit does not check the others; look for a digit that was mistyped", number)
	}
	return ""
}

// unknown stands for the check of a base that has none.
const unknown = "?"

// checkText gives the characters that check a base.
func (s Scheme) checkText(base string) string {
	root := int64(0)
	switch s.Check {
	case None:
		return ""
	case Luhn, "":
		return luhn(base, s.alphabet())
	case Modulo7:
		root = 7
	case Modulo10:
		root = 10
	case Modulo11:
		root = 11
	case Modulo97:
		root = 97
	default:
		return unknown
	}
	letters := s.alphabet()
	value, size := new(big.Int), big.NewInt(int64(len(letters)))
	for _, c := range base {
		value.Mul(value, size)
		value.Add(value, big.NewInt(int64(strings.IndexRune(letters, c))))
	}
	rest := int(value.Mod(value, big.NewInt(root)).Int64())
	if s.checks() == 2 {
		return string([]byte{letters[rest/len(letters)], letters[rest%len(letters)]})
	}
	if rest >= len(letters) {
		return unknown
	}
	return letters[rest : rest+1]
}

// luhn gives the check letter of a base, by Luhn's method modulo the size of the
// alphabet: every other letter, from the last on, counts twice.
func luhn(base, letters string) string {
	n, sum := len(letters), 0
	for i := range len(base) {
		value := strings.IndexByte(letters, base[len(base)-1-i])
		if i%2 == 0 {
			value *= 2
		}
		sum += value/n + value%n
	}
	rest := (n - sum%n) % n
	return letters[rest : rest+1]
}
