package ucum_test

import (
	"math/big"
	"testing"

	"bima/fhir"
	"bima/fhir/path/ucum"
)

func TestConvert(t *testing.T) {
	for _, c := range []struct{ name, value, from, to, want string }{
		{"prefixes", "1", "g", "mg", "1000"},
		{"a square", "1", "m2", "cm2", "10000"},
		{"a quotient", "1", "g/L", "mg/dL", "100"},
		{"a product with a negative exponent", "1", "kg.m.s-2", "N", "1"},
		{"parentheses", "1", "J/(kg.K)", "m2/s2/K", "1"},
		{"a leading slash", "60", "/min", "Hz", "1"},
		{"an annotation counts as one", "5", "{cells}/uL", "10*6/L", "5"},
		{"an annotation behind a unit", "1", "mL{total}", "mL", "1"},
		{"powers of ten", "1", "10*3", "1", "1000"},
		{"litres have two codes", "1", "L", "l", "1"},
		{"inches", "1", "[in_i]", "cm", "127/50"},
		{"pounds", "1", "[lb_av]", "g", "45359237/100000"},
		{"mercury", "1", "mm[Hg]", "Pa", "66661/500"},
		{"weeks", "1", "wk", "h", "168"},
		{"a boiling point", "100", "Cel", "[degF]", "212"},
		{"a freezing point", "32", "[degF]", "K", "5463/20"},
		{"percent", "50", "%", "1", "1/2"},
		{"bytes", "1", "KiBy", "By", "1024"},
		{"international units", "1", "k[IU]/L", "[iU]/L", "1000"},
		{"enzyme units", "1", "U/L", "ukat/L", "1/60"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, err := ucum.Parse(c.from)
			if err != nil {
				t.Fatal(err)
			}
			to, err := ucum.Parse(c.to)
			if err != nil {
				t.Fatal(err)
			}
			value, _ := new(big.Rat).SetString(c.value)
			got, ok := ucum.Convert(value, from, to)
			if !ok || got.RatString() != c.want {
				t.Errorf("%s %s is %v %s, want %s", c.value, c.from, got, c.to, c.want)
			}
		})
	}
}

func TestUnitsOfOtherKindsDoNotConvert(t *testing.T) {
	for _, pair := range [][2]string{{"g", "m"}, {"[iU]", "mg"}, {"[iU]", "[arb'U]"}, {"m", "m2"}, {"Cel", "m"}} {
		a, _ := ucum.Parse(pair[0])
		b, _ := ucum.Parse(pair[1])
		if _, ok := ucum.Convert(big.NewRat(1, 1), a, b); ok {
			t.Errorf("%s converts to %s", pair[0], pair[1])
		}
	}
}

func TestParseRefusesWhatIsNoUnit(t *testing.T) {
	for _, code := range []string{"", "foo", "m/", "(m", "m)", "[in_i", "m99999", "Cel/m", "Y", "kfoo", "m..s", "{x", "-1", "m^2", "mg/dL)("} {
		if _, err := ucum.Parse(code); !fhir.HasIssue(err, fhir.IssueValue) {
			t.Errorf("%q: got %v, want an Outcome of value", code, err)
		}
	}
}

func TestProductAndQuotientNameTheUnit(t *testing.T) {
	for _, c := range [][4]string{
		{"cm", "cm", "cm2", "1"},
		{"g", "m", "g.m", "g/m"},
		{"m", "1", "m", "m"},
		{"1", "s", "s", "/s"},
		{"mg/dL", "dL", "mg", "mg/dL2"},
		{"mL{x}", "s", "(mL{x}).(s)", "(mL{x})/(s)"},
	} {
		if p, q := ucum.Product(c[0], c[1]), ucum.Quotient(c[0], c[1]); p != c[2] || q != c[3] {
			t.Errorf("%s and %s: got %s and %s, want %s and %s", c[0], c[1], p, q, c[2], c[3])
		}
	}
}

// FuzzParse asserts that any text is a unit or refused with an Outcome, and that
// a unit converts to itself.
func FuzzParse(f *testing.F) {
	for _, code := range []string{"mg/dL", "10*3/uL", "kg.m2/s2", "(m.s)/g", "{x}", "Cel", "m[Hg]", "[in_i'H2O]"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		u, err := ucum.Parse(code)
		if err != nil {
			return
		}
		one := big.NewRat(1, 1)
		if got, ok := ucum.Convert(one, u, u); !ok || got.Cmp(one) != 0 {
			t.Errorf("%q: 1 becomes %v", code, got)
		}
	})
}

func TestBase(t *testing.T) {
	for _, c := range []struct{ value, code, want, dimension string }{
		{"5.4", "mg", "0.0054", "g1"},
		{"37", "Cel", "310.15", "K1"},
		{"120", "mg/dL", "1200", "g1m-3"},
		{"50", "%", "0.5", ""},
	} {
		u, err := ucum.Parse(c.code)
		if err != nil {
			t.Fatal(err)
		}
		value, _ := new(big.Rat).SetString(c.value)
		want, _ := new(big.Rat).SetString(c.want)
		if got := u.Base(value); got.Cmp(want) != 0 || u.Dimension() != c.dimension {
			t.Errorf("%s %s: got %s %s, want %s %s", c.value, c.code, got, u.Dimension(), c.want, c.dimension)
		}
	}
}
