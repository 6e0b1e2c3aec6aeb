package payment

import (
	"context"

	"bima/fhir"
)

// checkMoney asks of money the scheme receives whether all of it is allocated,
// and whether what was allocated before still is.
func checkMoney(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	var before fhir.Node
	if c.Before != nil {
		old, err := parse(c.Before)
		if err != nil {
			return err
		}
		before = old
	}
	booked := before.Exists() && incoming(before) && before.Get("status").Text() != "draft"
	if c.After == nil {
		if booked {
			return refuse("PaymentReconciliation", "%s is money that is booked; to take it back, set its status to cancelled", c.Key)
		}
		return nil
	}
	if !incoming(c.Node) {
		if booked {
			return refuse("PaymentReconciliation.extension", "%s is money that came in, and stays so", c.Key)
		}
		return nil
	}
	after, err := movementOf(c.Key, c.Node)
	if err != nil {
		return err
	}
	if booked {
		return goesOn(before, after)
	}
	return after.allocated()
}

// allocated asks whether the details come to the whole.
func (m *movement) allocated() error {
	var sum fhir.Amount
	for _, p := range m.parts {
		if p.kind != "adjustment" {
			sum += p.amount
		}
	}
	if sum != m.whole {
		return refuse("PaymentReconciliation.detail", "the details come to %s, the payment is of %s; what is left over is a detail of type advance", sum, m.whole)
	}
	return nil
}

// goesOn refuses to change what was booked: details are only added to. One that
// was sent as it was before the server added to it loses nothing (see restore).
func goesOn(before fhir.Node, after *movement) error {
	old, err := movementOf(after.key, before)
	if err != nil {
		return err
	}
	if old.whole != after.whole || old.currency != after.currency {
		return refuse("PaymentReconciliation.paymentAmount", "%s is booked with %s %s; set its status to cancelled and send another", after.key, old.whole, old.currency)
	}
	for i := range min(len(old.parts), len(after.parts)) {
		was, is := old.parts[i], after.parts[i]
		if was.kind != is.kind || was.request != is.request || was.amount != is.amount || was.payee != is.payee {
			return fhir.Detailf(fhir.IssueConflict, detailPayment, is.expression(), "%s has another detail here since; read it again, and only add details behind those it has", after.key)
		}
	}
	if len(after.parts) < len(old.parts) {
		return nil
	}
	return after.allocated()
}

// restore gives back what a resource had before it was sent again without it: an
// officer's device sends what it knows once more. Of a notice that is what was
// made of it, of a payment the details.
func (b *book) restore(c fhir.Change) error {
	if c.Before == nil || c.After == nil {
		return nil
	}
	if c.Type == "PaymentNotice" {
		return b.restoreName(c)
	}
	if !incoming(c.Node) {
		return nil
	}
	old, err := parse(c.Before)
	if err != nil || !incoming(old) {
		return err
	}
	had, has := old.Get("detail"), c.Node.Get("detail")
	if !has.Exists() || has.Len() >= had.Len() {
		return nil
	}
	m, err := b.money(c.Key)
	if err != nil || m == nil {
		return err
	}
	e, at := fhir.NewEdit(m.node.Document()), 0
	for d := range had.Each() {
		if at >= len(m.parts) {
			e.Append(m.node.Get("detail"), d.Raw())
		}
		at++
	}
	if at <= len(m.parts) {
		return nil
	}
	return m.store(b.tx, e)
}

// restoreName lets a notice name its money again; else it would be booked twice.
func (b *book) restoreName(c fhir.Change) error {
	old, err := parse(c.Before)
	if err != nil {
		return err
	}
	before := noticeOf(c.Key, old)
	if before.names() == "" || noticeOf(c.Key, c.Node).names() != "" || !before.ours() {
		return nil
	}
	now, err := fhir.Tree(b.tx, c.Key)
	if err != nil || noticeOf(c.Key, now).names() != "" {
		return err
	}
	if before.money.IsZero() {
		e := fhir.NewEdit(now.Document())
		e.Set(now.Get("payment"), "identifier", before.receipt.Raw())
		_, err := b.tx.Update(&fhir.Resource{Key: c.Key, Body: e.Bytes()}, 0)
		return err
	}
	return name(b.tx, noticeOf(c.Key, now), before.money)
}
