package cash

import (
	"context"
	"fmt"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailsMax bounds how many payments one deposit is parted into.
const detailsMax = 1000

// checkDeposit asks of a deposit who brings how much, and keeps one that was
// booked from being changed.
func checkDeposit(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	before, after, err := both(c)
	if err != nil {
		return err
	}
	booked := before.direction == "deposit" && before.counts
	switch {
	case c.After == nil && booked:
		return refuse("PaymentReconciliation", "%s is a deposit that is booked; where the bank never got it, set its status to cancelled", c.Key)
	case c.After == nil:
		return nil
	case booked && after.direction != "deposit":
		return refuse("PaymentReconciliation.extension", "%s is a deposit, and stays so", c.Key)
	case after.direction != "deposit":
		return nil
	case after.officer.IsZero():
		return refuse("PaymentReconciliation.requestor", "a deposit names the PractitionerRole of the officer who brings it")
	}
	amount, ok := amountOf(after.node.Get("paymentAmount"))
	if !ok || amount <= 0 || after.currency == "" {
		return refuse("PaymentReconciliation.paymentAmount", "a deposit is more than 0, with its currency and at most four decimals")
	}
	if booked {
		return staysDeposit(before, after)
	}
	return after.adds(amount)
}

// adds asks whether the details of a deposit, where it has any, come to its amount
// and are each of a payment.
func (m movement) adds(amount fhir.Amount) error {
	if !m.node.Get("detail").Exists() {
		return nil
	}
	var sum fhir.Amount
	i := -1
	for d := range m.node.Get("detail").Each() {
		i++
		at := fmt.Sprintf("PaymentReconciliation.detail[%d]", i)
		a, ok := amountOf(d.Get("amount"))
		switch {
		case r4.Target(d.Get("request")).Type != "PaymentReconciliation":
			return refuse(at+".request", "a deposit is of payments that the officer took in cash: name the PaymentReconciliation, or leave all details out, and the oldest are taken")
		case !ok || a <= 0 || d.At("amount", "currency").Text() != m.currency:
			return refuse(at+".amount", "what is brought of a payment is more than 0, in %s", m.currency)
		}
		sum += a
	}
	if sum != amount {
		return refuse("PaymentReconciliation.detail", "the details come to %s, the deposit is of %s", sum, amount)
	}
	return nil
}

// staysDeposit refuses to change a deposit that is booked. One that is sent again
// without its details has them still.
func staysDeposit(before, after movement) error {
	if string(before.node.At("paymentAmount", "value").Raw()) != string(after.node.At("paymentAmount", "value").Raw()) ||
		before.currency != after.currency || before.officer != after.officer {
		return refuse("PaymentReconciliation.paymentAmount", "%s is booked; set its status to cancelled and send another", after.key)
	}
	if !after.node.Get("detail").Exists() {
		return nil
	}
	was, is := before.node.Get("detail"), after.node.Get("detail")
	differs := was.Len() != is.Len()
	other := is.First()
	for d := range was.Each() {
		a, _ := amountOf(d.Get("amount"))
		b, _ := amountOf(other.Get("amount"))
		if differs = differs || a != b || r4.Target(d.Get("request")) != r4.Target(other.Get("request")); differs {
			break
		}
		other = other.Next()
	}
	if differs {
		return refuse("PaymentReconciliation.detail", "%s is booked; set its status to cancelled and send another", after.key)
	}
	return nil
}

// match parts a deposit between the payments the officer holds, the oldest first;
// one that was parted before keeps its details.
func (d *drawer) match(before, after movement) (movement, error) {
	node, err := fhir.Tree(d.tx, after.key)
	if err != nil || node.Get("detail").Exists() {
		return movementOf(after.key, node), err
	}
	details := []byte(nil)
	if before.direction == "deposit" && before.node.Get("detail").Exists() {
		details = before.node.Get("detail").Raw()
	} else if details, err = d.oldest(after); err != nil {
		return after, err
	}
	e := fhir.NewEdit(node.Document())
	e.Set(node, "detail", details)
	stored, err := d.tx.Update(&fhir.Resource{Key: after.key, Body: e.Bytes()}, 0)
	if err != nil {
		return after, err
	}
	if node, err = parse(stored); err != nil {
		return after, err
	}
	return movementOf(after.key, node), nil
}

// oldest spells the details of a deposit.
func (d *drawer) oldest(m movement) ([]byte, error) {
	left, ok := amountOf(m.node.Get("paymentAmount"))
	if !ok {
		return nil, refuse("PaymentReconciliation.paymentAmount", "a deposit has an amount of at most four decimals")
	}
	open, err := payments(d.tx, m.officer)
	if err != nil {
		return nil, err
	}
	var list []detailJSON
	var holds fhir.Amount
	for _, p := range open {
		if p.currency != m.currency {
			continue
		}
		holds += p.left
		if part := min(left, p.left); part > 0 {
			list = append(list, detailOf(m, p.key, part))
			left -= part
		}
	}
	if left > 0 {
		return nil, refuse("PaymentReconciliation.paymentAmount", "%s holds %s %s in cash, %s less than this deposit; book what else he took first", m.officer, holds, m.currency, left)
	}
	if len(list) > detailsMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "PaymentReconciliation.paymentAmount", "the deposit is of more than %d payments; book it in parts", detailsMax)
	}
	return datatype.JSON(list), nil
}

type (
	codingJSON struct {
		System string `json:"system"`
		Code   string `json:"code"`
	}
	conceptJSON struct {
		Coding []codingJSON `json:"coding"`
	}
	detailJSON struct {
		Type    conceptJSON   `json:"type"`
		Request referenceJSON `json:"request"`
		Date    string        `json:"date,omitempty"`
		Amount  moneyJSON     `json:"amount"`
	}
)

func detailOf(m movement, payment fhir.Key, amount fhir.Amount) detailJSON {
	return detailJSON{
		Type:    conceptJSON{[]codingJSON{{systemPaymentType, "payment"}}},
		Request: referenceJSON{payment.String()}, Date: m.node.Get("paymentDate").Text(), Amount: moneyOf(amount, m.currency),
	}
}

// checkLimit asks whether the limits of an officer can be held.
func checkLimit(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	seen := map[string]bool{}
	for e := range c.Node.Get("extension").Each() {
		if e.Get("url").Text() != profiles.ExtensionCashLimit {
			continue
		}
		a, ok := amountOf(e.Get("valueMoney"))
		currency := e.At("valueMoney", "currency").Text()
		if !ok || a < 0 || currency == "" || seen[currency] {
			return refuse("PractitionerRole.extension('"+profiles.ExtensionCashLimit+"')", "a limit is an amount of 0 or more with its currency, one for each")
		}
		seen[currency] = true
	}
	return nil
}
