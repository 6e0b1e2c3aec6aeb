// Package payment says what money received means: a PaymentNotice says that so
// much was paid on an Invoice, a PaymentReconciliation is one movement of money
// and how it is allocated.
//
// Its door is Module. In the transaction that brings a payment it makes the
// PaymentReconciliation where only a receipt is named, writes balance and status
// of the Invoice, and puts the policy in force that was paid for; its memberships
// then follow it (package coverage).
package payment

import (
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailPayment tells what is wrong with a payment from other refusals.
const detailPayment fhir.Detail = "payment"

// Module gives the rules of payments and what follows from them.
func Module() fhir.Module {
	return fhir.Module{
		Name: "payment",
		Rules: []fhir.Rule{
			{Types: []string{"PaymentNotice"}, Check: checkNotice},
			{Types: []string{"PaymentReconciliation"}, Check: checkMoney},
		},
		Reactions: []fhir.Reaction{
			{Name: "payment-once", Types: []string{"PaymentReconciliation"}, React: once},
			{Name: "payment", Types: []string{"PaymentNotice", "PaymentReconciliation", "Invoice"}, React: settle},
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
	r := fhir.ParseReference(reference.Get("reference").Text(), r4.IsResource)
	if !r.Relative() {
		return fhir.Key{}
	}
	return r.Key
}

// read gives the tree of a resource that is there; absent where it is not.
func read(r fhir.Reader, k fhir.Key) (fhir.Node, error) {
	if k.IsZero() {
		return fhir.Node{}, nil
	}
	resource, err := r.Read(k)
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
		return fhir.Node{}, nil
	}
	if err != nil {
		return fhir.Node{}, err
	}
	return parse(resource)
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
