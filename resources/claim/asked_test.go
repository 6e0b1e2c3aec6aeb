package claim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asking gives the claim of testdata (its list price 90,000, 5,000 deductible,
// 20 %) with other items and without a period of treatment.
func (b *bench) asking(number, total string, items ...string) []byte {
	b.Helper()
	const service = `"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-310"}]}`
	body := string(b.claim("C-2026-001001", number))
	body = body[:strings.Index(body, `"billablePeriod"`)] + body[strings.Index(body, `"created"`):]
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = fmt.Sprintf(`{"sequence":%d,%s,%s}`, i+1, service, strings.ReplaceAll(item, "SERVICE", service))
	}
	return []byte(body[:strings.Index(body, `"item"`)] + `"item":[` + strings.Join(list, ",") + `],"total":` + total + `}`)
}

func TestWhatItemsAskFor(t *testing.T) {
	const (
		on    = `"servicedDate":"2026-09-14"`
		price = `"unitPrice":{"value":50000,"currency":"TZS"}`
	)
	total := func(value string) string { return `{"value":` + value + `,"currency":"TZS"}` }
	cases := []struct {
		name, total      string
		items            []string
		disposition, say string
	}{
		{
			// 2 × 50,000 = 100,000 − 5,000 = 95,000 − 20 % = 76,000
			"A line without a date is of the treatment that the dated ones tell.", total("100000"),
			[]string{price, on + "," + price},
			"76,000 of 100,000 TZS will be paid; the member owes 24,000.", "",
		},
		{
			// 20,000 + (2 × 5,000 + 3 × 0.5 × 20,000) = 60,000 − 5,000 = 55,000 − 20 % = 44,000
			"An item without a price asks for what its details come to.", total("60000"),
			[]string{
				on + `,"detail":[{"sequence":1,SERVICE,"net":{"value":20000,"currency":"TZS"}},{"sequence":2,SERVICE,"subDetail":[` +
					`{"sequence":1,SERVICE,"quantity":{"value":2},"unitPrice":{"value":5000,"currency":"TZS"}},` +
					`{"sequence":2,SERVICE,"quantity":{"value":3},"factor":0.5,"unitPrice":{"value":20000,"currency":"TZS"}}]}]`,
			},
			"44,000 of 60,000 TZS will be paid; the member owes 16,000.", "",
		},
		{
			// the item's own price is the price of all its details: 50,000 − 5,000 = 45,000 − 20 % = 36,000
			"Details explain the price of their item.", total("50000"),
			[]string{on + "," + price + `,"detail":[{"sequence":1,SERVICE,"net":{"value":20000,"currency":"TZS"}}]`},
			"36,000 of 50,000 TZS will be paid; the member owes 14,000.", "",
		},
		{
			"A total that the lines do not come to is told.", total("99"),
			[]string{on + "," + price},
			"36,000 of 50,000 TZS will be paid; the member owes 14,000.",
			"The claim's total is 99 TZS; its lines, which are decided, come to 50,000.",
		},
		{
			"Half a cent in the total is no difference.", total("33.335"),
			[]string{on + `,"unitPrice":{"value":33.335,"currency":"TZS"}`},
			"Nothing of 33.34 TZS will be paid; the member owes 33.34.", "",
		},
		{
			"A line in another currency is not added to the others.", total("100000"),
			[]string{on + "," + price, on + `,"unitPrice":{"value":50000,"currency":"KES"}`},
			"36,000 of 50,000 TZS will be paid; the member owes 14,000.", "",
		},
		{
			"A price that can't be counted is no unknown person.", total("1"),
			[]string{on + `,"unitPrice":{"value":-1,"currency":"TZS"}`},
			"The claim can't be decided: item 1 has a unit price that is below 0, too large, or has more than four decimals.", "value",
		},
		{
			"What is claimed days before it is done is not paid.", total("50000"),
			[]string{`"servicedDate":"2026-09-16",` + price},
			"Nothing of 50,000 TZS will be paid: the dates are missing, in the wrong order, or still to come.", "",
		},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b.TB = t
				r := b.submit(b.asking(fmt.Sprintf("A-%d", i), c.total, c.items...))
				b.setStatus(r.ID, "cancelled")
				if r.Disposition != c.disposition {
					t.Errorf("got  %s\nwant %s", r.Disposition, c.disposition)
				}
				var said []string
				for _, n := range r.ProcessNote {
					said = append(said, n.Text)
				}
				if len(r.Error) > 0 {
					said = append(said, r.Error[0].Code.Coding[0].Code)
				}
				if diff := cmp.Diff(c.say, strings.Join(said, " ")); diff != "" {
					t.Errorf("notes or error (-want +got)\n%s", diff)
				}
			})
		}
	})
}

func TestAmountsAreTheSameHoweverWritten(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		first := b.submit(b.claim())
		if again, err := b.operate(b.claim("100000", "100000.00")); err != nil || again.ID != first.ID {
			t.Errorf("100000.00 is another claim than 100000: %v, %s", err, again.ID)
		}
	})
}
