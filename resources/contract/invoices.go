package contract

import (
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
