// Package adjudication decides what the scheme pays for a claim.
//
// It is a pure function: no clock, no database, no configuration. The same Case
// always gives the same Decision, so a decision can be explained, replayed and
// compared years later.
//
// A Case goes line by line through the stages of the pipeline, once for each
// policy that may cover the line. A stage may only lower a line, and each
// lowering says in which stage, why, and who bears it:
//
//	benefit = submitted − Σ adjustments
//
// What earlier claims used of deductibles, ceilings and counts comes in as
// Case.Used; Tallies says which sums a Case needs, and Decision.Entries what the
// claim adds to them.
package adjudication

import (
	"fmt"
	"math"

	"bima/fhir"
)

// A Day counts days since 1970-01-01, as fhir.Entry.Day does.
type Day = int32

// The open ends of a Period.
const (
	FirstDay Day = math.MinInt32 // no beginning
	LastDay  Day = math.MaxInt32 // no end
)

// A Period is From and To and the days between. Source: R4 datatypes#Period
// ("the end value includes any matching date").
type Period struct{ From, To Day }

// Contains reports whether all of q lies within p.
func (p Period) Contains(q Period) bool { return p.From <= q.From && q.To <= p.To }

// Always is the period without ends.
func Always() Period { return Period{FirstDay, LastDay} }

// A Code is a code of a system; both are needed to name a service.
type Code struct{ System, Code string }

// A Sex is the patient's administrative gender. Source: R4
// valueset-administrative-gender.
type Sex uint8

// The sexes that rules distinguish; missing and unknown are SexUnknown.
const (
	SexUnknown Sex = iota
	Female
	Male
	OtherSex
)

// A Visit is the class of the encounter claimed. Source: HL7 v3 ActEncounterCode.
type Visit uint8

// The classes of encounters that terms of a plan distinguish.
const (
	AnyVisit   Visit = iota
	Ambulatory       // AMB
	Emergency        // EMER
	Inpatient        // IMP
)

// A Care is the kind of care a facility gives or a service belongs to. Source:
// openIMIS organization-hf-care-type I, O and B.
type Care uint8

// The kinds of care.
const (
	CareBoth Care = iota
	CareInpatient
	CareOutpatient
)

// A Case is everything a decision depends on.
type Case struct {
	Currency  string // ISO 4217, of all amounts claimed
	Treatment Period // from the first to the last day of treatment
	Dated     bool   // whether the claim says when it was
	Claimed   Day    // the last day on which the claim may have been made
	Made      Day    // the first day on which it may have been
	Stamped   bool   // whether Claimed and Made are known
	Today     Day    // the day on which it is decided
	Clocked   bool   // whether Today is known
	Visit     Visit
	Referred  bool  // the patient was sent by another facility
	Posts     bool  // whether the decision counts as use: false for estimates
	Reserves  bool  // whether it reserves what it would use: a preauthorization
	Inquiry   bool  // whether Stand will be asked, which needs more Tallies
	Proven    []Day // on which a visit code of the patient that it quotes was asked for; see Plan.Presence
	Patient   Patient
	Facility  Facility
	Policies  []Policy // candidates
	Lines     []Line
	Used      []Use // use by earlier claims, for the Tallies of the Case
	// Reserved is what is counted in Used and is the claim's to take: what is left
	// of the preauthorizations that agree to its lines. Of a preauthorization that
	// is decided anew it is what claims have consumed of it.
	Reserved []Reserved
	// Accident is what it came of, on AccidentDay where AccidentDated; Employer is
	// the contract of the employer at whose work that was, "Contract/mill-2026".
	Accident      Accident
	AccidentDay   Day
	AccidentDated bool
	Employer      string
	Wage          fhir.Amount // what the patient earns in a month, as declared; 0 where nobody has
	OtherPaid     fhir.Amount // by insurers that are none of the scheme's and say nothing of lines
	Duplicate     bool        // another claim bears its number
	Problems      []Problem   // why the claim can't be decided at all
}

// A Patient is what rules ask about a patient.
type Patient struct {
	Account  string // the ledger account of the person across policies, "Patient/asha"
	Sex      Sex
	Born     Day
	HasBirth bool // whether Born is known
	Died     Day
	Dead     bool // whether Died is known
	Gone     bool // he is said to have died, and not when
	Pregnant Day  // the first day of a pregnancy
	Expects  bool // whether Pregnant is known
	// Registered says that the patient has a first point of service, and Home that
	// the facility is it.
	Registered, Home bool
}

// A Facility is what rules ask about the facility that claims.
type Facility struct {
	Hospital   bool // a facility of hospital level
	Care       Care
	Levels     []Code    // its level, and that within it
	PriceLists []Listing // the lists it is paid by, the preferred one first
	Anywhere   bool      // no facility was named: a price of any list will do
	// Contract is when it has a contract with the scheme, nil where none is kept;
	// Suspended is when that is suspended.
	Contract  *Period
	Suspended []Period
}

// A Listing is a facility's place on a price list.
type Listing struct {
	List  Code
	Valid Period // the days on which it is paid by the list
}

// A Line is one item of a claim.
type Line struct {
	Sequence  int
	Service   Code
	Served    Period      // the days of service
	Quantity  fhir.Amount // ten-thousandths of a unit
	UnitPrice fhir.Amount // as asked; 0 where only the total was given
	Asked     fhir.Amount // the total asked for the line
	Currency  string      // of the amounts; "" is the claim's
	Tariff    *Tariff     // nil where the register does not know the service
	// Unsuitable says that an expression of the tariff's applicability does not
	// hold for this patient and line.
	Unsuitable bool
	Review     *Review // nil where nobody has reviewed the line
	// Authorised says that the scheme has agreed beforehand to the service.
	Authorised bool
	// AskedAfter is how many minutes after admission it was asked to; 0 or less
	// where that was before.
	AskedAfter int
	Parts      []Part      // of a package
	OtherPaid  fhir.Amount // by insurers that are none of the scheme's, of this line
	Diagnoses  []Code      // that it is for; none where no rule asks
}

// A Review is a medical officer's word on a line.
type Review struct {
	Rejected bool
	Quantity *fhir.Amount // the quantity approved, ten-thousandths; nil leaves it
	Price    *fhir.Amount // the unit price approved; nil leaves it
	Reason   Reason       // of a rejection; "" is ReasonReviewer
	Note     string       // what he says of it, for the facility and the member
}

// A Policy is one policy that may cover the patient: a candidate.
type Policy struct {
	Name    string // "Coverage/cov-asha": names it in explanations
	Order   int    // Coverage.order; those without come after those with
	Account string // the ledger account of the policy, "Contract/pol-77"
	Member  string // and of the patient in it, "Contract/pol-77|Patient/asha"
	Plan    *Plan  // nil where the product is not known
	Stopped bool   // its state (draft, suspended, cancelled) covers nobody
	Policy  Period // in force
	Covered Period // the patient's membership
	Members int    // persons in it
	Renewal bool   // it continues an earlier policy
	// WaitingFrom is the day waiting periods count from; FirstDay leaves it to
	// the membership: from its first day, and none for members of a renewal.
	WaitingFrom Day
	// UseFrom is the day from which use counts in the first year of a membership
	// that goes on with one of another policy under way, as when a family splits;
	// 0 where it goes on with none.
	UseFrom Day
	Groups  []string // the groups of patients that the plan counts the patient to; see When.Group
}

// A Use is the sum of one ledger account and bucket over a window, or over one day
// of a window that was asked for day by day.
type Use struct {
	Window  Window
	Daily   bool // whether it is of Day alone
	Day     Day
	Account string
	Bucket  string
	Value   int64 // ten-thousandths
}

// A Problem is why a claim can't be decided: an unknown patient or facility.
type Problem struct {
	Kind       fhir.IssueType // not-found for an unknown party, value for a figure that can't be counted
	Expression string         // of the element at fault, "Claim.patient"
	Text       string         // a sentence a person can act on, in English
	// Format and Args are what Text was made of, so that a Tongue can say it in
	// another language; "" where it is said as it stands.
	Format string
	Args   []any
}

// ProblemOf makes a Problem of a sentence and what is put into it.
func ProblemOf(kind fhir.IssueType, expression, format string, args ...any) Problem {
	return Problem{Kind: kind, Expression: expression, Text: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// age gives the patient's age in completed years on a day. A person without a
// birth date counts as an adult. Years are counted by the calendar.
func (p Patient) age(on Day) (years int, known bool) {
	if !p.HasBirth {
		return 0, false
	}
	y1, m1, d1 := civil(p.Born)
	y2, m2, d2 := civil(on)
	years = y2 - y1
	if m2 < m1 || m2 == m1 && d2 < d1 {
		years--
	}
	return years, true
}

// stay reports whether the treatment went over more than one day.
func (c *Case) stay() bool { return c.Treatment.To > c.Treatment.From }
