package payment_test

import (
	"strings"
	"testing"

	"bima/resources/resourcestest"
)

// order is money to be given back for a cancelled policy, as package contract
// orders it.
func order(status, amount string) string {
	return `{"resourceType":"PaymentReconciliation","id":"order","extension":[{"url":"` + ext + `payment-direction","valueCode":"out"}],"identifier":[{"system":"https://bima.example/fhir/id/payment","value":"RF-1"}],
	"status":"` + status + `","created":"2026-03-01T10:00:00+03:00","paymentDate":"2026-03-01","paymentAmount":{"value":` + amount + `,"currency":"TZS"},
	"detail":[` + strings.Replace(detail("adjustment", "inv", amount), `"type"`, `"date":"2026-03-01","type"`, 1) + `]}`
}

// lined is the Invoice with a line, so that it can be lowered.
func lined(status string) string {
	return strings.Replace(strings.Replace(bill("inv", "75000"), `"totalNet"`, `"lineItem":[{"chargeItemCodeableConcept":{"text":"family"},"priceComponent":[{"type":"base","amount":{"value":75000,"currency":"TZS"}}]}],"totalNet"`, 1), `"issued"`, `"`+status+`"`, 1)
}

func credit(w *resourcestest.World) string {
	w.Put(other("probe", "100000", "2026-12-31"))
	return w.Get("Invoice/probe").Extension(ext+"invoice-balance").At("valueMoney", "value").Text()
}

func TestWhatIsGivenBackIsNoCreditToo(t *testing.T) {
	cases := []struct {
		name      string
		then      [][]string
		left      string // of 100,000 asked later: what credit did not pay
		gross     string
		remaining string
	}{
		{"a part of a paid invoice: 75,000 − 30,000 = 45,000 asked and paid", [][]string{{order("draft", "30000")}}, "100000", "45000", "0"},
		{"and the money goes", [][]string{{order("draft", "30000")}, {order("active", "30000")}}, "100000", "45000", "0"},
		{"the order is withdrawn: 30,000 are credit", [][]string{{order("draft", "30000")}, {order("cancelled", "30000")}}, "70000", "45000", "0"},
		{"the invoice is cancelled, 30,000 are given back and 45,000 credit", [][]string{{lined("cancelled"), order("draft", "30000")}}, "55000", "75000", "0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := world(t)
			w.Put(lined("issued"))
			w.Put(cash("n1", "R1", "2026-01-10", "75000", ""))
			for _, bodies := range c.then {
				w.Put(bodies...)
			}
			if got := credit(w); got != c.left {
				t.Errorf("%s are left of the next invoice, want %s", got, c.left)
			}
			i := w.Get("Invoice/inv")
			if got := i.At("totalGross", "value").Text(); got != c.gross {
				t.Errorf("the invoice asks for %s, want %s", got, c.gross)
			}
			if got := i.Extension(ext+"invoice-balance").At("valueMoney", "value").Text(); got != c.remaining {
				t.Errorf("%s are left on it, want %s", got, c.remaining)
			}
		})
	}
	w := world(t)
	w.Put(cash("n1", "R1", "2026-01-10", "20000", ""))
	if got, want := w.Refused(order("draft", "30000")), "PaymentReconciliation.detail"; got != want {
		t.Errorf("more than was paid is refused at %s, want %s", got, want)
	}
}
