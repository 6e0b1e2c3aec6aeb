package payment

import (
	"context"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// A notice is a PaymentNotice on an Invoice.
type notice struct {
	key     fhir.Key
	node    fhir.Node
	invoice fhir.Key
	money   fhir.Key  // the PaymentReconciliation it names
	receipt fhir.Node // or the Identifier of one
	payer   fhir.Key
	counts  bool // it is active, and the money has arrived
}

// noticeOf reads a PaymentNotice. Without a payment status the money counts as
// arrived, as cash in hand; "paid" is money on its way. Source: HL7 paymentstatus.
func noticeOf(k fhir.Key, n fhir.Node) notice {
	status := n.Get("paymentStatus").Code(systemPaymentStatus)
	return notice{
		key: k, node: n, invoice: target(n.Get("request")),
		money: target(n.Get("payment")), receipt: n.At("payment", "identifier"),
		payer:  target(n.Extension(profiles.ExtensionPayer).Get("valueReference")),
		counts: n.Get("status").Text() == "active" && (status == "" || status == "cleared"),
	}
}

// names gives what it names the money by, for comparing.
func (n notice) names() string {
	if !n.money.IsZero() {
		return n.money.String()
	}
	if n.receipt.Get("value").Text() == "" {
		return ""
	}
	return lockName(n.receipt)
}

// ahead reports whether the notice is of money paid ahead: on no invoice, but of
// a payer whose credit it is.
func (n notice) ahead() bool { return !n.node.Get("request").Exists() && !n.payer.IsZero() }

// ours reports whether the notice is of a contribution.
func (n notice) ours() bool { return n.invoice.Type == "Invoice" || n.ahead() || n.byNumber() }

// byNumber reports whether the notice names its Invoice by a number only, as it was
// sent; see named.
func (n notice) byNumber() bool {
	request := n.node.Get("request")
	return !request.Get("reference").Exists() && isInvoiceNumber(request.At("identifier", "system").Text())
}

// of gives what the notice is of, in words.
func (n notice) of() string {
	if n.ahead() {
		return n.payer.String() + ", paid ahead"
	}
	return n.invoice.String()
}

// checkNotice asks what the notice itself can answer, and keeps one that counts
// from being changed into another.
func checkNotice(_ context.Context, r fhir.Reader, c fhir.Change) error {
	var before notice
	if c.Before != nil {
		old, err := parse(c.Before)
		if err != nil {
			return err
		}
		before = noticeOf(c.Key, old)
	}
	if c.After == nil {
		if before.counts && before.ours() {
			return refuse("PaymentNotice", "%s is a payment that counts; to take it back, set its status to cancelled", c.Key)
		}
		return nil
	}
	if after := noticeOf(c.Key, c.Node); !after.ours() {
		return before.stays(after)
	}
	paid, err := money(c.Node.Get("amount"), "PaymentNotice.amount")
	if err != nil {
		return err
	}
	if paid.Value <= 0 {
		return refuse("PaymentNotice.amount", "a payment is more than 0; to take one back, set its status to cancelled")
	}
	if c.Before == nil {
		return repeatedReceipt(r, c)
	}
	return before.keeps(c)
}

// stays refuses to make a notice that counts one of something else.
func (n notice) stays(after notice) error {
	if n.counts && n.ours() && after.counts {
		return refuse("PaymentNotice.request", "%s is booked on %s; set its status to cancelled and send another", n.key, n.of())
	}
	return nil
}

// keeps refuses to change what was booked, and to bring back what was taken back.
func (n notice) keeps(c fhir.Change) error {
	after := noticeOf(c.Key, c.Node)
	status := n.node.Get("status").Text()
	if after.counts && (status == "cancelled" || status == "entered-in-error") {
		return refuse("PaymentNotice.status", "%s was taken back; book the money again by a PaymentNotice of its own", n.key)
	}
	if !n.counts {
		return nil
	}
	old, err := money(n.node.Get("amount"), "PaymentNotice.amount")
	if err != nil {
		return err
	}
	now, err := money(c.Node.Get("amount"), "PaymentNotice.amount")
	switch {
	case err != nil:
		return err
	case old != now:
		return refuse("PaymentNotice.amount", "%s is booked with %s %s; set its status to cancelled and send another", n.key, old.Value, old.Currency)
	case n.invoice != after.invoice && !after.byNumber() || n.ahead() && n.payer != after.payer:
		return refuse("PaymentNotice.request", "%s is booked on %s; set its status to cancelled and send another", n.key, n.of())
	case n.names() != after.names() && after.names() != "":
		return refuse("PaymentNotice.payment", "%s is booked as %s; set its status to cancelled and send another", n.key, strings.TrimPrefix(n.names(), "payment|"))
	}
	return nil
}

// repeatedReceipt looks for a notice with the same receipt number. The same
// content is that notice once more; see fhir.Existing.
func repeatedReceipt(r fhir.Reader, c fhir.Change) error {
	number := c.Node.Identifier(profiles.IdentifierReceipt)
	if number == "" || c.Method != fhir.MethodCreate {
		return nil
	}
	k, taken, err := r.Owner(receiptKey(number))
	if err != nil || !taken || k == c.Key {
		return err
	}
	return repeats(r, k, c.Node, "PaymentNotice.identifier", "the receipt "+number)
}

// notices gives those on an Invoice.
func notices(r fhir.Reader, invoice fhir.Key) ([]notice, error) {
	page, err := r.Search(&fhir.Query{
		Types: []string{"PaymentNotice"}, Limit: noticesMax,
		Where: fhir.Match{Param: fhir.Param{Code: "request", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: invoice}},
	})
	if err != nil {
		return nil, err
	}
	list := make([]notice, 0, len(page.Resources))
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return nil, err
		}
		list = append(list, noticeOf(resource.Key, n))
	}
	return list, nil
}
