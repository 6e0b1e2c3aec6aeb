package eligibility_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

// What is asked for may be told by the orders that an item refers to. A day of S-310
// is 90,000 on the hospital's list.
func TestAnOrderTellsWhatIsAskedFor(t *testing.T) {
	const (
		item = `{
   "productOrService": {
    "coding": [
     {
      "system": "https://bima.example/fhir/CodeSystem/service",
      "code": "S-310"
     }
    ]
   }
  }`
		service = `{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-310"}]}`
		stored  = `{"resourceType":"ServiceRequest","id":"two","status":"active","intent":"order","subject":{"reference":"Patient/asha"},"code":` + service + `,"quantityQuantity":{"value":2}}`
		drug    = `"contained":[{"resourceType":"Medication","id":"drug","code":` + service + `},
			{"resourceType":"MedicationRequest","id":"order","status":"active","intent":"order","subject":{"reference":"Patient/asha"},"medicationReference":{"reference":"#drug"},"dispenseRequest":{"quantity":{"value":3}}}],"status": "active"`
	)
	cases := []struct {
		name, want, never string
		changes           []string
	}{
		{
			"A stored order has the service and how much of it: 2 × 90,000.", `"submitted"}]},"allowedMoney":{"value":180000,`, "",
			[]string{item, `{"detail":[{"reference":"ServiceRequest/two"}]}`},
		},
		{
			"A contained one of a contained drug: 3 × 90,000.", `"submitted"}]},"allowedMoney":{"value":270000,`, "",
			[]string{item, `{"detail":[{"reference":"#order"}]}`, `"status": "active"`, drug},
		},
		{
			"Two orders are two services.", "of 360,000 TZS.", "",
			[]string{item, `{"detail":[{"reference":"ServiceRequest/two"},{"reference":"ServiceRequest/two"}]}`},
		},
		{
			"An item that names a service takes the quantity only.", `"S-000"`, `"S-310"`,
			[]string{"S-310", "S-000", "    ]\n   }\n  }", `]},"detail":[{"reference":"ServiceRequest/two"}]}`},
		},
		{
			"An item that has both takes nothing.", `"submitted"}]},"allowedMoney":{"value":90000,`, "180000",
			[]string{"    ]\n   }\n  }", `]},"quantity":{"value":1},"detail":[{"reference":"ServiceRequest/two"}]}`},
		},
		{
			"An order that is not there is said.", `there is no order of a service \"ServiceRequest/none\".`, `"inforce":true,"item"`,
			[]string{item, `{"detail":[{"reference":"ServiceRequest/none"}]}`},
		},
		{
			"So is one of nothing that can be claimed.", `there is no order of a service \"Patient/asha\".`, `"inforce":true,"item"`,
			[]string{item, `{"detail":[{"reference":"Patient/asha"}]}`},
		},
	}
	onEach(t, func(t *testing.T, b *bench) {
		if _, err := b.Update(b.ctx, fhir.Key{Type: "ServiceRequest", ID: "two"}, interaction.Write{Body: []byte(stored)}); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b.TB = t
				got := string(b.ask(c.changes...))
				if !strings.Contains(got, c.want) || c.never != "" && strings.Contains(got, c.never) {
					t.Errorf("want %s, and never %q, in\n%s", c.want, c.never, got)
				}
			})
		}
	})
}
