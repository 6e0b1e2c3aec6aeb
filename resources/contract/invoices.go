package contract

import (
	"context"

	"bima/fhir"
	"bima/profiles"
)

// invoicesMax bounds how many Invoices of one holder are looked at.
const invoicesMax = 500

// An invoice is what was asked for a policy, as it stands.
type invoice struct {
	key      fhir.Key
	node     fhir.Node
	status   string
	currency string
	gross    fhir.Amount
	left     fhir.Amount
}

// paid gives what was received on it.
func (i invoice) paid() fhir.Amount { return i.gross - i.left }

// joins reports whether it is for members who join a running policy: what they owe
// is between them and their own cover.
func (i invoice) joins() bool {
	return i.node.Get("type").Code(profiles.SystemContributionStage) == stageJoining
}

// fees gives the part of it that is for joining, after discounts.
func (i invoice) fees() fhir.Amount {
	var base, fees fhir.Amount
	for item := range i.node.Get("lineItem").Each() {
		for c := range item.Get("priceComponent").Each() {
			value, err := fhir.ParseAmount(c.At("amount", "value").Text())
			if err != nil || c.Get("type").Text() != "base" {
				continue
			}
			base += value
			if isFee(item.Get("chargeItemCodeableConcept").Code(profiles.SystemOpenIMISContribution)) {
				fees += value
			}
		}
	}
	if base == 0 {
		return 0
	}
	return proportion(fees, int64(i.gross), int64(base), i.currency)
}

// invoices gives the Invoices of a policy.
func invoices(r fhir.Reader, p policy) ([]invoice, error) {
	if p.holder.IsZero() {
		return nil, nil
	}
	page, err := r.Search(&fhir.Query{Types: []string{"Invoice"}, Limit: invoicesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "subject", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: p.holder},
	}})
	if err != nil {
		return nil, err
	}
	var list []invoice
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		if i := invoiceOf(resource.Key, doc.Root()); target(i.node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference")) == p.key {
			list = append(list, i)
		}
	}
	return list, nil
}

// invoiceOf reads an Invoice; one without a balance is not paid at all.
func invoiceOf(k fhir.Key, n fhir.Node) invoice {
	i := invoice{key: k, node: n, status: n.Get("status").Text(), currency: n.At("totalGross", "currency").Text()}
	i.gross, _ = fhir.ParseAmount(n.At("totalGross", "value").Text())
	i.left = i.gross
	if balance := n.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney"); balance.Exists() {
		i.left, _ = fhir.ParseAmount(balance.Get("value").Text())
	}
	return i
}

// noticesMax bounds how many payments on one Invoice are looked at.
const noticesMax = 500

// instalments refuses cash beyond the number of payments a plan lets its
// contribution be paid in: the last of them pays all that is left. Money that is
// booked already, as by a provider of mobile money, came in and is taken.
func (s Settings) instalments(_ context.Context, r fhir.Reader, c fhir.Change) error {
	if c.After == nil || !counts(c.Node) || c.Before != nil || c.Node.At("payment", "reference").Exists() {
		return nil
	}
	invoice := target(c.Node.Get("request"))
	if invoice.Type != "Invoice" {
		return nil
	}
	n, err := read(r, invoice)
	if err != nil || n.Get("status").Text() != "issued" {
		return err
	}
	most, err := s.mostPayments(r, target(n.Extension(profiles.ExtensionInvoiceContract).Get("valueReference")))
	if err != nil || most == 0 {
		return err
	}
	before, err := payments(r, invoice)
	if err != nil {
		return err
	}
	bill := invoiceOf(invoice, n)
	amount, bad := fhir.ParseAmount(c.Node.At("amount", "value").Text())
	switch {
	case bad != nil || amount >= bill.left:
		return nil
	case before+1 > most:
		return refuse("PaymentNotice.request", "%s may be paid in %d payments, which were made; %s %s are left: have the rest waived ($waive), or cancel the policy", invoice, most, bill.left, bill.currency)
	case before+1 == most:
		return refuse("PaymentNotice.amount", "%s may be paid in %d payments, of which this is the last: it pays all that is left, %s %s", invoice, most, bill.left, bill.currency)
	}
	return nil
}

// mostPayments gives how many payments a policy may be paid in; 0 leaves it open.
func (s Settings) mostPayments(r fhir.Reader, k fhir.Key) (int, error) {
	if k.Type != "Contract" {
		return 0, nil
	}
	resource, err := current(r, k)
	if err != nil || resource == nil {
		return 0, err
	}
	p, err := policyOf(resource)
	if err != nil || !p.ours {
		return 0, err
	}
	plan, err := s.bought(r, p)
	if fhir.HasIssue(err, fhir.IssueBusinessRule) {
		return 0, nil // the plan says nothing that can be read
	}
	if err != nil {
		return 0, err
	}
	return plan.installs, nil
}

// payments counts the payments made on an Invoice.
func payments(r fhir.Reader, invoice fhir.Key) (int, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"PaymentNotice"}, Limit: noticesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "request", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: invoice},
	}})
	if err != nil {
		return 0, err
	}
	count := 0
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return 0, err
		}
		if counts(doc.Root()) {
			count++
		}
	}
	return count, nil
}

// counts reports whether a notice says that money has come in.
func counts(notice fhir.Node) bool {
	status := notice.Get("paymentStatus").Get("coding").First().Get("code").Text()
	return notice.Get("status").Text() == "active" && (status == "" || status == "cleared")
}
