package payment

import (
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// A detail is one PaymentReconciliation.detail: how a part of the money is
// allocated.
type detail struct {
	at      int // its place
	node    fhir.Node
	kind    string   // payment, adjustment or advance. Source: HL7 payment-type
	request fhir.Key // what it pays
	payee   fhir.Key // whose credit an advance is
}

func details(n fhir.Node) []detail {
	var list []detail
	for d := range n.Get("detail").Each() {
		list = append(list, detail{
			at: len(list), node: d, kind: d.Get("type").Code(systemPaymentType),
			request: target(d.Get("request")), payee: payeeOf(d),
		})
	}
	return list
}

// payeeOf gives whom a detail is for: R4's payee is an organisation, that of a
// family or person is an extension.
func payeeOf(d fhir.Node) fhir.Key {
	if k := target(d.Extension(profiles.ExtensionPayee).Get("valueReference")); !k.IsZero() {
		return k
	}
	return target(d.Get("payee"))
}

func (d detail) expression() string { return fmt.Sprintf("PaymentReconciliation.detail[%d]", d.at) }

// isCredit reports whether the detail changes what is on no invoice: an advance,
// or an adjustment of one.
func (d detail) isCredit() bool {
	return d.kind == "advance" || d.kind == "adjustment" && d.request.IsZero()
}

// A movement is money that was received: a PaymentReconciliation.
type movement struct {
	key      fhir.Key
	node     fhir.Node
	parts    []part
	currency string
	whole    fhir.Amount
}

// A part is a detail with its amount read.
type part struct {
	detail
	amount fhir.Amount
	date   string
}

// movementOf reads a PaymentReconciliation, all of whose amounts must be in one
// currency.
func movementOf(k fhir.Key, n fhir.Node) (*movement, error) {
	whole, err := money(n.Get("paymentAmount"), "PaymentReconciliation.paymentAmount")
	if err != nil {
		return nil, err
	}
	m := &movement{key: k, node: n, currency: whole.Currency, whole: whole.Value}
	for _, d := range details(n) {
		amount, err := money(d.node.Get("amount"), d.expression()+".amount")
		if err != nil {
			return nil, err
		}
		if amount.Currency != whole.Currency {
			return nil, refuse(d.expression()+".amount", "the payment is in %s, this part of it in %s", whole.Currency, amount.Currency)
		}
		date := day(d.node.Get("date").Text())
		if date == "" {
			date = day(n.Get("paymentDate").Text())
		}
		m.parts = append(m.parts, part{detail: d, amount: amount.Value, date: date})
	}
	return m, nil
}

// receipt gives the number of the receipt that was given for the money, "" before
// it has one.
func (m *movement) receipt() string { return m.node.Identifier(profiles.IdentifierReceipt) }

func receiptKey(number string) fhir.UniqueKey {
	return fhir.UniqueKey{Type: "PaymentNotice", Name: profiles.IdentifierReceipt, Value: number}
}

// on gives what of the money is on an Invoice, in which adjustments are negative.
func (m *movement) on(invoice fhir.Key) (sum fhir.Amount) {
	for _, p := range m.parts {
		if p.request == invoice {
			sum += p.amount
		}
	}
	return sum
}

// pays reports whether a detail of the money is about an Invoice.
func (m *movement) pays(invoice fhir.Key) bool { return m.lastOn(invoice) != nil }

// lastOn gives the last part by which the money came to an Invoice, nil where it
// never did.
func (m *movement) lastOn(invoice fhir.Key) *part {
	for i := len(m.parts) - 1; i >= 0; i-- {
		if p := &m.parts[i]; p.request == invoice && p.kind != "adjustment" && p.amount >= 0 {
			return p
		}
	}
	return nil
}

// credit gives what of the money is on no invoice and belongs to an owner; to the
// zero Key belongs what is nobody's.
func (m *movement) credit(owner fhir.Key) (sum fhir.Amount) {
	for _, p := range m.parts {
		if p.isCredit() && p.payee == owner {
			sum += p.amount
		}
	}
	return sum
}

// lastAdvance gives the last advance of an owner, nil where there is none.
func (m *movement) lastAdvance(owner fhir.Key) *part {
	for i := len(m.parts) - 1; i >= 0; i-- {
		if p := &m.parts[i]; p.kind == "advance" && p.payee == owner && p.amount > 0 {
			return p
		}
	}
	return nil
}

// owners gives whose credit is or was of this money, each once.
func (m *movement) owners() []fhir.Key {
	var list []fhir.Key
	for _, p := range m.parts {
		if p.isCredit() {
			list = appendKey(list, p.payee)
		}
	}
	return list
}

// invoices gives the Invoices that the money is or was on, each once.
func (m *movement) invoices() []fhir.Key {
	var list []fhir.Key
	for _, p := range m.parts {
		if p.request.Type == "Invoice" {
			list = appendKey(list, p.request)
		}
	}
	return list
}

func appendKey(list []fhir.Key, k fhir.Key) []fhir.Key {
	for _, other := range list {
		if other == k {
			return list
		}
	}
	return append(list, k)
}

// direction gives where money moves: in, out or deposit.
func direction(n fhir.Node) string {
	return n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text()
}

// incoming reports whether money moves to the scheme.
func incoming(n fhir.Node) bool { return direction(n) == "in" }

// deposit reports whether an officer brings cash to the bank.
func deposit(n fhir.Node) bool { return direction(n) == "deposit" }
