package invoice_test

import (
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/resources/invoice"
	"bima/resources/payment"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

const ext = "https://bima.example/fhir/StructureDefinition/"

var poverty = `{"name":"reason","valueCodeableConcept":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/waiver-reason","code":"poverty"}]}}`

func waive(w *resourcestest.World, parameters string) error {
	_, err := w.Engine.Call(w.Context(), "waive", fhir.Key{Type: "Invoice", ID: "i"}, "", []byte(`{"resourceType":"Parameters","parameter":[`+parameters+`]}`), false)
	return err
}

// each runs a case on both databases.
func each(t *testing.T, name string, run func(t *testing.T, dsn string)) {
	t.Helper()
	for database, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name+" "+database, func(t *testing.T) { run(t, dsn(t)) })
	}
}

// shown gives status, total and balance.
func shown(w *resourcestest.World) string {
	i := w.Get("Invoice/i")
	return i.Get("status").Text() + " " + i.At("totalGross", "value").Text() + " " + i.Extension(ext+"invoice-balance").At("valueMoney", "value").Text()
}

// 70,000 net and 82,600 gross are asked for; a waiver leaves the tax as it is.
func TestWaivers(t *testing.T) {
	cases := []struct{ name, parameters, want string }{
		{"an amount: 82,600 − 20,000 = 62,600", poverty + `,{"name":"amount","valueMoney":{"value":20000,"currency":"TZS"}}`, "issued 62600 62600"},
		{"half: 82,600 − 41,300 = 41,300", poverty + `,{"name":"percentage","valueDecimal":50}`, "issued 41300 41300"},
		{"a third, rounded to a hundredth: 82,600 × 33.333 % = 27,533.06", poverty + `,{"name":"percentage","valueDecimal":33.333}`, "issued 55066.94 55066.94"},
		{"all of it", poverty, "balanced 0 0"},
	}
	for _, c := range cases {
		each(t, c.name, func(t *testing.T, dsn string) {
			w := resourcestest.On(t, dsn, invoice.Module(invoice.Settings{}), payment.Module(payment.Settings{}))
			w.Put(body)
			if err := waive(w, c.parameters); err != nil {
				t.Fatal(err)
			}
			if got := shown(w); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			line := w.Get("Invoice/i").Get("lineItem")
			last := fhir.Node{}
			for l := range line.Each() {
				last = l
			}
			if got := last.Extension(ext+"waiver").Get("extension").First().At("valueReference", "display").Text(); got != "developer" {
				t.Errorf("decided by %q, want the caller", got)
			}
		})
	}
}

func TestWaiversThatAreRefused(t *testing.T) {
	cases := []struct {
		name, parameters string
		want             fhir.IssueType
		at               string
	}{
		{"nobody says why", `{"name":"percentage","valueDecimal":50}`, fhir.IssueRequired, "reason"},
		{"more than is left", poverty + `,{"name":"amount","valueMoney":{"value":82600.01,"currency":"TZS"}}`, fhir.IssueBusinessRule, "amount"},
		{"less than nothing", poverty + `,{"name":"amount","valueMoney":{"value":-1,"currency":"TZS"}}`, fhir.IssueBusinessRule, "amount"},
		{"another currency", poverty + `,{"name":"amount","valueMoney":{"value":1,"currency":"KES"}}`, fhir.IssueBusinessRule, "amount"},
		{"until a day that is over", poverty + `,{"name":"until","valueDate":"2020-01-01"}`, fhir.IssueBusinessRule, "until"},
		{"until no day", poverty + `,{"name":"until","valueDate":"2999"}`, fhir.IssueValue, "until"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := resourcestest.New(t, invoice.Module(invoice.Settings{}))
			w.Put(body)
			err := waive(w, c.parameters)
			if !fhir.HasIssue(err, c.want) || !strings.Contains(fhir.OutcomeOf(err).Issues[0].Expression, c.at) {
				t.Errorf("%v, want %s at %s", err, c.want, c.at)
			}
		})
	}
}

// Half is waived until the end of 2998: 82,600 − 41,300 = 41,300. The rest is not
// paid by then: 41,300 + 41,300 = 82,600.
func TestAWaiverLapsesWhenTheRestIsNotPaid(t *testing.T) {
	for name, c := range map[string]struct{ paid, want string }{
		"nothing was paid":                         {"", "issued 82600 82600"},
		"a part was paid: 82,600 − 1,300 = 81,300": {"1300", "issued 82600 81300"},
		"the rest was paid":                        {"41300", "balanced 41300 0"},
	} {
		each(t, name, func(t *testing.T, dsn string) {
			m := invoice.Module(invoice.Settings{})
			w := resourcestest.On(t, dsn, m, payment.Module(payment.Settings{}))
			w.Put(body)
			if err := waive(w, poverty+`,{"name":"percentage","valueDecimal":50},{"name":"until","valueDate":"2998-12-31"}`); err != nil {
				t.Fatal(err)
			}
			if c.paid != "" {
				w.Put(`{"resourceType":"PaymentNotice","id":"n","status":"active","request":{"reference":"Invoice/i"},"created":"2026-01-20","paymentDate":"2026-01-20",
				"payment":{"identifier":{"system":"urn:receipts","value":"R1"}},"recipient":{"reference":"Organization/s"},"amount":{"value":` + c.paid + `,"currency":"TZS"}}`)
			}
			work := func(day time.Time) {
				t.Helper()
				if err := m.Daily[0].Work(w.Context(), w.Engine, day); err != nil {
					t.Fatal(err)
				}
			}
			work(time.Date(2998, 12, 31, 0, 0, 0, 0, time.UTC))
			if got := w.Get("Invoice/i").At("totalGross", "value").Text(); got != "41300" {
				t.Errorf("on the last day it asks for %s, want 41300", got)
			}
			for range 2 {
				work(time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC))
				if got := shown(w); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			}
		})
	}
}

func TestOnlyAccountantsWaive(t *testing.T) {
	w := resourcestest.New(t, invoice.Module(invoice.Settings{}))
	w.Put(body)
	ctx := fhir.WithCaller(w.Context(), fhir.Caller{Name: "o", Identity: "o", Roles: []fhir.Role{fhir.RoleEnrolmentOfficer}})
	_, err := w.Engine.Call(ctx, "waive", fhir.Key{Type: "Invoice", ID: "i"}, "", []byte(`{"resourceType":"Parameters","parameter":[`+poverty+`]}`), false)
	if !fhir.HasIssue(err, fhir.IssueForbidden) {
		t.Errorf("%v, want forbidden", err)
	}
}
