package payment

import (
	"fmt"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// moneyFor finds the PaymentReconciliation that a notice names, also by the number
// of a receipt only, and makes it where it is not booked yet: cash, before there
// is a line of a bank. All of it is then what the detail says. The same number
// again is the same money.
func (b *book) moneyFor(n notice, d detailJSON) (*movement, error) {
	if !n.money.IsZero() {
		return b.money(n.money)
	}
	if n.receipt.Get("value").Text() != "" {
		found, err := booked(b.tx, n.receipt)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			return b.money(found[0].Key)
		}
	}
	paid, err := money(n.node.Get("amount"), "PaymentNotice.amount")
	if err != nil {
		return nil, err
	}
	if paid.Value <= 0 {
		return nil, refuse("PaymentNotice.amount", "a payment is more than 0; to take one back, set its status to cancelled")
	}
	if came := day(n.node.Get("paymentDate").Text()); came > b.today() {
		return nil, refuse("PaymentNotice.paymentDate", "money can't have come in on %s: today is %s; where it is on its way, say so by the payment status paid", came, b.today())
	}
	made, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentReconciliation"}, Body: b.spellMoney(n, paid, d)})
	if err != nil {
		return nil, err
	}
	if n.receipt.Get("value").Text() == "" {
		if err := name(b.tx, n, made.Key); err != nil {
			return nil, err
		}
	}
	return b.money(made.Key)
}

// name lets a notice that named no money name what was made of it.
func name(tx fhir.Tx, n notice, k fhir.Key) error {
	e := fhir.NewEdit(n.node.Document())
	e.Set(n.node.Get("payment"), "reference", quote(k.String()))
	_, err := tx.Update(&fhir.Resource{Key: n.key, Body: e.Bytes()}, 0)
	return err
}

// spellMoney writes the PaymentReconciliation of a notice, whose officer took it.
// What is too much on an Invoice is parted from it afterwards (see excess).
func (b *book) spellMoney(n notice, paid fhir.Money, d detailJSON) []byte {
	date := day(n.node.Get("paymentDate").Text())
	if date == "" {
		date = day(n.node.Get("created").Text())
	}
	m := movementJSON{
		ResourceType: "PaymentReconciliation", Status: "active", Created: instant(b.tx), Outcome: "complete",
		PaymentDate: date, PaymentAmount: moneyOf(paid.Value, paid.Currency),
	}
	m.Extension = append(m.Extension, datatype.JSON(extension{URL: profiles.ExtensionPaymentDirection, ValueCode: "in"}))
	for _, url := range []string{profiles.ExtensionPayer, profiles.ExtensionPaymentMethod} {
		if e := n.node.Extension(url); e.Exists() {
			m.Extension = append(m.Extension, e.Raw())
		} else if url == profiles.ExtensionPaymentMethod {
			cash := code(profiles.SystemOpenIMISPaymentMethod, "C")
			m.Extension = append(m.Extension, datatype.JSON(extension{URL: url, ValueConcept: &cash}))
		}
	}
	number := n.key.ID
	if n.receipt.Get("value").Text() != "" {
		m.Identifier, m.PaymentIdentifier, number = append(m.Identifier, n.receipt.Raw()), n.receipt.Raw(), n.receipt.Get("value").Text()
	}
	d.Identifier, d.Date, d.Amount = identifier{profiles.IdentifierPaymentDetail, fmt.Sprintf("%s-1", number)}, date, m.PaymentAmount
	if officer := n.node.Get("provider"); officer.Exists() {
		d.Submitter, m.Requestor = officer.Raw(), officer.Raw()
	}
	m.Detail = []detailJSON{d}
	return datatype.JSON(m)
}

// advanceOf gives the detail of money that is all an owner's credit.
func advanceOf(owner fhir.Key) detailJSON {
	d := detailJSON{Type: code(systemPaymentType, "advance")}
	d.setPayee(owner)
	return d
}
