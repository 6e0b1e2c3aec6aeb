package answer_test

import (
	"testing"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/fhir"
)

// 160 of a relative price wait for the index of the payment run: their line tells no
// benefit, and so does the total. Source: design: a line of price origin relative is
// decided as an eligible amount, not yet a benefit.
func TestTotalsAreTheSumsOfTheLines(t *testing.T) {
	line := func(sequence int, submitted, borne int64, relative bool) adjudication.LineOutcome {
		l := adjudication.LineOutcome{Sequence: sequence, Submitted: fhir.Units(submitted), Relative: relative, Policy: -1}
		l.Adjustments = []adjudication.Adjustment{{
			Stage: adjudication.StageCoinsurance, Reason: adjudication.ReasonCoinsurance,
			Bearer: adjudication.BearerMember, Amount: fhir.Units(borne),
		}}
		return l
	}
	d := adjudication.Decision{
		Outcome: adjudication.OutcomePartial,
		Lines:   []adjudication.LineOutcome{line(1, 200, 40, true), line(2, 100, 20, false)},
	}
	claim, err := fhir.Parse([]byte(`{"resourceType":"Claim"}`))
	if err != nil {
		t.Fatal(err)
	}
	response, err := fhir.Parse(answer.ClaimResponse(answer.Claim{Node: claim.Root(), Decision: d}))
	if err != nil {
		t.Fatal(err)
	}
	const hl7 = "http://terminology.hl7.org/CodeSystem/adjudication"
	amount := func(n fhir.Node) fhir.Amount {
		a, err := fhir.ParseAmount(n.At("amount", "value").Text())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for category, want := range map[string]int64{"submitted": 300, "eligible": 300, "benefit": 80} {
		var lines, total fhir.Amount
		for item := range response.Root().Get("item").Each() {
			for a := range item.Get("adjudication").Each() {
				if a.Get("category").Code(hl7) == category {
					lines += amount(a)
				}
			}
		}
		for a := range response.Root().Get("total").Each() {
			if a.Get("category").Code(hl7) == category {
				total += amount(a)
			}
		}
		if lines != fhir.Units(want) || total != lines {
			t.Errorf("%s: the lines come to %s, the total is %s, want %d", category, lines, total, want)
		}
	}
	if got, want := d.Disposition("TZS"), "240 of 300 TZS will be paid, 160 of it by the index of the payment run; the member owes 60."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
