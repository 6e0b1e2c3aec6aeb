package answer

import (
	"cmp"
	"time"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// service tells what one membership does for one service asked about.
func (w *eligibilityWriter) service(member, line int) {
	l, item, standing := &w.Decision.Lines[line], w.Facts.Items[line], &w.Standings[member].Lines[line]
	refusal, text := w.verdict(member, l)
	w.object("", func() {
		if refusal != nil {
			w.array("extension", func() { w.exclusion(*refusal) })
		}
		w.node("productOrService", item.Get("productOrService"))
		w.node("modifier", item.Get("modifier"))
		w.flag("excluded", refusal != nil)
		w.text("description", text)
		if standing.Quantity != nil {
			unitAndTerm(&w.writer, standing.Quantity.Limit)
		}
		if said := l.Policy == member && l.Submitted > 0; said || standing.Quantity != nil || standing.Waits || standing.Share != nil {
			w.array("benefit", func() {
				w.rules(standing)
				if said {
					w.decided(l)
				}
			})
		}
		w.flag("authorizationRequired", standing.Authorise)
	})
}

// verdict says what a membership does for a line: it decides it, refuses it, or is
// not asked because another pays. The refusal is nil where it does not refuse.
func (w *eligibilityWriter) verdict(member int, l *adjudication.LineOutcome) (*adjudication.Refusal, string) {
	if l.Policy == member {
		if l.Denied == "" {
			return nil, ""
		}
		return &adjudication.Refusal{Stage: l.DeniedAt, Reason: l.Denied}, l.Denied.Text()
	}
	for i := range l.Refusals {
		if r := &l.Refusals[i]; r.Policy == member {
			return r, r.Reason.Text()
		}
	}
	return nil, "Paid by " + w.Facts.Case.Policies[l.Policy].Name
}

// exclusion says in codes why a service is not paid.
func (w *eligibilityWriter) exclusion(r adjudication.Refusal) {
	w.object("", func() {
		w.text("url", profiles.ExtensionExclusionReason)
		w.concept("valueCodeableConcept", r.Reason.Text(), reasonCodes(adjudication.Adjustment{Stage: r.Stage, Reason: r.Reason})...)
	})
}

// rules tells what the plan says of a service: quantity, waiting, share.
func (w *eligibilityWriter) rules(l *adjudication.LineStanding) {
	if q := l.Quantity; q != nil {
		w.limited(coding{profiles.SystemLimit, "quantity"}, q, false)
	}
	if l.Waits {
		w.benefit(coding{profiles.SystemLimit, "waiting-until"}, func() {
			w.text("allowedString", adjudication.Date(l.Until).Format(time.DateOnly))
		})
	}
	if l.Share != nil {
		w.benefit(coding{terms.SystemBenefitType, "copay-percent"}, func() { w.counted("allowed", *l.Share) })
	}
}

// decided tells what a claim for the service would be answered: what is asked,
// what lowers it and why, what is paid and what the member owes.
func (w *eligibilityWriter) decided(l *adjudication.LineOutcome) {
	currency := w.currency
	if l.Currency != "" {
		currency = l.Currency
	}
	said := func(amount fhir.Amount, text string, codes ...coding) {
		w.object("", func() {
			w.concept("type", text, codes...)
			w.money("allowedMoney", amount, currency)
		})
	}
	said(l.Submitted, "", categorySubmitted)
	for _, a := range l.Adjustments {
		said(a.Amount, a.Reason.Text(), append(adjustmentCodes(l, a), reasonCodes(a)...)...)
	}
	said(l.Benefit(), "", categoryBenefit)
	said(l.MemberLiability(), "", categoryLiability)
}

func (w *eligibilityWriter) benefit(typ coding, values func()) {
	w.object("", func() {
		w.concept("type", "", typ)
		values()
	})
}

// limited tells of a limit: what it allows, what is used, and what is left.
func (w *eligibilityWriter) limited(typ coding, l *adjudication.LeftOf, money bool) {
	left := max(0, l.Allowed-l.Used)
	w.object("", func() {
		w.array("extension", func() {
			w.object("", func() {
				w.text("url", profiles.ExtensionBenefitLeft)
				if money {
					w.money("valueMoney", left, w.currency)
				} else {
					w.amount("valueDecimal", left)
				}
			})
		})
		w.concept("type", "", typ)
		if money {
			w.money("allowedMoney", l.Allowed, w.currency)
			w.money("usedMoney", l.Used, w.currency)
		} else {
			w.counted("allowed", l.Allowed)
			w.counted("used", l.Used)
		}
	})
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
			limitedOn(&w.writer, l)
			w.text("description", settingText(l.Limit.When.Setting))
			unitAndTerm(&w.writer, l.Limit)
			w.array("benefit", func() { w.limited(limitType(l), l, l.Money()) })
		})
	}
}

// limitedOn says what a limit is on: in a code, or by the URL of a set of services
// and the product's words for it.
func limitedOn(w *writer, l *adjudication.LeftOf) {
	switch {
	case l.Set != nil:
		w.object("category", func() {
			w.array("extension", func() {
				w.object("", func() {
					w.text("url", profiles.ExtensionServiceSet)
					w.text("valueCanonical", l.Set.URL)
				})
			})
			w.text("text", cmp.Or(l.Set.Name, l.Set.URL))
		})
	case l.On == (adjudication.Code{}):
		w.concept("category", "", coding{profiles.SystemBenefit, "all"})
	default:
		w.concept("category", "", coding{l.On.System, l.On.Code})
	}
}

func settingText(s adjudication.Setting) string {
	return [...]string{"", "Out-patient care", "In-patient care"}[s]
}

// limitType says in a code what a limit counts.
func limitType(l *adjudication.LeftOf) coding {
	switch l.Measure {
	case adjudication.MeasureVisits:
		return coding{terms.SystemBenefitType, "visit"}
	case adjudication.MeasureQuantity:
		return coding{profiles.SystemLimit, "quantity"}
	case adjudication.MeasureDeductible:
		return coding{terms.SystemBenefitType, "deductible"}
	}
	return coding{terms.SystemBenefitType, "benefit"}
}

// unitAndTerm says whose use a limit counts, and over what.
func unitAndTerm(w *writer, l *adjudication.Limit) {
	switch l.Scope {
	case adjudication.ScopeIndividual:
		w.concept("unit", "", coding{terms.SystemBenefitUnit, "individual"})
	case adjudication.ScopeFamily:
		w.concept("unit", "", coding{terms.SystemBenefitUnit, "family"})
	}
	w.concept("term", "", termOf(l))
}

func termOf(l *adjudication.Limit) coding {
	if l.Scope == adjudication.ScopeTreatment {
		return coding{profiles.SystemLimitTerm, "claim"}
	}
	switch l.Span {
	case adjudication.SpanYear:
		return coding{terms.SystemBenefitTerm, "annual"}
	case adjudication.SpanDay:
		return coding{terms.SystemBenefitTerm, "day"}
	case adjudication.SpanLifetime:
		return coding{terms.SystemBenefitTerm, "lifetime"}
	case adjudication.SpanPregnancy:
		return coding{profiles.SystemLimitTerm, "pregnancy"}
	}
	return coding{profiles.SystemLimitTerm, "policy"}
}
