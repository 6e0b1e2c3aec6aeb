package number_test

import (
	"math/big"
	"strings"
	"testing"

	"bima/resources/patient/number"
)

// TestNumbersCheckThemselves is worked by hand:
//
//	luhn       7992739871: the textbook's, check 3
//	modulo-7   123456 = 7 × 17636 + 4
//	modulo-10  its last digit again
//	modulo-11  123456 = 11 × 11223 + 3; 120 = 11 × 10 + 10 has no check
//	modulo-97  123456 = 97 × 1272 + 72
//	letters    of 0-9A-F "1F" is 31 = 7 × 4 + 3
func TestNumbersCheckThemselves(t *testing.T) {
	long := number.Scheme{Length: 9, Check: number.Modulo97}
	hex := number.Scheme{Alphabet: "0123456789ABCDEF", Check: number.Modulo7}
	cases := []struct {
		name   string
		scheme number.Scheme
		number string
		wrong  string // a part of what is wrong; "" where it is right
	}{
		{"the textbook's number", number.Scheme{}, "79927398713", ""},
		{"a member of the demo scheme", number.Scheme{}, "070100001018", ""},
		{"one digit mistyped", number.Scheme{}, "070100001019", "mistyped"},
		{"two neighbours swapped", number.Scheme{}, "070100010018", "mistyped"},
		{"a letter", number.Scheme{}, "07010000101X", "none of its letters"},
		{"one digit alone", number.Scheme{}, "0", "2 to 20"},
		{"nothing", number.Scheme{}, "", "2 to 20"},
		{"more digits than a number has", number.Scheme{}, strings.Repeat("0", 21), "2 to 20"},
		{"without a check anything goes", number.Scheme{Check: number.None}, "07010000101", ""},
		{"modulo 7", number.Scheme{Check: number.Modulo7}, "1234564", ""},
		{"not modulo 7", number.Scheme{Check: number.Modulo7}, "1234565", "mistyped"},
		{"modulo 10", number.Scheme{Check: number.Modulo10}, "1234566", ""},
		{"not modulo 10", number.Scheme{Check: number.Modulo10}, "1234567", "mistyped"},
		{"modulo 11", number.Scheme{Check: number.Modulo11}, "1234563", ""},
		{"modulo 11 of ten", number.Scheme{Check: number.Modulo11}, "1200", "mistyped"},
		{"modulo 97", long, "001234567", "mistyped"},
		{"modulo 97 with two digits", long, "012345672", ""},
		{"too short for the scheme", long, "12345672", "has 8 characters"},
		{"letters", hex, "1F3", ""},
		{"letters mistyped", hex, "1F4", "mistyped"},
		{"a letter of another alphabet", hex, "1G3", "none of its letters"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.scheme.Wrong(c.number)
			if c.wrong == "" && got != "" || c.wrong != "" && !strings.Contains(got, c.wrong) {
				t.Errorf("Wrong(%q) = %q, want %q", c.number, got, c.wrong)
			}
		})
	}
}

func TestSerialNumbers(t *testing.T) {
	cases := []struct {
		name   string
		scheme number.Scheme
		prefix string
		serial int64
		want   string
		ok     bool
	}{
		{"the first of a district", number.Scheme{Length: 9}, "07", 1, "070000013", true}, // 07000001: 2·1 + (7·2 = 14: 1 + 4) = 7, and 3 to ten
		{"modulo 7", number.Scheme{Length: 6, Check: number.Modulo7}, "", 12, "000125", true},
		{"modulo 11 of ten has none", number.Scheme{Length: 4, Check: number.Modulo11}, "", 120, "", false},
		{"the series is full", number.Scheme{Length: 4, Check: number.Modulo7}, "07", 10, "", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := c.scheme.Nth(c.prefix, big.NewInt(c.serial))
			if ok != c.ok || got != c.want {
				t.Errorf("Nth = %q, %v, want %q, %v", got, ok, c.want, c.ok)
			}
			if got != "" && c.scheme.Wrong(got) != "" {
				t.Errorf("%q: %s", got, c.scheme.Wrong(got))
			}
		})
	}
}

// dice are bytes in a row.
type dice struct{ next byte }

func (d *dice) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = d.next
		d.next = d.next*5 + 77
	}
	return len(p), nil
}

func TestRandomNumbers(t *testing.T) {
	s := number.Scheme{Length: 10}
	seen := map[string]bool{}
	for i := range 20 {
		got, ok, err := s.Draw("07", &dice{byte(i)})
		if err != nil || !ok || len(got) != 10 || !strings.HasPrefix(got, "07") || s.Wrong(got) != "" {
			t.Fatalf("drew %q, %v, %v", got, ok, err)
		}
		seen[got] = true
	}
	if len(seen) < 10 {
		t.Errorf("of 20 numbers only %d differ", len(seen))
	}
	if _, _, err := s.Draw("", strings.NewReader("")); err == nil {
		t.Error("a source that is empty was no error")
	}
}

func TestSchemesThatCantBeAreFound(t *testing.T) {
	cases := []struct {
		name   string
		scheme number.Scheme
		want   string
	}{
		{"the default", number.Scheme{}, ""},
		{"letters and a district", number.Scheme{Length: 9, Alphabet: "23456789ABCDEFGH", Generator: number.Random, Prefixes: map[string]string{"D1": "A2", "": "H"}}, ""},
		{"few letters", number.Scheme{Alphabet: "01"}, "fewer than ten"},
		{"a letter twice", number.Scheme{Alphabet: "01234567890"}, "twice"},
		{"too long", number.Scheme{Length: 21}, "not 21"},
		{"a check that is none", number.Scheme{Check: "parity"}, `"parity"`},
		{"a generator that is none", number.Scheme{Generator: "dice"}, `"dice"`},
		{"a prefix that leaves no room", number.Scheme{Length: 4, Generator: number.Serial, Prefixes: map[string]string{"": "123"}}, "no room"},
		{"a prefix of other letters", number.Scheme{Prefixes: map[string]string{"": "X"}}, "not in the alphabet"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.scheme.Fault()
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("Fault() = %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzWrong(f *testing.F) {
	for _, seed := range []string{"070100001018", "79927398713", "", "A", "\xff9"} {
		f.Add(seed)
	}
	schemes := []number.Scheme{{}, {Check: number.None}, {Check: number.Modulo11}, {Check: number.Modulo97, Alphabet: "0123456789ABCDEF"}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range schemes {
			if s.Wrong(text) == "" && (len(text) < 2 || len(text) > 20) {
				t.Errorf("%q is taken", text)
			}
		}
	})
}
