package nation

import (
	"fmt"
	"strings"

	"bima/profiles"
)

// year is that of the family's policy.
func (f family) year() int {
	if f.standing == expired {
		return 2025
	}
	return 2026
}

func (f family) policyNumber() string { return fmt.Sprintf("POL-%d-%08d", f.year(), f.number) }

// premium is the demo product's contribution in shillings: a lump sum for four
// persons and so much for each beyond, adults first.
func (f family) premium() int {
	adults, children := 0, 0
	for _, p := range f.persons {
		if p.age(f.year()) >= 18 {
			adults++
		} else {
			children++
		}
	}
	extraAdults := max(adults-4, 0)
	return 60000 + 15000*extraAdults + 7500*max(children+adults-extraAdults-4, 0)
}

// policy writes the Contract and a Coverage for each person.
func (n *nation) policy(f family) {
	state, status := "active", "executed"
	from := f.paidOn
	switch f.standing {
	case offered:
		state, status, from = "offered", "offered", fmt.Sprintf("%d-01-01", f.year())
	case expired:
		state, status = "expired", "terminated"
	}
	year := f.year()
	agreed := fmt.Sprintf(`{"start":"%d-01-01","end":"%[1]d-12-31"}`, year)
	used := ""
	if f.standing != offered {
		used = fmt.Sprintf(`"usePeriod":[{"start":"%s","end":"%d-12-31"}],`, from, year)
	}
	persons := make([]string, len(f.persons))
	for i := range f.persons {
		persons[i] = `{"reference":"Patient/` + f.patient(i) + `"}`
	}
	n.put("Contract", `{"resourceType":"Contract","id":"c%d","extension":[{"url":"%s","valueCode":"%s"}],"identifier":[{"system":"%s","value":"%s"}],`+
		`"status":"%s","issued":"%d-12-15T09:00:00+03:00","applies":{"start":"%s","end":"%d-12-31"},"subject":[{"reference":"Group/%s"}],`+
		`"authority":[{"reference":"Organization/scheme"}],"author":{"reference":"PractitionerRole/officer-%d"},`+
		`"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/contract-type","code":"healthinsurance"}]},`+
		`"term":[{"applies":%s,"offer":{"party":[{"reference":[%s],"role":{"coding":[{"system":"%s","code":"beneficiary"}]}}],"topic":{"reference":"%s"}},`+
		`"asset":[{"typeReference":[%s],"period":[%[12]s],%[17]s"valuedItem":[{"entityReference":{"reference":"%[15]s/_history/1"},`+
		`"net":{"value":%[18]d,"currency":"TZS"},"responsible":%[13]s,"recipient":{"reference":"Organization/scheme"}}]}]}]}`,
		f.number, profiles.ExtensionPolicyState, state, profiles.IdentifierPolicy, f.policyNumber(),
		status, year-1, from, year, f.id(), f.district.number,
		agreed, persons[0], profiles.SystemOpenIMISPartyRole, n.base.plan, strings.Join(persons, ","), used, f.premium())
	for _, p := range f.persons {
		n.coverage(f, p, from)
	}
}

// relationships gives HL7's word for openIMIS's relationship to the head.
var relationships = map[string]string{"": "self", "8": "spouse", "4": "child", "2": "parent"}

func (n *nation) coverage(f family, p person, from string) {
	state, status := "active", "active"
	switch f.standing {
	case offered:
		state, status = "draft", "draft"
	case expired:
		state = "expired"
	}
	n.put("Coverage", `{"resourceType":"Coverage","id":"cov%s","extension":[{"url":"%s","valueReference":{"reference":"%s"}},{"url":"%s","valueCode":"%s"},`+
		`{"url":"%s","valueDate":"%s"}],"identifier":[{"system":"%s","value":"%s-%02d"}],"status":"%s",`+
		`"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIP"}]},`+
		`"policyHolder":{"reference":"Patient/%s"},"subscriber":{"reference":"Patient/%[12]s"},"subscriberId":"%s","beneficiary":{"reference":"Patient/p%[1]s"},`+
		`"relationship":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/subscriber-relationship","code":"%[14]s"}]},`+
		`"period":{"start":"%[7]s","end":"%[15]d-12-31"},"payor":[{"reference":"Organization/scheme"}],`+
		`"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":"DHP","name":"District Health Plan"},`+
		`{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"group"}]},"value":"%s"}],"contract":[{"reference":"Contract/c%d"}]}`,
		f.of(p), profiles.ExtensionCoverageInsurancePlan, n.base.plan, profiles.ExtensionCoverageState, state,
		profiles.ExtensionCoverageWaitingFrom, from, profiles.IdentifierMembership, f.policyNumber(), p.number, status,
		f.patient(0), f.persons[0].insuranceNumber, relationships[p.relation], f.year(), f.code(), f.number)
}

// contribution writes the Invoice of a policy and, where it was paid, the money
// and its notice.
func (n *nation) contribution(f family) {
	due, status, balance := f.premium(), "balanced", 0
	if f.standing == offered {
		status, balance = "issued", due
	}
	n.put("Invoice", `{"resourceType":"Invoice","id":"i%d","extension":[{"url":"%s","valueReference":{"reference":"Contract/c%[1]d"}},{"url":"%[3]s","valueDate":"%[4]d-01-31"},`+
		`{"url":"%s","valueMoney":{"value":%d,"currency":"TZS"}}],"identifier":[{"system":"%s","value":"IV-%s"}],"status":"%s",`+
		`"type":{"coding":[{"system":"%s","code":"contribution"}]},"subject":{"reference":"Group/%s"},"recipient":{"reference":"Patient/%s"},"date":"%d-12-15",`+
		`"issuer":{"reference":"Organization/scheme"},"lineItem":[{"sequence":1,"chargeItemCodeableConcept":{"coding":[{"system":"%s","code":"lumpsum"}]},`+
		`"priceComponent":[{"type":"base","factor":1,"amount":{"value":%d,"currency":"TZS"}}]}],"totalNet":{"value":%[15]d,"currency":"TZS"},"totalGross":{"value":%[15]d,"currency":"TZS"}}`,
		f.number, profiles.ExtensionInvoiceContract, profiles.ExtensionInvoiceDue, f.year(), profiles.ExtensionInvoiceBalance, balance,
		profiles.IdentifierInvoice, f.policyNumber()[4:], status, profiles.SystemOpenIMISInvoiceType, f.id(), f.patient(0), f.year()-1,
		profiles.SystemOpenIMISContribution, due)
	if f.standing == offered {
		return
	}
	payer := fmt.Sprintf(`{"url":"%s","valueReference":{"reference":"Group/%s"}}`, profiles.ExtensionPayer, f.id())
	n.put("PaymentReconciliation", `{"resourceType":"PaymentReconciliation","id":"r%d","extension":[%s,{"url":"%s","valueCode":"in"}],`+
		`"identifier":[{"system":"%s","value":"PY-%[1]d"}],"status":"active","created":"%[5]sT10:00:00+03:00","paymentIssuer":{"reference":"Organization/scheme"},`+
		`"outcome":"complete","paymentDate":"%[5]s","paymentAmount":{"value":%d,"currency":"TZS"},`+
		`"detail":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/payment-type","code":"payment"}]},"request":{"reference":"Invoice/i%[1]d"},`+
		`"submitter":{"reference":"PractitionerRole/officer-%[7]d"},"date":"%[5]s","payee":{"reference":"Organization/scheme"},"amount":{"value":%[6]d,"currency":"TZS"}}]}`,
		f.number, payer, profiles.ExtensionPaymentDirection, profiles.IdentifierPayment, f.paidOn, due, f.district.number)
	n.put("PaymentNotice", `{"resourceType":"PaymentNotice","id":"n%d","extension":[%s],"identifier":[{"system":"%s","value":"RE-%[1]d"}],"status":"active",`+
		`"request":{"reference":"Invoice/i%[1]d"},"created":"%[4]sT10:00:02+03:00","provider":{"reference":"PractitionerRole/officer-%d"},`+
		`"payment":{"reference":"PaymentReconciliation/r%[1]d"},"paymentDate":"%[4]s","payee":{"reference":"Organization/scheme"},`+
		`"recipient":{"reference":"Organization/scheme"},"amount":{"value":%[6]d,"currency":"TZS"},`+
		`"paymentStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/paymentstatus","code":"cleared"}]}}`,
		f.number, payer, profiles.IdentifierReceipt, f.paidOn, f.district.number, due)
}
