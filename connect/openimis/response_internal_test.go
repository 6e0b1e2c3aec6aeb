package openimis

import (
	"testing"

	"bima/connect/dialect"
)

// What is asked for a unit is its price, times the factor; without a price what the
// total comes to for each, or all of it as one where that can't be said exactly.
func TestWhatWasAsked(t *testing.T) {
	for asked, want := range map[string]string{
		`{"quantity":{"value":3},"unitPrice":{"value":200,"currency":"TZS"}}`:             "3×200 TZS",
		`{"quantity":{"value":3},"unitPrice":{"value":200},"factor":1.5}`:                 "3×300 ",
		`{"quantity":{"value":3},"net":{"value":600,"currency":"TZS"}}`:                   "3×200 TZS",
		`{"quantity":{"value":3},"net":{"value":100}}`:                                    "1×100 ",
		`{"net":{"value":600.05}}`:                                                        "1×600.05 ",
		`{"quantity":{"value":2},"unitPrice":{"value":200},"net":{"value":400.5}}`:        "2×200 ",
		`{"quantity":{"value":2},"unitPrice":{"value":1},"factor":"x","net":{"value":1}}`: "2×1 ",
	} {
		o, err := dialect.Parse([]byte(`{"resourceType":"Claim","item":[` + asked + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		l := readLine(dialect.Object{}, dialect.Each(o, "item")[0])
		if got := l.given.String() + "×" + l.unit.String() + " " + l.currency; got != want {
			t.Errorf("%s is %q, want %q", asked, got, want)
		}
		if amount, quantity := l.approved(); amount != l.unit || quantity.String() != l.given.String() {
			t.Errorf("%s: nobody lowered it, and %s × %s is approved", asked, quantity, amount)
		}
	}
}
