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

// What was claimed of a line is what it is decided by: the factor counts, and an item
// without a price asks for what its details come to.
func TestWhatALineAsksForIsAllOfIt(t *testing.T) {
	for _, c := range []struct {
		name, item string
		want       fhir.Amount // of a unit
	}{
		{"a factor", `"quantity":{"value":2},"unitPrice":{"value":100,"currency":"TZS"},"factor":1.5`, fhir.Units(150)},
		{"a factor below 1", `"unitPrice":{"value":100,"currency":"TZS"},"factor":0.25,"net":{"value":25,"currency":"TZS"}`, fhir.Units(25)},
		{"a factor of nothing", `"unitPrice":{"value":100,"currency":"TZS"},"factor":0`, 0},
		{"a factor that makes too much", `"unitPrice":{"value":922000000000000,"currency":"TZS"},"factor":1000000`, math.MaxInt64},
		{"the total has it already", `"quantity":{"value":2},"factor":1.5,"net":{"value":300,"currency":"TZS"}`, fhir.Units(150)},
		{"details", `"quantity":{"value":2},"detail":[{"net":{"value":60,"currency":"TZS"}},{"quantity":{"value":2},"unitPrice":{"value":20,"currency":"TZS"}}]`, fhir.Units(50)},
	} {
		doc, err := fhir.Parse([]byte(`{"item":[{"sequence":1,` + c.item + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		lines := claimed(doc.Root())
		if lines[0].price != c.want || lines[0].currency != "TZS" {
			t.Errorf("%s: %s %s are claimed of a unit, want %s", c.name, lines[0].price, lines[0].currency, c.want)
		}
		if _, err := judge(lines, []word{{sequence: "1", price: &c.want}}); err != nil {
			t.Errorf("%s: what was claimed can't be approved: %v", c.name, err)
		}
	}
}
