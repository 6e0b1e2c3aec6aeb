package number

import (
	"io"
	"math/big"
	"strings"
)

// Prefix gives what the numbers of a district begin with.
func (s Scheme) Prefix(district string) string {
	if p, ok := s.Prefixes[district]; ok {
		return p
	}
	return s.Prefixes[""]
}

// room gives how many characters of a made number follow its prefix and come
// before its check.
func (s Scheme) room(prefix string) int { return s.length() - len(prefix) - s.checks() }

// Nth gives the number of a series with a serial number from 1 on. It reports
// false where that has no number (a remainder of 10 by modulo 11): the next one
// is to be tried. What does not fit any more is "" and true.
func (s Scheme) Nth(prefix string, serial *big.Int) (number string, ok bool) {
	letters := s.alphabet()
	size, rest, digit := big.NewInt(int64(len(letters))), new(big.Int).Set(serial), new(big.Int)
	text := []byte(strings.Repeat(letters[:1], s.room(prefix)))
	for i := len(text) - 1; i >= 0; i-- {
		rest.DivMod(rest, size, digit)
		text[i] = letters[digit.Int64()]
	}
	if rest.Sign() != 0 {
		return "", true
	}
	return s.checked(prefix + string(text))
}

// Draw gives a number that nobody can guess, from a source of random bytes, and
// false where the one drawn has no check.
func (s Scheme) Draw(prefix string, random io.Reader) (number string, ok bool, err error) {
	letters := s.alphabet()
	text := make([]byte, 0, s.room(prefix))
	even := 256 - 256%len(letters) // bytes from there on would favour the first letters
	var one [1]byte
	for len(text) < cap(text) {
		if _, err := io.ReadFull(random, one[:]); err != nil {
			return "", false, err
		}
		if int(one[0]) < even {
			text = append(text, letters[int(one[0])%len(letters)])
		}
	}
	number, ok = s.checked(prefix + string(text))
	return number, ok, nil
}

func (s Scheme) checked(base string) (string, bool) {
	check := s.checkText(base)
	if check == unknown {
		return "", false
	}
	return base + check, true
}
