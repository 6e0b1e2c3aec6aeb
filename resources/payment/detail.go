package payment

import (
	"fmt"

	"bima/fhir"
)

// A detail is one PaymentReconciliation.detail: how a part of the money is
// allocated.
type detail struct {
	at      int // its place
	node    fhir.Node
	request fhir.Key // what it pays
}

func details(n fhir.Node) []detail {
	var list []detail
	for d := range n.Get("detail").Each() {
		list = append(list, detail{at: len(list), node: d, request: target(d.Get("request"))})
	}
	return list
}

// kind gives payment, adjustment or advance. Source: HL7 payment-type.
func (d detail) kind() string { return d.node.Get("type").Code(systemPaymentType) }

func (d detail) expression() string { return fmt.Sprintf("PaymentReconciliation.detail[%d]", d.at) }

// A receipt is money that was received: a PaymentReconciliation, with what of it
// is on one Invoice.
type receipt struct {
	key  fhir.Key
	node fhir.Node
	on   fhir.Amount // Σ of its details on the Invoice, in which adjustments are negative
	date string      // paymentDate
	last detail      // the last detail of type payment on the Invoice
}

// receiptOf reads what of the money is on an Invoice in its currency.
func receiptOf(k fhir.Key, n fhir.Node, invoice fhir.Key, currency string) (receipt, error) {
	r := receipt{key: k, node: n, date: n.Get("paymentDate").Text()}
	if n.Get("status").Text() != "active" {
		return r, nil
	}
	for _, d := range details(n) {
		if d.request != invoice {
			continue
		}
		part, err := money(d.node.Get("amount"), d.expression()+".amount")
		if err != nil {
			return r, err
		}
		if part.Currency != currency {
			return r, refuse(d.expression()+".amount", "%s asks for %s, %s pays in %s", invoice, currency, k, part.Currency)
		}
		r.on += part.Value
		if d.kind() != "adjustment" {
			r.last = d
		}
	}
	return r, nil
}
