package account

import (
	"context"
	"slices"

	"bima/fhir"
)

// A balance is what an account comes to in one currency.
type balance struct {
	currency                     string
	asked, paid, credit, overdue fhir.Amount
}

// statement is [Group|Patient|Organization]/[id]/$statement.
func (s Settings) statement(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	f, err := formOf(in)
	if err != nil {
		return nil, err
	}
	asOf, err := f.Day("asOf", s.today())
	if err != nil {
		return nil, err
	}
	var out []parameter
	err = server.View(ctx, func(r fhir.Reader) error {
		if owner, err := r.Read(on); err != nil {
			return err
		} else if owner.Deleted {
			return fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", on)
		}
		g := &gatherer{r: r, monies: map[fhir.Key]*movement{}}
		list, bills, err := g.of(on)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(e entry) bool { return e.date > asOf })
		out = []parameter{{Name: "asOf", ValueDate: asOf}}
		for _, b := range balances(list, bills, asOf) {
			out = append(out, b.spell())
		}
		out = append(out, lines(list)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return parametersOf(out), nil
}

// balances adds up the entries until a day, by currency.
func balances(list []entry, bills []bill, asOf string) []*balance {
	var all []*balance
	of := func(currency string) *balance {
		for _, b := range all {
			if b.currency == currency {
				return b
			}
		}
		all = append(all, &balance{currency: currency})
		return all[len(all)-1]
	}
	left := map[fhir.Key]fhir.Amount{}
	for _, e := range list {
		b := of(e.money)
		if e.asks() {
			b.asked += e.amount
		} else {
			b.paid -= e.amount
		}
		if e.invoice.IsZero() {
			b.credit -= e.amount
		} else {
			left[e.invoice] += e.amount
		}
	}
	for _, b := range bills {
		if b.due != "" && b.due < asOf && left[b.key] > 0 {
			of(b.currency).overdue += left[b.key]
		}
	}
	return all
}

func (b *balance) spell() parameter {
	return parameter{Name: "account", Part: []parameter{
		ofMoney("asked", b.asked, b.currency), ofMoney("paid", b.paid, b.currency), ofMoney("balance", b.asked-b.paid, b.currency),
		ofMoney("credit", b.credit, b.currency), ofMoney("overdue", b.overdue, b.currency), ofFlag("upToDate", b.overdue == 0),
	}}
}

// lines tells each entry, with the balance after it.
func lines(list []entry) []parameter {
	var out []parameter
	sums := map[string]fhir.Amount{}
	for _, e := range list {
		sums[e.money] += e.amount
		invoice := e.invoice
		if invoice == e.source {
			invoice = fhir.Key{}
		}
		parts := withKeys(parameter{Name: "date", ValueDate: e.date}, parameter{Name: "kind", ValueCode: e.kind}, ofKey("source", e.source), ofKey("invoice", invoice))
		if e.text != "" {
			parts = append(parts, parameter{Name: "text", ValueString: e.text})
		}
		parts = append(parts, ofMoney("amount", e.amount, e.money), ofMoney("balance", sums[e.money], e.money))
		out = append(out, parameter{Name: "line", Part: parts})
	}
	return out
}
