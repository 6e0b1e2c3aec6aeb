package facts

import (
	"time"

	"bima/adjudication"
	"bima/fhir"
)

// dateLength is the length of YYYY-MM-DD.
const dateLength = 10

// date reads a date or dateTime. The calendar day is the one that was written,
// in whatever zone: that is the day the facility means.
func date(text string) (fhir.DateTime, bool) {
	if len(text) > dateLength {
		text = text[:dateLength]
	}
	d, err := fhir.ParseDate(text)
	return d, err == nil
}

// firstDay gives the first day a date may mean: 1 January for a year.
func firstDay(n fhir.Node) (adjudication.Day, bool) {
	d, ok := date(n.Text())
	return adjudication.DayOf(d.First), ok
}

// lastDay gives the last day a date may mean: 31 December for a year.
func lastDay(n fhir.Node) (adjudication.Day, bool) {
	d, ok := date(n.Text())
	if !ok {
		return 0, false
	}
	return adjudication.DayOf(d.Interval(time.UTC).To) - 1, true
}

// claimedBy gives the last day on which a claim may have been made, wherever that
// was: with a time the day after too, for the zone of the facility may be ahead of
// the one that the time is written in.
func claimedBy(created fhir.Node) (adjudication.Day, bool) {
	day, ok := lastDay(created)
	if len(created.Text()) > dateLength {
		day++
	}
	return day, ok
}

// period reads a Period; a missing end is open. Source: R4 datatypes#Period.
func period(n fhir.Node) adjudication.Period {
	p := adjudication.Always()
	if d, ok := firstDay(n.Get("start")); ok {
		p.From = d
	}
	if d, ok := lastDay(n.Get("end")); ok {
		p.To = d
	}
	return p
}

// Duration reads a Duration in whole months or days. Source: UCUM (a, mo, wk, d).
func Duration(n fhir.Node) (months, days int, ok bool) {
	value, ok := amount(n.Get("value"))
	if !ok || value < 0 || value%oneUnit != 0 || value > durationMax {
		return 0, 0, false
	}
	count := int(value / oneUnit)
	unit := n.Get("code").Text()
	if unit == "" {
		unit = n.Get("unit").Text()
	}
	switch unit {
	case "a", "year", "years":
		return 12 * count, 0, true
	case "mo", "month", "months":
		return count, 0, true
	case "wk", "week", "weeks":
		return 0, 7 * count, true
	case "d", "day", "days":
		return 0, count, true
	}
	return 0, 0, false
}

const (
	// oneUnit is 1 in ten-thousandths.
	oneUnit = fhir.Amount(10_000)
	// durationMax is the longest duration that means anything: 10,000 units.
	durationMax = 10_000 * oneUnit
)
