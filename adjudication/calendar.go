package adjudication

import (
	"time"

	"bima/fhir"
)

// secondsPerDay turns days since 1970-01-01 into Unix time.
const secondsPerDay = 24 * 60 * 60

// DayOf gives the day of a date, whatever its time and zone say.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// Date gives the day as midnight UTC.
func Date(d Day) time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// ReadDay reads the day of a date or dateTime as written; a year or a month is its
// first day. It reports whether the text is a date.
func ReadDay(text string) (Day, bool) {
	d, err := fhir.ParseDate(text[:min(len(text), len(time.DateOnly))])
	return DayOf(d.First), err == nil
}

// ReadLastDay is ReadDay with the last day of a year or a month.
func ReadLastDay(text string) (Day, bool) {
	d, err := fhir.ParseDate(text[:min(len(text), len(time.DateOnly))])
	return DayOf(d.Interval(time.UTC).To) - 1, err == nil
}

// WriteDay writes a day as FHIR does, "2026-01-31".
func WriteDay(d Day) string { return Date(d).Format(time.DateOnly) }

// Days are reckoned in years that begin on 1 March, so that a leap day is the last
// of its year, and in eras of 400 such years, which all have as many days.
const (
	eraDays    = 146_097
	eraYears   = 400
	epochDays  = 719_468 // from 0000-03-01 to 1970-01-01
	yearDays   = 365
	leapDays   = 4*yearDays + 1  // of four years
	centuryDay = 25*leapDays - 1 // of a hundred
	fiveMonths = 5*31 - 2        // March to July, and August to December
	marchIsOne = 2               // months between January and March
)

// civil parts a day into year, month and day of the month.
func civil(d Day) (year int, month time.Month, day int) {
	n := int(d) + epochDays
	era := n / eraDays
	if n %= eraDays; n < 0 {
		era, n = era-1, n+eraDays
	}
	years := (n - n/(leapDays-1) + n/centuryDay - n/(eraDays-1)) / yearDays
	n -= years*yearDays + years/4 - years/100
	m := (5*n + 2) / fiveMonths
	year, month, day = era*eraYears+years, time.Month(m+1+marchIsOne), n-(fiveMonths*m+2)/5+1
	if month > time.December {
		year, month = year+1, month-12
	}
	return year, month, day
}

// dayOf gives the day of a date of the calendar; a month beyond December is of a
// later year, one before January of an earlier.
func dayOf(year int, month time.Month, day int) Day {
	m := int(month) - 1 - marchIsOne
	if year, m = year+m/12, m%12; m < 0 {
		year, m = year-1, m+12
	}
	era := year / eraYears
	if year %= eraYears; year < 0 {
		era, year = era-1, year+eraYears
	}
	n := year*yearDays + year/4 - year/100 + (fiveMonths*m+2)/5 + day - 1
	return Day(era*eraDays + n - epochDays)
}

// addMonths goes months on. Where the month reached has no such day it gives the
// month's last: 31 August and 6 months is 28 or 29 February.
func addMonths(d Day, months int) Day {
	y, m, day := civil(d)
	m += time.Month(months)
	return min(dayOf(y, m, day), dayOf(y, m+1, 1)-1)
}

// yearOf gives the year of a policy that a day lies in: the policy itself where
// it lasts up to a year, else the year from one anniversary to the next. A
// policy without a beginning counts by calendar years.
func yearOf(policy Period, day Day) Period {
	from := policy.From
	if from <= day && day <= policy.To && int64(policy.To)-int64(from) < yearDays {
		return policy
	}
	if from == FirstDay {
		y, _, _ := civil(day)
		from = dayOf(y, time.January, 1)
	}
	y1, _, _ := civil(from)
	y2, _, _ := civil(day)
	start := addMonths(from, 12*(y2-y1))
	if start > day {
		start = addMonths(from, 12*(y2-y1-1))
	}
	y1, _, _ = civil(start)
	next := addMonths(from, 12*(y1-firstYear(from)+1))
	return Period{max(start, from), min(next-1, policy.To)}
}

func firstYear(d Day) int {
	y, _, _ := civil(d)
	return y
}
