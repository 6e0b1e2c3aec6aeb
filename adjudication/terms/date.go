package terms

import (
	"time"

	"bima/adjudication"
	"bima/fhir"
)

// DateLength is the length of YYYY-MM-DD.
const DateLength = 10

// date reads a date or dateTime. The calendar day is the one that was written,
// in whatever zone: that is the day the facility means.
func date(text string) (fhir.DateTime, bool) {
	if text == "" { // as most are that may be given; ParseDate would say what is wrong
		return fhir.DateTime{}, false
	}
	if len(text) > DateLength {
		text = text[:DateLength]
	}
	d, err := fhir.ParseDate(text)
	return d, err == nil
}

// FirstDay gives the first day a date may mean: 1 January for a year.
func FirstDay(n fhir.Node) (adjudication.Day, bool) {
	d, ok := date(n.Text())
	return adjudication.DayOf(d.First), ok
}

// LastDay gives the last day a date may mean: 31 December for a year.
func LastDay(n fhir.Node) (adjudication.Day, bool) {
	d, ok := date(n.Text())
	if !ok {
		return 0, false
	}
	return adjudication.DayOf(d.Interval(time.UTC).To) - 1, true
}

// Period reads a Period; a missing end is open. Source: R4 datatypes#Period.
func Period(n fhir.Node) adjudication.Period {
	p := adjudication.Always()
	if d, ok := FirstDay(n.Get("start")); ok {
		p.From = d
	}
	if d, ok := LastDay(n.Get("end")); ok {
		p.To = d
	}
	return p
}

// Duration reads a Duration in whole months or days. Source: UCUM (a, mo, wk, d).
func Duration(n fhir.Node) (months, days int, ok bool) {
	value, ok := Amount(n.Get("value"))
	if !ok || value < 0 || value%OneUnit != 0 || value > durationMax {
		return 0, 0, false
	}
	count := int(value / OneUnit)
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
	// OneUnit is 1 in ten-thousandths.
	OneUnit = fhir.Amount(10_000)
	// durationMax is the longest duration that means anything: 10,000 units.
	durationMax = 10_000 * OneUnit
)
