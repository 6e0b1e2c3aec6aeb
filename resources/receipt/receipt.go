// Package receipt numbers the contributions that come in, and writes receipts for
// them.
//
// Its door is Module. A payment is numbered in the transaction that books it, one
// after the other: a number is given out under a lock that lasts until that
// transaction is committed, and how far the series has come is written by it, so
// that a transaction which fails leaves no gap. `PaymentNotice/[id]/$receipt` gives the
// paper: by GET as it is now, by POST as a DocumentReference that stays.
package receipt

import (
	"time"

	"bima/fhir"
	"bima/profiles"
)

// detailReceipt tells what is wrong with receipts from other refusals.
const detailReceipt fhir.Detail = "receipt"

// Settings are what a scheme may choose. The zero value is a good choice.
type Settings struct {
	Zone     *time.Location // decides the year of a number and every day; nil is UTC
	Prefix   string         // what the numbers begin with; "" is "R"
	Digits   int            // of the counter at least; 0 is 6
	Running  bool           // whether one series goes on for ever; else each year begins its own, which follows the prefix
	Scheme   string         // the name at the top; "" is that of who is paid
	Language string         // of receipts where nobody asks for one: en, sw or fr; "" is en
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Module gives the numbers, the rules that keep them, and the operation that
// writes receipts.
func Module(s Settings) fhir.Module {
	return fhir.Module{
		Name: "receipt",
		Rules: []fhir.Rule{
			{Types: []string{"PaymentNotice", "PaymentReconciliation"}, Check: keep},
		},
		Reactions: []fhir.Reaction{
			{Name: "receipt-number", Types: []string{"PaymentNotice", "PaymentReconciliation"}, React: s.number},
		},
		Operations: []fhir.Operation{{
			Code: "receipt", Types: []string{"PaymentNotice"}, Instance: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/payment-receipt", Handle: s.file, Look: s.print,
		}},
		Unique: []fhir.Identifier{
			{Type: "PaymentNotice", System: profiles.IdentifierReceipt},
			{Type: "PaymentReconciliation", System: profiles.IdentifierReceipt},
		},
	}
}

const (
	systemPaymentStatus = "http://terminology.hl7.org/CodeSystem/paymentstatus"
	systemPaymentType   = "http://terminology.hl7.org/CodeSystem/payment-type"
)

func parse(r *fhir.Resource) (fhir.Node, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// day gives the day of a date or dateTime as written.
func day(text string) string { return text[:min(len(text), len(time.DateOnly))] }

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailReceipt, expression, format, args...)
}
