package payment

import (
	"bytes"
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// policy does to the policy what its payment asks: paid in full it comes into
// force; paid in part it waits, unless the notice says otherwise (payment-action);
// where a payment was taken back it is suspended, unless its plan says otherwise.
// Source: openIMIS's premium to activation, but that cover never begins before
// the period agreed. A contract that is no policy, as an employer's, is not its
// business.
func (a *account) policy() error {
	k := target(a.node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
	if k.Type != "Contract" {
		return nil
	}
	if err := a.tx.Lock(k.String()); err != nil {
		return err
	}
	contract, err := fhir.Tree(a.tx, k)
	if err != nil || !contract.Exists() || contract.Get("type").Code(profiles.SystemContractKind) != "" {
		return err
	}
	switch {
	case a.balance() != 0 && a.reversed[a.key] && !a.asks("enforce"):
		return a.bounce(k, contract)
	case a.balance() != 0 && a.asks("suspend"):
		return suspend(a.tx, k, contract)
	case joins(a.node), a.balance() != 0 && !a.asks("enforce"), !a.opens(contract):
		return nil
	}
	from := a.lastPaid()
	if a.balance() == 0 {
		others, paid, err := a.othersPaid(k)
		if err != nil || !paid {
			return err
		}
		from = later(from, others)
	}
	return a.activate(k, contract, from)
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

// joins reports whether an Invoice is for members who join a running policy. What
// they owe is between them and their own cover, and does not move the policy.
func joins(invoice fhir.Node) bool {
	return invoice.Get("type").Code(profiles.SystemContributionStage) == "joining"
}

// othersPaid reports whether the policy's other Invoices are paid, and since what
// day: a household's and a government's share are two.
func (a *account) othersPaid(contract fhir.Key) (since string, paid bool, err error) {
	page, err := a.tx.Search(&fhir.Query{
		Types: []string{"Invoice"}, Limit: invoicesMax,
		Where: fhir.Match{Param: fhir.Param{Code: "contract", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: contract}},
	})
	if err != nil {
		return "", false, err
	}
	for _, r := range page.Resources {
		other, err := a.open(r.Key)
		if err != nil {
			return "", false, err
		}
		if other == nil || r.Key == a.key || joins(other.node) {
			continue
		}
		if other.node.Get("status").Text() == "issued" {
			return "", false, nil
		}
		if err := other.collect(); err != nil {
			return "", false, err
		}
		since = later(since, other.lastPaid())
	}
	return since, true, nil
}

// activate puts the policy in force from the later of the last payment and the
// first day agreed, to the last day agreed; paid within the days of grace it is in
// force from the first day agreed. One that was suspended goes on as before.
func (a *account) activate(k fhir.Key, contract fhir.Node, paid string) error {
	agreed := agreedPeriod(contract)
	from := later(paid, agreed.Get("start").Text())
	if grace := contract.Extension(profiles.ExtensionPolicyGrace).Get("valueDate").Text(); grace != "" && paid <= grace && agreed.Get("start").Exists() {
		from = agreed.Get("start").Text()
	}
	if from == "" {
		from = a.today()
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
	_, err := a.tx.Update(&fhir.Resource{Key: k, Body: e.Bytes()}, 0)
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

// later gives the later of two dates as written, by day; "" is the earliest.
func later(a, b string) string { return max(day(a), day(b)) }

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
