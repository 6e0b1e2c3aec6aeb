package payment

import "bima/fhir"

// prepaid books a notice of money paid ahead: it is the payer's credit, which
// pays at once what he has open.
func (b *book) prepaid(c fhir.Change) error {
	if c.Type != "PaymentNotice" || c.After == nil || !noticeOf(c.Key, c.Node).ahead() {
		return nil
	}
	node, err := fhir.Tree(b.tx, c.Key)
	if err != nil {
		return err
	}
	n := noticeOf(c.Key, node)
	if !n.counts {
		return nil
	}
	owner, err := b.payerOf(n)
	if err != nil {
		return err
	}
	if owner.IsZero() {
		return refuse("PaymentNotice.extension", "%s, who pays ahead, is not there; enrol the family first, or name the invoice that is paid", n.payer)
	}
	m, err := b.moneyFor(n, advanceOf(owner))
	if err != nil {
		return err
	}
	if m == nil {
		return refuse("PaymentNotice.payment", "%s is paid by %s, which is not there; send it in the same transaction", n.of(), n.money)
	}
	if currency := node.At("amount", "currency").Text(); currency != m.currency {
		return refuse("PaymentNotice.amount", "the notice is in %s, %s in %s", currency, m.key, m.currency)
	}
	return b.payOpenOf(owner)
}

// payerOf gives whose credit money is that is paid ahead: that of the family of a
// person who is in one, else of the payer himself; zero where he is not there.
func (b *book) payerOf(n notice) (fhir.Key, error) {
	if !n.ahead() {
		return fhir.Key{}, nil
	}
	w, err := b.accountNamed(n.payer)
	return w.account, err
}

// payOpenOf puts the open Invoices of an owner of credit in the queue, the one due
// first first, and locks the accounts they are on.
func (b *book) payOpenOf(owner fhir.Key) error {
	open, err := b.openOf(owner)
	if err != nil {
		return err
	}
	var names []string
	for _, a := range open {
		if ownerOf(a.node) == owner {
			names = append(names, accountOf(a.key, a.node).String())
			b.again(a.key)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return b.tx.Lock(names...)
}

// noticesOf gives the notices of a payment: those on its Invoices, and that of
// money paid ahead, which is found by the number of its receipt.
func (b *book) noticesOf(m *movement) ([]notice, error) {
	var list []notice
	for _, invoice := range m.invoices() {
		all, err := notices(b.tx, invoice)
		if err != nil {
			return nil, err
		}
		for _, n := range all {
			named, err := b.moneyNamed(n)
			if err != nil {
				return nil, err
			}
			if named != nil && named.key == m.key {
				list = append(list, n)
			}
		}
	}
	ahead, err := b.noticeAhead(m)
	if err != nil || ahead.key.IsZero() {
		return list, err
	}
	return append(list, ahead), nil
}

// noticeAhead gives the notice of money paid ahead, one with the zero Key where
// there is none.
func (b *book) noticeAhead(m *movement) (notice, error) {
	number := m.receipt()
	if number == "" {
		return notice{}, nil
	}
	k, there, err := b.tx.Owner(receiptKey(number))
	if err != nil || !there {
		return notice{}, err
	}
	node, err := fhir.Tree(b.tx, k)
	if err != nil {
		return notice{}, err
	}
	n := noticeOf(k, node)
	if !n.ahead() {
		return notice{}, nil
	}
	named, err := b.moneyNamed(n)
	if err != nil || named == nil || named.key != m.key {
		return notice{}, err
	}
	return n, nil
}

// noticesLike gives the notices among which another of the same money would be.
func (b *book) noticesLike(n notice) ([]notice, error) {
	if !n.ahead() {
		return notices(b.tx, n.invoice)
	}
	m, err := b.moneyNamed(n)
	if err != nil || m == nil {
		return nil, err
	}
	return b.noticesOf(m)
}
