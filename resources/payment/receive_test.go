package payment_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

const received = `{"name":"amount","valueMoney":{"value":30000,"currency":"TZS"}},{"name":"date","valueDate":"2026-02-01"},{"name":"reference","valueIdentifier":{"system":"urn:mobile","value":"T1"}},{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/policy","value":"P-1"}}`

func TestOneReferenceIsOneMovementOfMoney(t *testing.T) {
	w := world(t)
	first := call(t, w, "receive", received)
	again := call(t, w, "receive", received)
	if first.Status != 201 || again.Status != 200 {
		t.Errorf("it is answered %d and %d, want 201 and 200", first.Status, again.Status)
	}
	if string(first.Resource.Body) != string(again.Resource.Body) {
		t.Errorf("the second answer is\n%s\nthe first was\n%s", again.Resource.Body, first.Resource.Body)
	}
	for _, c := range []struct{ old, new, want string }{
		{`30000`, `30001`, "differs in amount"},
		{`"TZS"`, `"KES"`, "differs in amount"},
		{"2026-02-01", "2026-02-02", "differs in date"},
		{"P-1", "P-2", "differs in for"},
	} {
		_, err := tryCall(w, "receive", strings.Replace(received, c.old, c.new, 1))
		if !fhir.HasIssue(err, fhir.IssueConflict) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s it is %v, want a conflict that %s", c.new, err, c.want)
		}
	}
	if got, want := w.Get("Invoice/inv").Extension(ext+"invoice-balance").At("valueMoney", "value").Text(), "45000"; got != want {
		t.Errorf("%s are left, want %s", got, want)
	}
}

// Ten callbacks of one transaction at once book it once, and all are answered.
func TestOneReferenceAtOnceIsBookedOnce(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			w := worldOn(t, dsn(t))
			atOnce(t, 10, func(int) error {
				_, err := tryCall(w, "receive", received)
				return err
			})
			if got := len(w.Search("PaymentReconciliation", "")); got != 1 {
				t.Errorf("%d movements of money, want 1", got)
			}
		})
	}
}

// Ten pay 10,000 each of 75,000 at once, two of them twice: 75,000 are paid, and
// 25,000 are credit, whoever was first.
func TestWhatManyPayAtOnceAddsUp(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			w := worldOn(t, dsn(t))
			atOnce(t, 12, func(i int) error {
				id := fmt.Sprintf("n%d", i%10)
				_, err := w.Engine.Update(w.Context(), fhir.Key{Type: "PaymentNotice", ID: id}, interaction.Write{Body: []byte(cash(id, id, "2026-01-10", "10000", ""))})
				return err
			})
			i := w.Get("Invoice/inv")
			if got := i.Get("status").Text() + " " + i.Extension(ext+"invoice-balance").At("valueMoney", "value").Text(); got != "balanced 0" {
				t.Errorf("the invoice is %s", got)
			}
			var on, credit fhir.Amount
			for _, m := range w.Search("PaymentReconciliation", "_count=100") {
				for d := range m.Get("detail").Each() {
					amount, _ := fhir.ParseAmount(d.At("amount", "value").Text())
					if d.Get("request").Exists() {
						on += amount
					} else {
						credit += amount
					}
				}
			}
			if on != fhir.Units(75_000) || credit != fhir.Units(25_000) {
				t.Errorf("%s are on the invoice and %s are credit, want 75000 and 25000", on, credit)
			}
		})
	}
}

// atOnce runs n at the same time, all of which must succeed.
func atOnce(t *testing.T, n int, run func(i int) error) {
	t.Helper()
	done := make(chan error)
	for i := range n {
		go func() { done <- run(i) }()
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// What is posted again, alone or in a transaction, is answered with what is there.
func TestPostingAgainGivesWhatIsThere(t *testing.T) {
	w := world(t)
	post := func(body string) (fhir.Key, error) {
		typ, _, _ := strings.Cut(strings.TrimPrefix(body, `{"resourceType":"`), `"`)
		result, err := w.Engine.Create(w.Context(), typ, interaction.Write{Body: []byte(body)})
		if err != nil {
			return fhir.Key{}, err
		}
		return result.Resource.Key, nil
	}
	without := func(body, id string) string { return strings.Replace(body, fmt.Sprintf(`"id":%q,`, id), "", 1) }
	money := without(mobile("x", "T1", "2026-01-12", "80000", detail("payment", "inv", "80000")), "x")
	first, err := post(money)
	if err != nil {
		t.Fatal(err)
	}
	notice := without(says("y", first.ID, "2026-01-12", "80000"), "y")
	told, err := post(notice)
	if err != nil {
		t.Fatal(err)
	}
	if k, err := post(money); err != nil || k != first {
		t.Errorf("the money again is %v %v, want %v", k, err, first)
	}
	if k, err := post(notice); err != nil || k != told {
		t.Errorf("the notice again is %v %v, want %v", k, err, told)
	}
	if _, err := post(strings.ReplaceAll(money, "80000", "81000")); !fhir.HasIssue(err, fhir.IssueConflict) || !strings.Contains(err.Error(), "paymentAmount") {
		t.Errorf("other money under the same reference: %v, want a conflict in paymentAmount", err)
	}
	bundle := `{"resourceType":"Bundle","type":"transaction","entry":[
		{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":` + money + `,"request":{"method":"POST","url":"PaymentReconciliation"}},
		{"resource":` + strings.Replace(notice, "PaymentReconciliation/"+first.ID, "urn:uuid:00000000-0000-4000-8000-000000000001", 1) + `,"request":{"method":"POST","url":"PaymentNotice"}}]}`
	if err := w.Bundle([]byte(bundle)); err != nil {
		t.Errorf("both again in one transaction: %v", err)
	}
	if got := len(w.Search("PaymentNotice", "")); got != 1 {
		t.Errorf("%d notices, want 1", got)
	}
}

func TestWhatIsBookedStays(t *testing.T) {
	booked := []string{mobile("m1", "T1", "2026-01-12", "80000", detail("payment", "inv", "80000")), says("n1", "m1", "2026-01-12", "80000")}
	cases := []struct{ name, body, want string }{
		{"another amount", says("n1", "m1", "2026-01-12", "70000"), "PaymentNotice.amount"},
		{"another invoice", strings.Replace(says("n1", "m1", "2026-01-12", "80000"), "Invoice/inv", "Invoice/other", 1), "PaymentNotice.request"},
		{"other money", says("n1", "m2", "2026-01-12", "80000"), "PaymentNotice.payment"},
		{"the money is more", mobile("m1", "T1", "2026-01-12", "90000", detail("payment", "inv", "90000")), "PaymentReconciliation.paymentAmount"},
		{"it goes out", strings.Replace(booked[0], `"valueCode":"in"`, `"valueCode":"out"`, 1), "PaymentReconciliation.extension"},
	}
	w := world(t)
	w.Put(booked...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := w.Refused(c.body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
	t.Run("sent again by a device that does not know of the credit, nothing is lost", func(t *testing.T) {
		w.Put(booked...)
		if got := w.Get("PaymentReconciliation/m1").Get("detail").Len(); got != 3 {
			t.Errorf("%d details, want the 3 it had", got)
		}
	})
	t.Run("what was taken back stays so", func(t *testing.T) {
		w.Put(cancelled(booked[1]))
		if got, want := w.Refused(booked[1]), "PaymentNotice.status"; got != want {
			t.Errorf("refused at %q, want %q", got, want)
		}
	})
}

func TestCallsThatAreRefused(t *testing.T) {
	cases := []struct {
		name, call, with string
		want             fhir.IssueType
	}{
		{"no amount", "receive", `{"name":"for","valueIdentifier":{"system":"a","value":"b"}}`, fhir.IssueRequired},
		{"an amount below 0", "receive", strings.Replace(received, "30000", "-1", 1), fhir.IssueValue},
		{"no day", "receive", strings.Replace(received, "2026-02-01", "2026-02", 1), fhir.IssueValue},
		{"a day to come", "receive", strings.Replace(received, "2026-02-01", "2999-02-01", 1), fhir.IssueBusinessRule},
		{"no such method", "receive", received + `,{"name":"method","valueCode":"X"}`, fhir.IssueCodeInvalid},
		{"cash for nobody", "receive", `{"name":"amount","valueMoney":{"value":30000,"currency":"TZS"}}`, fhir.IssueRequired},
		{"nothing to allocate", "PaymentReconciliation?identifier=urn:mobile|T0 allocate", `{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/policy","value":"P-1"}}`, fhir.IssueBusinessRule},
		{"for nobody", "PaymentReconciliation?identifier=urn:mobile|T0 allocate", `{"name":"for","valueIdentifier":{"system":"a","value":"b"}}`, fhir.IssueNotFound},
		{"no credit", "PaymentReconciliation?identifier=urn:mobile|T0 refund", `{"name":"method","valueCode":"B"}`, fhir.IssueBusinessRule},
	}
	w := world(t)
	w.Put(mobile("m0", "T0", "2026-01-12", "5000", detail("payment", "inv", "5000")), says("n0", "m0", "2026-01-12", "5000"))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := tryCall(w, c.call, c.with); !fhir.HasIssue(err, c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestMoneyOfTomorrowIsNotBooked(t *testing.T) {
	w := world(t)
	if got := w.Refused(cash("n1", "R1", "2999-01-01", "10000", "")); got != "PaymentNotice.paymentDate" {
		t.Errorf("refused at %q", got)
	}
}

// A device that sends its notice again, as it knows it, pays nothing twice.
func TestANoticeSentAgainWithoutItsMoneyKeepsIt(t *testing.T) {
	w := world(t)
	notice := strings.Replace(cash("n1", "R1", "2026-01-10", "50000", ""), `"payment":{"type":"PaymentReconciliation","identifier":{"system":"urn:receipts","value":"R1"}}`, `"payment":{"display":"cash"}`, 1)
	for range 2 {
		w.Put(notice)
		if got, left := len(w.Search("PaymentReconciliation", "")), w.Get("Invoice/inv").Extension(ext+"invoice-balance").At("valueMoney", "value").Text(); got != 1 || left != "25000" {
			t.Errorf("%d movements of money, %s left; want 1 and 25000", got, left)
		}
	}
}

// Who pays knows a control number, and no id.
func TestANoticeNamesItsInvoiceByNumber(t *testing.T) {
	w := world(t)
	w.Put(other("second", "60000", "2026-06-30"))
	byNumber := func(number, amount string) string {
		return strings.Replace(cash("n1", "R1", "2026-01-10", amount, ""), `"request":{"reference":"Invoice/inv"}`, `"request":{"identifier":{"system":"https://bima.example/fhir/id/control-number","value":"`+number+`"}}`, 1)
	}
	for range 2 {
		w.Put(byNumber("second", "20000"))
		if got := w.Get("Invoice/second").Extension(ext+"invoice-balance").At("valueMoney", "value").Text(); got != "40000" {
			t.Errorf("%s are left, want 40000", got)
		}
	}
	if got := w.Get("PaymentNotice/n1").At("request", "reference").Text(); got != "Invoice/second" {
		t.Errorf("it names %q", got)
	}
	if got := w.Refused(strings.ReplaceAll(byNumber("nobody", "20000"), "n1", "n2")); got != "PaymentNotice.request" {
		t.Errorf("a number of no invoice is refused at %q", got)
	}
	if got := w.Refused(strings.NewReplacer("n1", "n3", "R1", "R3").Replace(byNumber("second", "0"))); got != "PaymentNotice.amount" {
		t.Errorf("nothing is refused at %q", got)
	}
	post := func(body string) (fhir.Key, error) {
		result, err := w.Engine.Create(w.Context(), "PaymentNotice", interaction.Write{Body: []byte(body)})
		if err != nil {
			return fhir.Key{}, err
		}
		return result.Resource.Key, nil
	}
	body := strings.NewReplacer(`"id":"n1",`, "", "R1", "R4").Replace(byNumber("second", "10000"))
	first, err := post(body)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := post(body); err != nil || again != first {
		t.Errorf("posted again it is %v, %v", again, err)
	}
}
