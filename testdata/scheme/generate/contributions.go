package main

import (
	"fmt"

	"bima/profiles"
)

// extras counts the adults and children beyond those the lump sum includes:
// adults fill it first.
func (f family) extras() (adults, children int) {
	for _, p := range f.persons {
		if p.adult("2026-01-01") {
			adults++
		} else {
			children++
		}
	}
	extraAdults := max(adults-threshold, 0)
	extraChildren := max(children+adults-extraAdults-threshold, 0)
	return extraAdults, extraChildren
}

// contribution gives what a policy of the family costs a year.
func (f family) contribution() amount {
	adults, children := f.extras()
	return shillings(lumpSum + int64(adults)*premiumAdult + int64(children)*premiumChild)
}

// A payment is money a family paid on the contribution of one policy.
type payment struct {
	number string // of the receipt and of the payment
	on     string
	amount amount
	method string // openIMIS's contract-premium-type
	mobile string // the transaction of the mobile-money company, or ""
}

// payments gives what was paid on a policy, the first payment first. Families
// whose number is divisible by five pay in two parts.
func (f family) payments(t term) []payment {
	due := f.contribution()
	year := t.issued[:4]
	pay := func(part int, on string, a amount) payment {
		p := payment{number: fmt.Sprintf("%s%02d-%d", year[2:], f.number, part), on: on, amount: a, method: "C"}
		if f.number%2 == 0 {
			p.method, p.mobile = "M", fmt.Sprintf("SM%s%04d%d", year, f.number, part)
		}
		return p
	}
	switch {
	case f.standing == unpaid:
		return nil
	case f.standing == partial:
		return []payment{pay(1, "2026-01-20", shillings(20000))}
	case t.predecessor != "":
		return []payment{pay(1, t.issued, due)}
	case f.number%5 == 0:
		return []payment{pay(1, t.start[:4]+"-01-02", shillings(25000)), pay(2, t.effective, due-shillings(25000))}
	}
	return []payment{pay(1, t.effective, due)}
}

// contributions gives the Invoice of each policy and the money received on it,
// one list a policy.
func contributions(families []family) [][]object {
	var groups [][]object
	for _, f := range families {
		for _, t := range f.terms() {
			var list []object
			invoice := "invoice-" + t.id[len("policy-"):]
			payments := f.payments(t)
			balance := f.contribution()
			for _, p := range payments {
				balance -= p.amount
			}
			list = append(list, f.invoice(t, invoice, balance))
			for _, p := range payments {
				list = append(list, f.money(p, invoice), f.notice(p, invoice))
			}
			groups = append(groups, list)
		}
	}
	return groups
}

func (f family) invoice(t term, id string, balance amount) object {
	status := "issued"
	if balance == 0 {
		status = "balanced"
	}
	total := money(f.contribution())
	return object{
		"resourceType", "Invoice", "id", id,
		"extension",
		[]object{
			extension("invoice-contract", "valueReference", ref("Contract/"+t.id)),
			extension("invoice-due", "valueDate", t.start[:8]+"31"),
			extension("invoice-balance", "valueMoney", money(balance)),
		},
		"identifier",
		[]object{identifier(profiles.IdentifierInvoice, "IV-DHP-"+t.number[len("POL-"):])},
		"status", status, "type", concept(profiles.SystemOpenIMISInvoiceType, "contribution", ""),
		"subject", ref("Group/" + f.id()), "recipient", ref("Patient/" + f.persons[0].id()),
		"date", t.issued, "issuer", ref("Organization/scheme"),
		"lineItem", f.lines(), "totalNet", total, "totalGross", total,
	}
}

func (f family) lines() []object {
	var list []object
	add := func(kind string, count int, each int64) {
		if count == 0 {
			return
		}
		list = append(list, object{
			"sequence", len(list) + 1,
			"chargeItemCodeableConcept", concept(profiles.SystemOpenIMISContribution, kind, ""),
			"priceComponent",
			[]object{{"type", "base", "factor", count, "amount", money(shillings(int64(count) * each))}},
		})
	}
	adults, children := f.extras()
	add("lumpsum", 1, lumpSum)
	add("premiumAdult", adults, premiumAdult)
	add("premiumChild", children, premiumChild)
	return list
}

func method(code string) object {
	return extension("payment-method", "valueCodeableConcept", concept(profiles.SystemOpenIMISPaymentMethod, code, ""))
}

// money gives the PaymentReconciliation.
func (f family) money(p payment, invoice string) object {
	receipt := identifier(profiles.IdentifierReceipt, "RE-DHP-"+p.number)
	issuer, reference := "Organization/scheme", receipt
	identifiers := []object{identifier(profiles.IdentifierPayment, "PY-"+p.number), receipt}
	if p.mobile != "" {
		issuer, reference = "Organization/mobile-money", identifier("https://mobile-money.example/transaction", p.mobile)
		identifiers = append(identifiers, reference)
	}
	return object{
		"resourceType", "PaymentReconciliation", "id", "payment-" + p.number,
		"extension",
		[]object{
			extension("payer", "valueReference", ref("Group/"+f.id())),
			extension("payment-direction", "valueCode", "in"),
			method(p.method),
		},
		"identifier", identifiers,
		"status", "active", "created", p.on + "T10:00:00+03:00", "paymentIssuer", ref(issuer), "outcome", "complete",
		"paymentDate", p.on, "paymentAmount", money(p.amount), "paymentIdentifier", reference,
		"detail",
		[]object{{
			"identifier", identifier(profiles.IdentifierPaymentDetail, "PY-"+p.number+"-1"),
			"type", concept(hl7+"payment-type", "payment", ""), "request", ref("Invoice/" + invoice),
			"submitter", ref("PractitionerRole/officer-1"), "date", p.on, "payee", ref("Organization/scheme"), "amount", money(p.amount),
		}},
	}
}

// notice gives the PaymentNotice.
func (f family) notice(p payment, invoice string) object {
	return object{
		"resourceType", "PaymentNotice", "id", "notice-" + p.number,
		"extension",
		[]object{extension("payer", "valueReference", ref("Group/"+f.id())), method(p.method)},
		"identifier",
		[]object{identifier(profiles.IdentifierReceipt, "RE-DHP-"+p.number)},
		"status", "active", "request", ref("Invoice/" + invoice), "created", p.on + "T10:00:02+03:00",
		"provider", ref("PractitionerRole/officer-1"), "payment", ref("PaymentReconciliation/payment-" + p.number),
		"paymentDate", p.on, "payee", ref("Organization/scheme"), "recipient", ref("Organization/scheme"),
		"amount", money(p.amount), "paymentStatus", concept(hl7+"paymentstatus", "cleared", ""),
	}
}
