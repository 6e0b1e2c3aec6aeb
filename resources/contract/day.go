package contract

import (
	"time"

	"bima/adjudication"
	"bima/fhir"
)

// A Day is a day of the scheme, in days since 1970-01-01.
type day = adjudication.Day

// today gives the day of a moment in the scheme's time zone.
func (s Settings) today(now time.Time) day { return adjudication.DayOf(now.In(s.zone())) }

// A span is a length of time in whole months and days.
type span struct{ months, days int }

// spanMax is the longest span that means anything: a thousand years in months.
const spanMax = 12_000

// spanOf reads a Duration. Source: UCUM (a, mo, wk, d).
func spanOf(duration fhir.Node) (s span, ok bool) {
	value, err := fhir.ParseAmount(duration.Get("value").Text())
	n := int(value / fhir.Units(1))
	if err != nil || value < 0 || value%fhir.Units(1) != 0 || n > spanMax {
		return s, false
	}
	unit := duration.Get("code").Text()
	if unit == "" {
		unit = duration.Get("unit").Text()
	}
	switch unit {
	case "a", "year", "years":
		return span{months: 12 * n}, true
	case "mo", "month", "months":
		return span{months: n}, true
	case "wk", "week", "weeks":
		return span{days: 7 * n}, true
	case "d", "day", "days":
		return span{days: n}, true
	}
	return s, false
}
