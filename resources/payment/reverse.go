package payment

import (
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// takeBack does what follows when a payment that counted does not any more, or
// the money is cancelled.
func (b *book) takeBack(c fhir.Change) error {
	if c.Before == nil || c.After == nil {
		return nil
	}
	old, err := parse(c.Before)
	if err != nil {
		return err
	}
	switch c.Type {
	case "PaymentNotice":
		before, after := noticeOf(c.Key, old), noticeOf(c.Key, c.Node)
		if before.counts && !after.counts && before.ours() {
			return b.takeNoticeBack(before, c.Node)
		}
	case "PaymentReconciliation":
		if incoming(old) && old.Get("status").Text() == "active" && c.Node.Get("status").Text() != "active" {
			m, err := b.money(c.Key)
			if err != nil || m == nil {
				return err
			}
			return b.takeAllBack(m)
		}
		return b.lessened(c, old)
	}
	return nil
}

// lessened notes the Invoices that a payment pays less of than before: a caller
// may add an adjustment himself.
func (b *book) lessened(c fhir.Change, before fhir.Node) error {
	if !incoming(before) || !incoming(c.Node) {
		return nil
	}
	old, err := movementOf(c.Key, before)
	if err != nil {
		return err
	}
	now, err := movementOf(c.Key, c.Node)
	if err != nil {
		return err
	}
	for _, invoice := range old.invoices() {
		if now.on(invoice) < old.on(invoice) {
			b.reversed[invoice] = true
		}
	}
	return nil
}

// takeNoticeBack takes a payment from its Invoice by a negative adjustment; where
// the money paid that Invoice only, with it what became of its excess. One that
// was booked on the wrong Invoice becomes nobody's credit.
func (b *book) takeNoticeBack(n notice, after fhir.Node) error {
	m, err := b.moneyNamed(n)
	if err != nil || m == nil {
		return err
	}
	misposted := after.Extension(profiles.ExtensionPaymentReversal).Get("valueCode").Text() == "misposted"
	if n.ahead() {
		if misposted {
			return b.toNobody(m)
		}
		return b.takeAllBack(m)
	}
	if m.on(n.invoice) <= 0 {
		return nil
	}
	all, err := notices(b.tx, n.invoice)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.key != n.key && other.counts && other.names() == n.names() {
			return nil
		}
	}
	b.reversed[n.invoice] = true
	if misposted {
		return m.toCredit(b.tx, n.invoice, m.on(n.invoice), fhir.Key{}, b.today())
	}
	for _, p := range m.parts {
		if p.kind == "payment" && p.amount > 0 && p.request != n.invoice && !p.usesCredit(m) {
			return m.add(b.tx, m.adjust(n.invoice, b.today()))
		}
	}
	return b.takeAllBack(m)
}

// usesCredit reports whether the part pays out of credit of the same money.
func (p part) usesCredit(m *movement) bool {
	before := p.node.At("predecessor", "value").Text()
	for _, other := range m.parts {
		if other.kind == "advance" && other.node.At("identifier", "value").Text() == before && before != "" {
			return true
		}
	}
	return false
}

// moneyNamed finds the money of a notice, which is booked.
func (b *book) moneyNamed(n notice) (*movement, error) {
	if !n.money.IsZero() {
		return b.money(n.money)
	}
	if n.receipt.Get("value").Text() == "" {
		return nil, nil
	}
	found, err := booked(b.tx, n.receipt)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return b.money(found[0].Key)
}

// adjust takes back what of the money is on an Invoice.
func (m *movement) adjust(invoice fhir.Key, date string) addition {
	return addition{kind: "adjustment", amount: -m.on(invoice), request: invoice, after: m.lastOn(invoice), date: date}
}

// takeAllBack takes back all of the money: from each Invoice it is on, and as
// credit. The notices of it that still count are cancelled.
func (b *book) takeAllBack(m *movement) error {
	var list []addition
	for _, invoice := range m.invoices() {
		if m.on(invoice) != 0 {
			list = append(list, m.adjust(invoice, b.today()))
			b.reversed[invoice] = true
			b.enqueue(invoice)
		}
	}
	for _, owner := range m.owners() {
		if credit := m.credit(owner); credit != 0 {
			list = append(list, addition{kind: "adjustment", amount: -credit, payee: owner, after: m.lastAdvance(owner), date: b.today()})
		}
	}
	if err := m.add(b.tx, list...); err != nil {
		return err
	}
	return b.cancelNotices(m)
}

// toNobody makes all of the money nobody's: it is there, but was booked on the
// wrong payer.
func (b *book) toNobody(m *movement) error {
	for _, invoice := range m.invoices() {
		on := m.on(invoice)
		if on <= 0 {
			continue
		}
		b.reversed[invoice] = true
		b.enqueue(invoice)
		if err := m.toCredit(b.tx, invoice, on, fhir.Key{}, b.today()); err != nil {
			return err
		}
	}
	for _, owner := range m.owners() {
		credit := m.credit(owner)
		if owner.IsZero() || credit <= 0 {
			continue
		}
		last := m.lastAdvance(owner)
		err := m.add(b.tx,
			addition{kind: "advance", amount: -credit, payee: owner, after: last, date: b.today()},
			addition{kind: "advance", amount: credit, after: last, date: b.today()})
		if err != nil {
			return err
		}
	}
	return b.cancelNotices(m)
}

// cancelNotices cancels the notices of a payment that count.
func (b *book) cancelNotices(m *movement) error {
	all, err := b.noticesOf(m)
	if err != nil {
		return err
	}
	for _, n := range all {
		if !n.counts {
			continue
		}
		e := fhir.NewEdit(n.node.Document())
		e.Set(n.node, "status", quote("cancelled"))
		if _, err := b.tx.Update(&fhir.Resource{Key: n.key, Body: e.Bytes()}, 0); err != nil {
			return err
		}
	}
	return nil
}

// release makes credit of what was paid on an Invoice that is cancelled, and
// notes the day.
func (b *book) release(c fhir.Change) error {
	if c.Type != "Invoice" || c.Before == nil || c.After == nil {
		return nil
	}
	old, err := parse(c.Before)
	if err != nil {
		return err
	}
	was, is := old.Get("status").Text(), c.Node.Get("status").Text()
	if !ours(c.Node) || was != "issued" && was != "balanced" || is == "issued" || is == "balanced" {
		return nil
	}
	a := &account{book: b, key: c.Key, node: c.Node}
	if a.gross, err = money(c.Node.Get("totalGross"), "Invoice.totalGross"); err != nil {
		return err
	}
	if err := a.collect(); err != nil {
		return err
	}
	for _, m := range a.paidBy {
		if on := m.on(c.Key); on > 0 {
			if err := m.toCredit(b.tx, c.Key, on, ownerOf(c.Node), b.today()); err != nil {
				return err
			}
		}
	}
	e := fhir.NewEdit(c.Node.Document())
	e.SetExtension(c.Node, profiles.ExtensionInvoiceBalance, "valueMoney", datatype.JSON(moneyOf(0, a.gross.Currency)))
	e.SetExtension(c.Node, profiles.ExtensionInvoiceCancelled, "valueDate", quote(b.today()))
	if _, err := b.tx.Update(&fhir.Resource{Key: c.Key, Body: e.Bytes()}, 0); err != nil {
		return err
	}
	return a.othersOpen()
}
