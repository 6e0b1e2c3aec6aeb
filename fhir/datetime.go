package fhir

import (
	"strings"
	"time"
)

// A Precision is how much of a moment was written down.
type Precision uint8

// The precisions of dates and times, from coarse to fine.
const (
	PrecisionYear Precision = iota + 1
	PrecisionMonth
	PrecisionDay
	PrecisionHour // FHIRPath and search only; R4 wants minutes
	PrecisionMinute
	PrecisionSecond
	PrecisionFraction // see DateTime.Digits
)

// A DateTime is a date, dateTime or instant as it was written: possibly only a
// year, possibly without a zone. It stands for an Interval, not for a moment.
// Source: R4 datatypes#dateTime.
type DateTime struct {
	First     time.Time // the first moment it may mean; in UTC where it has no zone
	Precision Precision
	Digits    int  // of the fraction of a second, 1 to 9, at PrecisionFraction
	Zoned     bool // whether the text named a zone
}

// An Interval is a half-open span of time: From is in it, To is not. A zero From
// or To has no bound on that side.
type Interval struct{ From, To time.Time }

// WholeDays reads a Period as whole days of no zone. An end that is missing or
// that can't be read is open.
func WholeDays(period Node) Interval {
	var i Interval
	if d, err := ParseDateTime(period.Get("start").Text()); err == nil {
		i.From = d.Interval(time.UTC).From
	}
	if d, err := ParseDateTime(period.Get("end").Text()); err == nil {
		i.To = d.Interval(time.UTC).To
	}
	return i
}

// ParseDate reads a date: YYYY, YYYY-MM or YYYY-MM-DD. It fails with an Outcome
// of IssueValue on any other form and on days that don't exist.
func ParseDate(s string) (DateTime, error) {
	d, rest, ok := scanDate(s)
	if !ok || rest != "" {
		return DateTime{}, Errorf(IssueValue, "", "%.40q is not a date (YYYY, YYYY-MM or YYYY-MM-DD)", s)
	}
	return d, nil
}

// ParseDateTime reads a dateTime: a date, or a date with a time to the second or
// finer and a zone. It fails with an Outcome of IssueValue on any other form.
func ParseDateTime(s string) (DateTime, error) {
	d, err := ParsePartialDateTime(s)
	if err != nil {
		return DateTime{}, err
	}
	if strings.HasSuffix(s, "T") || d.Precision > PrecisionDay && (d.Precision < PrecisionSecond || !d.Zoned) {
		return DateTime{}, Errorf(IssueValue, "", "%.40q is not a dateTime: a time needs seconds and a zone, such as 2026-09-14T10:02:11+03:00", s)
	}
	return d, nil
}

// ParseInstant reads an instant: a dateTime to the second or finer, with a zone.
// It fails with an Outcome of IssueValue on any other form.
func ParseInstant(s string) (DateTime, error) {
	d, err := ParsePartialDateTime(s)
	if err != nil || d.Precision < PrecisionSecond || !d.Zoned {
		return DateTime{}, Errorf(IssueValue, "", "%.40q is not an instant, such as 2026-09-14T10:02:11.000+03:00", s)
	}
	return d, nil
}

// ParsePartialDateTime reads what search values and FHIRPath literals allow
// beyond dateTime: hours or minutes as the last part, times without a zone, and
// the bare T of FHIRPath's @2015-02-04T.
// It fails with an Outcome of IssueValue on any other form.
func ParsePartialDateTime(s string) (DateTime, error) {
	bad := func() (DateTime, error) {
		return DateTime{}, Errorf(IssueValue, "", "%.40q is not a date or a time", s)
	}
	d, rest, ok := scanDate(s)
	if !ok {
		return bad()
	}
	if rest == "" {
		return d, nil
	}
	if rest[0] != 'T' || d.Precision != PrecisionDay {
		return bad()
	}
	if rest == "T" {
		return d, nil
	}
	clock, zoneText := rest[1:], ""
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock, zoneText = clock[:i], clock[i:]
	}
	t, ok := scanClock(clock)
	if !ok {
		return bad()
	}
	zone, ok := scanZone(zoneText)
	if !ok {
		return bad()
	}
	y, m, day := d.First.Date()
	d.First = time.Date(y, m, day, t.hour, t.minute, t.second, t.nanos, zone)
	d.Precision, d.Digits, d.Zoned = t.precision, t.digits, zoneText != ""
	return d, nil
}

// Interval gives the moments the value may mean: all of 2026 for "2026". Where
// the text named no zone, zone is taken.
func (d DateTime) Interval(zone *time.Location) Interval {
	from := d.First
	if !d.Zoned {
		y, m, day := from.Date()
		from = time.Date(y, m, day, from.Hour(), from.Minute(), from.Second(), from.Nanosecond(), zone)
	}
	switch d.Precision {
	case PrecisionYear:
		return Interval{from, from.AddDate(1, 0, 0)}
	case PrecisionMonth:
		return Interval{from, from.AddDate(0, 1, 0)}
	case PrecisionDay:
		return Interval{from, from.AddDate(0, 0, 1)}
	case PrecisionHour:
		return Interval{from, from.Add(time.Hour)}
	case PrecisionMinute:
		return Interval{from, from.Add(time.Minute)}
	case PrecisionSecond:
		return Interval{from, from.Add(time.Second)}
	}
	step := time.Second
	for range d.Digits {
		step /= 10
	}
	return Interval{from, from.Add(step)}
}

// Contains reports whether the moment lies in the interval.
func (i Interval) Contains(t time.Time) bool {
	return (i.From.IsZero() || !t.Before(i.From)) && (i.To.IsZero() || t.Before(i.To))
}

// Overlaps reports whether the intervals share a moment.
func (i Interval) Overlaps(o Interval) bool {
	return (i.To.IsZero() || o.From.IsZero() || o.From.Before(i.To)) &&
		(o.To.IsZero() || i.From.IsZero() || i.From.Before(o.To))
}

// scanDate reads a leading date and gives what follows it.
func scanDate(s string) (d DateTime, rest string, ok bool) {
	year, ok := digitsAt(s, 0, 4)
	if !ok || year == 0 {
		return d, "", false
	}
	if len(s) == 4 {
		return DateTime{First: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), Precision: PrecisionYear}, "", true
	}
	month, ok := digitsAt(s, 5, 2)
	if !ok || s[4] != '-' || month < 1 || month > 12 {
		return d, "", false
	}
	if len(s) == 7 {
		return DateTime{First: time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC), Precision: PrecisionMonth}, "", true
	}
	day, ok := digitsAt(s, 8, 2)
	if !ok || s[7] != '-' {
		return d, "", false
	}
	first := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if day < 1 || first.Day() != day {
		return d, "", false
	}
	return DateTime{First: first, Precision: PrecisionDay}, s[10:], true
}

type clock struct {
	hour, minute, second, nanos int
	precision                   Precision
	digits                      int
}

// scanClock reads hh, hh:mm, hh:mm:ss or hh:mm:ss.f to nine digits (more are
// dropped). A leap second is read as the last second of its minute.
func scanClock(s string) (c clock, ok bool) {
	if c.hour, ok = digitsAt(s, 0, 2); !ok || c.hour > 23 {
		return c, false
	}
	c.precision = PrecisionHour
	if len(s) == 2 {
		return c, true
	}
	if c.minute, ok = digitsAt(s, 3, 2); !ok || s[2] != ':' || c.minute > 59 {
		return c, false
	}
	c.precision = PrecisionMinute
	if len(s) == 5 {
		return c, true
	}
	if c.second, ok = digitsAt(s, 6, 2); !ok || s[5] != ':' || c.second > 60 {
		return c, false
	}
	c.second = min(c.second, 59)
	c.precision = PrecisionSecond
	if len(s) == 8 {
		return c, true
	}
	if s[8] != '.' || len(s) == 9 {
		return c, false
	}
	c.precision = PrecisionFraction
	scale := int(time.Second)
	for _, r := range s[9:] {
		if r < '0' || r > '9' {
			return c, false
		}
		if c.digits < 9 {
			scale /= 10
			c.nanos += int(r-'0') * scale
			c.digits++
		}
	}
	return c, true
}

// scanZone reads "", "Z" or "+hh:mm" up to 14 hours.
func scanZone(s string) (*time.Location, bool) {
	if s == "" || s == "Z" {
		return time.UTC, true
	}
	hours, ok := digitsAt(s, 1, 2)
	if !ok || len(s) != 6 || s[3] != ':' {
		return nil, false
	}
	minutes, ok := digitsAt(s, 4, 2)
	if !ok || minutes > 59 || hours > 14 || hours == 14 && minutes > 0 {
		return nil, false
	}
	offset := hours*3600 + minutes*60
	if s[0] == '-' {
		offset = -offset
	}
	return time.FixedZone("", offset), true
}

func digitsAt(s string, at, n int) (int, bool) {
	if len(s) < at+n {
		return 0, false
	}
	v := 0
	for i := at; i < at+n; i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		v = v*10 + int(s[i]-'0')
	}
	return v, true
}
