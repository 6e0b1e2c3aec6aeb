package system

import (
	"fmt"
	"strings"
	"time"

	"bima/fhir"
)

// Moment is fhir.DateTime: FHIRPath's Date and DateTime, and Time on the first
// day of year 1.
type Moment = fhir.DateTime

// ParseTime reads hh, hh:mm, hh:mm:ss or hh:mm:ss.f. It fails with an Outcome of
// IssueValue on any other form.
func ParseTime(s string) (Moment, error) {
	bad := fhir.Errorf(fhir.IssueValue, "", "%.40q is not a time (hh:mm:ss)", s)
	if s == "" || strings.ContainsAny(s, "Z+-") {
		return Moment{}, bad
	}
	m, err := fhir.ParsePartialDateTime("0001-01-01T" + s)
	if err != nil {
		return Moment{}, bad
	}
	return m, nil
}

// Compare gives the order of two moments as far as both are written down:
// unknown where one is less precise and the parts they share are equal. Seconds
// and their fractions are one precision. A time with a zone and one without are
// ordered where no zone on earth could change it; beside a date, a time is taken
// in zone. Source: N1 section 6.2.
func Compare(a, b Moment, zone *time.Location) (order int, known bool) {
	if a.Zoned != b.Zoned && min(a.Precision, b.Precision) >= fhir.PrecisionHour {
		return compareZones(a, b)
	}
	x, y := parts(a, zone), parts(b, zone)
	n := min(len(x.of(a)), len(y.of(b)))
	for i := range n {
		if x[i] != y[i] {
			if x[i] < y[i] {
				return -1, true
			}
			return 1, true
		}
	}
	return 0, len(x.of(a)) == len(y.of(b))
}

// The zones of the earth reach from UTC+14 to UTC-12.
const (
	easternmost = 14 * time.Hour
	westernmost = -12 * time.Hour
)

// compareZones compares moments of which one has no zone.
func compareZones(a, b Moment) (order int, known bool) {
	if b.Zoned {
		order, known = compareZones(b, a)
		return -order, known
	}
	switch {
	case a.First.Before(b.First.Add(-easternmost)):
		return -1, true
	case a.First.After(b.First.Add(-westernmost)):
		return 1, true
	}
	return 0, false
}

// calendar is year, month, day, hour, minute, and nanoseconds of the minute.
type calendar [6]int

func parts(m Moment, zone *time.Location) calendar {
	t := m.First
	if m.Precision >= fhir.PrecisionHour && m.Zoned {
		t = t.In(zone)
	}
	y, month, d := t.Date()
	return calendar{y, int(month), d, t.Hour(), t.Minute(), t.Second()*int(time.Second) + t.Nanosecond()}
}

// of gives the parts that the moment has.
func (c *calendar) of(m Moment) []int {
	return c[:min(int(m.Precision), int(fhir.PrecisionSecond))]
}

// FormatDate writes the date part to the precision the moment has.
func FormatDate(m Moment) string {
	switch m.Precision {
	case fhir.PrecisionYear:
		return m.First.Format("2006")
	case fhir.PrecisionMonth:
		return m.First.Format("2006-01")
	}
	return m.First.Format("2006-01-02")
}

// FormatTime writes the time of day to the precision the moment has.
func FormatTime(m Moment) string {
	switch m.Precision {
	case fhir.PrecisionHour:
		return m.First.Format("15")
	case fhir.PrecisionMinute:
		return m.First.Format("15:04")
	case fhir.PrecisionFraction:
		return m.First.Format("15:04:05") + fmt.Sprintf(".%09d", m.First.Nanosecond())[:m.Digits+1]
	}
	return m.First.Format("15:04:05")
}

// FormatDateTime writes a date, or a date and time with the zone it has.
func FormatDateTime(m Moment) string {
	if m.Precision <= fhir.PrecisionDay {
		return FormatDate(m)
	}
	s := FormatDate(m) + "T" + FormatTime(m)
	if m.Zoned {
		return s + zoneText(m.First)
	}
	return s
}

func zoneText(t time.Time) string {
	if t.Location() == time.UTC {
		return "Z"
	}
	return t.Format("-07:00")
}
