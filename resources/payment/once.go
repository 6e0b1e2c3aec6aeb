package payment

import (
	"slices"
	"strings"

	"bima/fhir"
)

// moneyMax bounds how many PaymentReconciliations with one identifier are looked
// at: one, and what a mistake may have left.
const moneyMax = 10

// once keeps the same movement of money from being booked twice: what a bank or
// mobile-money company calls one transaction (paymentIdentifier) is one
// PaymentReconciliation. The reference is kept among the identifiers too, where
// search finds it.
func (b *book) once(c fhir.Change) error {
	if c.After == nil || !(incoming(c.Node) || deposit(c.Node)) || c.Node.Get("status").Text() != "active" {
		return nil
	}
	reference := c.Node.Get("paymentIdentifier")
	if reference.Get("value").Text() == "" {
		return nil
	}
	found, err := booked(b.tx, reference)
	if err != nil {
		return err
	}
	for _, other := range found {
		if other.Key != c.Key {
			return repeats(b.tx, other.Key, c.Node, "PaymentReconciliation.paymentIdentifier",
				"the transaction "+reference.Get("value").Text()+" of "+reference.Get("system").Text())
		}
	}
	return b.noteReference(c.Key, reference)
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
func (b *book) noteReference(k fhir.Key, reference fhir.Node) error {
	n, err := fhir.Tree(b.tx, k)
	if err != nil {
		return err
	}
	for i := range n.Get("identifier").Each() {
		if i.Get("value").Text() == reference.Get("value").Text() && i.Get("system").Text() == reference.Get("system").Text() {
			return nil
		}
	}
	e := fhir.NewEdit(n.Document())
	if list := n.Get("identifier"); list.Exists() {
		e.Append(list, reference.Raw())
	} else {
		e.Set(n, "identifier", slices.Concat([]byte{'['}, reference.Raw(), []byte{']'}))
	}
	delete(b.monies, k)
	_, err = b.tx.Update(&fhir.Resource{Key: k, Body: e.Bytes()}, 0)
	return err
}

// repeats compares what is sent with what is there, as that was sent first: the
// same content is the same thing once more, see fhir.Existing; other content is a
// conflict that says what differs.
func repeats(r fhir.Reader, k fhir.Key, sent fhir.Node, expression, what string) error {
	first, err := r.ReadVersion(k, 1)
	if err != nil {
		return err
	}
	n, err := parse(first)
	if err != nil {
		return err
	}
	if differing := fhir.Differences(n, sent); len(differing) > 0 {
		return fhir.Detailf(fhir.IssueConflict, fhir.DetailUnique, expression, "%s is booked already as %s, which differs in %s", what, k, strings.Join(differing, ", "))
	}
	return fhir.Detailf(fhir.IssueDuplicate, fhir.DetailUnique, expression, "%s is booked already as %s", what, k).Because(fhir.Existing{Key: k})
}
