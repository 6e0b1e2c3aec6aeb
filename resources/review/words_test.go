package review

import (
	"math"
	"testing"

	"bima/fhir"
)

// Amounts above 92 billion, ten-thousandths of which times ten thousand do not fit,
// are judged as all others; what no Amount holds is above every limit.
func TestLargeAmountsAreJudged(t *testing.T) {
	for _, c := range []struct {
		name, net, quantity, another string
		want                         fhir.Amount
	}{
		{"200 billion for two", "200000000000", "2", "0", fhir.Units(200_000_000_000)},
		{"a third is rounded up", "100000000000", "3", "0", fhir.Units(100_000_000_000) + 2},
		{"the most there is for one", "922000000000000", "1", "0", fhir.Units(922_000_000_000_000)},
		{"the most there is, twice", "922000000000000", "1", "922000000000000", math.MaxInt64},
		{"a price that does not fit", "922000000000000", "0.0001", "0", math.MaxInt64/10_000 + 1},
	} {
		item := func(sequence, net, quantity string) string {
			return `{"sequence":` + sequence + `,"quantity":{"value":` + quantity + `},"net":{"value":` + net + `,"currency":"TZS"}}`
		}
		doc, err := fhir.Parse([]byte(`{"item":[` + item("1", c.net, c.quantity) + `,` + item("2", c.another, "1") + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		sums, err := judge(claimed(doc.Root()), nil)
		if err != nil || sums["TZS"] != c.want {
			t.Errorf("%s: %d let through, %v, want %d", c.name, sums["TZS"], err, c.want)
		}
	}
}
