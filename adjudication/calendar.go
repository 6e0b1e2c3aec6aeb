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

// civil parts a day into year, month and day of the month.
func civil(d Day) (year int, month time.Month, day int) { return Date(d).Date() }

// addMonths goes months on. Where the month reached has no such day it gives the
// month's last: 31 August and 6 months is 28 or 29 February.
func addMonths(d Day, months int) Day {
	y, m, day := civil(d)
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
	return DayOf(last.AddDate(0, 0, min(day, last.Day())-last.Day()))
}

// yearOf gives the year of a policy that a day lies in: the policy itself where
// it lasts up to a year, else the year from one anniversary to the next. A
// policy without a beginning counts by calendar years.
func yearOf(policy Period, day Day) Period {
	from := policy.From
	if from == FirstDay {
		y, _, _ := civil(day)
		from = DayOf(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC))
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
