package payment

import (
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// isInvoiceNumber reports whether a system is one of numbers that an Invoice is
// known by to those who pay it.
func isInvoiceNumber(system string) bool {
	return system == profiles.IdentifierControlNumber || system == profiles.IdentifierInvoice
}

// numbered lets notices that name their Invoice by its number, as a payer knows
// it, name it by its id, and gives the changes with them.
func (b *book) numbered(changes []fhir.Change) ([]fhir.Change, error) {
	copied := false
	for i, c := range changes {
		if c.Type != "PaymentNotice" || c.After == nil || !noticeOf(c.Key, c.Node).byNumber() {
			continue
		}
		if !copied {
			changes, copied = slices.Clone(changes), true
		}
		number := c.Node.At("request", "identifier")
		invoice, there, err := b.tx.Owner(fhir.UniqueKey{Type: "Invoice", Name: number.Get("system").Text(), Value: number.Get("value").Text()})
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, refuse("PaymentNotice.request", "no invoice has the number %.60q; where nobody knows whose the money is, send it to PaymentReconciliation/$receive, which keeps it until it is allocated", number.Get("value").Text())
		}
		e := fhir.NewEdit(c.Node.Document())
		e.Set(c.Node.Get("request"), "reference", quote(invoice.String()))
		stored, err := b.tx.Update(&fhir.Resource{Key: c.Key, Body: e.Bytes()}, 0)
		if err != nil {
			return nil, err
		}
		if changes[i].Node, err = parse(stored); err != nil {
			return nil, err
		}
	}
	return changes, nil
}
