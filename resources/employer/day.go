package employer

import (
	"time"

	"bima/adjudication"
)

// A day is a day of the scheme, in days since 1970-01-01.
type day = adjudication.Day

// A month is a month of the calendar: its first and last day.
type month struct{ first, last day }

// monthOf gives the month that a day is in.
func monthOf(d day) month {
	at := adjudication.Date(d)
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	return month{adjudication.DayOf(first), adjudication.DayOf(first.AddDate(0, 1, 0)) - 1}
}

func (m month) before() month { return monthOf(m.first - 1) }

func (m month) next() month { return monthOf(m.last + 1) }

// String gives the month as FHIR's date has it, "2026-03".
func (m month) String() string { return adjudication.WriteDay(m.first)[:len("2026-03")] }
