package invoice_test

import (
	"strings"
	"testing"

	"bima/resources/invoice"
	"bima/resources/resourcestest"
)

// 60,000 + 15,000 − 5,000 = 70,000 net; + 18 % tax 12,600 = 82,600 gross.
const body = `{"resourceType":"Invoice","id":"i","identifier":[{"system":"https://bima.example/fhir/id/invoice","value":"IV-1"}],
"extension":[{"url":"https://bima.example/fhir/StructureDefinition/invoice-due","valueDate":"2026-01-31"}],
"status":"issued","date":"2026-01-02","lineItem":[
{"chargeItemCodeableConcept":{"text":"family"},"priceComponent":[{"type":"base","amount":{"value":60000,"currency":"TZS"}},{"type":"tax","amount":{"value":10800,"currency":"TZS"}}]},
{"chargeItemCodeableConcept":{"text":"adult"},"priceComponent":[{"type":"base","factor":1,"amount":{"value":15000,"currency":"TZS"}},{"type":"discount","amount":{"value":-5000,"currency":"TZS"}},{"type":"tax","amount":{"value":1800,"currency":"TZS"}}]}],
"totalNet":{"value":70000,"currency":"TZS"},"totalGross":{"value":82600.00,"currency":"TZS"}}`

func TestInvoices(t *testing.T) {
	balance := func(value, currency string) string {
		return `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/invoice-balance","valueMoney":{"value":` + value + `,"currency":"` + currency + `"}},`
	}
	cases := []struct{ name, old, new, want string }{
		{"base, discount and tax add up", "", "", ""},
		{"a discount may be signed either way", "-5000", "5000", ""},
		{"net is wrong", `"value":70000,`, `"value":75000,`, "Invoice.totalNet"},
		{"gross is wrong", "82600.00", "82600.01", "Invoice.totalGross"},
		{"one line is in another currency", `{"value":1800,"currency":"TZS"}`, `{"value":1800,"currency":"KES"}`, "Invoice.lineItem[1].priceComponent[2].amount"},
		{"the total is missing", `"totalNet":{"value":70000,"currency":"TZS"},`, "", "Invoice.totalNet"},
		{"it is due before it is dated", `"2026-01-31"`, `"2026-01-01"`, "Invoice.extension('https://bima.example/fhir/StructureDefinition/invoice-due')"},
		{"half is left to pay", `"extension":[`, balance("41300", "TZS"), ""},
		{"more is left than was asked", `"extension":[`, balance("82601", "TZS"), "Invoice.extension('https://bima.example/fhir/StructureDefinition/invoice-balance')"},
		{"the balance is in another currency", `"extension":[`, balance("1", "KES"), "Invoice.extension('https://bima.example/fhir/StructureDefinition/invoice-balance')"},
		{"another's invoice may be as it is", `"identifier":[{"system":"https://bima.example/fhir/id/invoice","value":"IV-1"}],`, `"note":[{"text":"x"}],`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := resourcestest.New(t, invoice.Module(invoice.Settings{}))
			changed := strings.Replace(body, c.old, c.new, 1)
			if c.want == "" {
				w.Put(changed)
				return
			}
			if got := w.Refused(changed); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}
