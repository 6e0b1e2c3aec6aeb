// Package calendar counts the months of a policy: in the Gregorian calendar, or
// in Bikram Sambat, the official one of Nepal. What is stored and exchanged is
// always a Gregorian date, as FHIR wants it; only the arithmetic differs.
//
// Its door is Named. A further calendar is one more type that implements
// Calendar.
package calendar

import (
	"strconv"
	"strings"

	"bima/adjudication"
)

// A Day is a day of the scheme, whatever calendar it is told in: days since
// 1970-01-01.
type Day = adjudication.Day

// A Date is a day as a calendar tells it; Month and Day count from 1.
type Date struct{ Year, Month, Day int }

// A Calendar has years of twelve months. It knows days of some years only, and
// says so by ok.
type Calendar interface {
	// Code names the calendar, as the extension cycle-calendar does.
	Code() string
	// Date tells a day.
	Date(d Day) (date Date, ok bool)
	// Day gives the day of a date; not ok for one that does not exist.
	Day(date Date) (d Day, ok bool)
	// Length gives how many days a month has, 0 where that is not known.
	Length(year, month int) int
}

// Named gives the calendar of a code: "gregorian" or "" for the Gregorian one,
// "bikram-sambat" for that of Nepal.
func Named(code string) (Calendar, bool) {
	switch code {
	case "", Gregorian{}.Code():
		return Gregorian{}, true
	case BikramSambat{}.Code():
		return BikramSambat{}, true
	}
	return nil, false
}

const monthsPerYear = 12

// AddMonths goes n months on, back where n is below 0. Where the month reached
// has no such day it gives the month's last: 31 January and 1 month is 28 or 29
// February. It is not ok outside of what the calendar knows.
func AddMonths(c Calendar, d Day, n int) (Day, bool) {
	date, ok := c.Date(d)
	if !ok {
		return 0, false
	}
	months := date.Year*monthsPerYear + date.Month - 1 + n
	date.Year, date.Month = months/monthsPerYear, months%monthsPerYear+1
	return c.Day(Clip(c, date))
}

// Clip gives the date, or the last day of its month where the month has no such
// day.
func Clip(c Calendar, date Date) Date {
	if n := c.Length(date.Year, date.Month); n > 0 {
		date.Day = min(date.Day, n)
	}
	return date
}

// ParseDayMonth reads a day of any year as dd-mm, as cycles are written. It
// allows the days that the longest month of the calendar has.
func ParseDayMonth(c Calendar, text string) (date Date, ok bool) {
	day, month, found := strings.Cut(text, "-")
	d, err1 := strconv.Atoi(day)
	m, err2 := strconv.Atoi(month)
	if !found || err1 != nil || err2 != nil || len(day) != 2 || len(month) != 2 || d < 1 || m < 1 || m > monthsPerYear {
		return Date{}, false
	}
	return Date{Month: m, Day: d}, d <= c.Length(leapYear, m) || c.Code() != Gregorian{}.Code() && d <= longestMonth
}

const (
	leapYear     = 2024
	longestMonth = 32 // of Bikram Sambat
)
