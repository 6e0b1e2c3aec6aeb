package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"bima/fhir"
	"bima/profiles"
)

const (
	// pageMax is how many Invoices are read at once.
	pageMax = 500
	// candidatesMax bounds how many Invoices one call looks at.
	candidatesMax = 200_000
	// countDefault and countMax are how many a page of the answer has.
	countDefault, countMax = 100, 1000
)

// A debt is what was left to pay of an Invoice that was due.
type debt struct {
	bill
	days        int
	asked, left fhir.Amount
}

// A question is what $arrears was asked.
type question struct {
	asOf, today, currency string
	where                 fhir.All
	count                 int
	after                 string
	zone                  *time.Location
}

// arrears is Invoice/$arrears.
func (s Settings) arrears(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	q, err := s.question(in)
	if err != nil {
		return nil, err
	}
	var list []debt
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		list, err = q.debts(&gatherer{r: r, monies: map[fhir.Key]*movement{}})
		return err
	})
	if err != nil {
		return nil, err
	}
	out := append([]parameter{{Name: "asOf", ValueDate: q.asOf}}, totals(list)...)
	from, _ := slices.BinarySearchFunc(list, q.after, func(d debt, after string) int { return cmp.Compare(d.place(), after+"\x00") })
	page := list[from:min(len(list), from+q.count)]
	for _, d := range page {
		out = append(out, d.spell())
	}
	if from+len(page) < len(list) {
		out = append(out, parameter{Name: "next", ValueString: page[len(page)-1].place()})
	}
	return parametersOf(out), nil
}

// question reads the parameters.
func (s Settings) question(in *fhir.Resource) (q question, err error) {
	f, err := formOf(in)
	if err != nil {
		return q, err
	}
	q = question{today: s.today(), zone: s.zone(), currency: f.Value("currency").Text(), after: f.Value("after").Text()}
	if q.asOf, err = f.Day("asOf", q.today); err != nil {
		return q, err
	}
	if q.count, err = f.Count("_count", countDefault, countMax); err != nil {
		return q, err
	}
	for _, code := range []string{"subject", "recipient", "contract"} {
		k, err := f.key(code)
		if err != nil {
			return q, err
		}
		if !k.IsZero() {
			q.where = append(q.where, reference(code, k))
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, q.asOf, q.zone)
	if err != nil {
		return q, err
	}
	from, to := day.UnixMicro(), day.AddDate(0, 0, 1).UnixMicro()
	open := fhir.Criterion(fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "issued"}})
	if q.asOf < q.today {
		// What was paid by then and not touched since can't have been owed.
		open = fhir.Any{open, fhir.Updated{Prefix: fhir.PrefixGreaterEqual, From: from, To: to}}
	}
	due := fhir.Match{Param: fhir.Param{Code: "due", Kind: fhir.ParamDate}, Value: fhir.DateValue{Prefix: fhir.PrefixLess, From: from, To: to}}
	q.where = append(q.where, due, open)
	return q, nil
}

// debts gives what was owed, the longest due first.
func (q question) debts(g *gatherer) ([]debt, error) {
	var list []debt
	after := ""
	for seen := 0; ; {
		page, err := g.r.Search(&fhir.Query{Types: []string{"Invoice"}, Limit: pageMax, Where: q.where, After: after})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Resources {
			d, owed, err := q.debt(g, r)
			if err != nil {
				return nil, err
			}
			if owed {
				list = append(list, d)
			}
		}
		clear(g.monies)
		if seen += len(page.Resources); seen > candidatesMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "more than %d invoices were due then; ask for a subject, a recipient or a contract", candidatesMax)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	slices.SortFunc(list, func(a, b debt) int { return cmp.Compare(a.place(), b.place()) })
	return list, nil
}

// debt works out what was left of one Invoice. One that was not touched since the
// day says so itself.
func (q question) debt(g *gatherer, r *fhir.Resource) (d debt, owed bool, err error) {
	b, ok, err := billOf(r)
	if err != nil || !ok || b.due == "" || b.due >= q.asOf || q.currency != "" && q.currency != b.currency {
		return d, false, err
	}
	d = debt{bill: b}
	balance := b.node.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney")
	if balance.Exists() && (q.asOf >= q.today || r.Updated.In(q.zone).Format(time.DateOnly) < q.asOf) {
		d.asked, d.left = amountOf(b.node.Get("totalGross")), amountOf(balance)
	} else if d.asked, d.left, err = g.leftOn(b, q.asOf); err != nil {
		return d, false, err
	}
	due, err := time.Parse(time.DateOnly, b.due)
	if err != nil {
		return d, false, err
	}
	asOf, err := time.Parse(time.DateOnly, q.asOf)
	d.days = int(asOf.Sub(due) / (24 * time.Hour))
	return d, d.left > 0, err
}

// place is where a debt stands in the order, and what a page goes on after.
func (d debt) place() string { return d.due + "|" + d.key.ID }

func (d debt) spell() parameter {
	parts := withKeys(
		ofKey("reference", d.key), ofKey("subject", target(d.node.Get("subject"))), ofKey("recipient", target(d.node.Get("recipient"))),
		ofKey("contract", target(d.node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))),
		parameter{Name: "due", ValueDate: d.due}, ofCount("days", d.days), ofMoney("asked", d.asked, d.currency), ofMoney("balance", d.left, d.currency),
	)
	return parameter{Name: "invoice", Part: parts}
}

// totals adds up all debts, by currency and by age.
func totals(list []debt) []parameter {
	type total struct {
		owed    fhir.Amount
		count   int
		byAge   [4]fhir.Amount
		current string
	}
	var all []*total
	for _, d := range list {
		i := slices.IndexFunc(all, func(t *total) bool { return t.current == d.currency })
		if i < 0 {
			i, all = len(all), append(all, &total{current: d.currency})
		}
		t := all[i]
		t.owed, t.count = t.owed+d.left, t.count+1
		t.byAge[min(3, (d.days-1)/30)] += d.left
	}
	var out []parameter
	for _, t := range all {
		parts := []parameter{ofMoney("owed", t.owed, t.current), ofCount("invoices", t.count)}
		for i, name := range []string{"days1to30", "days31to60", "days61to90", "daysOver90"} {
			parts = append(parts, ofMoney(name, t.byAge[i], t.current))
		}
		out = append(out, parameter{Name: "total", Part: parts})
	}
	return out
}
