package payment

import (
	"context"
	"slices"

	"bima/fhir"
)

// moneyMax bounds how many PaymentReconciliations with one identifier are looked
// at: one, and what a mistake may have left.
const moneyMax = 10

// once keeps the same movement of money from being booked twice: what a bank or
// mobile-money company calls one transaction (paymentIdentifier) is one
// PaymentReconciliation. The reference is kept among the identifiers too, where
// search finds it.
func once(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || !incoming(c.Node) || c.Node.Get("status").Text() != "active" {
			continue
		}
		reference := c.Node.Get("paymentIdentifier")
		if reference.Get("value").Text() == "" {
			continue
		}
		if err := checkOnce(tx, c.Key, reference); err != nil {
			return err
		}
		if err := noteReference(tx, c, reference); err != nil {
			return err
		}
	}
	return nil
}

func checkOnce(tx fhir.Tx, k fhir.Key, reference fhir.Node) error {
	if err := tx.Lock(lockName(reference)); err != nil {
		return err
	}
	booked, err := booked(tx, reference)
	if err != nil {
		return err
	}
	for _, other := range booked {
		if other.Key != k {
			return fhir.Detailf(fhir.IssueDuplicate, fhir.DetailUnique, "PaymentReconciliation.paymentIdentifier",
				"the transaction %s of %s is booked as %s already", reference.Get("value").Text(), reference.Get("system").Text(), other.Key)
		}
	}
	return nil
}

func lockName(reference fhir.Node) string {
	return "payment|" + reference.Get("system").Text() + "|" + reference.Get("value").Text()
}

// booked gives the active PaymentReconciliations that bear an identifier.
func booked(r fhir.Reader, reference fhir.Node) ([]*fhir.Resource, error) {
	page, err := r.Search(&fhir.Query{
		Types: []string{"PaymentReconciliation"}, Limit: moneyMax,
		Where: fhir.Match{
			Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken},
			Value: fhir.TokenValue{System: reference.Get("system").Text(), Code: reference.Get("value").Text()},
		},
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page.Resources, func(r *fhir.Resource) bool {
		n, err := parse(r)
		return err != nil || n.Get("status").Text() != "active"
	}), nil
}

// noteReference adds the transaction's reference to the identifiers.
func noteReference(tx fhir.Tx, c fhir.Change, reference fhir.Node) error {
	for i := range c.Node.Get("identifier").Each() {
		if i.Get("value").Text() == reference.Get("value").Text() && i.Get("system").Text() == reference.Get("system").Text() {
			return nil
		}
	}
	e := fhir.NewEdit(c.Node.Document())
	if list := c.Node.Get("identifier"); list.Exists() {
		e.Append(list, reference.Raw())
	} else {
		e.Set(c.Node, "identifier", slices.Concat([]byte{'['}, reference.Raw(), []byte{']'}))
	}
	_, err := tx.Update(&fhir.Resource{Key: c.Key, Body: e.Bytes()}, 0)
	return err
}
