package contract

import (
	"bima/adjudication"
	"bima/resources/contract/calendar"
)

// A stage says whether a policy is the first of a family or follows another. It
// is a code of contribution-stage. Source: openIMIS's stages N and R.
type stage string

const (
	stageEnrolment stage = "enrolment"
	stageRenewal   stage = "renewal"
)

// stageJoining is the code of contribution-stage of what is due for members who
// join a running policy.
const stageJoining = "joining"

// Terms are the time of a policy.
type terms struct {
	stage      stage
	enrolled   day // when it was agreed
	start, end day // the period agreed; both days in it
	due        day // the last day to pay
}

// terms works out the period of a policy that is agreed on a day. For a renewal
// previous is the last day of the policy before.
//
// Source: openIMIS, dates of a policy, but that cycles are taken in the order of
// the year and every month is one of the plan's own calendar.
func (p *product) terms(s stage, enrolled, previous day) (terms, error) {
	t := terms{stage: s, enrolled: enrolled}
	var ok bool
	switch {
	case len(p.cycles) > 0:
		t.start, ok = p.cycleStart(s, enrolled)
	case s == stageRenewal:
		t.start, ok = enrolled, true
		if last, known := p.add(previous+1, p.periods[periodGracePayment], 1); enrolled <= previous || known && enrolled < last {
			t.start = previous + 1
		}
	default:
		t.start, ok = p.add(enrolled, p.periods[periodAdministration], 1)
	}
	if s == stageRenewal {
		t.start = max(t.start, previous+1)
	}
	end, within := p.add(t.start, p.length, 1)
	if !ok || !within {
		return t, refuse("Contract.term.applies", "the calendar %s does not know the days of a policy agreed on %s", p.calendar.Code(), adjudication.WriteDay(enrolled))
	}
	t.end = end - 1
	t.due, ok = p.dueDay(t)
	if !ok {
		return t, refuse("Contract.term.applies", "the calendar %s does not know the days of a policy agreed on %s", p.calendar.Code(), adjudication.WriteDay(enrolled))
	}
	return t, nil
}

// dueDay gives the last day to pay, which is no earlier than the day of the
// agreement.
func (p *product) dueDay(t terms) (day, bool) {
	from, grace := t.enrolled, p.periods[periodGracePayment]
	switch {
	case len(p.cycles) > 0:
		from, grace = t.start, p.graceOf(t.stage)
	case t.stage == stageRenewal:
		from = t.start
	}
	last, ok := p.add(from, grace, 1)
	return max(last-1, t.enrolled), ok
}

func (p *product) graceOf(s stage) span {
	if s == stageRenewal {
		return p.periods[periodGraceRenewal]
	}
	return p.periods[periodGraceEnrolment]
}

// cycleStart gives the first cycle that a policy can still join: the first on or
// after the day of the agreement less the grace period.
func (p *product) cycleStart(s stage, enrolled day) (day, bool) {
	reference, ok := enrolled, true
	if s == stageEnrolment {
		reference, ok = p.add(enrolled, p.periods[periodAdministration], 1)
	}
	earliest, within := p.add(reference, p.graceOf(s), -1)
	date, known := p.calendar.Date(earliest)
	if !ok || !within || !known {
		return 0, false
	}
	for year := date.Year; year <= date.Year+1; year++ {
		if first, found := p.firstCycle(year, earliest); found {
			return first, true
		}
	}
	return 0, false
}

// firstCycle gives the earliest cycle of a year that is not before a day. Where
// the year has no such day, as 29 February, it is the month's last.
func (p *product) firstCycle(year int, earliest day) (first day, found bool) {
	for _, c := range p.cycles {
		c.Year = year
		d, ok := p.calendar.Day(calendar.Clip(p.calendar, c))
		if ok && d >= earliest && (!found || d < first) {
			first, found = d, true
		}
	}
	return first, found
}

// add goes a span on from a day, back for sign -1.
func (p *product) add(d day, s span, sign int) (day, bool) {
	d, ok := calendar.AddMonths(p.calendar, d, sign*s.months)
	return d + day(sign*s.days), ok
}
