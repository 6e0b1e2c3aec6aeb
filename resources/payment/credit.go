package payment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// creditsMax bounds how many payments with credit of one owner are looked at.
const creditsMax = 200

// useCredit pays what is left on the Invoice out of the owner's credit, the
// oldest first.
func (a *account) useCredit() error {
	owner := ownerOf(a.node)
	if a.balance() <= 0 || owner.IsZero() {
		return nil
	}
	list, err := a.credits(owner, a.gross.Currency)
	if err != nil {
		return err
	}
	for _, m := range list {
		use := min(a.balance(), m.credit(owner))
		if use <= 0 {
			continue
		}
		if err := a.pay(m, owner, use); err != nil {
			return err
		}
	}
	return nil
}

// pay uses credit of a movement for the Invoice, and says so by a PaymentNotice.
func (a *account) pay(m *movement, owner fhir.Key, use fhir.Amount) error {
	advance, number, date := m.lastAdvance(owner), len(m.parts), a.usedOn(m)
	err := m.add(a.tx,
		addition{kind: "advance", amount: -use, payee: owner, after: advance, date: date},
		addition{kind: "payment", amount: use, request: a.key, after: advance, date: date})
	if err != nil {
		return err
	}
	named := sha256.Sum256(fmt.Appendf(nil, "%s|%d", m.key, number))
	k := fhir.Key{Type: "PaymentNotice", ID: hex.EncodeToString(named[:16])}
	stored, err := a.tx.Update(&fhir.Resource{Key: k, Body: datatype.JSON(noticeJSON{
		ResourceType: "PaymentNotice", Status: "active", Request: to(a.key), Created: instant(a.tx),
		Payment: *to(m.key), PaymentDate: date, Recipient: a.recipient(), Amount: moneyOf(use, m.currency),
		PaymentStatus: code(systemPaymentStatus, "cleared"),
	})}, 0)
	if err != nil {
		return err
	}
	n, err := parse(stored)
	if err != nil {
		return err
	}
	a.notices = append(a.notices, noticeOf(k, n))
	if !slices.Contains(a.paidBy, m) {
		a.paidBy = append(a.paidBy, m)
	}
	return nil
}

// usedOn gives the day on which money pays an Invoice out of credit: today, but
// money that is booked just now pays what is open on the day it came in.
func (b *book) usedOn(m *movement) string {
	if came := day(m.node.Get("paymentDate").Text()); came != "" && m.node.Get("created").Text() == instant(b.tx) {
		return came
	}
	return b.today()
}

// recipient gives who is paid: the issuer of the Invoice.
func (a *account) recipient() json.RawMessage { return recipientOf(a.node) }

func recipientOf(invoice fhir.Node) json.RawMessage {
	if issuer := invoice.Get("issuer"); issuer.Exists() {
		return issuer.Raw()
	}
	return json.RawMessage(`{"display":"The scheme"}`)
}

// credits gives the payments of which an owner has credit, the oldest first.
func (b *book) credits(owner fhir.Key, currency string) ([]*movement, error) {
	page, err := b.tx.Search(&fhir.Query{
		Types: []string{"PaymentReconciliation"}, Limit: creditsMax,
		Where: fhir.Match{Param: fhir.Param{Code: "payee", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: owner}},
	})
	if err != nil {
		return nil, err
	}
	var list []*movement
	for _, r := range page.Resources {
		n, err := parse(r)
		if err != nil {
			return nil, err
		}
		if !incoming(n) || n.Get("status").Text() != "active" {
			continue
		}
		m, err := b.money(r.Key)
		if err != nil {
			return nil, err
		}
		if m != nil && m.currency == currency && m.credit(owner) > 0 {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(x, y *movement) int {
		return strings.Compare(x.node.Get("paymentDate").Text()+x.key.ID, y.node.Get("paymentDate").Text()+y.key.ID)
	})
	return list, nil
}

// othersOpen puts the other open Invoices of the same account and payer in the
// queue, the one due first first: what was paid too much pays them.
func (a *account) othersOpen() error {
	list, err := a.openOf(accountOf(a.key, a.node))
	if err != nil {
		return err
	}
	for _, other := range list {
		if other.key != a.key && ownerOf(other.node) == ownerOf(a.node) {
			a.again(other.key)
		}
	}
	return nil
}

// again puts an Invoice at the end of the queue, also where it was settled before.
func (b *book) again(k fhir.Key) {
	if len(b.queue) < invoicesMax {
		b.queue = append(b.queue, k)
	}
}

// openOf gives the issued Invoices of a family or person, or those an
// organisation is to pay, the one due first first.
func (b *book) openOf(k fhir.Key) ([]*account, error) {
	by := "subject"
	switch k.Type {
	case "Invoice":
		return nil, nil
	case "Organization":
		by = "recipient"
	}
	return b.issued(fhir.Match{Param: fhir.Param{Code: by, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}})
}

// issued gives the issued Invoices on which a criterion holds.
func (b *book) issued(where fhir.Criterion) ([]*account, error) {
	page, err := b.tx.Search(&fhir.Query{
		Types: []string{"Invoice"}, Limit: invoicesMax,
		Where: fhir.All{where, fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "issued"}}},
	})
	if err != nil {
		return nil, err
	}
	var list []*account
	for _, r := range page.Resources {
		a, err := b.open(r.Key)
		if err != nil {
			return nil, err
		}
		if a != nil {
			list = append(list, a)
		}
	}
	due := func(a *account) string { return a.node.Extension(profiles.ExtensionInvoiceDue).Get("valueDate").Text() }
	slices.SortFunc(list, func(x, y *account) int {
		return strings.Compare(due(x)+"|"+x.node.Get("date").Text()+x.key.ID, due(y)+"|"+y.node.Get("date").Text()+y.key.ID)
	})
	return list, nil
}
