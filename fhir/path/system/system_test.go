package system_test

import (
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/path/system"
)

func decimal(t *testing.T, s string) system.Decimal {
	t.Helper()
	d, err := fhir.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecimalArithmeticIsExact(t *testing.T) {
	type op func(a, b system.Decimal) (system.Decimal, bool)
	for _, c := range []struct {
		name string
		fn   op
		a, b string
		want string // "" where there is no result
	}{
		{"a sum keeps the decimals", system.Add, "0.1", "0.20", "0.30"},
		{"a product adds the decimals", system.Multiply, "1.2", "1.8", "2.16"},
		{"a quotient that ends is exact", system.Divide, "1", "8", "0.125"},
		{"a quotient that does not end is rounded", system.Divide, "2", "3", "0.6666666666666666666666666667"},
		{"there is no quotient by zero", system.Divide, "1", "0", ""},
		{"div rounds towards zero", system.Div, "-5.5", "2", "-2"},
		{"mod keeps the decimals", system.Mod, "2.2", "1.8", "0.4"},
		{"there is no rest by zero", system.Mod, "1", "0.0", ""},
		{"a power is exact", system.Power, "1.5", "3", "3.375"},
		{"a power out of bounds has overflowed", system.Power, "10", "9999", ""},
		{"a fractional power is near", system.Power, "4", "0.5", "2"},
		{"a logarithm to a base", system.Log, "1000", "10", "3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := c.fn(decimal(t, c.a), decimal(t, c.b))
			if ok != (c.want != "") || ok && got.String() != c.want {
				t.Errorf("got %s %t, want %q", got, ok, c.want)
			}
		})
	}
}

func TestRounding(t *testing.T) {
	for _, c := range [][4]string{ // number, floor, ceiling, rounded
		{"-2.5", "-3", "-2", "-3"},
		{"2.5", "2", "3", "3"},
		{"-2.1", "-3", "-2", "-2"},
		{"7", "7", "7", "7"},
	} {
		d := decimal(t, c[0])
		got := [3]string{system.Floor(d).String(), system.Ceiling(d).String(), system.Round(d, 0).String()}
		if got != [3]string{c[1], c[2], c[3]} {
			t.Errorf("%s: got %v", c[0], got)
		}
	}
}

func TestCompareStopsAtTheSharedPrecision(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		order int
		known bool
	}{
		{"2018", "2018-03", 0, false},
		{"2018", "2019-03", -1, true},
		{"2018-03-01T10:30:00", "2018-03-01T10:30:00.0", 0, true},
		{"2018-03-01T10:30:00.1", "2018-03-01T10:30:00", 1, true},
		{"2018-03-01T10:30", "2018-03-01T10:30:00", 0, false},
		{"2018-03-01T10:00:00+03:00", "2018-03-01T07:00:00Z", 0, true},
		{"2018-03-01T10:00:00", "2018-03-01T07:00:00Z", 0, false},
		{"2018-03-01T10:00:00", "2018-03-03T07:00:00Z", -1, true},
		{"2018-03-01T23:30:00Z", "2018-03-02", 0, false},
		{"2018-03-02T03:00:00+03:00", "2018-03-01", 1, true},
	} {
		a, _ := fhir.ParsePartialDateTime(c.a)
		b, _ := fhir.ParsePartialDateTime(c.b)
		order, known := system.Compare(a, b, time.FixedZone("", 3*3600))
		if order != c.order || known != c.known {
			t.Errorf("%s and %s: got %d %t, want %d %t", c.a, c.b, order, known, c.order, c.known)
		}
	}
}

func TestParseQuantity(t *testing.T) {
	calendar := func(s string) bool { return s == "day" || s == "days" }
	for text, want := range map[string]string{
		"4":        "4 '1'",
		"-4.50":    "-4.50 '1'",
		"+4":       "4 '1'",
		"4 days":   "4 days",
		"4 'mg'":   "4 'mg'",
		"4'mg'":    "4 'mg'",
		"4 mg":     "",
		"4days":    "",
		"4 ''":     "",
		"4 'mg":    "",
		"x":        "",
		"4 'm' 'g": "",
		"":         "",
	} {
		q, ok := system.ParseQuantity(text, calendar)
		if ok != (want != "") || ok && q.String() != want {
			t.Errorf("%q: got %s %t, want %q", text, q, ok, want)
		}
	}
}

func TestFormatDateTimeWritesWhatWasRead(t *testing.T) {
	for _, text := range []string{
		"2018", "2018-03", "2018-03-01", "2018-03-01T10", "2018-03-01T10:30", "2018-03-01T10:30:05",
		"2018-03-01T10:30:05.120", "2018-03-01T10:30:05Z", "2018-03-01T10:30:05.1+03:00",
	} {
		m, err := fhir.ParsePartialDateTime(text)
		if err != nil || system.FormatDateTime(m) != text {
			t.Errorf("%s: got %s %v", text, system.FormatDateTime(m), err)
		}
	}
}
