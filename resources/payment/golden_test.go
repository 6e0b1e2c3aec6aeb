package payment_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/coverage"
	"bima/resources/invoice"
	"bima/resources/payment"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A step of a worked example: resources that are put, or an operation.
type step struct {
	says string
	put  []string
	call string // "receive", or "PaymentReconciliation/m1 refund"
	with string // the parameters
}

// examples are the worked examples; what comes of each step is in testdata.
var examples = map[string][]step{
	"over-payment": {
		{says: "75,000 are due for 2026, and 80,000 come in", put: append(policy, mobile("m1", "T1", "2026-01-10", "80000", detail("payment", "inv", "80000")), says("n1", "m1", "2026-01-10", "80000"))},
		{says: "a second invoice of 12,000: 5,000 of it are there, 12,000 − 5,000 = 7,000 are left", put: []string{other("second", "12000", "2026-06-30")}},
		{says: "30,000 more: 30,000 − 7,000 = 23,000 of credit", call: "receive", with: `{"name":"amount","valueMoney":{"value":30000,"currency":"TZS"}},{"name":"date","valueDate":"2026-02-01"},` + provider("T2") + `,` + control("second")},
		{says: "a third of 20,000: 23,000 − 20,000 = 3,000 are kept", put: []string{other("third", "20000", "2026-09-30")}},
		{says: "the rest is given back: 3,000 − 3,000 = 0", call: "PaymentReconciliation?identifier=urn:mobile|T2 refund", with: `{"name":"method","valueCode":"M"}`},
	},
	"bounced": {
		{says: "75,000 are paid by cheque, and the policy comes into force", put: append(policy, claim("c1", "cov"), claim("c2", "other"), mobile("m1", "Q1", "2026-01-10", "75000", detail("payment", "inv", "75000")), says("n1", "m1", "2026-01-10", "75000"))},
		{says: "the cheque bounces: 75,000 − 75,000 = 0 are paid", put: []string{cancelled(says("n1", "m1", "2026-01-10", "75000"))}},
		{says: "it is paid again, in cash", put: []string{cash("n2", "R2", "2026-02-20", "75000", "")}},
	},
	"bounced-in-arrears": {
		{says: "the plan leaves policies in force", put: append(policy, plan("arrears"), mobile("m1", "Q1", "2026-01-10", "75000", detail("payment", "inv", "75000")), says("n1", "m1", "2026-01-10", "75000"))},
		{says: "the cheque bounces", put: []string{cancelled(says("n1", "m1", "2026-01-10", "75000"))}},
	},
	"bounced-credit": {
		{says: "100,000 come for 75,000: 25,000 of credit", put: append(policy, mobile("m1", "Q1", "2026-01-10", "100000", detail("payment", "inv", "100000")), says("n1", "m1", "2026-01-10", "100000"))},
		{says: "20,000 of it pay the second invoice", put: []string{other("second", "20000", "2026-06-30")}},
		{says: "all of it bounces: 75,000 and 20,000 are owed again, and no credit is left", put: []string{cancelled(says("n1", "m1", "2026-01-10", "100000"))}},
	},
	"misposted": {
		{says: "75,000 are booked on this family", put: append(policy, strings.Replace(other("theirs", "60000", "2026-03-31"), "Group/f", "Group/g", 1), mobile("m1", "T1", "2026-01-10", "75000", detail("payment", "inv", "75000")), says("n1", "m1", "2026-01-10", "75000"))},
		{says: "it was another family's: it becomes nobody's", put: []string{misposted(cancelled(says("n1", "m1", "2026-01-10", "75000")))}},
		{says: "60,000 pay that family's invoice, and 15,000 are its credit", call: "PaymentReconciliation?identifier=urn:mobile|T1 allocate", with: control("theirs")},
	},
	"unknown": {
		{says: "money comes in for a number nobody bears", put: policy},
		{says: "it is kept, and somebody asked", call: "receive", with: `{"name":"amount","valueMoney":{"value":75000,"currency":"TZS"}},{"name":"date","valueDate":"2026-02-01"},` + provider("T9") + `,{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/control-number","value":"nobody"}}`},
		{says: "an invoice gets a number, and the money goes there", put: []string{other("second", "60000", "2026-06-30")}},
		{says: "60,000 on it, 15,000 on the one that is due later", call: "PaymentReconciliation?identifier=urn:mobile|T9 allocate", with: control("second")},
	},
	"two-payers": {
		{says: "the household owes 45,000 and the government 30,000", put: append([]string{strings.ReplaceAll(bill("inv", "45000"), `"subject"`, `"recipient":{"reference":"Patient/a"},"subject"`), strings.ReplaceAll(bill("share", "30000"), `"subject"`, `"identifier":[{"system":"https://bima.example/fhir/id/control-number","value":"share"}],"recipient":{"reference":"Organization/gov"},"subject"`)}, policy[:2]...)},
		{says: "the household pays 50,000: 45,000 and 5,000 of credit; the government's share is not its business", call: "receive", with: `{"name":"amount","valueMoney":{"value":50000,"currency":"TZS"}},{"name":"date","valueDate":"2026-02-01"},` + provider("T1") + `,{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/policy","value":"P-1"}}`},
		{says: "the government pays 30,000, and the policy is in force from that day", call: "receive", with: `{"name":"amount","valueMoney":{"value":30000,"currency":"TZS"}},{"name":"date","valueDate":"2026-03-01"},{"name":"payer","valueReference":{"reference":"Organization/gov"}},{"name":"method","valueCode":"F"},` + provider("T2") + `,` + control("share")},
	},
	"paid-ahead": {
		{says: "20,000 are paid ahead in cash: credit", put: append(policy[:2:2], family, ahead("n1", "A1", "2026-01-05", "20000"))},
		{says: "75,000 are asked for: 75,000 − 20,000 = 55,000", put: policy[2:]},
		{says: "60,000 more, with no word of what for: 55,000, and 5,000 of credit", put: []string{ahead("n2", "A2", "2026-01-20", "60000")}},
		{says: "the first were never there: 20,000 are owed again, less the credit of 5,000", put: []string{cancelled(ahead("n1", "A1", "2026-01-05", "20000"))}},
	},
	"paid-ahead-misposted": {
		{says: "80,000 are paid ahead for this family: 75,000 on its invoice, 5,000 of credit", put: append(policy, family, ahead("n1", "A1", "2026-01-05", "80000"))},
		{says: "it was another's: all of it is nobody's, and the policy is suspended", put: []string{misposted(cancelled(ahead("n1", "A1", "2026-01-05", "80000")))}},
	},
	"employer": {
		{says: "an employer owes 310,000 for March", put: []string{
			`{"resourceType":"Organization","id":"mill","identifier":[{"system":"https://bima.example/fhir/id/employer","value":"E-1"}],"name":"Mill"}`,
			`{"resourceType":"Group","id":"f","type":"person","actual":true}`,
			strings.Replace(other("march", "310000", "2026-04-10"), `"subject"`, `"recipient":{"reference":"Organization/mill"},"subject"`, 1),
		}},
		{says: "it pays 330,000 by its number: 20,000 of credit, which is its own and not its staff's", call: "receive", with: `{"name":"amount","valueMoney":{"value":330000,"currency":"TZS"}},{"name":"date","valueDate":"2026-04-02"},{"name":"method","valueCode":"B"},` + provider("B1") + `,{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/employer","value":"E-1"}}`},
		{says: "April: 310,000 − 20,000 = 290,000", put: []string{strings.Replace(other("april", "310000", "2026-05-10"), `"subject"`, `"recipient":{"reference":"Organization/mill"},"subject"`, 1)}},
	},
	"cancelled-invoice": {
		{says: "40,000 of 75,000 are paid", put: append(policy, cash("n1", "R1", "2026-01-10", "40000", ""))},
		{says: "the invoice is cancelled: 40,000 are credit", put: []string{strings.Replace(bill("inv", "75000"), `"issued"`, `"cancelled"`, 1)}},
		{says: "and pay the next: 50,000 − 40,000 = 10,000", put: []string{other("second", "50000", "2026-06-30")}},
	},
}

// databases are both that contributions are booked on.
var databases = map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}

func TestWorkedExamples(t *testing.T) {
	for name, steps := range examples {
		for database, dsn := range databases {
			t.Run(name+" "+database, func(t *testing.T) { tell(t, dsn(t), name, steps) })
		}
	}
}

func tell(t *testing.T, dsn, name string, steps []step) {
	clock := &resourcestest.Clock{}
	clock.Set(t, "2026-07-01")
	w := resourcestest.Timed(t, dsn, clock, payment.Module(payment.Settings{}), invoice.Module(invoice.Settings{}), coverage.Module(),
		fhir.Module{Name: "employers", Unique: []fhir.Identifier{{Type: "Organization", System: "https://bima.example/fhir/id/employer"}}})
	var out strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&out, "%d. %s\n", i+1, s.says)
		if len(s.put) > 0 {
			w.Put(s.put...)
		}
		if s.call != "" {
			call(t, w, s.call, s.with)
		}
		out.WriteString(told(w))
	}
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
}

// call runs an operation on PaymentReconciliation.
func call(t *testing.T, w *resourcestest.World, what, parameters string) *fhir.Response {
	t.Helper()
	response, err := tryCall(w, what, parameters)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return response
}

func tryCall(w *resourcestest.World, what, parameters string) (*fhir.Response, error) {
	on := fhir.Key{Type: "PaymentReconciliation"}
	if _, query, found := strings.Cut(what, "?"); found {
		query, what, _ = strings.Cut(query, " ")
		on.ID = w.Search("PaymentReconciliation", query)[0].Get("id").Text()
	}
	return w.Engine.Call(w.Context(), what, on, "", []byte(`{"resourceType":"Parameters","parameter":[`+parameters+`]}`), false)
}

// place is where money stands among others: by its day and what it is called.
func place(m fhir.Node) string {
	return m.Get("paymentDate").Text() + m.At("paymentIdentifier", "value").Text()
}

// told gives all Invoices, payments, policies and Tasks for a person to read.
func told(w *resourcestest.World) string {
	var out strings.Builder
	for _, i := range w.Search("Invoice", "_sort=_id") {
		fmt.Fprintf(&out, "   invoice  %-8s %-10s %7s, left %s\n", i.Get("id").Text(), i.Get("status").Text(), i.At("totalGross", "value").Text(), i.Extension(ext+"invoice-balance").At("valueMoney", "value").Text())
	}
	monies := w.Search("PaymentReconciliation", "")
	slices.SortFunc(monies, func(a, b fhir.Node) int { return strings.Compare(place(a), place(b)) })
	for _, m := range monies {
		direction := m.Extension(ext + "payment-direction").Get("valueCode").Text()
		fmt.Fprintf(&out, "   money %-3s %-6s %7s %s\n", direction, m.At("paymentIdentifier", "value").Text(), m.At("paymentAmount", "value").Text(), m.Get("status").Text())
		for d := range m.Get("detail").Each() {
			to := d.At("request", "reference").Text() + d.Extension(ext+"payee").At("valueReference", "reference").Text() + d.At("payee", "reference").Text()
			if direction == "out" {
				to = d.Extension(ext+"payee").At("valueReference", "reference").Text()
			}
			fmt.Fprintf(&out, "      %-10s %7s %s\n", d.Get("type").Code("http://terminology.hl7.org/CodeSystem/payment-type"), d.At("amount", "value").Text(), to)
		}
	}
	for _, c := range w.Search("Contract", "_sort=_id") {
		fmt.Fprintf(&out, "   policy   %s %s from %s\n", c.Get("id").Text(), c.Extension(ext+"policy-state").Get("valueCode").Text(), c.At("applies", "start").Text())
	}
	for _, task := range w.Search("Task", "_sort=_id") {
		fmt.Fprintf(&out, "   task     %s %s:", task.Get("code").Code("https://bima.example/fhir/CodeSystem/task"), task.Get("status").Text())
		for input := range task.Get("input").Each() {
			fmt.Fprintf(&out, " %s%s", input.At("valueReference", "reference").Text(), input.At("valueMoney", "value").Text())
		}
		out.WriteString("\n")
	}
	return out.String()
}

// says is a PaymentNotice of an amount by a PaymentReconciliation.
func says(id, money, on, amount string) string {
	return strings.Replace(byMobile(id, money, on, "active"), `"value":1,`, `"value":`+amount+`,`, 1)
}

const family = `{"resourceType":"Group","id":"f","type":"person","actual":true}`

// ahead is a PaymentNotice of cash that the family pays ahead.
func ahead(id, receipt, on, amount string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,"extension":[{"url":"%spayer","valueReference":{"reference":"Group/f"}}],"status":"active","created":%q,"paymentDate":%q,
	"payment":{"identifier":{"system":"urn:receipts","value":%q}},"recipient":{"reference":"Organization/s"},"amount":{"value":%s,"currency":"TZS"}}`, id, ext, on, on, receipt, amount)
}

func cancelled(notice string) string {
	return strings.Replace(notice, `"status":"active"`, `"status":"cancelled"`, 1)
}

// misposted says why a notice is cancelled, beside what it says already.
func misposted(notice string) string {
	why := `{"url":"` + ext + `payment-reversal","valueCode":"misposted"}`
	if strings.Contains(notice, `"extension":[`) {
		return strings.Replace(notice, `"extension":[`, `"extension":[`+why+`,`, 1)
	}
	return strings.Replace(notice, `"status"`, `"extension":[`+why+`],"status"`, 1)
}

func plan(rule string) string {
	return `{"resourceType":"InsurancePlan","id":"p","status":"active","name":"Plan","extension":[{"url":"` + ext + `reversal-rule","valueCode":"` + rule + `"}]}`
}

// other is a further Invoice of the family, whose id is its control number.
func other(id, amount, due string) string {
	return strings.NewReplacer(`"extension":[{"url":"`+ext+`invoice-contract","valueReference":{"reference":"Contract/pol"}}]`,
		`"extension":[{"url":"`+ext+`invoice-due","valueDate":"`+due+`"}],"identifier":[{"system":"https://bima.example/fhir/id/invoice","value":"IV-`+id+`"},{"system":"https://bima.example/fhir/id/control-number","value":"`+id+`"}]`).Replace(bill(id, amount))
}

func provider(reference string) string {
	return `{"name":"reference","valueIdentifier":{"system":"urn:mobile","value":"` + reference + `"}}`
}

func control(number string) string {
	return `{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/control-number","value":"` + number + `"}}`
}

func claim(id, coverage string) string {
	return `{"resourceType":"Claim","id":"` + id + `","status":"active","type":{"text":"op"},"use":"claim","patient":{"reference":"Patient/a"},"created":"2026-01-20","provider":{"reference":"Organization/h"},"priority":{"text":"normal"},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/` + coverage + `"}}]}`
}
