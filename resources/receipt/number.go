package receipt

import (
	"context"
	"slices"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// number gives each payment that counts a receipt number, and gives one back that
// a client's copy of it has lost.
func (s Settings) number(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	g := &giver{Settings: s, tx: tx}
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		if err := g.restore(c); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if c.After == nil || c.Type != "PaymentNotice" || given(c) {
			continue
		}
		if err := g.give(c.Key); err != nil {
			return err
		}
	}
	return g.keep()
}

// A giver gives the numbers of one transaction.
type giver struct {
	Settings
	tx     fhir.Tx
	series *series // that is counted on; nil before its first number
}

// given reports whether this transaction made a notice and numbered it already.
func given(c fhir.Change) bool {
	return c.Before == nil && c.After.Version > 1 && numberOf(c.Node) != ""
}

// restore gives a notice or a payment the number back that it had before it was
// sent again without it: an officer's device sends what it knows once more.
func (g *giver) restore(c fhir.Change) error {
	if c.Before == nil || numberOf(c.Node) != "" {
		return nil
	}
	old, err := parse(c.Before)
	if err != nil {
		return err
	}
	had := numberOf(old)
	if had == "" {
		return nil
	}
	now, err := fhir.Tree(g.tx, c.Key)
	if err != nil || !now.Exists() || numberOf(now) != "" {
		return err
	}
	return g.put(c.Key, now, had)
}

// give numbers a notice whose money has come, with its money. A second notice of
// the same money has no number of its own: one receipt is for all of it.
func (g *giver) give(k fhir.Key) error {
	notice, err := fhir.Tree(g.tx, k)
	if err != nil || !counts(notice) {
		return err
	}
	key, money, err := moneyOf(g.tx, notice)
	if err != nil || !money.Exists() {
		return err
	}
	own, its := numberOf(notice), numberOf(money)
	switch {
	case own != "" && its != "":
		return nil
	case own != "":
		return g.put(key, money, own)
	case its == "":
		if its, err = g.next(); err != nil {
			return err
		}
		if err := g.put(key, money, its); err != nil {
			return err
		}
	default:
		if _, taken, err := g.tx.Owner(numberKey(its)); err != nil || taken {
			return err
		}
	}
	return g.put(k, notice, its)
}

// put writes a number into a resource.
func (g *giver) put(k fhir.Key, n fhir.Node, number string) error {
	identifier := datatype.JSON(identifierJSON{profiles.IdentifierReceipt, number})
	e := fhir.NewEdit(n.Document())
	if list := n.Get("identifier"); list.Exists() {
		e.Append(list, identifier)
	} else {
		e.Set(n, "identifier", slices.Concat([]byte{'['}, identifier, []byte{']'}))
	}
	_, err := g.tx.Update(&fhir.Resource{Key: k, Body: e.Bytes()}, 0)
	return err
}

type identifierJSON struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// numberOf gives the receipt number of a notice or a payment, "" where it has
// none.
func numberOf(n fhir.Node) string { return n.Identifier(profiles.IdentifierReceipt) }

func numberKey(number string) fhir.UniqueKey {
	return fhir.UniqueKey{Type: "PaymentNotice", Name: profiles.IdentifierReceipt, Value: number}
}

// counts reports whether a notice says that money of a contribution has come.
// Without a payment status it has, as cash in hand. Source: HL7 paymentstatus.
func counts(notice fhir.Node) bool {
	status := notice.Get("paymentStatus").Code(systemPaymentStatus)
	return notice.Get("status").Text() == "active" && (status == "" || status == "cleared") && ofContribution(notice)
}

// ofContribution reports whether a notice is on an Invoice, or of a payer who pays
// ahead.
func ofContribution(notice fhir.Node) bool {
	request := notice.Get("request")
	return r4.Target(request).Type == "Invoice" || !request.Exists() && notice.Extension(profiles.ExtensionPayer).Exists()
}

// moneyMax bounds how many payments with one identifier are looked at: one, and
// what a mistake may have left.
const moneyMax = 10

// moneyOf gives the payment that a notice names, by itself or by what it is called;
// absent where it did not come in, or is not booked.
func moneyOf(r fhir.Reader, notice fhir.Node) (fhir.Key, fhir.Node, error) {
	if k := r4.Target(notice.Get("payment")); !k.IsZero() {
		n, err := fhir.Tree(r, k)
		if err != nil || !cameIn(n) {
			return fhir.Key{}, fhir.Node{}, err
		}
		return k, n, nil
	}
	called := notice.At("payment", "identifier")
	if called.Get("value").Text() == "" {
		return fhir.Key{}, fhir.Node{}, nil
	}
	page, err := r.Search(&fhir.Query{
		Types: []string{"PaymentReconciliation"}, Limit: moneyMax,
		Where: fhir.Match{
			Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken},
			Value: fhir.TokenValue{System: called.Get("system").Text(), Code: called.Get("value").Text()},
		},
	})
	if err != nil {
		return fhir.Key{}, fhir.Node{}, err
	}
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return fhir.Key{}, fhir.Node{}, err
		}
		if cameIn(n) {
			return resource.Key, n, nil
		}
	}
	return fhir.Key{}, fhir.Node{}, nil
}

// cameIn reports whether money came in, whether or not it was taken back since.
func cameIn(money fhir.Node) bool {
	direction := money.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text()
	return direction == "in" && money.Get("status").Text() != "draft"
}

// keep refuses what would leave a gap: that a number is changed, or goes with the
// notice that bears it.
func keep(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.Before == nil {
		return nil
	}
	old, err := parse(c.Before)
	if err != nil {
		return err
	}
	had := numberOf(old)
	switch {
	case had == "":
		return nil
	case c.After == nil:
		return refuse(c.Type, "%s bears the receipt number %s, and numbers have no gaps; set its status to cancelled, and its receipt says that it was taken back", c.Key, had)
	case numberOf(c.Node) != "" && numberOf(c.Node) != had:
		return refuse(c.Type+".identifier", "%s bears the receipt number %s, which stays; cancel it and book the money again where the number is wrong", c.Key, had)
	}
	return nil
}
