package employer

import (
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A bill is an Invoice of a contract.
type bill struct {
	key    fhir.Key
	node   fhir.Node
	month  month
	status string
	due    day
	gross  fhir.Money
	left   fhir.Amount
}

// What has been asked for of a contract, month by month.
type billed struct {
	bills []*bill // by their numbers, the first of a month before its corrections
	asked map[month]map[entry]contribution
}

// isBill reports whether an Invoice is of a contract of an employer.
func isBill(n fhir.Node) bool {
	return n.Extension(profiles.ExtensionInvoicePeriod).Exists() && n.Get("type").Code(profiles.SystemContractKind) == "employer"
}

// billedOf reads the Invoices of a contract.
func billedOf(r fhir.Reader, contract fhir.Key) (*billed, error) {
	b := &billed{asked: map[month]map[entry]contribution{}}
	err := each(r, "Invoice", refers("contract", contract), func(k fhir.Key, n fhir.Node) error {
		if one := billOf(k, n); isBill(n) && (one.status == "issued" || one.status == "balanced") {
			b.bills = append(b.bills, one)
			b.add(one)
		}
		return nil
	})
	slices.SortFunc(b.bills, func(x, y *bill) int {
		return strings.Compare(x.node.Identifier(profiles.IdentifierInvoice), y.node.Identifier(profiles.IdentifierInvoice))
	})
	return b, err
}

func billOf(k fhir.Key, n fhir.Node) *bill {
	b := &bill{key: k, node: n, status: n.Get("status").Text()}
	first, _ := adjudication.ReadDay(n.Extension(profiles.ExtensionInvoicePeriod).At("valuePeriod", "start").Text())
	b.month = monthOf(first)
	b.due, _ = adjudication.ReadDay(n.Extension(profiles.ExtensionInvoiceDue).Get("valueDate").Text())
	b.gross, _ = moneyOf(n.Get("totalGross"))
	b.left = b.gross.Value
	if balance, ok := moneyOf(n.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney")); ok {
		b.left = balance.Value
	}
	return b
}

// add sums what the lines of an Invoice ask for whom.
func (b *billed) add(one *bill) {
	sums := b.asked[one.month]
	if sums == nil {
		sums = map[entry]contribution{}
		b.asked[one.month] = sums
	}
	for line := range one.node.Get("lineItem").Each() {
		of := line.Extension(profiles.ExtensionContributionOf)
		if !of.Exists() {
			continue
		}
		at := entry{r4.Target(of.Extension("employee").Get("valueReference")), of.Extension("plan").Get("valueString").Text()}
		sum := sums[at]
		for c := range line.Get("priceComponent").Each() {
			value, err := fhir.ParseAmount(c.At("amount", "value").Text())
			if err != nil {
				continue
			}
			if c.Get("code").Code(profiles.SystemContributionShare) == "employer" {
				sum.employer += value
			} else {
				sum.employee += value
			}
		}
		sums[at] = sum
	}
}

// last gives the latest month that was declared; ok is false where there is none.
func (b *billed) last() (m month, ok bool) {
	for _, one := range b.bills {
		if !ok || one.month.first > m.first {
			m, ok = one.month, true
		}
	}
	return m, ok
}

// of gives the Invoices of a month.
func (b *billed) of(m month) []*bill {
	var list []*bill
	for _, one := range b.bills {
		if one.month == m {
			list = append(list, one)
		}
	}
	return list
}

// persons gives who was declared in a month with something to pay.
func (b *billed) persons(m month) map[fhir.Key]bool {
	list := map[fhir.Key]bool{}
	for at, sum := range b.asked[m] {
		if sum.total() > 0 {
			list[at.person] = true
		}
	}
	return list
}
