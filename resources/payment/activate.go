package payment

import (
	"bytes"
	"slices"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// invoicesMax bounds how many Invoices of one family or employer are looked at.
const invoicesMax = 500

// policy does to the policy what its payment asks: paid in full it comes into
// force; paid in part it waits, unless the notice says otherwise (payment-action).
// Source: openIMIS's premium to activation, but that cover never begins before
// the period agreed.
func (a *account) policy(tx fhir.Tx) error {
	k := target(a.node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
	if k.Type != "Contract" {
		return nil
	}
	if err := tx.Lock(k.String()); err != nil {
		return err
	}
	contract, err := read(tx, k)
	if err != nil || !contract.Exists() {
		return err
	}
	switch {
	case a.balance() != 0 && a.asks("suspend"):
		return suspend(tx, k, contract)
	case a.balance() != 0 && !a.asks("enforce") || !a.opens(contract):
		return nil
	case a.balance() == 0:
		if paid, err := othersPaid(tx, a, k); err != nil || !paid {
			return err
		}
	}
	return a.activate(tx, k, contract)
}

// asks reports whether the newest notice that says what to do says this.
func (a *account) asks(action string) bool {
	for _, n := range slices.Backward(a.notices) {
		if said := n.node.Extension(profiles.ExtensionPaymentAction).Get("valueCode").Text(); said != "" {
			return said == action
		}
	}
	return false
}

// opens reports whether the policy waits for this money: it is offered or ready,
// or it was suspended and arrears have been paid just now.
func (a *account) opens(contract fhir.Node) bool {
	switch policyState(contract) {
	case "offered", "ready":
		return true
	case "suspended":
		return a.node.Get("status").Text() == "issued"
	}
	return false
}

// policyState gives the policy's state, also where only the status tells it.
func policyState(contract fhir.Node) string {
	if state := contract.Extension(profiles.ExtensionPolicyState).Get("valueCode").Text(); state != "" {
		return state
	}
	switch contract.Get("status").Text() {
	case "offered":
		return "offered"
	case "executable":
		return "ready"
	case "executed", "resolved":
		return "active"
	}
	return ""
}

func suspend(tx fhir.Tx, k fhir.Key, contract fhir.Node) error {
	if state := policyState(contract); state != "active" && state != "ready" && state != "offered" {
		return nil
	}
	e := fhir.NewEdit(contract.Document())
	e.Set(contract, "status", quote("disputed"))
	e.SetExtension(contract, profiles.ExtensionPolicyState, "valueCode", quote("suspended"))
	_, err := tx.Update(&fhir.Resource{Key: k, Body: e.Bytes()}, 0)
	return err
}

// othersPaid reports whether the policy's other Invoices are paid: a household's
// and a government's share are two.
func othersPaid(tx fhir.Tx, a *account, contract fhir.Key) (bool, error) {
	subject := target(a.node.Get("subject"))
	if subject.IsZero() {
		return true, nil
	}
	page, err := tx.Search(&fhir.Query{
		Types: []string{"Invoice"}, Limit: invoicesMax,
		Where: fhir.Match{Param: fhir.Param{Code: "subject", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: subject}},
	})
	if err != nil {
		return false, err
	}
	for _, r := range page.Resources {
		n, err := parse(r)
		if err != nil {
			return false, err
		}
		of := target(n.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
		if r.Key != a.key && of == contract && n.Get("status").Text() == "issued" {
			return false, nil
		}
	}
	return true, nil
}

// activate puts the policy in force from the later of the last payment and the
// first day agreed, to the last day agreed; one that was suspended goes on as
// before.
func (a *account) activate(tx fhir.Tx, k fhir.Key, contract fhir.Node) error {
	agreed := agreedPeriod(contract)
	from := later(a.lastPaid(), agreed.Get("start").Text())
	if from == "" {
		from = tx.Now().Format(time.DateOnly)
	}
	status := "executed"
	if policyState(contract) == "suspended" && everInForce(contract) {
		status = "resolved"
	}
	e := fhir.NewEdit(contract.Document())
	e.Set(contract, "status", quote(status))
	e.SetExtension(contract, profiles.ExtensionPolicyState, "valueCode", quote("active"))
	if status == "executed" {
		period := periodJSON(from, agreed.Get("end").Text())
		e.Set(contract, "applies", period)
		for term := range contract.Get("term").Each() {
			for asset := range term.Get("asset").Each() {
				e.Set(asset, "usePeriod", slices.Concat([]byte{'['}, period, []byte{']'}))
			}
		}
	}
	_, err := tx.Update(&fhir.Resource{Key: k, Body: e.Bytes()}, 0)
	return err
}

// everInForce reports whether the policy has a period of use already, which an
// interruption leaves as it was.
func everInForce(contract fhir.Node) bool {
	for term := range contract.Get("term").Each() {
		for asset := range term.Get("asset").Each() {
			if asset.Get("usePeriod").Exists() {
				return true
			}
		}
	}
	return false
}

// agreedPeriod gives the period the parties agreed on.
func agreedPeriod(contract fhir.Node) fhir.Node {
	for term := range contract.Get("term").Each() {
		if applies := term.Get("applies"); applies.Exists() {
			return applies
		}
	}
	return contract.Get("applies")
}

// lastPaid gives the day of the last payment on the Invoice.
func (a *account) lastPaid() string {
	day := ""
	for _, r := range a.receipts {
		day = later(day, r.date)
	}
	return day
}

// later gives the later of two dates as written, by day; "" is the earliest.
func later(a, b string) string {
	a, b = a[:min(len(a), len(time.DateOnly))], b[:min(len(b), len(time.DateOnly))]
	return max(a, b)
}

func periodJSON(start, end string) []byte {
	var out bytes.Buffer
	out.WriteString(`{"start":`)
	out.Write(quote(start))
	if end != "" {
		out.WriteString(`,"end":`)
		out.Write(quote(end))
	}
	out.WriteByte('}')
	return out.Bytes()
}
