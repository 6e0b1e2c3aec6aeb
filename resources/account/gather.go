package account

import (
	"slices"

	"bima/fhir"
	"bima/profiles"
)

const (
	// billsMax bounds how many Invoices one statement tells of.
	billsMax = 2000
	// noticesMax bounds how many notices on one Invoice are looked at.
	noticesMax = 500
	// moneyMax bounds how many movements with credit of one owner are looked at.
	moneyMax = 1000
)

// A gatherer reads accounts; each movement of money once.
type gatherer struct {
	r      fhir.Reader
	monies map[fhir.Key]*movement
}

// bills gives the Invoices on which a criterion holds.
func (g *gatherer) bills(where fhir.Criterion) ([]bill, error) {
	page, err := g.r.Search(&fhir.Query{Types: []string{"Invoice"}, Limit: billsMax, Where: where})
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "there are more than %d invoices on this account; Invoice/$arrears tells page by page what is owed", billsMax)
	}
	var list []bill
	for _, r := range page.Resources {
		b, ok, err := billOf(r)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, b)
		}
	}
	return list, nil
}

// paying gives the money that counts on an Invoice, or did and was taken back.
func (g *gatherer) paying(invoice fhir.Key) ([]*movement, error) {
	page, err := g.r.Search(&fhir.Query{Types: []string{"PaymentNotice"}, Limit: noticesMax, Where: reference("request", invoice)})
	if err != nil {
		return nil, err
	}
	var list []*movement
	for _, r := range page.Resources {
		n, err := parse(r)
		if err != nil {
			return nil, err
		}
		m, err := g.moneyOf(n)
		if err != nil {
			return nil, err
		}
		status := n.Get("paymentStatus").Code(systemPaymentStatus)
		counts := n.Get("status").Text() == "active" && (status == "" || status == "cleared")
		if m != nil && (counts || m.onSum(invoice) == 0) && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list, nil
}

// moneyOf gives the money that a notice names, nil where there is none that came
// in.
func (g *gatherer) moneyOf(notice fhir.Node) (*movement, error) {
	if k := target(notice.Get("payment")); !k.IsZero() {
		if m, ok := g.monies[k]; ok {
			return m, nil
		}
		r, err := g.r.Read(k)
		if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && r.Deleted {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return g.keep(r)
	}
	number := notice.At("payment", "identifier")
	if number.Get("value").Text() == "" {
		return nil, nil
	}
	found, err := g.moneyWhere(fhir.Match{
		Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken},
		Value: fhir.TokenValue{System: number.Get("system").Text(), Code: number.Get("value").Text()},
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// moneyWhere gives the money on which a criterion holds.
func (g *gatherer) moneyWhere(where fhir.Criterion) ([]*movement, error) {
	page, err := g.r.Search(&fhir.Query{Types: []string{"PaymentReconciliation"}, Limit: moneyMax, Where: where})
	if err != nil {
		return nil, err
	}
	var list []*movement
	for _, r := range page.Resources {
		m, err := g.keep(r)
		if err != nil {
			return nil, err
		}
		if m != nil {
			list = append(list, m)
		}
	}
	return list, nil
}

// keep reads a movement; nil where it is a draft or did not come in.
func (g *gatherer) keep(r *fhir.Resource) (*movement, error) {
	if m, ok := g.monies[r.Key]; ok {
		return m, nil
	}
	n, err := parse(r)
	if err != nil {
		return nil, err
	}
	var m *movement
	if n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text() == "in" && n.Get("status").Text() != "draft" {
		m = &movement{key: r.Key, node: n, currency: n.At("paymentAmount", "currency").Text()}
	}
	g.monies[r.Key] = m
	return m, nil
}

// of gives all entries of an account, in order, and its Invoices.
func (g *gatherer) of(owner fhir.Key) ([]entry, []bill, error) {
	by := "subject"
	if owner.Type == "Organization" {
		by = "recipient"
	}
	bills, err := g.bills(reference(by, owner))
	if err != nil {
		return nil, nil, err
	}
	var list []entry
	pays := map[*movement][]fhir.Key{}
	var order []*movement
	note := func(m *movement, invoices ...fhir.Key) {
		if _, known := pays[m]; !known {
			order = append(order, m)
		}
		pays[m] = append(pays[m], invoices...)
	}
	for _, b := range bills {
		list = append(list, b.entries()...)
		monies, err := g.paying(b.key)
		if err != nil {
			return nil, nil, err
		}
		for _, m := range monies {
			note(m, b.key)
		}
	}
	credits, err := g.moneyWhere(reference("payee", owner))
	if err != nil {
		return nil, nil, err
	}
	for _, m := range credits {
		note(m)
	}
	for _, m := range order {
		list = append(list, m.entries(owner, func(k fhir.Key) bool { return slices.Contains(pays[m], k) })...)
	}
	inOrder(list)
	return list, bills, nil
}

// leftOn gives what was asked by an Invoice and left to pay on it on a day.
func (g *gatherer) leftOn(b bill, asOf string) (asked, left fhir.Amount, err error) {
	monies, err := g.paying(b.key)
	if err != nil {
		return 0, 0, err
	}
	list := b.entries()
	for _, m := range monies {
		list = append(list, m.entries(fhir.Key{}, func(k fhir.Key) bool { return k == b.key })...)
	}
	for _, e := range list {
		if e.date > asOf || e.invoice != b.key {
			continue
		}
		if e.asks() {
			asked += e.amount
		}
		left += e.amount
	}
	return asked, left, nil
}
