package adjudication

import (
	"strings"

	"bima/fhir"
)

// An Accident says what a claim is about. Source: R4 Claim.accident, HL7 v3
// ActIncidentCode (WPA).
type Accident uint8

// What claims may be about.
const (
	AccidentNone  Accident = iota
	AccidentOther          // an accident, but not at work
	AccidentWork
)

// An AccidentCover says what a plan has to do with accidents at work.
type AccidentCover uint8

// What a plan may have to do with accidents at work.
const (
	AccidentsAny     AccidentCover = iota // it pays, however it came
	AccidentsWork                         // it pays for nothing else
	AccidentsNotWork                      // they are another insurance's
)

// A WageShare is a benefit that replaces wages.
type WageShare struct {
	Share fhir.Amount // percentage of the wage, ten-thousandths of a percent
	After int         // days from that of the accident that are not replaced
}

// monthDays is how many days a month's wage is for.
const monthDays = 30

// accident refuses what is another insurance's: of a plan against employment injury
// all but what came of an accident at the work of its employer, and of a plan
// without that those accidents.
func accident(t *trial) {
	before := t.AccidentDated && t.line.Served.To < t.AccidentDay // it did not come of it
	atWork := t.Accident == AccidentWork && !before
	switch t.plan.Accidents {
	case AccidentsWork:
		if !atWork || t.Employer != "" && !t.employed() {
			t.deny(ReasonNoWorkAccident, BearerMember)
		}
	case AccidentsNotWork:
		if atWork {
			t.deny(ReasonWorkAccident, BearerMember)
		}
	}
}

// employed reports whether the policy is one of the contract of the employer at
// whose work the accident happened.
func (t *trial) employed() bool {
	account := t.policy.Account
	return account == t.Employer || strings.HasPrefix(account, t.Employer+"|")
}

// replacesWage gives how the plan replaces wages by the line's service; nil where
// that is another kind of benefit.
func (t *trial) replacesWage() *WageShare {
	for _, c := range t.covers {
		if c.Wage != nil {
			return c.Wage
		}
	}
	return nil
}

// wage cuts a line that replaces wages to its days, and to the plan's share of the
// wage for each: a month's is for 30 days. The days are those of service, less the
// first after the accident that the plan leaves out.
func wage(t *trial) {
	w := t.replacesWage()
	if w == nil {
		return
	}
	if t.Wage <= 0 {
		t.deny(ReasonNoWage, BearerMember)
		return
	}
	from := t.line.Served.From
	if t.AccidentDated {
		from = max(from, t.AccidentDay+Day(w.After))
	}
	days := fhir.Units(int64(max(0, t.line.Served.To-from+1)))
	if days == 0 {
		t.deny(ReasonWageDays, BearerMember)
		return
	}
	t.cutQuantity(days, ReasonWageDays, BearerMember)
	month := portion(t.Wage, w.Share, hundredPercent, 4)
	t.lowerTo(portion(month, t.out.Quantity, fhir.Units(monthDays), t.decimals), ReasonWage, BearerMember)
}
