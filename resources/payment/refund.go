package payment

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// ordered does what follows when money that was paid on an Invoice is to be given
// back, as where a policy is cancelled: an outgoing PaymentReconciliation with an
// adjustment of the Invoice. What is given back leaves the Invoice at once, so
// that it is not used as credit too; where the order is cancelled it is credit.
func (b *book) ordered(c fhir.Change) error {
	if c.Type != "PaymentReconciliation" || c.After == nil || direction(c.Node) != "out" {
		return nil
	}
	was := ""
	if c.Before != nil {
		old, err := parse(c.Before)
		if err != nil {
			return err
		}
		was = old.Get("status").Text()
	}
	is := c.Node.Get("status").Text()
	stands := func(status string) bool { return status == "draft" || status == "active" }
	for _, d := range details(c.Node) {
		if d.kind != "adjustment" || d.request.Type != "Invoice" {
			continue
		}
		amount, err := money(d.node.Get("amount"), d.expression()+".amount")
		if err != nil {
			return err
		}
		switch {
		case was == "" && stands(is):
			err = b.withdraw(d.request, amount, c.Key)
		case stands(was) && !stands(is):
			err = b.keepAfterAll(d.request, c.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes what is given back from the payments on an Invoice, and from the
// Invoice, unless it is cancelled as a whole.
func (b *book) withdraw(invoice fhir.Key, amount fhir.Money, order fhir.Key) error {
	n, err := fhir.Tree(b.tx, invoice)
	if err != nil || !ours(n) {
		return err
	}
	a := &account{book: b, key: invoice, node: n}
	if a.gross, err = money(n.Get("totalGross"), "Invoice.totalGross"); err != nil {
		return err
	}
	if err := a.collect(); err != nil {
		return err
	}
	left := amount.Value
	if amount.Currency != a.gross.Currency || left > a.paid() {
		return refuse("PaymentReconciliation.detail", "%s %s are paid on %s; no more can be given back", a.paid(), a.gross.Currency, invoice)
	}
	for _, m := range slices.Backward(a.paidBy) {
		take := min(left, m.on(invoice))
		if take <= 0 {
			continue
		}
		if err := m.add(b.tx, addition{kind: "adjustment", amount: -take, request: invoice, response: order, after: m.lastOn(invoice), date: b.today()}); err != nil {
			return err
		}
		left -= take
	}
	if status := n.Get("status").Text(); status != "issued" && status != "balanced" {
		return nil
	}
	return a.lower(amount.Value)
}

// lower takes an amount off the Invoice, by a line of its own.
func (a *account) lower(amount fhir.Amount) error {
	net, err := money(a.node.Get("totalNet"), "Invoice.totalNet")
	if err != nil {
		return err
	}
	e := fhir.NewEdit(a.node.Document())
	line := fmt.Appendf(nil, `{"extension":[{"url":%q,"valueDate":%q}],"chargeItemCodeableConcept":{"text":"Given back"},"priceComponent":[{"type":"deduction","amount":%s}]}`,
		profiles.ExtensionLineDate, a.today(), datatype.JSON(moneyOf(-amount, a.gross.Currency)))
	if list := a.node.Get("lineItem"); list.Exists() {
		e.Append(list, line)
		e.Set(a.node, "totalNet", datatype.JSON(moneyOf(net.Value-amount, net.Currency)))
		e.Set(a.node, "totalGross", datatype.JSON(moneyOf(a.gross.Value-amount, a.gross.Currency)))
		_, err = a.tx.Update(&fhir.Resource{Key: a.key, Body: e.Bytes()}, 0)
	}
	return err
}

// keepAfterAll makes credit of what was to be given back by an order that is
// cancelled.
func (b *book) keepAfterAll(invoice, order fhir.Key) error {
	n, err := fhir.Tree(b.tx, invoice)
	if err != nil || !ours(n) {
		return err
	}
	all, err := notices(b.tx, invoice)
	if err != nil {
		return err
	}
	done := map[fhir.Key]bool{}
	for _, one := range all {
		m, err := b.moneyNamed(one)
		if err != nil {
			return err
		}
		if m == nil || done[m.key] {
			continue
		}
		done[m.key] = true
		var back fhir.Amount
		for _, p := range m.parts {
			if p.request == invoice && target(p.node.Get("response")) == order {
				back -= p.amount
			}
		}
		if back > 0 {
			credit := addition{kind: "adjustment", amount: back, payee: ownerOf(n), response: order, after: m.lastOn(invoice), date: b.today()}
			if err := m.add(b.tx, credit); err != nil {
				return err
			}
		}
	}
	return nil
}
