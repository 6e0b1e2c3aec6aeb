package payment

import (
	"context"
	"encoding/json"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// allocate is PaymentReconciliation/[id]/$allocate: what is nobody's, and what is
// credit, goes to whom it is for.
func (s Settings) allocate(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := accountant(ctx); err != nil {
		return nil, err
	}
	f, err := formOf(in)
	if err != nil {
		return nil, err
	}
	var made []result
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		b := s.book(tx)
		w, err := b.whose(f.Values("for"))
		if err != nil {
			return err
		}
		if w.account.IsZero() {
			return fhir.Errorf(fhir.IssueNotFound, parameters.Expression("for"), "nobody is known by this; name a control number, an invoice, a policy or a family, and where there are several all of the same family")
		}
		if err := tx.Lock(w.account.String()); err != nil {
			return err
		}
		m, err := b.bookedMoney(on)
		if err != nil {
			return err
		}
		made, err = b.move(m, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(ctx, server, 200, made)
}

// bookedMoney reads money that came in and was not taken back.
func (b *book) bookedMoney(k fhir.Key) (*movement, error) {
	n, err := fhir.Tree(b.tx, k)
	if err != nil {
		return nil, err
	}
	if !n.Exists() {
		return nil, fhir.Errorf(fhir.IssueNotFound, "", "%s is not there", k)
	}
	if !incoming(n) || n.Get("status").Text() != "active" {
		return nil, refuse("PaymentReconciliation.status", "%s is no active payment to the scheme", k)
	}
	return b.money(k)
}

// move allocates all that is on no Invoice.
func (b *book) move(m *movement, w whose) ([]result, error) {
	var list []addition
	var left fhir.Amount
	for _, owner := range m.owners() {
		credit := m.credit(owner)
		if credit <= 0 || owner == w.creditor(fhir.Key{}) && w.first.IsZero() {
			continue
		}
		list = append(list, addition{kind: "advance", amount: -credit, payee: owner, after: m.lastAdvance(owner), date: b.today()})
		left += credit
	}
	if left == 0 {
		return nil, refuse("PaymentReconciliation.detail", "nothing of %s is left to allocate: all of it is on invoices, or the credit of that family already", m.key)
	}
	open, err := b.payable(w, fhir.Key{})
	if err != nil {
		return nil, err
	}
	shares, rest := share(open, fhir.Money{Value: left, Currency: m.currency})
	after := m.lastAdvance(list[0].payee)
	for _, one := range shares {
		list = append(list, addition{kind: "payment", amount: one.amount, request: one.key, after: after, date: b.today()})
	}
	if rest > 0 {
		list = append(list, addition{kind: "advance", amount: rest, payee: w.creditor(fhir.Key{}), after: after, date: b.today()})
	}
	if err := m.add(b.tx, list...); err != nil {
		return nil, err
	}
	made := []result{{"payment", m.key}}
	for _, one := range shares {
		notice, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentNotice"}, Body: datatype.JSON(noticeJSON{
			ResourceType: "PaymentNotice", Status: "active", Request: to(one.key), Created: instant(b.tx), Payment: *to(m.key),
			PaymentDate: b.today(), Recipient: one.recipient(), Amount: moneyOf(one.amount, m.currency), PaymentStatus: code(systemPaymentStatus, "cleared"),
		})})
		if err != nil {
			return nil, err
		}
		made = append(made, result{"notice", notice.Key})
	}
	if owner := w.creditor(fhir.Key{}); len(shares) == 0 && !owner.IsZero() && m.receipt() == "" {
		notice, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentNotice"}, Body: datatype.JSON(noticeJSON{
			ResourceType: "PaymentNotice", Status: "active", Created: instant(b.tx), Payment: *to(m.key),
			Extension:   []json.RawMessage{datatype.JSON(extension{URL: profiles.ExtensionPayer, ValueReference: to(owner)})},
			PaymentDate: b.today(), Recipient: recipientOf(fhir.Node{}), Amount: moneyOf(rest, m.currency), PaymentStatus: code(systemPaymentStatus, "cleared"),
		})})
		if err != nil {
			return nil, err
		}
		made = append(made, result{"notice", notice.Key})
	}
	return made, b.done(m.key)
}

// refund is PaymentReconciliation/[id]/$refund: it gives credit back.
func (s Settings) refund(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := accountant(ctx); err != nil {
		return nil, err
	}
	f, err := formOf(in)
	if err != nil {
		return nil, err
	}
	var made []result
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		b := s.book(tx)
		m, err := b.bookedMoney(on)
		if err != nil {
			return err
		}
		made, err = b.giveBack(m, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(ctx, server, 201, made)
}

// giveBack books a refund: money that goes out, and an adjustment of the advance
// that it is of.
func (b *book) giveBack(m *movement, f form) ([]result, error) {
	owner, credit := m.creditor()
	if credit <= 0 {
		return nil, refuse("PaymentReconciliation.detail", "nothing of %s is credit", m.key)
	}
	if !owner.IsZero() {
		if err := b.tx.Lock(owner.String()); err != nil {
			return nil, err
		}
	}
	amount := fhir.Money{Value: credit, Currency: m.currency}
	if f.Value("amount").Exists() {
		asked, err := f.money("amount")
		if err != nil {
			return nil, err
		}
		amount = asked
	}
	if amount.Currency != m.currency || amount.Value > credit {
		return nil, refuse(parameters.Expression("amount"), "%s has %s %s of credit; no more can be given back", m.key, credit, m.currency)
	}
	out, err := b.spellRefund(m, owner, amount, f)
	if err != nil {
		return nil, err
	}
	refund, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentReconciliation"}, Body: out})
	if err != nil {
		return nil, err
	}
	err = m.add(b.tx, addition{kind: "adjustment", amount: -amount.Value, payee: owner, response: refund.Key, after: m.lastAdvance(owner), date: b.today()})
	return []result{{"payment", m.key}, {"refund", refund.Key}}, err
}

// creditor gives who has credit of the money, and how much: one who is known
// before nobody.
func (m *movement) creditor() (owner fhir.Key, credit fhir.Amount) {
	for _, k := range m.owners() {
		if c := m.credit(k); c > 0 && (credit == 0 || owner.IsZero()) {
			owner, credit = k, c
		}
	}
	return owner, credit
}

// spellRefund writes the money that goes out.
func (b *book) spellRefund(m *movement, owner fhir.Key, amount fhir.Money, f form) ([]byte, error) {
	date, err := f.Day("date", b.today())
	if err != nil {
		return nil, err
	}
	method, err := f.method("B")
	if err != nil {
		return nil, err
	}
	reference, err := f.reference()
	if err != nil {
		return nil, err
	}
	officer, err := f.key("officer", "PractitionerRole")
	if err != nil {
		return nil, err
	}
	how := code(profiles.SystemOpenIMISPaymentMethod, method)
	d := addition{kind: "payment", amount: amount.Value, request: m.key, payee: owner, after: m.lastAdvance(owner), date: date}
	out := movementJSON{
		ResourceType: "PaymentReconciliation", Status: "active", Created: instant(b.tx), Outcome: "complete", PaymentDate: date,
		PaymentAmount: moneyOf(amount.Value, amount.Currency), Detail: []detailJSON{d.spell(m.name()+"-refund", len(m.parts)+1, m.currency)},
		Extension: []json.RawMessage{
			datatype.JSON(extension{URL: profiles.ExtensionPaymentDirection, ValueCode: "out"}),
			datatype.JSON(extension{URL: profiles.ExtensionPaymentMethod, ValueConcept: &how}),
		},
	}
	if !officer.IsZero() {
		out.Requestor = datatype.JSON(to(officer))
	}
	if reference.Exists() {
		out.PaymentIdentifier = reference.Raw()
	}
	return datatype.JSON(out), nil
}
