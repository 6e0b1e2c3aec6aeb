package adjudication

import "bima/fhir"

// An Outcome is how a decision ended. Source: R4 valueset-remittance-outcome.
type Outcome string

// The outcomes of decisions.
const (
	OutcomeComplete Outcome = "complete"
	OutcomePartial  Outcome = "partial" // a line waits for the index of the payment run
	OutcomeError    Outcome = "error"   // it could not be decided; see Decision.Problems
	OutcomeQueued   Outcome = "queued"  // it waits; no decision has this, the answer to a claim may
)

// A Decision is what the scheme pays for a claim, and why.
type Decision struct {
	Outcome  Outcome
	Lines    []LineOutcome // one for each line of the Case, in its order; none on error
	Notes    []Note
	Entries  []fhir.Entry // the use it adds to the ledger; none of an estimate
	Consumed []Reserved   // what it takes of Case.Reserved
	Problems []Problem
}

// A Bearer is who bears what the scheme does not pay.
type Bearer uint8

// Who may bear an adjustment.
const (
	BearerMember   Bearer = iota + 1
	BearerProvider        // it may not be asked of the patient
	BearerOther           // another payer
)

// String gives the bearer's code, "member".
func (b Bearer) String() string {
	return [...]string{"nobody", "member", "provider", "other"}[b]
}

// An Adjustment is one lowering of a line. Its amount is positive and in whole
// minor units of the currency.
type Adjustment struct {
	Stage  Stage
	Reason Reason
	Bearer Bearer
	Amount fhir.Amount
}

// A Refusal is a policy that was tried for a line and did not pay.
type Refusal struct {
	Policy int // index into Case.Policies; -1 where there is none
	Stage  Stage
	Reason Reason
}

// A LineOutcome is what became of one line.
type LineOutcome struct {
	Sequence  int
	Policy    int // index into Case.Policies of the one that decided it; -1 for none
	Submitted fhir.Amount
	Currency  string      // ISO 4217, of its amounts; "" is the claim's. Another counts in no total
	Quantity  fhir.Amount // approved, ten-thousandths of a unit
	// Share is the patient's percentage that was applied, in ten-thousandths of a
	// percent; HasShare tells 0 % from none.
	Share       fhir.Amount
	HasShare    bool
	Denied      Reason // why nothing at all is paid; "" where the line is covered
	DeniedAt    Stage
	Relative    bool // the benefit is to be multiplied by the payment run's index
	Adjustments []Adjustment
	Paid        []PolicyPart // by each policy, where several pay; they come to the benefit
	Refusals    []Refusal    // of the other policies tried
	Notes       []int        // numbers of Decision.Notes
}

// A Note is a sentence for people about one or more lines.
type Note struct {
	Number int
	Text   string // in English
	// Format and Args are what Text was made of, so that a Tongue can say it in
	// another language; "" where it is said as it stands.
	Format string
	Args   []any
}

// Benefit gives what the scheme pays: submitted less all adjustments.
func (l *LineOutcome) Benefit() fhir.Amount {
	benefit := l.Submitted
	for _, a := range l.Adjustments {
		benefit -= a.Amount
	}
	return benefit
}

// Eligible gives the amount that the sharing of costs begins from: submitted
// less what was cut before the deductible. Of a denied line it is 0.
func (l *LineOutcome) Eligible() fhir.Amount {
	eligible := l.Submitted
	for _, a := range l.Adjustments {
		if a.Stage < StageDeductible {
			eligible -= a.Amount
		}
	}
	return eligible
}

// MemberLiability gives what the member owes the provider.
func (l *LineOutcome) MemberLiability() fhir.Amount { return l.Borne(BearerMember) }

// Borne gives the sum of the adjustments somebody bears.
func (l *LineOutcome) Borne(by Bearer) fhir.Amount {
	var sum fhir.Amount
	for _, a := range l.Adjustments {
		if a.Bearer == by {
			sum += a.Amount
		}
	}
	return sum
}

// Taken gives the sum of the adjustments a stage made.
func (l *LineOutcome) Taken(at Stage) fhir.Amount {
	var sum fhir.Amount
	for _, a := range l.Adjustments {
		if a.Stage == at {
			sum += a.Amount
		}
	}
	return sum
}

// Totals are the sums of a decision's lines.
type Totals struct {
	Submitted, Eligible, Deductible, Copay, Coinsurance, Benefit, MemberLiability fhir.Amount
	// Relative is what of Benefit the payment run is to multiply by its index: it counts
	// as used, and is no benefit of the answer yet.
	Relative fhir.Amount
}

// Totals sums the lines in the claim's currency.
func (d *Decision) Totals() Totals {
	var t Totals
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.Currency != "" {
			continue
		}
		t.Submitted += l.Submitted
		t.Eligible += l.Eligible()
		t.Deductible += l.Taken(StageDeductible)
		t.Copay += l.Taken(StageCopay)
		t.Coinsurance += l.Taken(StageCoinsurance)
		t.Benefit += l.Benefit()
		t.MemberLiability += l.MemberLiability()
		if l.Relative {
			t.Relative += l.Benefit()
		}
	}
	return t
}
