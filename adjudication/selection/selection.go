// Package selection says which claims a person must see before they are paid: the
// conditions that a product has for it, compiled once, and asked of claims that
// were decided and of which something would be paid.
//
// It is pure: what a condition compares a claim with is given by Figures, and asked
// only for a condition that wants it.
package selection

import (
	"fmt"
	"math/big"
	"time"

	"bima/fhir"
)

// A Code is a code of a system.
type Code struct{ System, Code string }

// Rules are the conditions of one version of a product. They are immutable and
// safe for concurrent use.
type Rules struct {
	Terms
	conditions []condition
	averages   bool
}

// Averages reports whether a condition compares claims with what their diagnosis
// costs on average.
func (r *Rules) Averages() bool { return r != nil && r.averages }

// Terms say how the claims that were picked are reviewed.
type Terms struct {
	DeadlineDays int         // until when a review is due; 0 leaves it to the scheme
	Second       fhir.Amount // a review that lets more be paid needs a second opinion
	Currency     string      // of Second; "" where no second opinion is asked for
}

// A Claim is what conditions ask about a decided claim.
type Claim struct {
	ID        string    // logical id: what is drawn by lot goes by it
	Node      fhir.Node // the Claim
	Now       time.Time // when it is decided: today() of conditions; zero is the clock
	Day       int32     // the first day of treatment, since 1970-01-01
	Currency  string    // ISO 4217
	Claimed   fhir.Amount
	Diagnosis Code // the main one; zero where the claim has none that is coded
	Services  []Service
	// Resolve gives what the claim refers to, for resolve() of conditions; nil
	// gives nothing.
	Resolve func(reference string) (fhir.Node, bool)
}

// A Service is a line of which something would be paid.
type Service struct {
	Codes []Code // as claimed, and the categories of the register
	Risky bool   // the register marks it as of high risk
}

// Figures are what a claim is compared with. Each method is called only where a
// condition wants it.
type Figures interface {
	// Diagnosis gives what was approved in the year before for claims of a main
	// diagnosis, and for how many.
	Diagnosis(c Code) (sum fhir.Amount, claims int64, err error)
	// Begun gives the day on which the facility's contract began, or false where
	// none is kept.
	Begun() (day int32, known bool, err error)
	// Claims counts the facility's other claims, up to a limit.
	Claims(limit int) (int, error)
	// Complaints counts the answers of patients in the months before that speak
	// against the facility.
	Complaints(months int) (int, error)
	// Signals gives the score of signals of fraud and error, 0 to 100, and what
	// they are.
	Signals() (score int, why string, err error)
	// Learned gives the learned score, 0 to 100, and what makes it so, or false
	// where no model is on.
	Learned() (score int, why string, known bool, err error)
}

// A Reason is a condition that holds.
type Reason struct {
	Name      string // a code of review-selection
	Text      string // a sentence for the reviewer
	Specialty Code   // of the reviewer it asks for; zero leaves it to the scheme
}

// A condition is one of a product's.
type condition struct {
	name      string
	specialty Code
	holds     func(c *Claim, f Figures) (text string, holds bool, err error)
}

// Select gives the conditions that hold of a claim, in the order the product has
// them. It fails where Figures do.
func (r *Rules) Select(c *Claim, f Figures) ([]Reason, error) {
	if r == nil {
		return nil, nil
	}
	var reasons []Reason
	for i := range r.conditions {
		text, holds, err := r.conditions[i].holds(c, f)
		if err != nil {
			return nil, fmt.Errorf("the review condition %s: %w", r.conditions[i].name, err)
		}
		if holds {
			reasons = append(reasons, Reason{Name: r.conditions[i].name, Text: text, Specialty: r.conditions[i].specialty})
		}
	}
	return reasons, nil
}

// above reports whether a claim's amount is more than (100 + percent) per cent of
// an average; percent is in ten-thousandths of a percent. It is exact.
func above(claimed, sum fhir.Amount, claims int64, percent fhir.Amount) bool {
	left := new(big.Int).Mul(big.NewInt(int64(claimed)), big.NewInt(claims))
	left.Mul(left, big.NewInt(whole))
	right := new(big.Int).Mul(big.NewInt(int64(sum)), big.NewInt(whole+int64(percent)))
	return left.Cmp(right) > 0
}

// whole is a hundred per cent, in ten-thousandths of a percent.
const whole = 1_000_000
