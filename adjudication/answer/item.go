package answer

import (
	"slices"
	"strconv"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// systemIssueType is HL7's system of issue types.
const systemIssueType = "http://hl7.org/fhir/issue-type"

// The categories of adjudication. Source: HL7 adjudication, CARIN
// C4BBAdjudication, and ours where neither has one (sketch 3).
var (
	categorySubmitted   = coding{facts.SystemAdjudicationHL7, "submitted"}
	categoryEligible    = coding{facts.SystemAdjudicationHL7, "eligible"}
	categoryPercent     = coding{facts.SystemAdjudicationHL7, "eligpercent"}
	categoryDeductible  = coding{facts.SystemAdjudicationHL7, "deductible"}
	categoryCopay       = coding{facts.SystemAdjudicationHL7, "copay"}
	categoryBenefit     = coding{facts.SystemAdjudicationHL7, "benefit"}
	categoryCoinsurance = coding{facts.SystemAdjudicationCARIN, "coinsurance"}
	categoryLiability   = coding{facts.SystemAdjudicationCARIN, "memberliability"}
	categoryDiscount    = coding{facts.SystemAdjudicationCARIN, "discount"}
	categoryNoncovered  = coding{facts.SystemAdjudicationCARIN, "noncovered"}
	categoryQuantity    = coding{profiles.SystemAdjudication, "approved-quantity"}
	categoryPrice       = coding{profiles.SystemAdjudication, "approved-price"}
	categoryDenied      = coding{profiles.SystemAdjudication, "denied"}
	// categoryPolicyBenefit tells what one of several policies pays.
	categoryPolicyBenefit = coding{profiles.SystemAdjudication, "policy-benefit"}
)

// categories says under which codes the cuts of a stage are told.
var categories = map[adjudication.Stage][]coding{
	adjudication.StageReview:           {{profiles.SystemAdjudication, "review-cut"}},
	adjudication.StageQuantityLimit:    {{profiles.SystemAdjudication, "quantity-cut"}},
	adjudication.StagePreauthorization: {{profiles.SystemAdjudication, "authorization-cut"}},
	adjudication.StagePrice:            {{profiles.SystemAdjudication, "price-cut"}, categoryDiscount},
	adjudication.StagePackage:          {{profiles.SystemAdjudication, "package-cut"}},
	adjudication.StageUnbundling:       {{profiles.SystemAdjudication, "package-cut"}},
	adjudication.StageWage:             {{profiles.SystemAdjudication, "wage-cut"}},
	adjudication.StageCoordination:     {{profiles.SystemAdjudication, "other-payer"}},
	adjudication.StageFixedLimit:       {{profiles.SystemAdjudication, "fixed-limit"}, categoryNoncovered},
	adjudication.StageTracking:         {{profiles.SystemAdjudication, "tracking"}},
	adjudication.StageCapitation:       {{profiles.SystemAdjudication, "capitation"}},
	adjudication.StageDeductible:       {categoryDeductible},
	adjudication.StageCoinsurance:      {categoryCoinsurance},
	adjudication.StageCopay:            {categoryCopay},
	adjudication.StageCategoryCeiling:  {{profiles.SystemAdjudication, "category-ceiling"}, categoryNoncovered},
	adjudication.StageCeiling:          {{profiles.SystemAdjudication, "ceiling"}, categoryNoncovered},
}

func (w *claimWriter) items() {
	for i := range w.Decision.Lines {
		w.item(&w.Decision.Lines[i], w.review(i))
	}
}

// review gives what a reviewer said of a line, nil where none did.
func (w *claimWriter) review(line int) *adjudication.Review {
	if line < len(w.Facts.Case.Lines) {
		return w.Facts.Case.Lines[line].Review
	}
	return nil
}

func (w *claimWriter) item(l *adjudication.LineOutcome, r *adjudication.Review) {
	notes := append(l.Notes[:len(l.Notes):len(l.Notes)], w.refusals(l)...)
	if l.Currency != "" {
		defer func(claim string) { w.currency = claim }(w.currency)
		w.currency = l.Currency
	}
	w.object("", func() {
		if l.Policy >= 0 {
			w.under(l.Policy)
		}
		w.number("itemSequence", l.Sequence)
		if len(notes) > 0 {
			w.array("noteNumber", func() {
				for _, n := range notes {
					w.comma()
					w.b = strconv.AppendInt(w.b, int64(n), 10)
				}
			})
		}
		w.array("adjudication", func() { w.adjudication(l, r) })
	})
}

// under names the insurance of a policy.
func (w *claimWriter) under(policy int) {
	w.array("extension", func() {
		w.object("", func() {
			w.text("url", profiles.ExtensionInsuranceSequence)
			w.number("valuePositiveInt", w.sequence(policy))
		})
	})
}

// adjudication tells how a line came from what was submitted to what is paid.
func (w *claimWriter) adjudication(l *adjudication.LineOutcome, r *adjudication.Review) {
	w.stated(categorySubmitted, l.Submitted)
	if l.Denied == "" {
		w.valued(categoryQuantity, l.Quantity)
		if r != nil && r.Price != nil {
			w.stated(categoryPrice, *r.Price)
		}
	}
	eligible := l.Denied != ""
	for _, a := range l.Adjustments {
		if !eligible && a.Stage >= adjudication.StageDeductible {
			w.stated(categoryEligible, l.Eligible())
			eligible = true
		}
		if a.Stage == adjudication.StageCoinsurance {
			w.valued(categoryPercent, fhir.Units(100)-l.Share)
		}
		w.adjustment(l, a)
	}
	if !eligible {
		w.stated(categoryEligible, l.Eligible())
	}
	if !l.Relative {
		w.stated(categoryBenefit, l.Benefit())
	}
	for _, part := range l.Paid {
		w.object("", func() {
			w.under(part.Policy)
			w.concept("category", "", categoryPolicyBenefit)
			w.money("amount", part.Benefit, w.currency)
		})
	}
	w.stated(categoryLiability, l.MemberLiability())
}

// valued writes a number that is no money under a category.
func (w *claimWriter) valued(category coding, value fhir.Amount) {
	w.object("", func() {
		w.concept("category", "", category)
		w.amount("value", value)
	})
}

// adjustmentCodes says under which categories a lowering is told.
func adjustmentCodes(l *adjudication.LineOutcome, a adjudication.Adjustment) []coding {
	switch {
	case l.Denied != "" && a.Bearer == adjudication.BearerProvider:
		return []coding{categoryDenied}
	case l.Denied != "":
		return []coding{categoryNoncovered}
	case a.Reason == adjudication.ReasonBalanceBilling:
		return []coding{{profiles.SystemAdjudication, "balance"}, categoryNoncovered}
	}
	return slices.Clip(categories[a.Stage])
}

func (w *claimWriter) adjustment(l *adjudication.LineOutcome, a adjudication.Adjustment) {
	w.object("", func() {
		w.concept("category", "", adjustmentCodes(l, a)...)
		w.concept("reason", w.Tongue.Reason(a.Reason), reasonCodes(a)...)
		w.money("amount", a.Amount, w.currency)
	})
}

// reasonCodes gives our code of a reason, openIMIS's number where it has one, and
// HL7's where it fits.
func reasonCodes(a adjudication.Adjustment) []coding {
	codes := []coding{{profiles.SystemAdjustmentReason, string(a.Reason)}}
	if n, ok := a.Reason.Number(); ok {
		codes = append(codes, coding{profiles.SystemOpenIMISRejection, strconv.Itoa(n)})
	}
	switch {
	case a.Reason == adjudication.ReasonNotInPlan || a.Reason == adjudication.ReasonCoverage:
		codes = append(codes, coding{facts.SystemAdjudicationReason, "ar001"})
	case a.Stage == adjudication.StageCategoryCeiling || a.Stage == adjudication.StageCeiling ||
		a.Stage == adjudication.StageCategoryLimit || a.Stage == adjudication.StageQuantityLimit:
		codes = append(codes, coding{facts.SystemAdjudicationReason, "ar002"})
	}
	return codes
}

// refusals makes notes of the policies that were tried and did not pay.
func (w *claimWriter) refusals(l *adjudication.LineOutcome) []int {
	var numbers []int
	for _, r := range l.Refusals {
		name := w.Facts.Case.Policies[r.Policy].Name
		text := w.Tongue.Say(sayRefused, name, w.Tongue.Reason(r.Reason))
		if r.Reason == "" {
			text = w.Tongue.Say(sayRefusedOnly, name)
		}
		numbers = append(numbers, w.note(text))
	}
	return numbers
}

// note gives the number of a note, which is added where it is not there.
func (w *claimWriter) note(text string) int {
	for _, n := range w.notes {
		if n.Text == text {
			return n.Number
		}
	}
	number := len(w.notes) + 1
	w.notes = append(w.notes, adjudication.Note{Number: number, Text: text})
	return number
}
