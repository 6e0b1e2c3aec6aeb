package receipt_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/invoice"
	"bima/resources/payment"
	"bima/resources/receipt"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

const (
	ext          = "https://bima.example/fhir/StructureDefinition/"
	numberSystem = "https://bima.example/fhir/id/receipt"
)

var databases = map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}

// world is a scheme with one family, whose head bears names in two scripts.
func world(t testing.TB, dsn string, s receipt.Settings) (*resourcestest.World, *resourcestest.Clock) {
	clock := &resourcestest.Clock{}
	clock.Set(t, "2026-03-10")
	w := resourcestest.Timed(t, dsn, clock, invoice.Module(invoice.Settings{}), payment.Module(payment.Settings{}), receipt.Module(s))
	w.Put(`{"resourceType":"Patient","id":"a","identifier":[{"system":"https://bima.example/fhir/id/insurance-number","value":"070707070"}],"name":[{"given":["Asha"],"family":"Mushi आशा"}]}`,
		`{"resourceType":"Group","id":"f","type":"person","actual":true,"identifier":[{"system":"https://bima.example/fhir/id/family","value":"F-1"}],"member":[{"extension":[{"url":"`+ext+`group-head","valueBoolean":true}],"entity":{"reference":"Patient/a"}}]}`,
		`{"resourceType":"Organization","id":"s","name":"Mfuko wa Afya"}`,
		`{"resourceType":"Practitioner","id":"o","name":[{"text":"Juma Ally"}]}`,
		`{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/o"}}`)
	return w, clock
}

func bill(id, amount string) string {
	return fmt.Sprintf(`{"resourceType":"Invoice","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/invoice","value":"IV-%s"}],"status":"issued","subject":{"reference":"Group/f"},
	"date":"2026-01-02","totalNet":{"value":%s,"currency":"TZS"},"totalGross":{"value":%s,"currency":"TZS"}}`, id, id, amount, amount)
}

// cash is a contribution that came in cash, with more elements.
func cash(id, invoice, amount, more string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,%s"status":"active","request":{"reference":"Invoice/%s"},"created":"2026-03-10","paymentDate":"2026-03-10",
	"provider":{"reference":"PractitionerRole/r"},"payment":{"display":"cash"},"recipient":{"reference":"Organization/s"},"amount":{"value":%s,"currency":"TZS"}}`, id, more, invoice, amount)
}

func numbered(number string) string {
	return `"identifier":[{"system":"` + numberSystem + `","value":"` + number + `"}],`
}

// number gives the receipt number of a notice.
func number(w *resourcestest.World, id string) string {
	return w.Get("PaymentNotice/" + id).Identifier(numberSystem)
}

func TestReceipts(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			w, clock := world(t, dsn(t), receipt.Settings{})
			t.Run("numbers follow each other", func(t *testing.T) { numbers(t, w, clock) })
			t.Run("a number stays", func(t *testing.T) { stays(t, w) })
			t.Run("papers", func(t *testing.T) { papers(t, w) })
		})
	}
}

func numbers(t *testing.T, w *resourcestest.World, clock *resourcestest.Clock) {
	w.Put(bill("i1", "75000"), bill("i2", "12000"), bill("i3", "5000"))
	w.Put(cash("n1", "i1", "10000", ""))
	w.Put(cash("n2", "i1", "5000", numbered("BOOK-7")))
	w.Put(cash("n3", "i1", "5000", ""))
	for id, want := range map[string]string{"n1": "R2026-000001", "n2": "BOOK-7", "n3": "R2026-000002"} {
		if got := number(w, id); got != want {
			t.Errorf("%s has the number %q, want %q", id, got, want)
		}
	}
	if err := w.Try(cash("n4", "nothing", "1", ""), cash("n5", "i1", "0", "")); err == nil {
		t.Error("a payment of 0 was taken")
	}
	t.Run("what pays two invoices has one receipt", func(t *testing.T) {
		w.Put(`{"resourceType":"PaymentReconciliation","id":"m1","extension":[{"url":"`+ext+`payment-direction","valueCode":"in"}],"status":"active","created":"2026-03-10","paymentDate":"2026-03-10",
		"paymentAmount":{"value":17000,"currency":"TZS"},"detail":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/payment-type","code":"payment"}]},"request":{"reference":"Invoice/i2"},"amount":{"value":12000,"currency":"TZS"}},
		{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/payment-type","code":"payment"}]},"request":{"reference":"Invoice/i3"},"amount":{"value":5000,"currency":"TZS"}}]}`,
			strings.Replace(cash("n6", "i2", "12000", ""), `"display":"cash"`, `"reference":"PaymentReconciliation/m1"`, 1),
			strings.Replace(cash("n7", "i3", "5000", ""), `"display":"cash"`, `"reference":"PaymentReconciliation/m1"`, 1))
		if one, other := number(w, "n6"), number(w, "n7"); one+other != "R2026-000003" {
			t.Errorf("they have the numbers %q and %q, want R2026-000003 once", one, other)
		}
		if got := w.Get("PaymentReconciliation/m1").Identifier(numberSystem); got != "R2026-000003" {
			t.Errorf("the payment has %q", got)
		}
	})
	t.Run("a number written ahead of the series is passed over", func(t *testing.T) {
		w.Put(cash("n8", "i1", "1000", numbered("R2026-000004")))
		w.Put(cash("n9", "i1", "1000", ""))
		if got := number(w, "n9"); got != "R2026-000005" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("money on its way has no number before it comes", func(t *testing.T) {
		onItsWay := strings.Replace(cash("n10", "i1", "1000", ""), `"recipient"`, `"paymentStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/paymentstatus","code":"paid"}]},"recipient"`, 1)
		w.Put(onItsWay)
		if got := number(w, "n10"); got != "" {
			t.Errorf("it has %s", got)
		}
		w.Put(strings.Replace(onItsWay, `"code":"paid"`, `"code":"cleared"`, 1))
		if got := number(w, "n10"); got != "R2026-000006" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("what is paid ahead has a receipt", func(t *testing.T) {
		w.Put(strings.Replace(cash("n12", "i1", "3000", `"extension":[{"url":"`+ext+`payer","valueReference":{"reference":"Group/f"}}],`), `"request":{"reference":"Invoice/i1"},`, "", 1))
		if got := number(w, "n12"); got != "R2026-000007" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a year begins its own series", func(t *testing.T) {
		clock.Set(t, "2027-01-01")
		w.Put(cash("n11", "i1", "1000", ""))
		if got := number(w, "n11"); got != "R2027-000001" {
			t.Errorf("got %s", got)
		}
	})
}

// stays: a number is not changed, lost or deleted, whoever sends the notice again.
func stays(t *testing.T, w *resourcestest.World) {
	w.Put(cash("n1", "i1", "10000", ""))
	if got := number(w, "n1"); got != "R2026-000001" {
		t.Errorf("sent again without it, it has %q", got)
	}
	if got := w.Refused(cash("n1", "i1", "10000", numbered("R2026-000099"))); got != "PaymentNotice.identifier" {
		t.Errorf("another number is refused at %q", got)
	}
	w.Put(strings.Replace(cash("n3", "i1", "5000", ""), `"active"`, `"cancelled"`, 1))
	if got := number(w, "n3"); got != "R2026-000002" {
		t.Errorf("taken back it has %q", got)
	}
	if _, err := w.Engine.Delete(w.Context(), fhir.Key{Type: "PaymentNotice", ID: "n3"}, ""); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
		t.Errorf("it was deleted: %v", err)
	}
}

func ask(w *resourcestest.World, id, language string, get bool) (*fhir.Response, error) {
	on := fhir.Key{Type: "PaymentNotice", ID: id}
	if get {
		return w.Engine.Call(w.Context(), "receipt", on, "language="+language, nil, true)
	}
	return w.Engine.Call(w.Context(), "receipt", on, "", []byte(`{"resourceType":"Parameters","parameter":[{"name":"language","valueCode":"`+language+`"}]}`), false)
}

func papers(t *testing.T, w *resourcestest.World) {
	for _, language := range []string{"en", "sw", "fr", "fr-CD"} {
		response, err := ask(w, "n1", language, true)
		if err != nil {
			t.Fatal(err)
		}
		if response.MediaType != "application/pdf" || !bytes.HasPrefix(response.Media, []byte("%PDF-")) || response.Tag == "" {
			t.Errorf("%s: %s of %d bytes, tag %q", language, response.MediaType, len(response.Media), response.Tag)
		}
	}
	if _, err := ask(w, "n1", "de", true); !fhir.HasIssue(err, fhir.IssueCodeInvalid) {
		t.Errorf("in German: %v", err)
	}
	made, err := ask(w, "n1", "sw", false)
	if err != nil || made.Status != 201 {
		t.Fatalf("%v, status %d", err, made.Status)
	}
	again, err := ask(w, "n1", "sw", false)
	if err != nil || again.Status != 200 || again.Resource.Key != made.Resource.Key || again.Resource.Version != made.Resource.Version {
		t.Errorf("the second time: %v %v", err, again)
	}
	document := w.Get(made.Resource.Key.String())
	attachment := document.Get("content").First().Get("attachment")
	if got := document.Identifier(numberSystem); got != "R2026-000001" {
		t.Errorf("it bears %s", got)
	}
	file := w.Get(attachment.Get("url").Text())
	stored, err := base64.StdEncoding.DecodeString(file.Get("data").Text())
	if err != nil || !bytes.HasPrefix(stored, []byte("%PDF-")) || file.Get("contentType").Text() != "application/pdf" {
		t.Errorf("the file is %.20q, %v", stored, err)
	}
	printed, err := ask(w, "n1", "sw", true)
	if err != nil || !bytes.Equal(printed.Media, stored) {
		t.Errorf("printed it is another file: %v", err)
	}

	w.Put(strings.Replace(cash("n1", "i1", "10000", ""), `"active"`, `"cancelled"`, 1))
	reversed, err := ask(w, "n1", "sw", false)
	if err != nil || reversed.Status != 201 {
		t.Fatalf("taken back: %v", err)
	}
	now := w.Get(reversed.Resource.Key.String())
	if got := now.Get("relatesTo").First().At("target", "reference").Text(); got != made.Resource.Key.String() || !strings.Contains(now.Get("description").Text(), "IMEBATILISHWA") {
		t.Errorf("it replaces %q and says %q", got, now.Get("description").Text())
	}
	if got := w.Get(made.Resource.Key.String()).Get("status").Text(); got != "superseded" {
		t.Errorf("the first is %s", got)
	}
	for _, id := range []string{"n2", "n7", "n8", "n12"} {
		if _, err := ask(w, id, "en", true); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	w.Put(strings.Replace(cash("later", "i1", "1", ""), `"recipient"`, `"paymentStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/paymentstatus","code":"paid"}]},"recipient"`, 1))
	if _, err := ask(w, "later", "en", true); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
		t.Errorf("money on its way: %v", err)
	}
	ctx := fhir.WithCaller(w.Context(), fhir.Caller{Name: "h", Identity: "h", Roles: []fhir.Role{fhir.RoleFacility}})
	if _, err := w.Engine.Call(ctx, "receipt", fhir.Key{Type: "PaymentNotice", ID: "n1"}, "", nil, true); !fhir.HasIssue(err, fhir.IssueForbidden) {
		t.Errorf("a facility: %v", err)
	}
}

// Twelve officers post at once, each five payments; every fourth is refused, and
// some share an invoice. What was taken is numbered from 1 on without a gap.
func TestNumbersHaveNoGapsWhenManyPayAtOnce(t *testing.T) {
	const officers, each = 12, 5
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			w, _ := world(t, dsn(t), receipt.Settings{Prefix: "KIL-", Running: true, Digits: 3})
			for i := range officers {
				w.Put(bill(fmt.Sprintf("b%d", i), "1000000"))
			}
			var mu sync.Mutex
			taken, refused := 0, 0
			var group sync.WaitGroup
			for o := range officers {
				group.Go(func() {
					for i := range each {
						amount := "1000"
						if (o+i)%4 == 0 {
							amount = "0"
						}
						body := cash(fmt.Sprintf("p%d-%d", o, i), fmt.Sprintf("b%d", (o+i)%officers), amount, "")
						_, err := w.Engine.Update(w.Context(), fhir.Key{Type: "PaymentNotice", ID: fmt.Sprintf("p%d-%d", o, i)}, interaction.Write{Body: []byte(body)})
						mu.Lock()
						if err == nil {
							taken++
						} else if refused++; !fhir.HasIssue(err, fhir.IssueBusinessRule) {
							t.Error(err)
						}
						mu.Unlock()
					}
				})
			}
			group.Wait()
			var got, want []string
			for _, n := range w.Search("PaymentNotice", "_count=1000") {
				got = append(got, n.Identifier(numberSystem))
			}
			slices.Sort(got)
			for i := range taken {
				want = append(want, fmt.Sprintf("KIL-%03d", i+1))
			}
			if !slices.Equal(got, want) || taken != officers*each*3/4 {
				t.Errorf("%d taken, %d refused; numbers %v", taken, refused, got)
			}
		})
	}
}

var errStop = errors.New("stop")

// A transaction that fails after the number was given gives it to the next.
func TestATransactionThatFailsLeavesNoGap(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			module := fhir.Module{Name: "late", Reactions: []fhir.Reaction{{Name: "late", Types: []string{"PaymentNotice"}, React: refuse1001}}}
			clock := &resourcestest.Clock{}
			clock.Set(t, "2026-03-10")
			w := resourcestest.Timed(t, dsn(t), clock, invoice.Module(invoice.Settings{}), payment.Module(payment.Settings{}), receipt.Module(receipt.Settings{}), module)
			w.Put(bill("i", "75000"))
			for i := range 3 {
				err := w.Try(cash(fmt.Sprintf("n%d", i), "i", fmt.Sprint(1000+i%2), ""))
				if failed := err != nil; failed != (i == 1) {
					t.Fatalf("payment %d: %v", i, err)
				}
			}
			if got := number(w, "n2"); got != "R2026-000002" {
				t.Errorf("after one that failed came %s", got)
			}
		})
	}
}

// refuse1001 fails every transaction after which there is a payment of 1,001.
func refuse1001(_ context.Context, tx fhir.Tx, _ []fhir.Change) error {
	page, err := tx.Search(&fhir.Query{Types: []string{"PaymentNotice"}, Limit: 10})
	if err != nil {
		return err
	}
	for _, r := range page.Resources {
		if bytes.Contains(r.Body, []byte(`"value":1001`)) {
			return errStop
		}
	}
	return nil
}
