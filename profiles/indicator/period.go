package indicator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// A Period is a month, a quarter or a year of the calendar.
type Period struct {
	Year   int
	Month  time.Month // its first
	Months int        // 1, 3 or 12
}

// MonthOf gives the month of a moment, in the moment's own zone.
func MonthOf(t time.Time) Period { return Period{t.Year(), t.Month(), 1} }

// Quarter gives the quarter that a period begins in.
func (p Period) Quarter() Period { return Period{p.Year, (p.Month-1)/3*3 + 1, 3} }

// YearOf gives the year that a period begins in.
func (p Period) YearOf() Period { return Period{p.Year, time.January, 12} }

// Plus gives the period of the same length n months later, or earlier.
func (p Period) Plus(n int) Period {
	at := p.Year*12 + int(p.Month) - 1 + n
	return Period{at / 12, time.Month(at%12 + 1), p.Months}
}

// First and Last give its first and last day, "2026-08-01" and "2026-08-31".
func (p Period) First() string { return fmt.Sprintf("%04d-%02d-01", p.Year, p.Month) }

// Last gives its last day, "2026-08-31".
func (p Period) Last() string {
	return time.Date(p.Year, p.Month+time.Month(p.Months), 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// String gives the period as DHIS2 writes it: "202608", "2026Q3" or "2026".
func (p Period) String() string {
	switch p.Months {
	case 1:
		return fmt.Sprintf("%04d%02d", p.Year, p.Month)
	case 3:
		return fmt.Sprintf("%04dQ%d", p.Year, (p.Month-1)/3+1)
	}
	return fmt.Sprintf("%04d", p.Year)
}

// ParsePeriod reads what String writes.
func ParsePeriod(s string) (p Period, ok bool) {
	var n int
	switch {
	case len(s) == 4:
		_, err := fmt.Sscanf(s, "%4d", &p.Year)
		p.Month, p.Months = time.January, 12
		ok = err == nil
	case len(s) == 6 && s[4] == 'Q':
		_, err := fmt.Sscanf(s, "%4dQ%1d", &p.Year, &n)
		p.Month, p.Months = time.Month(3*n-2), 3
		ok = err == nil && 1 <= n && n <= 4
	case len(s) == 6:
		_, err := fmt.Sscanf(s, "%4d%2d", &p.Year, &n)
		p.Month, p.Months = time.Month(n), 1
		ok = err == nil && 1 <= n && n <= 12
	}
	return p, ok && p.Year > 0 && p.String() == s
}

// PeriodOf gives the period from a first to a last day, or false where they are
// those of no month, quarter or year.
func PeriodOf(first, last string) (Period, bool) {
	t, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return Period{}, false
	}
	for _, p := range []Period{MonthOf(t), MonthOf(t).Quarter(), MonthOf(t).YearOf()} {
		if p.First() == first && p.Last() == last {
			return p, true
		}
	}
	return Period{}, false
}

// unitDigits is how much of the hash of a place stands in the id of its reports.
const unitDigits = 24

// ReportID gives the id of the MeasureReport of a measure ("hf-enrol"), a place
// ("Location/ward-7") and a period.
func ReportID(measure, place string, p Period) string {
	sum := sha256.Sum256([]byte(place))
	return measure + "-" + strings.ToLower(p.String()) + "-" + hex.EncodeToString(sum[:unitDigits/2])
}
