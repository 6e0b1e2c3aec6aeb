package coverage

import (
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// invoicesMax bounds how many Invoices of one family are looked at.
	invoicesMax = 500
	// noticesMax bounds how many payments on one Invoice are looked at.
	noticesMax = 500
)

// A bill is an Invoice for members who join a policy under way.
type bill struct {
	key         fhir.Key
	owed        bool       // it is not paid yet
	memberships []fhir.Key // whom it is for; none named is all who join
}

// billsOf gives what was asked for those who join a policy. What the family owes
// for the policy itself is not among it: it holds up nobody's joining.
func billsOf(r fhir.Reader, contract, holder fhir.Key) ([]bill, error) {
	if holder.IsZero() {
		return nil, nil
	}
	page, err := r.Search(&fhir.Query{Types: []string{"Invoice"}, Limit: invoicesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "subject", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: holder},
	}})
	if err != nil {
		return nil, err
	}
	var list []bill
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		n := doc.Root()
		status := n.Get("status").Text()
		if status != "issued" && status != "balanced" || n.Get("type").Code(profiles.SystemContributionStage) != "joining" ||
			r4.Target(n.Extension(profiles.ExtensionInvoiceContract).Get("valueReference")) != contract {
			continue
		}
		b := bill{key: resource.Key, owed: status == "issued"}
		for e := range n.Get("extension").Each() {
			if e.Get("url").Text() == profiles.ExtensionInvoiceCoverage {
				b.memberships = append(b.memberships, r4.Target(e.Get("valueReference")))
			}
		}
		list = append(list, b)
	}
	return list, nil
}

// names reports whether the bill names a membership.
func (b bill) names(m membership) bool { return slices.Contains(b.memberships, m.key) }

// joins reports whether a membership is of one who joins the policy under way.
func (p *policy) joins(m membership) bool {
	return joinsLater(p, m) || slices.ContainsFunc(p.bills, func(b bill) bool { return b.names(m) })
}

// owedFor reports whether something is still asked for one who joins.
func (p *policy) owedFor(m membership) bool {
	return slices.ContainsFunc(p.bills, func(b bill) bool {
		return b.owed && (b.names(m) || len(b.memberships) == 0 && joinsLater(p, m))
	})
}

// paidFor gives the day on which what was asked for one who joins was paid: that of
// his own bill, else of the payment that let members begin; "" where none is known.
func (p *policy) paidFor(r fhir.Reader, m membership) (string, error) {
	last, own := "", false
	for _, b := range p.bills {
		if !b.names(m) {
			continue
		}
		on, err := paidOn(r, b.key)
		if err != nil {
			return "", err
		}
		last, own = max(last, on), true
	}
	if !own {
		return p.paidOn, nil
	}
	return last, nil
}

// paidOn gives the day of the last payment on an Invoice, "" where none is known.
func paidOn(r fhir.Reader, invoice fhir.Key) (string, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"PaymentNotice"}, Limit: noticesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "request", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: invoice},
	}})
	if err != nil {
		return "", err
	}
	last := ""
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return "", err
		}
		if n := doc.Root(); n.Get("status").Text() == "active" {
			last = max(last, n.Get("paymentDate").Text())
		}
	}
	return last, nil
}
