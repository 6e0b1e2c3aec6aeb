package measure

import (
	"cmp"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// contributions counts HF_FIN of a district.
func (s *scheme) contributions(r fhir.Reader, unit fhir.Key, b book) error {
	payers := map[fhir.Key]string{}
	for _, p := range s.tree.within(unit, s.district) {
		err := s.holders(r, p, func(h *holders) error {
			for _, bill := range h.bills {
				if p, ok := h.byKey[bill.policy]; ok && p.inForce {
					b.on(p.days.from, value{1, bill.gross}, indicator.FinContribDueAmt, p.product)
				}
			}
			return s.received(r, h, payers, b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// received counts what some holders have paid, by their invoices and as payers.
func (s *scheme) received(r fhir.Reader, h *holders, payers map[fhir.Key]string, b book) error {
	seen := map[fhir.Key]bool{}
	count := func(p stored) error {
		if seen[p.Key] {
			return nil
		}
		seen[keep(p.Key)] = true
		return s.payment(r, p.node, h, payers, b)
	}
	bills := make([]string, 0, len(h.byBill))
	for k := range h.byBill {
		bills = append(bills, k.ID)
	}
	if len(bills) > 0 {
		if err := each(r, "PaymentReconciliation", fhir.All{is("direction", "in"), refersToAny("invoice", "Invoice", bills)}, count); err != nil {
			return err
		}
	}
	ids := make([]string, len(h.list))
	for i, one := range h.list {
		ids[i] = one.ID
	}
	return each(r, "PaymentReconciliation", fhir.All{is("direction", "in"), refersToAny("payer", h.list[0].Type, ids)}, count)
}

// payment counts a payment's parts that are these holders': on an invoice those of
// whom it is for, credit of whose it is.
func (s *scheme) payment(r fhir.Reader, n fhir.Node, h *holders, payers map[fhir.Key]string, b book) error {
	status := n.Get("status").Text()
	if status != "active" && status != "cancelled" {
		return nil
	}
	payer := key(n, profiles.ExtensionPayer)
	who, err := s.payerOf(r, payer, n, payers)
	if err != nil {
		return err
	}
	paidOn, dated := s.dayOf(n.Get("paymentDate").Text())
	holder := payer
	for d := range n.Get("detail").Each() {
		on, ok := s.dayOf(d.Get("date").Text())
		if !ok {
			on, ok = paidOn, dated
		}
		invoice := r4.Target(d.Get("request"))
		bill, ours := h.byBill[invoice]
		if holder.IsZero() && ours {
			holder = bill.holder
		}
		product := indicator.Other
		switch p, known := h.byKey[bill.policy]; {
		case invoice.IsZero():
			owner := key(d, profiles.ExtensionPayee)
			if owner.IsZero() {
				owner = payer
			}
			ours = h.known[owner]
		case ours && known:
			product = p.product
		}
		if amount, right := s.amount(d.Get("amount")); ours && ok && right {
			b.on(on, value{1, amount}, indicator.FinContribAmt, product, who)
		}
	}
	if status == "active" && dated && h.known[holder] {
		b.on(paidOn, one, indicator.FinContribCnt, channel(n, who))
	}
	return nil
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
// and everybody else is a household.
func (s *scheme) payerOf(r fhir.Reader, payer fhir.Key, n fhir.Node, payers map[fhir.Key]string) (string, error) {
	if payer.Type != "Organization" {
		method := n.Extension(profiles.ExtensionPaymentMethod).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISPaymentMethod)
		if method == "F" {
			return "GOVERNMENT", nil
		}
		return "HOUSEHOLD", nil
	}
	if who, known := payers[payer]; known {
		return who, nil
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
	payers[keep(payer)] = who
	return who, nil
}
