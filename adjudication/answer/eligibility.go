package answer

import (
	"fmt"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// An Eligibility is what a CoverageEligibilityResponse is made of.
type Eligibility struct {
	ID        string // of the response
	Key       fhir.Key
	Node      fhir.Node // the request
	Facts     *facts.Inquiry
	Standings []adjudication.Standing // one for each of Facts.Members
	Decision  adjudication.Decision   // of all lines under all policies
	Created   time.Time
}

// EligibilityResponse writes the answer to a CoverageEligibilityRequest.
func EligibilityResponse(a Eligibility) []byte {
	w := &eligibilityWriter{Eligibility: a, currency: a.Facts.Case.Currency}
	w.b = make([]byte, 0, 4096)
	w.object("", w.response)
	return w.b
}

type eligibilityWriter struct {
	writer
	Eligibility
	currency string
}

func (w *eligibilityWriter) response() {
	request := w.Node
	w.text("resourceType", "CoverageEligibilityResponse")
	w.text("id", w.ID)
	w.text("status", "active")
	w.node("purpose", request.Get("purpose"))
	w.node("patient", request.Get("patient"))
	w.node("servicedDate", request.Get("servicedDate"))
	w.node("servicedPeriod", request.Get("servicedPeriod"))
	w.text("created", w.Created.UTC().Format(time.RFC3339))
	w.node("requestor", request.Get("provider"))
	w.reference("request", w.Key.String())
	w.outcome()
	w.insurer()
	if len(w.Facts.Members) > 0 {
		w.array("insurance", func() {
			for i := range w.Facts.Members {
				w.insurance(i)
			}
		})
	}
	w.errors()
}

func (w *eligibilityWriter) outcome() {
	outcome := adjudication.OutcomeComplete
	if len(w.Decision.Problems) > 0 {
		outcome = adjudication.OutcomeError
	}
	w.text("outcome", string(outcome))
	w.text("disposition", w.disposition())
}

// disposition says the answer in a sentence: "Covered. The member would pay
// 40,000 of 90,000 TZS."
func (w *eligibilityWriter) disposition() string {
	if len(w.Decision.Problems) > 0 {
		return "This can't be answered: " + w.Decision.Problems[0].Text
	}
	on := adjudication.Date(w.Facts.Case.Treatment.To).Format(time.DateOnly)
	if !w.inForce() {
		return "Not covered on " + on + "."
	}
	if len(w.Decision.Lines) == 0 {
		return "Covered on " + on + "."
	}
	t := w.Decision.Totals()
	denied := 0
	for i := range w.Decision.Lines {
		if w.Decision.Lines[i].Denied != "" {
			denied++
		}
	}
	switch {
	case denied == len(w.Decision.Lines):
		return "In force on " + on + ", but nothing of this is covered: " + lower(w.Decision.Lines[0].Denied.Text()) + "."
	case t.Eligible == 0 && t.MemberLiability == 0:
		return "Covered."
	}
	return fmt.Sprintf("Covered. The member would pay %s of %s.",
		adjudication.Say(t.MemberLiability, ""), adjudication.Say(t.Submitted, w.currency))
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (w *eligibilityWriter) inForce() bool {
	for _, s := range w.Standings {
		if s.InForce {
			return true
		}
	}
	return false
}

// insurer names who was asked, else who pays. R4 demands one.
func (w *eligibilityWriter) insurer() {
	if insurer := w.Node.Get("insurer"); insurer.Exists() {
		w.node("insurer", insurer)
		return
	}
	for _, m := range w.Facts.Members {
		if m.Payor.Exists() {
			w.node("insurer", m.Payor)
			return
		}
	}
	w.object("insurer", func() { w.text("display", "The scheme") })
}

// errors tells who is not known, or that nobody covers the person.
func (w *eligibilityWriter) errors() {
	if len(w.Decision.Problems) == 0 && w.inForce() {
		return
	}
	w.array("error", func() {
		for _, p := range w.Decision.Problems {
			w.object("", func() { w.concept("code", p.Text, coding{systemIssueType, string(p.Kind)}) })
		}
		if len(w.Decision.Problems) == 0 {
			why := adjudication.ReasonCoverage
			w.object("", func() { w.concept("code", why.Text(), coding{profiles.SystemAdjustmentReason, string(why)}) })
		}
	})
}

// insurance tells of one membership.
func (w *eligibilityWriter) insurance(i int) {
	s := &w.Standings[i]
	w.object("", func() {
		w.reference("coverage", w.Facts.Members[i].Key.String())
		w.flag("inforce", s.InForce)
		w.benefitPeriod(s.Period)
		if len(s.Lines)+len(s.Left) == 0 {
			return
		}
		w.array("item", func() {
			for l := range s.Lines {
				w.service(&s.Lines[l], w.Facts.Items[l])
			}
			w.left(s.Left)
		})
	})
}

func (w *eligibilityWriter) benefitPeriod(p adjudication.Period) {
	if p == adjudication.Always() || p.To < p.From {
		return
	}
	w.object("benefitPeriod", func() {
		if p.From != adjudication.FirstDay {
			w.text("start", adjudication.Date(p.From).Format(time.DateOnly))
		}
		if p.To != adjudication.LastDay {
			w.text("end", adjudication.Date(p.To).Format(time.DateOnly))
		}
	})
}

// service tells of one service asked about.
func (w *eligibilityWriter) service(l *adjudication.LineStanding, item fhir.Node) {
	denied := l.Outcome.Denied
	w.object("", func() {
		w.node("productOrService", item.Get("productOrService"))
		w.node("modifier", item.Get("modifier"))
		w.flag("excluded", denied != "")
		if denied != "" {
			w.text("description", denied.Text())
		}
		if l.Quantity != nil {
			w.unitAndTerm(l.Quantity.Limit)
		}
		if l.Quantity != nil || l.Waits || l.Share != nil || l.Outcome.Submitted > 0 {
			w.array("benefit", func() { w.serviceBenefits(l) })
		}
		w.flag("authorizationRequired", false)
	})
}

func (w *eligibilityWriter) serviceBenefits(l *adjudication.LineStanding) {
	if q := l.Quantity; q != nil {
		w.benefit(coding{profiles.SystemLimit, "quantity"}, func() { w.count(q) })
	}
	if l.Waits {
		w.benefit(coding{profiles.SystemLimit, "waiting-until"}, func() {
			w.text("allowedString", adjudication.Date(l.Until).Format(time.DateOnly))
		})
	}
	if l.Share != nil {
		w.benefit(coding{facts.SystemBenefitType, "copay-percent"}, func() { w.counted("allowed", *l.Share) })
	}
	if l.Outcome.Submitted > 0 {
		w.benefit(categoryLiability, func() { w.money("allowedMoney", l.Outcome.MemberLiability(), w.currency) })
	}
}

func (w *eligibilityWriter) benefit(typ coding, values func()) {
	w.object("", func() {
		w.concept("type", "", typ)
		values()
	})
}

func (w *eligibilityWriter) count(l *adjudication.LeftOf) {
	w.counted("allowed", l.Allowed)
	w.counted("used", l.Used)
}

// counted writes a number: R4 has whole numbers and strings there only.
func (w *eligibilityWriter) counted(name string, value fhir.Amount) {
	if value == value.Round(0) && value >= 0 {
		w.number(name+"UnsignedInt", int(value/fhir.Units(1)))
		return
	}
	w.text(name+"String", value.String())
}

// left tells of limits, those of one target, scope and span in one item.
func (w *eligibilityWriter) left(list []adjudication.LeftOf) {
	for i := range list {
		l := &list[i]
		w.object("", func() {
			category := coding{profiles.SystemBenefit, "all"}
			if l.On != (adjudication.Code{}) {
				category = coding{l.On.System, l.On.Code}
			}
			w.concept("category", "", category)
			w.text("description", settingText(l.Limit.When.Setting))
			w.unitAndTerm(l.Limit)
			w.array("benefit", func() { w.limit(l) })
		})
	}
}

func settingText(s adjudication.Setting) string {
	return [...]string{"", "Out-patient care", "In-patient care"}[s]
}

func (w *eligibilityWriter) limit(l *adjudication.LeftOf) {
	switch l.Measure {
	case adjudication.MeasureVisits:
		w.benefit(coding{facts.SystemBenefitType, "visit"}, func() { w.count(l) })
	case adjudication.MeasureDeductible:
		w.benefit(coding{facts.SystemBenefitType, "deductible"}, func() { w.spent(l) })
	default:
		w.benefit(coding{facts.SystemBenefitType, "benefit"}, func() { w.spent(l) })
	}
}

func (w *eligibilityWriter) spent(l *adjudication.LeftOf) {
	w.money("allowedMoney", l.Allowed, w.currency)
	w.money("usedMoney", l.Used, w.currency)
}

// unitAndTerm says whose use a limit counts, and over what.
func (w *eligibilityWriter) unitAndTerm(l *adjudication.Limit) {
	switch l.Scope {
	case adjudication.ScopeIndividual:
		w.concept("unit", "", coding{facts.SystemBenefitUnit, "individual"})
	case adjudication.ScopeFamily:
		w.concept("unit", "", coding{facts.SystemBenefitUnit, "family"})
	}
	w.concept("term", "", termOf(l))
}

func termOf(l *adjudication.Limit) coding {
	if l.Scope == adjudication.ScopeTreatment {
		return coding{profiles.SystemLimitTerm, "claim"}
	}
	switch l.Span {
	case adjudication.SpanYear:
		return coding{facts.SystemBenefitTerm, "annual"}
	case adjudication.SpanDay:
		return coding{facts.SystemBenefitTerm, "day"}
	case adjudication.SpanLifetime:
		return coding{facts.SystemBenefitTerm, "lifetime"}
	case adjudication.SpanPregnancy:
		return coding{profiles.SystemLimitTerm, "pregnancy"}
	}
	return coding{profiles.SystemLimitTerm, "policy"}
}
