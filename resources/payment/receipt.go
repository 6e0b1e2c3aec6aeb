package payment

import (
	"bytes"
	"fmt"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// moneyOf finds the PaymentReconciliation that a notice names by the number of a
// receipt only, and makes it where it is not booked yet: cash, before there is a
// line of a bank. The same number again is the same money.
func (a *account) moneyOf(tx fhir.Tx, n notice) (fhir.Key, fhir.Node, error) {
	if err := tx.Lock(lockName(n.receipt)); err != nil {
		return fhir.Key{}, fhir.Node{}, err
	}
	found, err := booked(tx, n.receipt)
	if err != nil {
		return fhir.Key{}, fhir.Node{}, err
	}
	if len(found) > 0 {
		node, err := parse(found[0])
		return found[0].Key, node, err
	}
	paid, err := money(n.node.Get("amount"), "PaymentNotice.amount")
	if err != nil {
		return fhir.Key{}, fhir.Node{}, err
	}
	if paid.Currency != a.gross.Currency {
		return fhir.Key{}, fhir.Node{}, refuse("PaymentNotice.amount", "%s asks for %s, the payment is in %s", a.key, a.gross.Currency, paid.Currency)
	}
	made, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentReconciliation"}, Body: a.spell(n, paid, tx.Now())})
	if err != nil {
		return fhir.Key{}, fhir.Node{}, err
	}
	node, err := parse(made)
	return made.Key, node, err
}

// spell writes the PaymentReconciliation of a notice: all of the money on the
// Invoice; what is too much is parted from it afterwards (see advance).
func (a *account) spell(n notice, paid fhir.Money, now time.Time) []byte {
	date := n.node.Get("paymentDate").Text()
	if date == "" {
		created := n.node.Get("created").Text()
		date = created[:min(len(created), len(time.DateOnly))]
	}
	var extensions bytes.Buffer
	fmt.Fprintf(&extensions, `{"url":%q,"valueCode":"in"}`, profiles.ExtensionPaymentDirection)
	for _, url := range []string{profiles.ExtensionPayer, profiles.ExtensionPaymentMethod} {
		if e := n.node.Extension(url); e.Exists() {
			extensions.WriteByte(',')
			extensions.Write(e.Raw())
		}
	}
	var payee string
	if p := n.node.Get("payee"); p.Exists() {
		payee = `,"payee":` + string(p.Raw())
	}
	return fmt.Appendf(nil, `{"resourceType":"PaymentReconciliation","extension":[%s],"identifier":[%s],"status":"active",`+
		`"created":%q,"outcome":"complete","paymentDate":%s,"paymentAmount":%s,"paymentIdentifier":%s,"detail":[{"identifier":%s,%s,"request":{"reference":%q},"date":%s%s,"amount":%s}]}`,
		extensions.Bytes(), n.receipt.Raw(), now.Format(time.RFC3339), quoted(date), moneyJSON(paid), n.receipt.Raw(),
		detailIdentifier(n.receipt.Get("value").Text(), 1), paymentType("payment"), a.key.String(), quoted(date), payee, moneyJSON(paid))
}

func detailIdentifier(payment string, number int) string {
	return fmt.Sprintf(`{"system":%q,"value":%s}`, profiles.IdentifierPaymentDetail, quoted(fmt.Sprintf("%s-%d", payment, number)))
}

func quoted(s string) string { return string(quote(s)) }

func paymentType(code string) string {
	return fmt.Sprintf(`"type":{"coding":[{"system":%q,"code":%q}]}`, systemPaymentType, code)
}

// advance parts what is too much from the last payment on the Invoice: it becomes
// a detail of type advance, the payer's credit, and the balance 0.
func (a *account) advance(tx fhir.Tx) error {
	for i := len(a.receipts) - 1; i >= 0 && a.balance() < 0; i-- {
		r := &a.receipts[i]
		if !r.last.node.Exists() {
			continue
		}
		on, err := money(r.last.node.Get("amount"), r.last.expression()+".amount")
		if err != nil {
			return err
		}
		excess := min(-a.balance(), on.Value)
		if excess <= 0 {
			continue
		}
		if err := r.part(tx, fhir.Money{Value: on.Value - excess, Currency: on.Currency}, fhir.Money{Value: excess, Currency: on.Currency}); err != nil {
			return err
		}
		r.on -= excess
	}
	return nil
}

// part writes a receipt with less on the Invoice and the rest as an advance.
func (r *receipt) part(tx fhir.Tx, left, excess fhir.Money) error {
	e := fhir.NewEdit(r.node.Document())
	e.Set(r.last.node, "amount", moneyJSON(left))
	name := r.node.At("paymentIdentifier", "value").Text()
	if name == "" {
		name = r.key.ID
	}
	date := quoted(r.date)
	e.Append(r.node.Get("detail"), fmt.Appendf(nil, `{"identifier":%s,%s,"date":%s,"amount":%s}`,
		detailIdentifier(name, r.node.Get("detail").Len()+1), paymentType("advance"), date, moneyJSON(excess)))
	_, err := tx.Update(&fhir.Resource{Key: r.key, Body: e.Bytes()}, 0)
	return err
}
