package measure_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

const hl7Adjudication = "http://terminology.hl7.org/CodeSystem/adjudication"

func (p *plain) facilities(name, from, to, end string) {
	for _, c := range p.claims {
		for _, r := range p.responses {
			if r.Request.Reference == "Claim/"+c.ID && r.Status == "active" && c.Status == "active" && c.Use == "claim" {
				p.claim(c, r, name, from, to, end)
			}
		}
	}
	for _, one := range p.payments {
		at, _ := one.Extension.at(profiles.ExtensionPaymentDirection)
		for _, d := range one.Detail {
			if one.Extension[at].ValueCode == "out" && one.Status == "active" && within(one.PaymentDate, from, to) {
				p.add(d.Amount.Value, "hf-claim", d.Payee.Reference, name, "HF_CLM_PAID_AMT", "default")
			}
		}
	}
}

func (p *plain) claim(c claim, r claimResponse, name, from, to, end string) {
	say := func(number json.Number, element string, cell ...string) {
		p.add(number, "hf-claim", c.Provider.Reference, name, element, strings.Join(cell, "_"))
	}
	made, decided, person := day(c.Created), day(r.Created), c.Patient.Reference
	care := map[string]string{"AMB": "OPD", "IMP": "IPD", "EMER": "EMER"}[c.SubType.Coding[0].Code]
	group := indicator.DiagnosisGroup(c.Diagnosis[0].DiagnosisCodeableConcept.Coding[0].Code)
	if within(made, from, to) {
		under := "5P"
		if years := p.years(person, made); years >= 0 && years < 5 {
			under = "U5"
		}
		say("1", "HF_CLM_SUB_CNT", "HFC_CSA", care, p.sex(person), p.band(person, made))
		say(c.Total.Value, "HF_CLM_SUB_AMT", "HFC_CP", care, p.poverty(person))
		say("1", "HF_CLM_DEC_CNT", "HFC_STC_ENTERED", care)
		say("1", "HF_CLM_DX_CNT", "HFC_DSA", group, p.sex(person), under)
	}
	if made <= end && (r.Outcome == "queued" || decided > end) {
		say("1", "HF_CLM_OPEN_CNT", "HFC_STC_CHECKED", care)
	}
	if !within(decided, from, to) {
		return
	}
	if r.Outcome == "queued" {
		say("1", "HF_CLM_DEC_CNT", "HFC_STC_CHECKED", care)
		return
	}
	p.decided(c, r, care, group, say)
	// The demo has claims of days to come: they were decided at once.
	a, _ := time.Parse(time.DateOnly, made)
	b, _ := time.Parse(time.DateOnly, decided)
	say(json.Number(fmt.Sprint(max(0, int(b.Sub(a).Hours()/24)))), "HF_CLM_TAT_DAYS", "default")
	say("1", "HF_CLM_TAT_CNT", "default")
}

// decided counts what the decision says.
func (p *plain) decided(c claim, r claimResponse, care, group string, say func(json.Number, string, ...string)) {
	accepted := false
	most := map[string]fhir.Amount{}
	for _, item := range r.Item {
		result, asked, got := "REJECTED", json.Number("0"), json.Number("0")
		cut := false
		for _, a := range item.Adjudication {
			reason := a.Reason.code(profiles.SystemAdjustmentReason)
			switch {
			case reason != "" && indicator.IsRejection(reason):
				say(a.Amount.Value, "HF_CLM_REJ_AMT", "HFC_REJ", indicator.RejectionGroup(reason))
				amount, _ := fhir.ParseAmount(a.Amount.Value.String())
				most[indicator.RejectionGroup(reason)] += amount
				cut = cut || amount > 0
			case reason != "":
			case a.Category.code(hl7Adjudication) == "submitted":
				asked = a.Amount.Value
			case a.Category.code(hl7Adjudication) == "benefit":
				got = a.Amount.Value
			case a.Category.code(profiles.SystemAdjudication) == "approved-quantity":
				result = "APPROVED"
			}
		}
		accepted = accepted || result == "APPROVED"
		if result == "APPROVED" && cut {
			result = "PARTIAL"
		}
		service := "OTHER"
		for _, i := range c.Item {
			if i.Sequence == item.ItemSequence {
				service = map[string]string{"C": "CONSULT", "V": "CONSULT", "S": "SURGERY", "A": "ANC_DEL", "D": "ANC_DEL", "H": "WARD", "O": "OTHER", "": "OTHER"}[p.kinds[i.ProductOrService.Coding[0].Code]]
			}
		}
		say("1", "HF_CLM_LINE_CNT", "HFC_SL", service, result)
		say(asked, "HF_CLM_LINE_ASK_AMT", "HFC_SL", service, result)
		say(got, "HF_CLM_LINE_APPR_AMT", "HFC_SL", service, result)
	}
	benefit := json.Number("0")
	for _, t := range r.Total {
		if t.Category.code(hl7Adjudication) == "benefit" {
			benefit = t.Amount.Value
		}
	}
	stage := "VALUATED"
	if !accepted || r.Outcome == "error" {
		stage = "REJECTED"
		reason, amount := "OTHER", fhir.Amount(0)
		for _, option := range []string{"ELIG", "SVC", "DUP", "FREQ", "CEILING", "LIMIT_AGE_SEX", "PREAUTH", "DATE", "DOC", "MEDREV", "OTHER"} {
			if most[option] > amount {
				reason, amount = option, most[option]
			}
		}
		say("1", "HF_CLM_REJ_CNT", "HFC_REJ", reason)
	} else {
		say("1", "HF_CLM_APPR_CNT", "HFC_CP", care, p.poverty(c.Patient.Reference))
		say(benefit, "HF_CLM_APPR_AMT", "HFC_CP", care, p.poverty(c.Patient.Reference))
		say(benefit, "HF_CLM_DX_AMT", "HFC_DXG", group)
	}
	if r.Outcome == "partial" && stage != "REJECTED" {
		stage = "PROCESSED"
	}
	say("1", "HF_CLM_DEC_CNT", "HFC_STC", stage, care)
}
