package measure

import (
	"cmp"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// payment counts the parts of a payment that are of who lives here, each once: on an
// invoice those of whom it is for, credit of whose it is. The payment itself is its
// payer's, or where it names none of whose its first invoice is.
func (h *residence) payment(r fhir.Reader, one stored) error {
	n, k := one.node, h.of(one.Key)
	status := n.Get("status").Text()
	if h.paid[k] || status != "active" && status != "cancelled" || n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text() != "in" {
		return nil
	}
	payer := key(n, profiles.ExtensionPayer)
	holder := h.of(payer)
	if payer.IsZero() {
		var err error
		if holder, err = h.firstBilled(r, n); err != nil {
			return err
		}
	}
	who, err := h.payerOf(r, payer, n)
	if err != nil {
		return err
	}
	h.paid[k] = true
	paidOn, dated := h.dayOf(n.Get("paymentDate").Text())
	for d := range n.Get("detail").Each() {
		on, ok := h.dayOf(d.Get("date").Text())
		if !ok {
			on, ok = paidOn, dated
		}
		owner, product := holder, indicator.Other
		if invoice := r4.Target(d.Get("request")); !invoice.IsZero() {
			bill, billed := h.bills[h.of(invoice)]
			ok = ok && billed
			owner = bill.holder
			if p, known := h.policyBy(bill.policy); known {
				product = p.product
			}
		} else if payee := payeeOf(d); !payee.IsZero() {
			owner = h.of(payee)
		}
		_, at, _ := h.homeOf(owner)
		if amount, right := h.amount(d.Get("amount")); ok && right && at.fin != nil {
			at.fin.on(on, value{1, amount}, indicator.FinContribAmt, product, who)
		}
	}
	if _, at, _ := h.homeOf(holder); status == "active" && dated && at.fin != nil {
		at.fin.on(paidOn, value{count: 1}, indicator.FinContribCnt, channel(n, who))
	}
	return nil
}

// payeeOf gives whose credit a detail is: an organization by R4, else by extension.
func payeeOf(d fhir.Node) fhir.Key {
	if k := key(d, profiles.ExtensionPayee); !k.IsZero() {
		return k
	}
	return r4.Target(d.Get("payee"))
}

// firstBilled gives whom the first invoice for contributions of a payment is for.
func (h *residence) firstBilled(r fhir.Reader, n fhir.Node) (handle, error) {
	for d := range n.Get("detail").Each() {
		k := r4.Target(d.Get("request"))
		if k.Type != "Invoice" {
			continue
		}
		if b, ours := h.bills[h.of(k)]; ours {
			return b.holder, nil
		}
		if r == nil {
			return handle{}, errLater
		}
		invoice, err := fhir.Tree(r, k)
		if err != nil {
			return handle{}, err
		}
		if b, ok := h.bill(stored{node: invoice}); ok && invoice.Exists() {
			return b.holder, nil
		}
	}
	return handle{}, nil
}

// channel gives the option of HF_CHAN of a payment.
func channel(n fhir.Node, who string) string {
	method := n.Extension(profiles.ExtensionPaymentMethod).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISPaymentMethod)
	switch {
	case method == "C":
		return "CASH"
	case method == "M":
		return "MOBILE"
	case who == "EMPLOYER":
		return "PAYROLL"
	case method == "B":
		return "BANK"
	}
	return indicator.Other
}

// systemOrganization is HL7's system of kinds of organizations.
const systemOrganization = "http://terminology.hl7.org/CodeSystem/organization-type"

// payerOf gives the option of HF_PAYER of a payment: an organization by its kind,
// and everybody else is a household. Of organizations that are new it needs a Reader.
func (h *residence) payerOf(r fhir.Reader, payer fhir.Key, n fhir.Node) (string, error) {
	if payer.Type != "Organization" {
		method := n.Extension(profiles.ExtensionPaymentMethod).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISPaymentMethod)
		if method == "F" {
			return "GOVERNMENT", nil
		}
		return "HOUSEHOLD", nil
	}
	k := h.of(payer)
	if who, known := h.payers[k]; known {
		return who, nil
	}
	if r == nil {
		return "", errLater
	}
	o, err := fhir.Tree(r, payer)
	if err != nil {
		return "", err
	}
	kind := ""
	for t := range o.Get("type").Each() {
		kind = cmp.Or(kind, t.Code(systemOrganization))
	}
	who := indicator.Other
	switch {
	case o.Identifier(profiles.IdentifierEmployer) != "" || kind == "bus":
		who = "EMPLOYER"
	case kind == "govt":
		who = "GOVERNMENT"
	case kind == "cg" || kind == "reli" || kind == "edu":
		who = "DONOR"
	}
	h.payers[k] = who
	return who, nil
}
