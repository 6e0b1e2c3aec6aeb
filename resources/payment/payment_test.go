package payment_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/coverage"
	"bima/resources/invoice"
	"bima/resources/payment"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

const ext = "https://bima.example/fhir/StructureDefinition/"

// policy is an unpaid policy of one person for 2026: 75,000 are due.
var policy = []string{
	`{"resourceType":"Contract","id":"pol","identifier":[{"system":"https://bima.example/fhir/id/policy","value":"P-1"}],"extension":[{"url":"` + ext + `policy-state","valueCode":"offered"}],"status":"offered",
	"applies":{"start":"2026-01-01","end":"2026-12-31"},"subject":[{"reference":"Group/f"}],
	"term":[{"applies":{"start":"2026-01-01","end":"2026-12-31"},"offer":{"topic":{"reference":"InsurancePlan/p"}},"asset":[{"typeReference":[{"reference":"Patient/a"}]}]}]}`,
	`{"resourceType":"Coverage","id":"cov","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/p"}},
	{"url":"` + ext + `coverage-state","valueCode":"draft"}],"status":"draft","beneficiary":{"reference":"Patient/a"},
	"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/s"}],"contract":[{"reference":"Contract/pol"}]}`,
	bill("inv", "75000"),
}

func bill(id, amount string) string {
	return fmt.Sprintf(`{"resourceType":"Invoice","id":%q,"extension":[{"url":"%sinvoice-contract","valueReference":{"reference":"Contract/pol"}}],
	"status":"issued","subject":{"reference":"Group/f"},"totalNet":{"value":%s,"currency":"TZS"},"totalGross":{"value":%s,"currency":"TZS"}}`, id, ext, amount, amount)
}

// cash is a PaymentNotice that names a receipt only, with more elements.
func cash(id, receipt, on, amount, more string) string {
	return cashOn("inv", id, receipt, on, amount, more)
}

func cashOn(invoice, id, receipt, on, amount, more string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,%s"status":"active","request":{"reference":"Invoice/%s"},"created":"%sT10:00:00+03:00",
	"payment":{"type":"PaymentReconciliation","identifier":{"system":"urn:receipts","value":%q}},"paymentDate":%q,
	"recipient":{"reference":"Organization/s"},"amount":{"value":%s,"currency":"TZS"}}`, id, more, invoice, on, receipt, on, amount)
}

// mobile is a PaymentReconciliation of a mobile-money transaction with details.
func mobile(id, transaction, on, amount string, details ...string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentReconciliation","id":%q,"extension":[{"url":"%spayment-direction","valueCode":"in"}],"status":"active",
	"created":"%sT10:00:00+03:00","paymentDate":%q,"paymentAmount":{"value":%s,"currency":"TZS"},
	"paymentIdentifier":{"system":"urn:mobile","value":%q},"detail":[%s]}`, id, ext, on, on, amount, transaction, strings.Join(details, ","))
}

func detail(kind, invoice, amount string) string {
	request := ""
	if invoice != "" {
		request = fmt.Sprintf(`"request":{"reference":"Invoice/%s"},`, invoice)
	}
	return fmt.Sprintf(`{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/payment-type","code":%q}]},%s"amount":{"value":%s,"currency":"TZS"}}`, kind, request, amount)
}

// byMobile is the PaymentNotice of a PaymentReconciliation.
func byMobile(id, money, on, status string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,"status":%q,"request":{"reference":"Invoice/inv"},"created":"%sT10:00:00+03:00",
	"payment":{"reference":"PaymentReconciliation/%s"},"recipient":{"reference":"Organization/s"},"amount":{"value":1,"currency":"TZS"}}`, id, status, on, money)
}

func action(code string) string {
	return fmt.Sprintf(`"extension":[{"url":"%spayment-action","valueCode":%q}],`, ext, code)
}

func world(t *testing.T) *resourcestest.World { return worldOn(t, storagetest.SQLite(t)) }

// worldOn is a scheme with the policy, whose clock goes.
func worldOn(t testing.TB, dsn string) *resourcestest.World {
	w := resourcestest.On(t, dsn, payment.Module(payment.Settings{}), invoice.Module(invoice.Settings{}), coverage.Module())
	w.Put(policy...)
	return w
}

// shown gives the invoice's status and balance, the policy's status and first
// day, and the membership's status and first day.
func shown(w *resourcestest.World) string {
	i, p, c := w.Get("Invoice/inv"), w.Get("Contract/pol"), w.Get("Coverage/cov")
	return fmt.Sprintf("%s %s | %s %s | %s %s",
		i.Get("status").Text(), i.Extension(ext+"invoice-balance").At("valueMoney", "value").Text(),
		p.Get("status").Text(), p.At("applies", "start").Text(),
		c.Get("status").Text(), c.At("period", "start").Text())
}

func TestPayments(t *testing.T) {
	const waiting = "offered 2026-01-01 | draft 2026-01-01"
	cases := []struct {
		name  string
		sends [][]string // transactions
		want  string
	}{
		{"nothing is paid: 75,000 are left", nil, "issued 75000 | " + waiting},
		{"a part is paid: 75,000 − 50,000 = 25,000 are left", [][]string{{cash("n1", "R1", "2026-01-10", "50000", "")}}, "issued 25000 | " + waiting},
		{
			"two parts are all: 50,000 + 25,000 = 75,000, in force from the day of the second",
			[][]string{{cash("n1", "R1", "2026-01-10", "50000", "")}, {cash("n2", "R2", "2026-02-03", "25000", "")}},
			"balanced 0 | executed 2026-02-03 | active 2026-02-03",
		},
		{
			"paid before the year begins, it is in force from its first day",
			[][]string{{cash("n1", "R1", "2025-12-20", "75000", "")}},
			"balanced 0 | executed 2026-01-01 | active 2026-01-01",
		},
		{
			"decimals are kept: 75,000 − 74,999.50 = 0.50",
			[][]string{{cash("n1", "R1", "2026-01-10", "74999.50", "")}},
			"issued 0.5 | " + waiting,
		},
		{
			"a part that is enough for now",
			[][]string{{cash("n1", "R1", "2026-01-10", "50000", action("enforce"))}},
			"issued 25000 | executed 2026-01-10 | active 2026-01-10",
		},
		{
			"a part with which it is suspended",
			[][]string{{cash("n1", "R1", "2026-01-10", "50000", action("suspend"))}},
			"issued 25000 | disputed 2026-01-01 | draft 2026-01-01",
		},
		{
			"enforced, suspended for arrears, and paid in full", [][]string{
				{cash("n1", "R1", "2026-01-10", "50000", action("enforce"))},
				{cash("n2", "R2", "2026-05-10", "5000", action("suspend"))},
				{cash("n3", "R3", "2026-06-01", "20000", "")},
			}, "balanced 0 | resolved 2026-01-10 | active 2026-01-10",
		},
		{
			"money that is on its way does not count",
			[][]string{{strings.Replace(cash("n1", "R1", "2026-01-10", "75000", ""), `"recipient"`, `"paymentStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/paymentstatus","code":"paid"}]},"recipient"`, 1)}},
			"issued 75000 | " + waiting,
		},
		{
			"the same receipt twice is the same money",
			[][]string{{cash("n1", "R1", "2026-01-10", "50000", "")}, {cash("n2", "R1", "2026-01-10", "50000", "")}},
			"issued 25000 | " + waiting,
		},
		{
			"mobile money and its notice in one transaction",
			[][]string{{byMobile("n1", "m1", "2026-01-12", "active"), mobile("m1", "T1", "2026-01-12", "75000", detail("payment", "inv", "75000"))}},
			"balanced 0 | executed 2026-01-12 | active 2026-01-12",
		},
		{
			"a bill of mobile money with another's on it",
			[][]string{{mobile("m1", "T1", "2026-01-12", "100000", detail("payment", "inv", "60000"), detail("payment", "other", "40000")), byMobile("n1", "m1", "2026-01-12", "active")}},
			"issued 15000 | " + waiting,
		},
		{
			"taken back: 75,000 − 75,000 by an adjustment", [][]string{
				{mobile("m1", "T1", "2026-01-12", "75000", detail("payment", "inv", "75000")), byMobile("n1", "m1", "2026-01-12", "active")},
				{mobile("m1", "T1", "2026-01-12", "75000", detail("payment", "inv", "75000"), detail("adjustment", "inv", "-75000"))},
			}, "issued 75000 | disputed 2026-01-12 | cancelled 2026-01-12",
		},
		{
			"the notice is cancelled", [][]string{
				{mobile("m1", "T1", "2026-01-12", "60000", detail("payment", "inv", "60000")), byMobile("n1", "m1", "2026-01-12", "active")},
				{byMobile("n1", "m1", "2026-01-12", "cancelled")},
			}, "issued 75000 | " + waiting,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := world(t)
			for _, bodies := range c.sends {
				w.Put(bodies...)
			}
			if got := shown(w); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestThePolicyWaitsForAllItsInvoices(t *testing.T) {
	w := world(t)
	w.Put(bill("subsidy", "30000"))
	w.Put(cash("n1", "R1", "2026-01-10", "75000", ""))
	if got, want := shown(w), "balanced 0 | offered 2026-01-01 | draft 2026-01-01"; got != want {
		t.Errorf("with the government's share open: got %s, want %s", got, want)
	}
	w.Put(cashOn("subsidy", "n2", "R2", "2026-03-01", "30000", ""))
	if got, want := shown(w), "balanced 0 | executed 2026-03-01 | active 2026-03-01"; got != want {
		t.Errorf("with both paid: got %s, want %s", got, want)
	}
}

// 80,000 on 75,000: 5,000 go from the invoice to the family's credit.
func TestTooMuchBecomesAnAdvance(t *testing.T) {
	w := world(t)
	w.Put(cash("n1", "R1", "2026-01-10", "80000", ""))
	if got, want := shown(w), "balanced 0 | executed 2026-01-10 | active 2026-01-10"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	made := w.Search("PaymentReconciliation", "identifier=urn:receipts|R1")
	if len(made) != 1 {
		t.Fatalf("%d PaymentReconciliations, want 1", len(made))
	}
	var parts []string
	for d := range made[0].Get("detail").Each() {
		parts = append(parts, d.Get("type").Code("http://terminology.hl7.org/CodeSystem/payment-type")+" "+d.At("amount", "value").Text()+" "+d.At("request", "reference").Text())
	}
	if got, want := strings.Join(parts, "; "), "payment 80000 Invoice/inv; payment -5000 Invoice/inv; advance 5000 "; got != want {
		t.Errorf("the details are %q, want %q", got, want)
	}
	if got := made[0].At("paymentAmount", "value").Text(); got != "80000" {
		t.Errorf("the payment is of %s, want 80000", got)
	}
}

func TestPaymentsThatAreRefused(t *testing.T) {
	cases := []struct {
		name   string
		bodies []string
		want   string
	}{
		{"nothing is no payment", []string{cash("n1", "R1", "2026-01-10", "0", "")}, "PaymentNotice.amount"},
		{"another currency", []string{strings.Replace(cash("n1", "R1", "2026-01-10", "5", ""), "TZS", "KES", 1)}, "PaymentNotice.amount"},
		{"money that is not there", []string{byMobile("n1", "m1", "2026-01-12", "active")}, "PaymentNotice.payment"},
		{"money for another invoice", []string{mobile("m1", "T1", "2026-01-12", "5", detail("payment", "other", "5")), byMobile("n1", "m1", "2026-01-12", "active")}, "PaymentNotice.payment"},
		{"details that are not the whole", []string{mobile("m1", "T1", "2026-01-12", "80000", detail("payment", "inv", "75000"))}, "PaymentReconciliation.detail"},
		{
			"one transaction booked twice",
			[]string{mobile("m1", "T1", "2026-01-12", "5", detail("advance", "", "5")), mobile("m2", "T1", "2026-01-12", "5", detail("advance", "", "5"))},
			"PaymentReconciliation.paymentIdentifier",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := world(t).Refused(c.bodies...); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

func TestSendingAPaymentAgainChangesNothing(t *testing.T) {
	w := world(t)
	send := []string{cash("n1", "R1", "2026-01-10", "75000", "")}
	w.Put(send...)
	versions := func() string {
		var list []string
		for _, name := range []string{"Invoice/inv", "Contract/pol", "Coverage/cov", "PaymentNotice/n1"} {
			list = append(list, w.Get(name).At("meta", "versionId").Text())
		}
		return strings.Join(list, " ")
	}
	before := versions()
	w.Put(send...)
	if got := versions(); got != before {
		t.Errorf("the versions are %s, were %s", got, before)
	}
	if got := len(w.Search("PaymentReconciliation", "")); got != 1 {
		t.Errorf("%d PaymentReconciliations, want 1", got)
	}
}

// Ten officers send the same receipt at once: the money is booked once.
func TestOneReceiptAtOnceIsBookedOnce(t *testing.T) {
	w := world(t)
	done := make(chan error)
	const officers = 10
	for i := range officers {
		go func() { done <- w.Try(cash(fmt.Sprintf("n%d", i), "R1", "2026-01-10", "30000", "")) }()
	}
	for range officers {
		if err := <-done; err != nil && !fhir.HasIssue(err, fhir.IssueTransient) && !fhir.HasIssue(err, fhir.IssueConflict) {
			t.Error(err)
		}
	}
	if got, want := w.Get("Invoice/inv").Extension(ext+"invoice-balance").At("valueMoney", "value").Text(), "45000"; got != want {
		t.Errorf("%s are left, want %s", got, want)
	}
}
