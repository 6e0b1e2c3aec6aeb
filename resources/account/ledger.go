package account

import (
	"cmp"
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// An entry is one line of an account: above 0 more is owed, below 0 less.
type entry struct {
	date    string
	kind    string // invoice, waiver, lapse, cancellation, payment, reversal, credit or refund
	source  fhir.Key
	invoice fhir.Key // that it is on; zero for credit
	text    string
	amount  fhir.Amount
	money   string // the currency
}

// asks reports whether the entry is of what is asked for, and not of what is
// paid.
func (e entry) asks() bool {
	return slices.Contains([]string{"invoice", "waiver", "lapse", "cancellation"}, e.kind)
}

// A bill is an Invoice of the scheme.
type bill struct {
	key      fhir.Key
	node     fhir.Node
	updated  string // the day of its version
	due      string
	currency string
}

// billOf reads an Invoice; ok is false for drafts, those of others, and those
// that were never owed.
func billOf(r *fhir.Resource) (b bill, ok bool, err error) {
	n, err := parse(r)
	if err != nil {
		return b, false, err
	}
	ours := n.Identifier(profiles.IdentifierInvoice) != "" || n.Extension(profiles.ExtensionInvoiceContract).Exists()
	switch n.Get("status").Text() {
	case "issued", "balanced":
		ok = ours
	case "cancelled", "entered-in-error":
		ok = ours && n.Extension(profiles.ExtensionInvoiceCancelled).Exists()
	}
	return bill{
		key: r.Key, node: n, updated: r.Updated.Format("2006-01-02"), currency: n.At("totalGross", "currency").Text(),
		due: n.Extension(profiles.ExtensionInvoiceDue).Get("valueDate").Text(),
	}, ok, nil
}

// entries gives what the Invoice asks for: its total without the lines that were
// added later, and those lines on their days.
func (b bill) entries() []entry {
	first := entry{date: day(b.node.Get("date").Text()), kind: "invoice", source: b.key, invoice: b.key, text: b.node.Identifier(profiles.IdentifierInvoice), money: b.currency}
	if first.date == "" {
		first.date = b.updated
	}
	gross := amountOf(b.node.Get("totalGross"))
	first.amount = gross
	var later []entry
	for line := range b.node.Get("lineItem").Each() {
		date := line.Extension(profiles.ExtensionLineDate).Get("valueDate").Text()
		if date == "" {
			continue
		}
		e := entry{date: date, kind: "cancellation", source: b.key, invoice: b.key, text: lineText(line), amount: lineAmount(line), money: b.currency}
		switch {
		case line.Extension(profiles.ExtensionWaiver).Exists():
			e.kind = "waiver"
		case line.Extension(profiles.ExtensionWaiverLapse).Exists():
			e.kind = "lapse"
		}
		first.amount -= e.amount
		later = append(later, e)
	}
	if cancelled := b.node.Extension(profiles.ExtensionInvoiceCancelled).Get("valueDate").Text(); cancelled != "" {
		later = append(later, entry{date: cancelled, kind: "cancellation", source: b.key, invoice: b.key, text: b.node.Get("cancelledReason").Text(), amount: -gross, money: b.currency})
	}
	return append([]entry{first}, later...)
}

// lineText gives what a line is for, in words or else its code.
func lineText(line fhir.Node) string {
	what := line.Get("chargeItemCodeableConcept")
	for _, text := range []string{what.Get("text").Text(), what.Get("coding").First().Get("display").Text(), what.Get("coding").First().Get("code").Text()} {
		if text != "" {
			return text
		}
	}
	return ""
}

// lineAmount adds up a line; deductions lower it however they are signed.
func lineAmount(line fhir.Node) (sum fhir.Amount) {
	for c := range line.Get("priceComponent").Each() {
		amount := amountOf(c.Get("amount"))
		switch c.Get("type").Text() {
		case "deduction", "discount":
			sum -= max(amount, -amount)
		case "base", "surcharge", "tax":
			sum += amount
		}
	}
	return sum
}

// A movement is money that came in.
type movement struct {
	key      fhir.Key
	node     fhir.Node
	currency string
}

// entries gives what the money does to an account: what of it is on one of its
// Invoices, where a notice says so, and what is the owner's credit.
func (m movement) entries(owner fhir.Key, on func(invoice fhir.Key) bool) []entry {
	var list []entry
	for d := range m.node.Get("detail").Each() {
		kind, request, amount := d.Get("type").Code(systemPaymentType), target(d.Get("request")), amountOf(d.Get("amount"))
		date := day(d.Get("date").Text())
		if date == "" {
			date = day(m.node.Get("paymentDate").Text())
		}
		e := entry{date: date, source: m.key, invoice: request, text: m.node.At("paymentIdentifier", "value").Text(), amount: -amount, money: m.currency}
		given := d.Get("response").Exists()
		switch {
		case kind == "advance" && payee(d) == owner:
			e.kind = "credit"
		case kind == "adjustment" && request.IsZero() && payee(d) == owner, kind == "adjustment" && on(request):
			e.kind = "reversal"
			if given {
				e.kind = "refund"
			}
		case kind != "advance" && kind != "adjustment" && on(request):
			e.kind = "payment"
			if amount < 0 {
				e.kind = "credit"
			}
		default:
			continue
		}
		list = append(list, e)
	}
	return list
}

// onSum gives what of the money is on an Invoice by now.
func (m movement) onSum(invoice fhir.Key) (sum fhir.Amount) {
	for d := range m.node.Get("detail").Each() {
		if target(d.Get("request")) == invoice {
			sum += amountOf(d.Get("amount"))
		}
	}
	return sum
}

func payee(d fhir.Node) fhir.Key {
	if k := target(d.Extension(profiles.ExtensionPayee).Get("valueReference")); !k.IsZero() {
		return k
	}
	return target(d.Get("payee"))
}

// inOrder sorts entries by day; of one day what is asked before what is paid.
func inOrder(list []entry) {
	slices.SortStableFunc(list, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.source.String(), b.source.String()))
	})
}

func rank(e entry) int {
	if e.asks() {
		return 0
	}
	return 1
}
