package contract_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"bima/fhir"
)

// What two do at the same moment ends as if one had been first: both orders are
// right, anything between is not.
func TestRaces(t *testing.T) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for try := range 2 {
				t.Run(fmt.Sprintf("two halves of the contribution come in at once %d", try), func(t *testing.T) { halves(t, open(t)) })
				t.Run(fmt.Sprintf("the contribution is paid twice at once %d", try), func(t *testing.T) { twice(t, open(t)) })
				t.Run(fmt.Sprintf("a policy is renewed twice at once %d", try), func(t *testing.T) { renewals(t, open(t)) })
				t.Run(fmt.Sprintf("a member joins while the policy is cancelled %d", try), func(t *testing.T) { joinAndCancel(t, open(t)) })
			}
		})
	}
}

// couple tells the beginning of a story: two adults at 12,000 each, and a son
// who is not covered yet.
func couple(t *testing.T, dsn string) *teller {
	l := newTeller(t, dsn)
	l.Put(`{"resourceType":"Organization","id":"scheme","name":"Scheme"}`)
	l.set("family", []string{"ann female 1990-03-01 head", "ben male 1988-03-01 spouse"})
	l.set("plan a", []string{"premiumAdult 12000", "grace-payment 1 mo"})
	l.step("2026-01-01", "offer a")
	return l
}

// together runs two at the same moment and gives their errors.
func together(a, b func() error) (first, second error) {
	var both sync.WaitGroup
	start := make(chan struct{})
	for _, run := range []struct {
		do  func() error
		err *error
	}{{a, &first}, {b, &second}} {
		both.Go(func() {
			<-start
			*run.err = run.do()
		})
	}
	close(start)
	both.Wait()
	return first, second
}

// paying gives a payment under a receipt of its own.
func (l *teller) paying(receipt, amount string) func() error {
	invoice := l.id("invoice 1")
	return func() error {
		return l.Try(fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,"status":"active","request":{"reference":"Invoice/%s"},"created":"2026-01-05T12:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"https://bima.example/fhir/id/receipt","value":%q}},"paymentDate":"2026-01-05","recipient":{"reference":"Organization/scheme"},"amount":{"value":%s,"currency":"TZS"}}`,
			receipt, invoice, receipt, amount))
	}
}

// stands gives what stands of a resource of the story.
func (l *teller) stands(name string) string {
	l.changes()
	for key, n := range l.names {
		if n == name {
			return l.shown[key]
		}
	}
	return "(not there)"
}

func (l *teller) want(name, part string) {
	l.t.Helper()
	if got := l.stands(name); !strings.Contains(got, part) {
		l.t.Errorf("%s is %q, want %q in it", name, got, part)
	}
}

func halves(t *testing.T, dsn string) {
	l := couple(t, dsn)
	l.clock.Set(t, "2026-01-05")
	if a, b := together(l.paying("r1", "12000"), l.paying("r2", "12000")); a != nil || b != nil {
		t.Fatalf("a payment was refused: %v, %v", a, b)
	}
	l.want("invoice 1", "balanced, due 2026-01-31, left 0 of 24000")
	l.want("policy 1", "active (executed), 2026-01-05 to 2026-12-31")
	l.want("ann in policy 1", "active, 2026-01-05 to 2026-12-31")
	l.want("ben in policy 1", "active, 2026-01-05 to 2026-12-31")
}

func twice(t *testing.T, dsn string) {
	l := couple(t, dsn)
	l.clock.Set(t, "2026-01-05")
	if a, b := together(l.paying("r1", "24000"), l.paying("r2", "24000")); a != nil || b != nil {
		t.Fatalf("a payment was refused: %v, %v", a, b)
	}
	l.want("invoice 1", "balanced, due 2026-01-31, left 0 of 24000")
	l.want("policy 1", "active (executed), 2026-01-05 to 2026-12-31")
	// 2 × 24,000 came in, 24,000 were due: 24,000 are the family's credit.
	var paid, credit fhir.Amount
	for _, m := range l.Search("PaymentReconciliation", "") {
		for d := range m.Get("detail").Each() {
			value, err := fhir.ParseAmount(d.At("amount", "value").Text())
			if err != nil {
				t.Fatal(err)
			}
			if d.Get("type").Code("http://terminology.hl7.org/CodeSystem/payment-type") == "payment" {
				paid += value
			} else {
				credit += value
			}
		}
	}
	if paid != fhir.Units(24000) || credit != fhir.Units(24000) {
		t.Errorf("%s are paid and %s are credit, want 24000 and 24000", paid, credit)
	}
}

func renewals(t *testing.T, dsn string) {
	l := couple(t, dsn)
	l.step("2026-01-05", "pay 24000 1")
	l.clock.Set(t, "2026-12-20")
	policy := l.id("policy 1")
	renew := func() error { return l.call("renew", policy, nil) }
	a, b := together(renew, renew)
	if (a == nil) == (b == nil) {
		t.Fatalf("one of two renewals is refused: %v, %v", a, b)
	}
	if refused := errorOf(a, b); !fhir.HasIssue(refused, fhir.IssueDuplicate) {
		t.Errorf("refused as %v", refused)
	}
	if n := len(l.Search("Contract", "")); n != 2 {
		t.Errorf("there are %d policies, want 2", n)
	}
	if n := len(l.Search("Invoice", "")); n != 2 {
		t.Errorf("there are %d invoices, want 2", n)
	}
}

func errorOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func joinAndCancel(t *testing.T, dsn string) {
	l := couple(t, dsn)
	l.step("2026-01-05", "pay 24000 1")
	l.step("2026-06-30", "joins kid male 2000-01-01 child")
	policy := l.id("policy 1")
	join, cancel := together(
		func() error { return l.call("add-member", policy, []string{"member=Patient/kid"}) },
		func() error { return l.call("cancel", policy, nil) },
	)
	if cancel != nil {
		t.Fatalf("the cancellation was refused: %v", cancel)
	}
	if join != nil && !fhir.HasIssue(join, fhir.IssueBusinessRule) {
		t.Fatalf("who came second was refused as %v", join)
	}
	l.want("policy 1", "terminated (terminated), 2026-01-05 to 2026-06-30")
	l.want("ann in policy 1", "2026-01-05 to 2026-06-30")
	// Nobody is covered, or asked to pay, beyond the last day.
	for _, c := range l.Search("Coverage", "") {
		if end := c.At("period", "end").Text(); c.Get("status").Text() != "cancelled" && end > "2026-06-30" {
			t.Errorf("%s is covered to %s", c.At("beneficiary", "reference").Text(), end)
		}
	}
	if open := l.Search("Invoice", "status=issued"); len(open) > 0 {
		t.Errorf("%d invoices are still to be paid", len(open))
	}
}
