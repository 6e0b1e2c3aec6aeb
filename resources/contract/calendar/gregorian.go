package calendar

import (
	"time"

	"bima/adjudication"
)

// Gregorian is the calendar of ISO 8601. It knows the years 1 to 9999, those that
// a FHIR date can be of.
type Gregorian struct{}

// Code implements Calendar.
func (Gregorian) Code() string { return "gregorian" }

// Date implements Calendar.
func (Gregorian) Date(d Day) (Date, bool) {
	y, m, day := adjudication.Date(d).Date()
	return Date{y, int(m), day}, y >= 1 && y <= yearMax
}

// Day implements Calendar.
func (g Gregorian) Day(date Date) (Day, bool) {
	if date.Day < 1 || date.Day > g.Length(date.Year, date.Month) {
		return 0, false
	}
	return adjudication.DayOf(time.Date(date.Year, time.Month(date.Month), date.Day, 0, 0, 0, 0, time.UTC)), true
}

// Length implements Calendar.
func (Gregorian) Length(year, month int) int {
	if year < 1 || year > yearMax || month < 1 || month > monthsPerYear {
		return 0
	}
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// yearMax is the last year that a FHIR date can be of.
const yearMax = 9999
