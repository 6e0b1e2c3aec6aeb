package system

import (
	"strings"
	"time"

	"bima/fhir"
)

// A step is what one of a calendar unit adds: months, or a span of time.
type step struct {
	months    int64
	span      time.Duration
	precision fhir.Precision
}

var steps = map[string]step{
	"year": {months: 12, precision: fhir.PrecisionYear}, "month": {months: 1, precision: fhir.PrecisionMonth},
	"week": {span: 7 * 24 * time.Hour, precision: fhir.PrecisionDay}, "day": {span: 24 * time.Hour, precision: fhir.PrecisionDay},
	"hour": {span: time.Hour, precision: fhir.PrecisionHour}, "minute": {span: time.Minute, precision: fhir.PrecisionMinute},
	"second":      {span: time.Second, precision: fhir.PrecisionSecond},
	"millisecond": {span: time.Millisecond, precision: fhir.PrecisionFraction},
}

// definite names the UCUM units that may be added to a date. Years and months
// of UCUM have a fixed length in seconds and may not. Source: N1 section 6.6.3.
var definite = map[string]string{"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}

// amountMax bounds what is added, in the unit it is given in.
const amountMax = 1 << 40

// monthDays and yearMonths convert a duration to the precision of a partial
// date. Source: N1 section 6.6.3.
const (
	monthDays  = 30
	yearDays   = 365
	yearMonths = 12
)

// AddTo gives the moment plus sign times the quantity, at the moment's own
// precision; what is finer than that is dropped, and so are fractions of the
// quantity unless it is in the calendar word seconds. It fails with an Outcome of IssueValue when the quantity is no
// duration; not ok when the result has no year of four digits.
func AddTo(m Moment, q Quantity, sign int, isTime bool) (result Moment, ok bool, err error) {
	s, found := steps[q.calendarUnit()]
	if !found || isTime && s.precision < fhir.PrecisionHour {
		return Moment{}, false, fhir.Errorf(fhir.IssueValue, "", "a quantity in %q can't be added to a date or time", q.Unit)
	}
	value := q.Value
	if q.Calendar && s.precision == fhir.PrecisionSecond {
		value, _ = Multiply(value, Integer(int64(time.Second/time.Millisecond)))
		s = steps["millisecond"]
	}
	whole := Truncate(value).Unscaled()
	if !whole.IsInt64() || whole.Int64() > amountMax || whole.Int64() < -amountMax {
		return Moment{}, false, nil
	}
	n := whole.Int64() * int64(sign)
	m = finer(m, n, s)
	if isTime {
		return addToTime(m, n, s), true, nil
	}
	result = addToDate(m, n, s)
	year := result.First.Year()
	return result, year >= 1 && year <= 9999, nil
}

// finer gives a moment in seconds the digits to add milliseconds that are no
// whole seconds: seconds and milliseconds are one precision. Source: N1 section
// 6.6.3.
func finer(m Moment, n int64, s step) Moment {
	inSeconds := m.Precision == fhir.PrecisionSecond || m.Precision == fhir.PrecisionFraction && m.Digits < millisecondDigits
	if s.span == time.Millisecond && n%int64(time.Second/time.Millisecond) != 0 && inSeconds {
		m.Precision, m.Digits = fhir.PrecisionFraction, millisecondDigits
	}
	return m
}

// calendarUnit gives the calendar word for a duration, "" for other units. The
// word is taken in quotes too, as the official test suite writes it.
func (q Quantity) calendarUnit() string {
	q = q.calendar()
	if word := definite[q.Unit]; word != "" && !q.Calendar {
		return word
	}
	return strings.TrimSuffix(q.Unit, "s")
}

// addToTime wraps around midnight.
func addToTime(m Moment, n int64, s step) Moment {
	const day = 24 * time.Hour
	n %= int64(day / min(s.span, day))
	t := m.First.Add(time.Duration(n) * s.span)
	t = truncateTo(t, m)
	m.First = time.Date(1, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	return m
}

func addToDate(m Moment, n int64, s step) Moment {
	switch m.Precision {
	case fhir.PrecisionYear:
		m.First = addMonths(m.First, years(n, s)*yearMonths)
		return m
	case fhir.PrecisionMonth:
		m.First = addMonths(m.First, months(n, s))
		return m
	}
	if s.months > 0 {
		m.First = addMonths(m.First, n*s.months)
		return m
	}
	days, rest := n/perDay(s), n%perDay(s)
	if s.span > 24*time.Hour {
		days, rest = n*int64(s.span/(24*time.Hour)), 0
	}
	if days > yearDays*10_000 || days < -yearDays*10_000 {
		m.First = time.Time{}.AddDate(-1, 0, 0)
		return m
	}
	if m.Precision == fhir.PrecisionDay {
		m.First = m.First.AddDate(0, 0, int(days))
		return m
	}
	t := m.First.AddDate(0, 0, int(days)).Add(time.Duration(rest) * s.span)
	m.First = truncateTo(t, m)
	return m
}

// perDay gives how many of a unit make a day.
func perDay(s step) int64 { return int64(24 * time.Hour / min(s.span, 24*time.Hour)) }

// days gives n of a span in whole days.
func days(n int64, s step) int64 {
	if s.span >= 24*time.Hour {
		return n * int64(s.span/(24*time.Hour))
	}
	return n / perDay(s)
}

func months(n int64, s step) int64 {
	if s.months > 0 {
		return n * s.months
	}
	return days(n, s) / monthDays
}

func years(n int64, s step) int64 {
	if s.months > 0 {
		return n * s.months / yearMonths
	}
	return days(n, s) / yearDays
}

// addMonths keeps to the last day of a month that has no such day.
func addMonths(t time.Time, n int64) time.Time {
	if n > 12*10_000 || n < -12*10_000 {
		return time.Time{}.AddDate(-1, 0, 0)
	}
	y, month, d := t.Date()
	first := time.Date(y, month+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d, last)-1)
}

// truncateTo drops what is finer than the moment's precision.
func truncateTo(t time.Time, m Moment) time.Time {
	switch m.Precision {
	case fhir.PrecisionHour:
		return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	case fhir.PrecisionMinute:
		return t.Add(-time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	case fhir.PrecisionSecond:
		return t.Add(-time.Duration(t.Nanosecond()))
	}
	unit := time.Second
	for range m.Digits {
		unit /= 10
	}
	return t.Add(-time.Duration(t.Nanosecond()) % unit)
}
