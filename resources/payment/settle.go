package payment

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// noticesMax bounds how many notices on one Invoice are looked at; plans allow a
// few instalments.
const noticesMax = 500

// settle works out what is left to pay on each Invoice that the changes touch.
func settle(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	invoices, err := touched(tx, changes)
	if err != nil {
		return err
	}
	for _, k := range invoices {
		if err := settleOne(tx, k); err != nil {
			return err
		}
	}
	return nil
}

// touched gives the Invoices that the changes are about, in a fixed order.
func touched(tx fhir.Tx, changes []fhir.Change) ([]fhir.Key, error) {
	var list []fhir.Key
	add := func(k fhir.Key) {
		if k.Type == "Invoice" && !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	about := func(typ string, n fhir.Node) {
		add(target(n.Get("request")))
		if typ == "PaymentReconciliation" {
			for _, d := range details(n) {
				add(d.request)
			}
		}
	}
	for _, c := range changes {
		if c.Type == "Invoice" {
			add(c.Key)
			continue
		}
		if c.After != nil {
			about(c.Type, c.Node)
		}
		if c.Before != nil {
			old, err := parse(c.Before)
			if err != nil {
				return nil, err
			}
			about(c.Type, old)
		}
	}
	slices.SortFunc(list, func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

// An account is an Invoice of the scheme with what has been paid on it.
type account struct {
	key      fhir.Key
	node     fhir.Node
	gross    fhir.Money
	notices  []notice  // those that count, the oldest first
	receipts []receipt // the money they name, each once, the oldest first
}

func settleOne(tx fhir.Tx, k fhir.Key) error {
	if err := tx.Lock(k.String()); err != nil {
		return err
	}
	a, err := open(tx, k)
	if err != nil || a == nil {
		return err
	}
	if err := a.collect(tx); err != nil {
		return err
	}
	if err := a.advance(tx); err != nil {
		return err
	}
	if err := a.write(tx); err != nil {
		return err
	}
	return a.policy(tx)
}

// open reads an Invoice that can be paid: one of the scheme, issued or balanced.
func open(tx fhir.Tx, k fhir.Key) (*account, error) {
	n, err := read(tx, k)
	if err != nil {
		return nil, err
	}
	status := n.Get("status").Text()
	scheme := n.Identifier(profiles.IdentifierInvoice) != "" || n.Extension(profiles.ExtensionInvoiceContract).Exists()
	if !scheme || status != "issued" && status != "balanced" {
		return nil, nil
	}
	gross, err := money(n.Get("totalGross"), "Invoice.totalGross")
	if err != nil {
		return nil, err
	}
	return &account{key: k, node: n, gross: gross}, nil
}

// collect reads the notices on the Invoice and the money they name.
func (a *account) collect(tx fhir.Tx) error {
	page, err := tx.Search(&fhir.Query{
		Types: []string{"PaymentNotice"}, Limit: noticesMax,
		Where: fhir.Match{Param: fhir.Param{Code: "request", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: a.key}},
	})
	if err != nil {
		return err
	}
	for _, r := range page.Resources {
		n, err := parse(r)
		if err != nil {
			return err
		}
		if notice := noticeOf(r.Key, n); notice.counts {
			a.notices = append(a.notices, notice)
		}
	}
	slices.SortFunc(a.notices, func(x, y notice) int {
		return strings.Compare(x.node.Get("created").Text()+x.key.ID, y.node.Get("created").Text()+y.key.ID)
	})
	for _, n := range a.notices {
		if err := a.receive(tx, n); err != nil {
			return err
		}
	}
	return nil
}

// receive reads the money a notice names, or makes it.
func (a *account) receive(tx fhir.Tx, n notice) error {
	k, node := n.money, fhir.Node{}
	var err error
	if k.IsZero() {
		k, node, err = a.moneyOf(tx, n)
	} else {
		node, err = read(tx, k)
	}
	if err != nil {
		return err
	}
	if !node.Exists() {
		return refuse("PaymentNotice.payment", "%s is paid by %s, which is not there; send it in the same transaction", a.key, k)
	}
	if slices.ContainsFunc(a.receipts, func(r receipt) bool { return r.key == k }) {
		return nil
	}
	r, err := receiptOf(k, node, a.key, a.gross.Currency)
	if err != nil {
		return err
	}
	if node.Get("status").Text() == "active" && !slices.ContainsFunc(details(node), func(d detail) bool { return d.request == a.key }) {
		return refuse("PaymentNotice.payment", "%s has no detail that pays %s", k, a.key)
	}
	a.receipts = append(a.receipts, r)
	return nil
}

// paid gives what has been received on the Invoice.
func (a *account) paid() fhir.Amount {
	var sum fhir.Amount
	for _, r := range a.receipts {
		sum += r.on
	}
	return sum
}

// balance gives what is left to pay.
func (a *account) balance() fhir.Amount { return a.gross.Value - a.paid() }

// write puts balance and status into the Invoice.
func (a *account) write(tx fhir.Tx) error {
	status := "issued"
	if a.balance() == 0 {
		status = "balanced"
	}
	old := a.node.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney")
	if value, err := money(old, ""); err == nil && value == (fhir.Money{Value: a.balance(), Currency: a.gross.Currency}) && a.node.Get("status").Text() == status {
		return nil
	}
	e := fhir.NewEdit(a.node.Document())
	e.Set(a.node, "status", quote(status))
	e.SetExtension(a.node, profiles.ExtensionInvoiceBalance, "valueMoney", moneyJSON(fhir.Money{Value: a.balance(), Currency: a.gross.Currency}))
	_, err := tx.Update(&fhir.Resource{Key: a.key, Body: e.Bytes()}, 0)
	return err
}

func moneyJSON(m fhir.Money) []byte {
	return []byte(`{"value":` + m.Value.String() + `,"currency":` + string(quote(m.Currency)) + `}`)
}

// quote writes a text as JSON.
func quote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return text
}
