package search

import (
	"math"
	"strings"
	"time"

	"bima/fhir"
)

// dateEmitters take intervals out of the data types that have them.
// Source: R4 search#date.
var dateEmitters = map[string]func(*extraction, *emitter, fhir.Node){
	"date":     emitDate,
	"dateTime": emitDate,
	"instant":  emitDate,
	"Period":   emitPeriod,
	"Timing":   emitTiming,
}

// A span is an interval in microseconds since 1970, its end not in it.
type span struct{ from, to int64 }

// always is the span without ends.
var always = span{math.MinInt64, math.MaxInt64}

// span reads a date, dateTime or instant.
func (x *extraction) span(n fhir.Node) (span, bool) {
	d, err := fhir.ParsePartialDateTime(textOf(n))
	if err != nil {
		return span{}, false
	}
	return spanOf(d.Interval(x.zone)), true
}

func spanOf(i fhir.Interval) span { return span{i.From.UnixMicro(), i.To.UnixMicro()} }

func (x *extraction) date(param string, s span) {
	x.Dates = append(x.Dates, fhir.DateRow{Param: param, From: s.from, To: s.to})
}

func emitDate(x *extraction, e *emitter, n fhir.Node) {
	if s, ok := x.span(n); ok {
		x.date(e.code, s)
	}
}

// period reads a Period. A missing end is open; one without ends is none.
func (x *extraction) period(n fhir.Node) (span, bool) {
	start, hasStart := x.span(n.Get("start"))
	end, hasEnd := x.span(n.Get("end"))
	s := always
	if hasStart {
		s.from = start.from
	}
	if hasEnd {
		s.to = end.to
	}
	return s, hasStart || hasEnd
}

func emitPeriod(x *extraction, e *emitter, n fhir.Node) {
	if s, ok := x.period(n); ok {
		x.date(e.code, s)
	}
}

// emitTiming gives the outer limits of a schedule: from its first event to the
// last, and its bounds. Source: R4 search#date ("only the outer limits matter").
func emitTiming(x *extraction, e *emitter, n fhir.Node) {
	limits, found := x.period(n.At("repeat", "boundsPeriod"))
	for event := range n.Get("event").Each() {
		s, ok := x.span(event)
		if !ok {
			continue
		}
		if !found {
			limits, found = s, true
		}
		limits = span{min(limits.from, s.from), max(limits.to, s.to)}
	}
	if found {
		x.date(e.code, limits)
	}
}

// dateCriterion reads "ge2026-09-14" and gives the interval the date stands for.
func dateCriterion(c clause, value string) (fhir.Criterion, error) {
	v, err := c.date(value)
	if err != nil {
		return nil, err
	}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamDate), Value: v}, nil
}

func (c clause) date(value string) (fhir.DateValue, error) {
	if c.modifier != "" {
		return fhir.DateValue{}, c.wrongModifier("missing")
	}
	prefix, text := cutPrefix(value)
	// A plus sign that was not escaped in the URL arrives as a space.
	d, err := fhir.ParsePartialDateTime(strings.Replace(text, " ", "+", 1))
	if err != nil || d.Precision == fhir.PrecisionHour || strings.HasSuffix(text, "T") { // R4 wants minutes with an hour
		return fhir.DateValue{}, c.invalid("%q is not a date such as 2026-09-14 or ge2026-09-14T10:00:00Z", value)
	}
	i := withoutZeros(d).Interval(c.query.registry.zone)
	if prefix == fhir.PrefixApproximate {
		i = around(i, c.query.now)
	}
	s := spanOf(i)
	return fhir.DateValue{Prefix: prefix, From: s.from, To: s.to}, nil
}

// milliseconds is the digits of a second that a search goes by at least.
const milliseconds = 3

// withoutZeros takes zeros after the milliseconds off: clients write seven digits
// by habit (10:00:00.5000000) and mean the millisecond, which is what they find.
func withoutZeros(d fhir.DateTime) fhir.DateTime {
	for unit := d.First.Nanosecond(); d.Digits > milliseconds; d.Digits-- {
		digit := unit
		for range nanoDigits - d.Digits {
			digit /= 10
		}
		if digit%10 != 0 {
			break
		}
	}
	return d
}

// nanoDigits is the digits of a second in a time.Time.
const nanoDigits = 9

// approximation is the share of a value, or of a date's distance to now, that
// "ap" allows on either side: a tenth. Source: R4 search#prefix.
const approximation = 10

func around(i fhir.Interval, now time.Time) fhir.Interval {
	distance := now.Sub(i.From)
	if now.Before(i.From) {
		distance = i.From.Sub(now)
	}
	margin := distance / approximation
	return fhir.Interval{From: i.From.Add(-margin), To: i.To.Add(margin)}
}
