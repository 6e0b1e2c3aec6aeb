package payment

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// settle works out what is left to pay on each Invoice of the queue, which may
// grow meanwhile: credit pays others.
func (b *book) settle() error {
	for i := 0; i < len(b.queue); i++ {
		if i >= invoicesMax {
			return fhir.Errorf(fhir.IssueTooCostly, "", "more than %d invoices are touched at once; part the transaction", invoicesMax)
		}
		a, err := b.open(b.queue[i])
		if err != nil || a == nil {
			if err != nil {
				return err
			}
			continue
		}
		for _, step := range []func() error{a.collect, a.excess, a.useCredit, a.write, a.policy} {
			if err := step(); err != nil {
				return err
			}
		}
	}
	return nil
}

// An account is an Invoice of the scheme with what has been paid on it.
type account struct {
	*book
	key     fhir.Key
	node    fhir.Node
	gross   fhir.Money
	notices []notice    // those that count, the oldest first
	paidBy  []*movement // the money they name, each once, the oldest first
}

// open reads an Invoice that can be paid: one of the scheme, issued or balanced.
func (b *book) open(k fhir.Key) (*account, error) {
	n, err := fhir.Tree(b.tx, k)
	if err != nil {
		return nil, err
	}
	if status := n.Get("status").Text(); !ours(n) || status != "issued" && status != "balanced" {
		return nil, nil
	}
	gross, err := money(n.Get("totalGross"), "Invoice.totalGross")
	if err != nil {
		return nil, err
	}
	return &account{book: b, key: k, node: n, gross: gross}, nil
}

// ours reports whether an Invoice is one of the scheme.
func ours(n fhir.Node) bool {
	return n.Identifier(profiles.IdentifierInvoice) != "" || n.Extension(profiles.ExtensionInvoiceContract).Exists()
}

// collect reads the notices on the Invoice and the money they name.
func (a *account) collect() error {
	all, err := notices(a.tx, a.key)
	if err != nil {
		return err
	}
	a.notices, a.paidBy = nil, nil
	for _, n := range all {
		if n.counts {
			a.notices = append(a.notices, n)
		}
	}
	slices.SortFunc(a.notices, func(x, y notice) int {
		return strings.Compare(x.node.Get("created").Text()+x.key.ID, y.node.Get("created").Text()+y.key.ID)
	})
	for _, n := range a.notices {
		if err := a.receive(n); err != nil {
			return err
		}
	}
	return nil
}

// receive reads the money a notice names, or makes it.
func (a *account) receive(n notice) error {
	m, err := a.moneyFor(n, detailJSON{Type: code(systemPaymentType, "payment"), Request: to(a.key)})
	if err != nil {
		return err
	}
	if m == nil {
		return refuse("PaymentNotice.payment", "%s is paid by %s, which is not there; send it in the same transaction", a.key, n.money)
	}
	if slices.Contains(a.paidBy, m) {
		return nil
	}
	if m.currency != a.gross.Currency {
		return refuse("PaymentNotice.amount", "%s asks for %s, %s pays in %s", a.key, a.gross.Currency, m.key, m.currency)
	}
	if !m.pays(a.key) && m.node.Get("status").Text() == "active" {
		return refuse("PaymentNotice.payment", "%s has no detail that pays %s", m.key, a.key)
	}
	a.paidBy = append(a.paidBy, m)
	return nil
}

// paid gives what has been received on the Invoice.
func (a *account) paid() (sum fhir.Amount) {
	for _, m := range a.paidBy {
		if m.node.Get("status").Text() != "draft" {
			sum += m.on(a.key)
		}
	}
	return sum
}

// balance gives what is left to pay.
func (a *account) balance() fhir.Amount { return a.gross.Value - a.paid() }

// lastPaid gives the day from which the Invoice is paid as it is: that of the last
// payment, or of a later decision that takes something off.
func (a *account) lastPaid() string {
	last := ""
	for _, m := range a.paidBy {
		for _, p := range m.parts {
			if p.request == a.key && p.amount > 0 {
				last = max(last, p.date)
			}
		}
	}
	for line := range a.node.Get("lineItem").Each() {
		last = max(last, day(line.Extension(profiles.ExtensionLineDate).Get("valueDate").Text()))
	}
	return last
}

// excess parts what is too much from the last payments on the Invoice: it becomes
// the payer's credit, which first pays what else is open on the account.
func (a *account) excess() error {
	for i := len(a.paidBy) - 1; i >= 0 && a.balance() < 0; i-- {
		m := a.paidBy[i]
		over := min(-a.balance(), m.on(a.key))
		if over <= 0 {
			continue
		}
		if err := m.toCredit(a.tx, a.key, over, ownerOf(a.node), max(a.lastPaid(), day(m.node.Get("paymentDate").Text()))); err != nil {
			return err
		}
		if err := a.othersOpen(); err != nil {
			return err
		}
	}
	return nil
}

// toCredit moves money from an Invoice to an owner's credit.
func (m *movement) toCredit(tx fhir.Tx, invoice fhir.Key, amount fhir.Amount, owner fhir.Key, date string) error {
	last := m.lastOn(invoice)
	return m.add(tx,
		addition{kind: "payment", amount: -amount, request: invoice, after: last, date: date},
		addition{kind: "advance", amount: amount, payee: owner, after: last, date: date})
}

// write puts balance and status into the Invoice.
func (a *account) write() error {
	status := "issued"
	if a.balance() == 0 {
		status = "balanced"
	}
	left := fhir.Money{Value: a.balance(), Currency: a.gross.Currency}
	old := a.node.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney")
	if value, err := money(old, ""); err == nil && value == left && a.node.Get("status").Text() == status {
		return nil
	}
	e := fhir.NewEdit(a.node.Document())
	e.Set(a.node, "status", quote(status))
	e.SetExtension(a.node, profiles.ExtensionInvoiceBalance, "valueMoney", datatype.JSON(moneyOf(left.Value, left.Currency)))
	_, err := a.tx.Update(&fhir.Resource{Key: a.key, Body: e.Bytes()}, 0)
	return err
}
