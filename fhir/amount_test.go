package fhir_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"bima/fhir"
)

// What is read and multiplied in a few steps comes to the same as by fractions of
// big integers.
func TestAmount_AgreesWithFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,6})?`).Draw(t, "amount")
		d, err := fhir.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		want, refused := d.Amount()
		got, err := fhir.ParseAmount(text)
		if got != want || (err == nil) != (refused == nil) {
			t.Fatalf("%s: got %d, %v, want %d, %v", text, got, err, want, refused)
		}
		if err != nil {
			return
		}
		factor := fhir.NewDecimal(rapid.Int64().Draw(t, "digits"), rapid.IntRange(-3, 20).Draw(t, "decimals"))
		times(t, "times", got, factor, big.NewRat(1, 1), fhir.Amount.Times)
		times(t, "percent of", got, factor, big.NewRat(1, 100), fhir.Amount.Percent)
	})
}

// times compares a product with that of fractions, rounded half away from zero.
func times(t *rapid.T, what string, a fhir.Amount, d fhir.Decimal, scale *big.Rat, product func(fhir.Amount, fhir.Decimal) (fhir.Amount, bool)) {
	exact := new(big.Rat).Mul(new(big.Rat).SetInt64(int64(a)), d.Rat())
	exact.Mul(exact, scale)
	want, fits := new(big.Int).SetString(exact.FloatString(0), 10)
	fits = fits && want.IsInt64()
	got, ok := product(a, d)
	if ok != fits || ok && int64(got) != want.Int64() {
		t.Fatalf("%d %s %s: got %d, %v, want %s, %v", a, what, d, got, ok, want, fits)
	}
}

func TestAmount_TakesNoMemory(t *testing.T) {
	quarter := fhir.NewDecimal(25, 2)
	for _, text := range []string{"150.25", "-60000", "0", "99500.5000"} {
		allocations := testing.AllocsPerRun(100, func() {
			a, err := fhir.ParseAmount(text)
			if _, ok := a.Times(quarter); err != nil || !ok {
				panic(fmt.Sprint(text, err))
			}
			if _, ok := a.Percent(quarter); !ok {
				panic(text)
			}
		})
		if allocations > 0 {
			t.Errorf("%s took %.0f allocations, want none", text, allocations)
		}
	}
}
