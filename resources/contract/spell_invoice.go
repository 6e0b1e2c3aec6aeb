package contract

import (
	"encoding/json"
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

type invoiceJSON struct {
	ResourceType string          `json:"resourceType"`
	Extension    []extension     `json:"extension"`
	Identifier   []identifier    `json:"identifier"`
	Status       string          `json:"status"`
	Type         concept         `json:"type"`
	Subject      reference       `json:"subject"`
	Recipient    reference       `json:"recipient"`
	Date         string          `json:"date"`
	Issuer       json.RawMessage `json:"issuer"`
	LineItem     []itemJSON      `json:"lineItem"`
	TotalNet     money           `json:"totalNet"`
	TotalGross   money           `json:"totalGross"`
	PaymentTerms string          `json:"paymentTerms,omitempty"`
}

type itemJSON struct {
	Sequence   int             `json:"sequence"`
	ChargeItem concept         `json:"chargeItemCodeableConcept"`
	Price      []componentJSON `json:"priceComponent"`
}

type componentJSON struct {
	Type   string `json:"type"`
	Factor int    `json:"factor,omitempty"`
	Amount money  `json:"amount"`
}

// A bill is what one payer is asked for.
type bill struct {
	payer fhir.Key
	items []itemJSON
	total fhir.Amount
}

func (b *bill) add(what concept, c componentJSON, counts fhir.Amount) {
	b.items = append(b.items, itemJSON{Sequence: len(b.items) + 1, ChargeItem: what, Price: []componentJSON{c}})
	b.total += counts
}

// bills parts the value between those who pay: each payer his share, the
// household the rest. What nobody has to pay is not billed.
func (o *offer) bills() []bill {
	currency := o.product.currency
	own := bill{payer: o.holder.head().key}
	for _, l := range o.value.lines {
		what := datatype.Of(profiles.SystemOpenIMISContribution, l.kind)
		what.Text = l.text
		own.add(what, componentJSON{"base", l.quantity, amount(l.amount, currency)}, l.amount)
	}
	if o.value.discount > 0 {
		what := datatype.Of(profiles.SystemContributionStage, string(o.terms.stage))
		what.Text = fmt.Sprintf("Discount of %s %%", o.value.percent)
		own.add(what, componentJSON{"discount", 0, amount(-o.value.discount, currency)}, -o.value.discount)
	}
	var all []bill
	for _, s := range o.shares {
		part := s.of(o.value.total, own.total, currency)
		if part == 0 {
			continue
		}
		own.add(concept{Text: "Borne by " + s.payer.String()}, componentJSON{"deduction", 0, amount(-part, currency)}, -part)
		other := bill{payer: s.payer}
		other.add(concept{Text: "Share of the contribution for " + o.holder.key.String()}, componentJSON{"base", 1, amount(part, currency)}, part)
		all = append(all, other)
	}
	if own.total > 0 {
		all = append([]bill{own}, all...)
	}
	return all
}

// invoice spells what one payer is asked for.
func (o *offer) invoice(policy fhir.Key, b bill, number string) []byte {
	contract, total := datatype.To(policy), amount(b.total, o.product.currency)
	terms := ""
	if o.product.installs > 1 {
		terms = fmt.Sprintf("In up to %d instalments, the last by %s.", o.product.installs, adjudication.WriteDay(o.terms.due))
	}
	kind := datatype.Of(profiles.SystemOpenIMISInvoiceType, "contribution")
	if len(o.joining) > 0 {
		kind.Coding = append(kind.Coding, coding{System: profiles.SystemContributionStage, Code: stageJoining})
	}
	extensions := []extension{
		{URL: profiles.ExtensionInvoiceContract, ValueReference: &contract},
		{URL: profiles.ExtensionInvoiceDue, ValueDate: adjudication.WriteDay(o.terms.due)},
		{URL: profiles.ExtensionInvoiceBalance, ValueMoney: &total},
	}
	for _, k := range o.joining {
		membership := datatype.To(k)
		extensions = append(extensions, extension{URL: profiles.ExtensionInvoiceCoverage, ValueReference: &membership})
	}
	return datatype.JSON(invoiceJSON{
		ResourceType: "Invoice", Extension: extensions,
		Identifier: []identifier{datatype.Number(profiles.IdentifierInvoice, number)}, Status: "issued",
		Type: kind, Subject: datatype.To(o.holder.key), Recipient: datatype.To(b.payer),
		Date: adjudication.WriteDay(o.terms.enrolled), Issuer: o.insurer(), LineItem: b.items, TotalNet: total, TotalGross: total, PaymentTerms: terms,
	})
}
