// Package payment says what money received means: a PaymentNotice says that so
// much was paid on an Invoice, a PaymentReconciliation is one movement of money
// and how it is allocated.
//
// Its door is Module. In the transaction that brings a payment it makes the
// PaymentReconciliation where only a receipt is named, writes balance and status
// of the Invoice, keeps what is too much as credit and uses it, takes back what
// bounced, and puts the policy in force that was paid for or suspends it; its
// memberships then follow it (package coverage).
//
// The details of a PaymentReconciliation are only ever added to, so that what was
// paid, taken back or moved on a day can be told of any day. An advance is credit
// of its payee; one without payee is nobody's yet.
package payment

import (
	"encoding/json"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailPayment tells what is wrong with a payment from other refusals.
const detailPayment fhir.Detail = "payment"

// Settings are what a scheme may choose.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
}

// today gives the day of a transaction in the scheme's time zone.
func (s Settings) today(tx fhir.Tx) string {
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	return tx.Now().In(zone).Format(time.DateOnly)
}

// Module gives the rules of payments, what follows from them, and the operations
// that receive, allocate and refund money.
func Module(s Settings) fhir.Module {
	define := func(code string, o fhir.Operation) fhir.Operation {
		o.Code, o.Types, o.Affects, o.Definition = code, []string{"PaymentReconciliation"}, true, profiles.Canonical+"/OperationDefinition/payment-"+code
		return o
	}
	return fhir.Module{
		Name: "payment",
		Rules: []fhir.Rule{
			{Types: []string{"PaymentNotice"}, Check: checkNotice},
			{Types: []string{"PaymentReconciliation"}, Check: checkMoney},
		},
		Reactions: []fhir.Reaction{
			{Name: "payment", Types: []string{"PaymentNotice", "PaymentReconciliation", "Invoice"}, React: s.react},
		},
		Operations: []fhir.Operation{
			define("receive", fhir.Operation{Type: true, Handle: s.receive}),
			define("allocate", fhir.Operation{Instance: true, Handle: s.allocate}),
			define("refund", fhir.Operation{Instance: true, Handle: s.refund}),
		},
		Unique: []fhir.Identifier{
			{Type: "PaymentNotice", System: profiles.IdentifierReceipt},
			{Type: "PaymentReconciliation", System: profiles.IdentifierPayment},
			{Type: "PaymentReconciliation", System: profiles.IdentifierPaymentRun},
		},
	}
}

// The code systems of HL7 that payments use.
const (
	systemPaymentStatus = "http://terminology.hl7.org/CodeSystem/paymentstatus"
	systemPaymentType   = "http://terminology.hl7.org/CodeSystem/payment-type"
)

// target gives the resource of this server that a Reference names; zero where it
// names none.
func target(reference fhir.Node) fhir.Key {
	return r4.Local(reference.Get("reference").Text())
}

func parse(r *fhir.Resource) (fhir.Node, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// money reads a Money.
func money(n fhir.Node, expression string) (fhir.Money, error) {
	value, err := fhir.ParseAmount(n.Get("value").Text())
	if err != nil {
		return fhir.Money{}, refuse(expression, "%.40q is not an amount with at most four decimals", n.Get("value").Text())
	}
	return fhir.Money{Value: value, Currency: n.Get("currency").Text()}, nil
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailPayment, expression, format, args...)
}

// quote writes a text as JSON.
func quote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return text
}

// day gives the day of a date or dateTime as written.
func day(text string) string { return text[:min(len(text), len(time.DateOnly))] }
