package cash

import (
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A movement is a PaymentReconciliation as far as cash goes.
type movement struct {
	key       fhir.Key
	node      fhir.Node
	direction string
	officer   fhir.Key // a PractitionerRole; zero where none took it
	currency  string
	counts    bool // whether the money has moved, and was not taken back
	cash      bool
}

func movementOf(k fhir.Key, n fhir.Node) movement {
	officer := r4.Target(n.Get("requestor"))
	if officer.Type != "PractitionerRole" {
		officer = fhir.Key{}
	}
	return movement{
		key: k, node: n, officer: officer, currency: n.At("paymentAmount", "currency").Text(),
		direction: n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text(),
		counts:    n.Get("status").Text() == "active",
		cash:      n.Extension(profiles.ExtensionPaymentMethod).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISPaymentMethod) == cashCode,
	}
}

// taken gives what of money that came in an officer has: all of it, less what was
// taken back because it never came. What is given back he has until he pays it.
func (m movement) taken() (sum fhir.Amount) {
	if m.direction != "in" || !m.cash || !m.counts || m.officer.IsZero() {
		return 0
	}
	for d := range m.node.Get("detail").Each() {
		if d.Get("response").Exists() && d.Get("type").Code(systemPaymentType) == "adjustment" {
			continue
		}
		if a, ok := amountOf(d.Get("amount")); ok {
			sum += a
		}
	}
	return sum
}

// A share is what a deposit, or cash that is given back, has of one payment.
type share struct {
	payment fhir.Key
	amount  fhir.Amount
}

// gone gives what a deposit, or cash that is given back, takes from what an
// officer holds, by the payments it is of.
func (m movement) gone() []share {
	if m.officer.IsZero() || !m.counts || m.direction != "deposit" && (m.direction != "out" || !m.cash) {
		return nil
	}
	var list []share
	for d := range m.node.Get("detail").Each() {
		k := r4.Target(d.Get("request"))
		if a, ok := amountOf(d.Get("amount")); ok && k.Type == "PaymentReconciliation" {
			list = append(list, share{k, a})
		}
	}
	return list
}

// The ledger accounts of an officer: what he holds by currency, and by payment.
func heldBy(officer fhir.Key) string { return "cash|" + officer.String() }

func openOf(officer fhir.Key) string { return "cash-payment|" + officer.String() }

// bucket names a payment in the second account.
func bucket(currency string, payment fhir.Key) string { return currency + "|" + payment.ID }

// entries gives what the movement is in the ledger. The day of a payment is that
// it was taken on, also where a part of it is gone.
func (m movement) entries() []fhir.Entry {
	var list []fhir.Entry
	day := dayNumber(m.node.Get("paymentDate").Text())
	add := func(payment fhir.Key, a fhir.Amount, taken int32) {
		list = append(list,
			fhir.Entry{Account: heldBy(m.officer), Bucket: m.currency, Day: day, Value: int64(a)},
			fhir.Entry{Account: openOf(m.officer), Bucket: bucket(m.currency, payment), Day: taken, Value: int64(a)})
	}
	if taken := m.taken(); taken != 0 {
		add(m.key, taken, day)
	}
	for _, s := range m.gone() {
		add(s.payment, -s.amount, 0)
	}
	return list
}
