package payment

import (
	"context"
	"encoding/json"
	"slices"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// A receipt is money as Receive is told of it.
type receipt struct {
	amount    fhir.Money
	reference fhir.Node // an Identifier, or absent
	from      []fhir.Node
	date      string
	method    string
	payer     fhir.Key
	officer   fhir.Key
	number    string
}

// receive is PaymentReconciliation/$receive: it books money that came in.
func (s Settings) receive(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := accountant(ctx, fhir.RoleEnrolmentOfficer); err != nil {
		return nil, err
	}
	f, err := formOf(in)
	if err != nil {
		return nil, err
	}
	var made []result
	status := 201
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		b := s.book(tx)
		r, err := b.receipt(f)
		if err != nil {
			return err
		}
		if made, err = b.repeated(r); err != nil || len(made) > 0 {
			status = 200
			return err
		}
		status = 201
		made, err = b.take(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(ctx, server, status, made)
}

// receipt reads the parameters.
func (b *book) receipt(f form) (r receipt, err error) {
	if r.amount, err = f.money("amount"); err != nil {
		return r, err
	}
	if r.reference, err = f.reference(); err != nil {
		return r, err
	}
	if r.date, err = f.Day("date", b.today()); err != nil {
		return r, err
	}
	if r.date > b.today() {
		return r, refuse(parameters.Expression("date"), "money can't have come in on %s: today is %s", r.date, b.today())
	}
	usual := "C"
	if r.reference.Exists() {
		usual = "M"
	}
	if r.method, err = f.method(usual); err != nil {
		return r, err
	}
	if r.payer, err = f.key("payer", "Patient", "Group", "Organization"); err != nil {
		return r, err
	}
	if r.officer, err = f.key("officer", "PractitionerRole"); err != nil {
		return r, err
	}
	if own := b.tx.Caller().Entity; r.officer.IsZero() && own.Type == "PractitionerRole" {
		r.officer = own
	}
	r.from, r.number = f.Values("for"), f.Value("receipt").Text()
	if !r.reference.Exists() && len(r.from) == 0 {
		return r, fhir.Errorf(fhir.IssueRequired, parameters.Expression("for"), "cash is for somebody: name a control number, an invoice, a policy or a family")
	}
	return r, nil
}

// repeated finds what was booked under the reference before: the same content is
// answered as it was, other content refused.
func (b *book) repeated(r receipt) ([]result, error) {
	if !r.reference.Exists() {
		return nil, nil
	}
	if err := b.tx.Lock(lockName(r.reference)); err != nil {
		return nil, err
	}
	found, err := booked(b.tx, r.reference)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	m, err := b.money(found[0].Key)
	if err != nil {
		return nil, err
	}
	if differing := r.differs(m); differing != "" {
		return nil, fhir.Detailf(fhir.IssueConflict, fhir.DetailUnique, parameters.Expression(differing), "the transaction %s is booked already as %s, which differs in %s",
			r.reference.Get("value").Text(), m.key, differing)
	}
	return b.results(m)
}

// differs names a parameter in which the money booked differs.
func (r receipt) differs(m *movement) string {
	method := m.node.Extension(profiles.ExtensionPaymentMethod).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISPaymentMethod)
	payer := target(m.node.Extension(profiles.ExtensionPayer).Get("valueReference"))
	switch {
	case m.whole != r.amount.Value || m.currency != r.amount.Currency:
		return "amount"
	case m.node.Get("paymentDate").Text() != r.date:
		return "date"
	case method != r.method:
		return "method"
	case payer != r.payer:
		return "payer"
	case m.node.Get("processNote").First().Get("text").Text() != r.forText():
		return "for"
	}
	return ""
}

// forText keeps in the PaymentReconciliation whom the money was said to be from.
func (r receipt) forText() string {
	text := "For"
	for _, one := range r.from {
		text += " " + one.Get("system").Text() + "|" + one.Get("value").Text()
	}
	return text
}

// results gives a payment with its notices and open Task.
func (b *book) results(m *movement) ([]result, error) {
	list := []result{{"payment", m.key}}
	all, err := b.noticesOf(m)
	if err != nil {
		return nil, err
	}
	for _, n := range all {
		list = append(list, result{"notice", n.key})
	}
	tasks, err := b.find("Task", "focus", m.key)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		list = append(list, result{"task", t.Key})
	}
	return list, nil
}

// take books the money: it pays the open Invoices of whom it is from, and what is
// left is his credit; where he is not known, a person is asked.
func (b *book) take(r receipt) ([]result, error) {
	w, err := b.whose(r.from)
	if err != nil {
		return nil, err
	}
	var open []*account
	if !w.account.IsZero() {
		if err := b.tx.Lock(w.account.String()); err != nil {
			return nil, err
		}
		if open, err = b.payable(w, r.payer); err != nil {
			return nil, err
		}
	}
	shares, left := share(open, r.amount)
	made, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentReconciliation"}, Body: b.spellReceipt(r, w, shares, left)})
	if err != nil {
		return nil, err
	}
	list := []result{{"payment", made.Key}}
	for i, one := range shares {
		number := ""
		if i == 0 {
			number = r.number
		}
		notice, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentNotice"}, Body: b.notify(r, made.Key, one, number)})
		if err != nil {
			return nil, err
		}
		list = append(list, result{"notice", notice.Key})
	}
	if owner := w.creditor(r.payer); len(shares) == 0 && !owner.IsZero() {
		notice, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentNotice"}, Body: b.notifyAhead(r, made.Key, owner)})
		if err != nil {
			return nil, err
		}
		list = append(list, result{"notice", notice.Key})
	}
	if w.account.IsZero() {
		task, err := b.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: b.ask(made.Key, r)})
		if err != nil {
			return nil, err
		}
		list = append(list, result{"task", task.Key})
	}
	return list, nil
}

// A portion is what one Invoice gets of a payment.
type portion struct {
	*account
	amount fhir.Amount
}

// share parts money between Invoices, the first of them first.
func share(open []*account, of fhir.Money) (list []portion, left fhir.Amount) {
	left = of.Value
	for _, a := range open {
		if a.gross.Currency != of.Currency {
			continue
		}
		if amount := min(left, a.balance()); amount > 0 {
			list = append(list, portion{a, amount})
			left -= amount
		}
	}
	return list, left
}

// spellReceipt writes the PaymentReconciliation of money that was received.
func (b *book) spellReceipt(r receipt, w whose, shares []portion, left fhir.Amount) []byte {
	method := code(profiles.SystemOpenIMISPaymentMethod, r.method)
	m := movementJSON{
		ResourceType: "PaymentReconciliation", Status: "active", Created: instant(b.tx), Outcome: "complete", PaymentDate: r.date,
		PaymentAmount: moneyOf(r.amount.Value, r.amount.Currency), ProcessNote: []noteJSON{{Type: "print", Text: r.forText()}},
		Extension: []json.RawMessage{
			datatype.JSON(extension{URL: profiles.ExtensionPaymentDirection, ValueCode: "in"}),
			datatype.JSON(extension{URL: profiles.ExtensionPaymentMethod, ValueConcept: &method}),
		},
	}
	if !r.payer.IsZero() {
		m.Extension = append(m.Extension, datatype.JSON(extension{URL: profiles.ExtensionPayer, ValueReference: to(r.payer)}))
	}
	name := "PY"
	if r.reference.Exists() {
		m.Identifier, m.PaymentIdentifier = append(m.Identifier, r.reference.Raw()), r.reference.Raw()
		name = r.reference.Get("value").Text()
	}
	var officer json.RawMessage
	if !r.officer.IsZero() {
		officer = datatype.JSON(to(r.officer))
		m.Requestor = officer
	}
	add := func(a addition) {
		a.date = r.date
		d := a.spell(name, len(m.Detail)+1, r.amount.Currency)
		d.Submitter = officer
		m.Detail = append(m.Detail, d)
	}
	for _, one := range shares {
		add(addition{kind: "payment", amount: one.amount, request: one.key})
	}
	if left > 0 {
		add(addition{kind: "advance", amount: left, payee: w.creditor(r.payer)})
	}
	return datatype.JSON(m)
}

// creditor gives whose credit is what is left: that of an organisation that pays,
// else of the account.
func (w whose) creditor(payer fhir.Key) fhir.Key {
	if payer.Type == "Organization" && !w.account.IsZero() {
		return payer
	}
	if w.account.Type == "Invoice" {
		return fhir.Key{}
	}
	return w.account
}

// notify writes the PaymentNotice of a portion.
func (b *book) notify(r receipt, money fhir.Key, one portion, number string) []byte {
	n := b.noticeFor(r, money, r.payer, number)
	n.Request, n.Recipient, n.Amount = to(one.key), one.recipient(), moneyOf(one.amount, r.amount.Currency)
	return datatype.JSON(n)
}

// notifyAhead writes the PaymentNotice of money all of which is credit.
func (b *book) notifyAhead(r receipt, money, owner fhir.Key) []byte {
	payer := r.payer
	if payer.IsZero() {
		payer = owner
	}
	n := b.noticeFor(r, money, payer, r.number)
	n.Recipient, n.Amount = recipientOf(fhir.Node{}), moneyOf(r.amount.Value, r.amount.Currency)
	return datatype.JSON(n)
}

// noticeFor begins the PaymentNotice of money that was received.
func (b *book) noticeFor(r receipt, money, payer fhir.Key, number string) noticeJSON {
	method := code(profiles.SystemOpenIMISPaymentMethod, r.method)
	n := noticeJSON{
		ResourceType: "PaymentNotice", Status: "active", Created: instant(b.tx), Payment: *to(money),
		PaymentDate: r.date, PaymentStatus: code(systemPaymentStatus, "cleared"),
		Extension: []json.RawMessage{datatype.JSON(extension{URL: profiles.ExtensionPaymentMethod, ValueConcept: &method})},
	}
	if number != "" {
		n.Identifier = []identifier{{profiles.IdentifierReceipt, number}}
	}
	if !payer.IsZero() {
		n.Extension = append(n.Extension, datatype.JSON(extension{URL: profiles.ExtensionPayer, ValueReference: to(payer)}))
	}
	if !r.officer.IsZero() {
		n.Provider = datatype.JSON(to(r.officer))
	}
	return n
}

// ask asks a person whose money it is.
func (b *book) ask(money fhir.Key, r receipt) []byte {
	amount := moneyOf(r.amount.Value, r.amount.Currency)
	return datatype.JSON(taskJSON{
		ResourceType: "Task", Status: "requested", Intent: "order", Code: code(profiles.SystemTask, "unmatched-payment"),
		Description: "Nobody is known by what this money was sent for: " + r.forText() + ". Find out whose it is and allocate it ($allocate).",
		Focus:       to(money), AuthoredOn: instant(b.tx), Input: []inputJSON{{Type: concept{Text: "amount"}, ValueMoney: &amount}},
	})
}

// done completes the open Tasks that ask whose money it is.
func (b *book) done(money fhir.Key) error {
	tasks, err := b.find("Task", "focus", money)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		n, err := parse(t)
		if err != nil {
			return err
		}
		if n.Get("code").Code(profiles.SystemTask) != "unmatched-payment" || slices.Contains([]string{"completed", "cancelled"}, n.Get("status").Text()) {
			continue
		}
		e := fhir.NewEdit(n.Document())
		e.Set(n, "status", quote("completed"))
		if _, err := b.tx.Update(&fhir.Resource{Key: t.Key, Body: e.Bytes()}, 0); err != nil {
			return err
		}
	}
	return nil
}
