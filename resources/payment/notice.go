package payment

import (
	"context"

	"bima/fhir"
	"bima/profiles"
)

// A notice is a PaymentNotice on an Invoice.
type notice struct {
	key     fhir.Key
	node    fhir.Node
	invoice fhir.Key
	money   fhir.Key  // the PaymentReconciliation it names
	receipt fhir.Node // or the Identifier of one
	counts  bool      // it is active, and the money has arrived
}

// noticeOf reads a PaymentNotice. Without a payment status the money counts as
// arrived, as cash in hand; "paid" is money on its way. Source: HL7 paymentstatus.
func noticeOf(k fhir.Key, n fhir.Node) notice {
	status := n.Get("paymentStatus").Code(systemPaymentStatus)
	return notice{
		key: k, node: n, invoice: target(n.Get("request")),
		money: target(n.Get("payment")), receipt: n.At("payment", "identifier"),
		counts: n.Get("status").Text() == "active" && (status == "" || status == "cleared"),
	}
}

// checkNotice asks what the notice itself can answer.
func checkNotice(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || target(c.Node.Get("request")).Type != "Invoice" {
		return nil
	}
	paid, err := money(c.Node.Get("amount"), "PaymentNotice.amount")
	if err != nil {
		return err
	}
	if paid.Value <= 0 {
		return refuse("PaymentNotice.amount", "a payment is more than 0; to take one back, set its status to cancelled")
	}
	payment := c.Node.Get("payment")
	if k := target(payment); k.Type != "PaymentReconciliation" && payment.At("identifier", "value").Text() == "" {
		return refuse("PaymentNotice.payment", "name the PaymentReconciliation, or the number of the receipt as its identifier")
	}
	return nil
}

// checkMoney asks of money the scheme receives whether all of it is allocated.
func checkMoney(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || !incoming(c.Node) {
		return nil
	}
	whole, err := money(c.Node.Get("paymentAmount"), "PaymentReconciliation.paymentAmount")
	if err != nil {
		return err
	}
	var allocated fhir.Amount
	for _, d := range details(c.Node) {
		part, err := money(d.node.Get("amount"), d.expression()+".amount")
		if err != nil {
			return err
		}
		if part.Currency != whole.Currency {
			return refuse(d.expression()+".amount", "the payment is in %s, this part of it in %s", whole.Currency, part.Currency)
		}
		if d.kind() != "adjustment" {
			allocated += part.Value
		}
	}
	if allocated != whole.Value {
		return refuse("PaymentReconciliation.detail", "the details come to %s, the payment is of %s; what is left over is a detail of type advance", allocated, whole.Value)
	}
	return nil
}

// incoming reports whether money moves to the scheme.
func incoming(n fhir.Node) bool {
	return n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text() == "in"
}
