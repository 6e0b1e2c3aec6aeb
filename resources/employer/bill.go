package employer

import (
	"fmt"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// A posting is what one employee or his employer is asked for more, or less, than
// before.
type posting struct {
	at     entry
	share  string // a code of contribution-share
	amount fhir.Amount
}

// bill asks for what the table comes to beyond what was asked for the month: the
// first time by an Invoice, later more by a further one, and less by lines on
// those there are.
func (d *declaration) bill(tx fhir.Tx) error {
	postings := d.postings()
	for _, p := range postings {
		d.net += p.amount
	}
	had := d.billed.of(d.month)
	if len(postings) == 0 && len(had) > 0 {
		return nil
	}
	if len(had) == 0 || d.net >= 0 && len(postings) > 0 {
		return d.invoice(tx, postings, len(had))
	}
	return d.credit(tx, postings, had)
}

// postings gives the differences, by the rows of the table, those who left last.
func (d *declaration) postings() []posting {
	order := slices.Clone(d.order)
	var gone []entry
	for at := range d.billed.asked[d.month] {
		if _, still := d.asks[at]; !still {
			gone = append(gone, at)
		}
	}
	slices.SortFunc(gone, func(a, b entry) int {
		return strings.Compare(a.person.ID+"|"+a.plan, b.person.ID+"|"+b.plan)
	})
	var list []posting
	for _, at := range append(order, gone...) {
		delta := d.asks[at].minus(d.billed.asked[d.month][at])
		if delta.employee != 0 {
			list = append(list, posting{at, "employee", delta.employee})
		}
		if delta.employer != 0 {
			list = append(list, posting{at, "employer", delta.employer})
		}
	}
	return list
}

type invoiceJSON struct {
	ResourceType string       `json:"resourceType"`
	Extension    []extension  `json:"extension"`
	Identifier   []identifier `json:"identifier"`
	Status       string       `json:"status"`
	Type         concept      `json:"type"`
	Subject      reference    `json:"subject"`
	Recipient    reference    `json:"recipient"`
	Date         string       `json:"date"`
	Issuer       rawJSON      `json:"issuer"`
	LineItem     []lineJSON   `json:"lineItem,omitempty"`
	TotalNet     *money       `json:"totalNet"`
	TotalGross   *money       `json:"totalGross"`
}

type lineJSON struct {
	Extension  []extension     `json:"extension"`
	Sequence   int             `json:"sequence"`
	ChargeItem concept         `json:"chargeItemCodeableConcept"`
	Price      []componentJSON `json:"priceComponent"`
}

type componentJSON struct {
	Type   string  `json:"type"`
	Code   concept `json:"code"`
	Amount *money  `json:"amount"`
}

// lines spells postings: a line for each employee and plan, numbered after those
// there are.
func (d *declaration) lines(postings []posting, after int, dated bool) []lineJSON {
	incomes := map[entry]fhir.Money{}
	for _, r := range d.reading.rows {
		for _, p := range r.plans {
			if r.row.get(columnIncome) != "" {
				incomes[entry{r.person, p.code}] = fhir.Money{Value: r.income, Currency: p.currency}
			}
		}
	}
	var list []lineJSON
	for i, p := range postings {
		if i == 0 || postings[i-1].at != p.at {
			list = append(list, d.line(p, after+len(list)+1, incomes[p.at], dated))
		}
		kind := "base"
		if p.amount < 0 {
			kind = "deduction"
		}
		last := &list[len(list)-1]
		last.Price = append(last.Price, componentJSON{kind, datatype.Of(profiles.SystemContributionShare, p.share), amount(fhir.Money{Value: p.amount, Currency: d.currency()})})
	}
	return list
}

func (d *declaration) line(p posting, sequence int, income fhir.Money, dated bool) lineJSON {
	person := datatype.To(p.at.person)
	of := []extension{{URL: "employee", ValueReference: &person}, {URL: "plan", ValueString: p.at.plan}}
	if income.Currency != "" {
		of = append(of, extension{URL: "income", ValueMoney: amount(income)})
	}
	l := lineJSON{
		Extension: []extension{{URL: profiles.ExtensionContributionOf, Extension: of}}, Sequence: sequence,
		ChargeItem: concept{Coding: []coding{{System: profiles.IdentifierProductPlan, Code: p.at.plan}}, Text: "Contribution for " + d.month.String()},
	}
	if dated {
		l.ChargeItem.Text = "Correction of " + d.month.String()
		l.Extension = append(l.Extension, extension{URL: profiles.ExtensionLineDate, ValueDate: adjudication.WriteDay(d.today)})
	}
	return l
}

func (d *declaration) currency() string { return d.reading.plans[0].currency }

// invoice makes the Invoice of the month, or one that corrects it.
func (d *declaration) invoice(tx fhir.Tx, postings []posting, had int) error {
	c := d.contract
	number := fmt.Sprintf("IV-%s-%s", c.number, d.month)
	due := d.month.last + day(c.due)
	if had > 0 {
		number, due = fmt.Sprintf("%s-C%d", number, had), d.today+day(c.due)
	}
	if d.net == 0 && len(postings) == 0 {
		return refuse(parameters.Expression("table"), "nothing is asked for anybody in the table; a month has at least one contribution")
	}
	contract, total := datatype.To(c.key), amount(fhir.Money{Value: d.net, Currency: d.currency()})
	body := datatype.JSON(invoiceJSON{
		ResourceType: "Invoice",
		Extension: []extension{
			{URL: profiles.ExtensionInvoiceContract, ValueReference: &contract},
			{URL: profiles.ExtensionInvoicePeriod, ValuePeriod: new(datatype.Between(adjudication.WriteDay(d.month.first), adjudication.WriteDay(d.month.last)))},
			{URL: profiles.ExtensionInvoiceDue, ValueDate: adjudication.WriteDay(max(due, d.today))},
			{URL: profiles.ExtensionInvoiceBalance, ValueMoney: total},
		},
		Identifier: []identifier{datatype.Number(profiles.IdentifierInvoice, number)}, Status: "issued",
		Type:    concept{Coding: []coding{{System: profiles.SystemOpenIMISInvoiceType, Code: "contribution"}, {System: profiles.SystemContractKind, Code: "employer"}}},
		Subject: datatype.To(d.staff.key), Recipient: datatype.To(c.employer), Date: adjudication.WriteDay(d.today), Issuer: c.insurer.Raw(),
		LineItem: d.lines(postings, 0, false), TotalNet: total, TotalGross: total,
	})
	stored, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Invoice"}, Body: body})
	if err == nil {
		d.changed = append(d.changed, stored.Key)
	}
	return err
}

// credit takes off the Invoices of the month what it comes to less: off the first
// as far as it goes, then off its corrections. What was paid on it beyond that
// becomes credit of the employer.
func (d *declaration) credit(tx fhir.Tx, postings []posting, had []*bill) error {
	on := make([][]posting, len(had))
	room := make([]fhir.Amount, len(had))
	for i, b := range had {
		room[i] = b.gross.Value
	}
	slices.SortStableFunc(postings, func(a, b posting) int { return sign(b.amount) - sign(a.amount) })
	for _, p := range postings {
		for i := range had {
			part := p
			if p.amount < 0 {
				part.amount = -min(-p.amount, room[i])
			}
			if part.amount != 0 {
				on[i], room[i] = append(on[i], part), room[i]+part.amount
			}
			if p.amount -= part.amount; p.amount == 0 {
				break
			}
		}
	}
	for i, b := range had {
		if len(on[i]) == 0 {
			continue
		}
		slices.SortStableFunc(on[i], func(a, b posting) int {
			return strings.Compare(a.at.person.ID+"|"+a.at.plan, b.at.person.ID+"|"+b.at.plan)
		})
		if err := d.correct(tx, b, on[i], room[i]); err != nil {
			return err
		}
	}
	return nil
}

func sign(a fhir.Amount) int {
	if a < 0 {
		return -1
	}
	return 1
}

// correct adds lines to an Invoice, which then asks for gross.
func (d *declaration) correct(tx fhir.Tx, b *bill, postings []posting, gross fhir.Amount) error {
	n, items := b.node, b.node.Get("lineItem")
	total := fhir.Money{Value: gross, Currency: b.gross.Currency}
	e := fhir.NewEdit(n.Document())
	for _, l := range d.lines(postings, items.Len(), true) {
		e.Append(items, datatype.JSON(l))
	}
	e.Set(n, "totalNet", datatype.JSON(amount(total)))
	e.Set(n, "totalGross", datatype.JSON(amount(total)))
	left := fhir.Money{Value: min(gross, max(0, b.left+gross-b.gross.Value)), Currency: total.Currency}
	e.SetExtension(n, profiles.ExtensionInvoiceBalance, "valueMoney", datatype.JSON(amount(left)))
	_, err := tx.Update(&fhir.Resource{Key: b.key, Body: e.Bytes()}, 0)
	d.changed = append(d.changed, b.key)
	return err
}
