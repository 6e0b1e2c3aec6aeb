package openimis

import (
	"net/http"
	"net/url"
	"slices"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// systemPayment is of what payments are known by that openIMIS's clients name as a
// PaymentReconciliation, which there is none of.
const systemPayment = profiles.OpenIMIS + "/payment"

// pay is POST PaymentNotice/: active books money on an invoice, cancelled and
// entered-in-error take it back. Sent again it is the same payment.
func (c *call) pay(o dialect.Object) error {
	delete(o, "id")
	delete(o, "meta")
	coin(o, 0)
	if code := dialect.Code(dialect.Child(o, "paymentStatus"), ""); !slices.Contains([]string{"", "paid", "cleared"}, code) {
		return fhir.Errorf(fhir.IssueCodeInvalid, "PaymentNotice.paymentStatus", "paymentStatus is paid or cleared, not %.40q", code)
	}
	invoice, err := c.invoice(dialect.Child(o, "request"))
	if err != nil {
		return err
	}
	c.codes("PaymentNotice", o)
	request, payment := o["request"], dialect.Child(o, "payment")
	delete(o, "payment")
	c.parties(o, contained(o), 0)
	o["request"] = dialect.Object{"reference": "Invoice/" + dialect.Text(invoice, "id")}
	o["payment"] = c.payment(payment)
	if request == nil || o["payment"] == nil {
		return fhir.Errorf(fhir.IssueRequired, "PaymentNotice.payment", "name the payment, by payment.reference or payment.identifier: by that it is known when it is sent again")
	}
	switch status := dialect.Text(o, "status"); status {
	case "active":
	case "cancelled", "entered-in-error":
		return c.withdraw(o)
	default:
		return fhir.Errorf(fhir.IssueCodeInvalid, "PaymentNotice.status", "status is active, cancelled or entered-in-error, not %.40q", status)
	}
	if amount := dialect.Child(o, "amount"); amount != nil {
		fill(amount, "currency", dialect.Text(invoice, "totalNet", "currency"))
	}
	if dialect.Text(o, "recipient", "reference") == "" { // openIMIS's insurer is nobody of ours
		o["recipient"] = dialect.Object{"display": "the scheme"}
	}
	return c.store(http.MethodPost, "PaymentNotice", o)
}

// invoice gives the Invoice that is paid: openIMIS's bills are Invoices, too.
func (c *call) invoice(request dialect.Object) (dialect.Object, error) {
	if typ := dialect.Text(request, "type"); typ != "" && typ != "Invoice" && typ != "Bill" {
		return nil, fhir.Errorf(fhir.IssueValue, "PaymentNotice.request.type", "what is paid is an Invoice or a Bill, not a %.40s", typ)
	}
	meant := dialect.Object{"type": "Invoice"}
	if text := dialect.Text(request, "reference"); text != "" {
		meant["reference"] = "Invoice/" + lastPart(text)
	} else {
		meant["identifier"] = dialect.Child(request, "identifier")
	}
	target := dialect.Target(dialect.Text(c.party(meant, nil), "reference"))
	if target.IsZero() {
		return nil, fhir.Errorf(fhir.IssueNotFound, "PaymentNotice.request", "request names no invoice by uuid or code that is known here")
	}
	return c.read1(target), nil
}

// payment gives what the money is known by: a PaymentReconciliation that is there,
// or the name that the client has for it.
func (c *call) payment(sent dialect.Object) any {
	identifier := dialect.Child(sent, "identifier")
	value, system := dialect.Text(identifier, "value"), dialect.Text(identifier, "system")
	if text := dialect.Text(sent, "reference"); text != "" {
		if key := dialect.Target(text); key.Type == "PaymentReconciliation" && c.finder.Exists(key) {
			return dialect.Object{"reference": key.String()}
		}
		value, system = lastPart(text), ""
	}
	if value == "" {
		return nil
	}
	if system == "" {
		system = systemPayment
	}
	return dialect.Object{"identifier": dialect.Object{"system": system, "value": value}}
}

// withdraw takes back a payment that was booked before.
func (c *call) withdraw(o dialect.Object) error {
	query := "PaymentNotice?request=" + url.QueryEscape(dialect.Text(o, "request", "reference")) + "&_count=1000"
	wanted := dialect.Child(o, "payment")
	a := c.gate.Ask(c.r, connect.Question{Path: query})
	if !a.OK() {
		c.hand(a)
		return nil
	}
	for e := range a.Node().Get("entry").Each() {
		notice := dialect.ObjectOf(e.Get("resource"))
		known := dialect.Child(notice, "payment")
		named := dialect.Child(wanted, "identifier")
		same := named != nil && dialect.Text(known, "identifier", "value") == dialect.Text(named, "value") && dialect.Text(known, "identifier", "system") == dialect.Text(named, "system")
		if !same && (named != nil || dialect.Text(known, "reference") != dialect.Text(wanted, "reference")) {
			continue
		}
		id := dialect.Text(notice, "id")
		notice["status"] = "cancelled"
		return c.store(http.MethodPut, "PaymentNotice/"+id, notice)
	}
	return fhir.Errorf(fhir.IssueNotFound, "PaymentNotice.payment", "no payment of that name is booked on the invoice, so there is none to take back")
}
