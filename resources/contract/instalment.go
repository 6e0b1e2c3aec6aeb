package contract

import (
	"context"

	"bima/fhir"
	"bima/profiles"
)

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
