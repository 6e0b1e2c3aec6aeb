package calendar_test

import (
	"testing"
	"time"

	"bima/adjudication"
	"bima/resources/contract/calendar"
)

func day(t *testing.T, text string) calendar.Day {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return adjudication.DayOf(d)
}

// The days are public ones of Nepal's history and holidays, each known by its
// date in both calendars.
func TestKnownDaysOfBikramSambat(t *testing.T) {
	cases := []struct {
		name, gregorian string
		sambat          calendar.Date
	}{
		{"the first day of the table", "1943-04-14", calendar.Date{Year: 2000, Month: 1, Day: 1}},
		{"the interim constitution of Nepal is promulgated", "2007-01-15", calendar.Date{Year: 2063, Month: 10, Day: 1}},
		{"Nepal becomes a republic", "2008-05-28", calendar.Date{Year: 2065, Month: 2, Day: 15}},
		{"the Gorkha earthquake", "2015-04-25", calendar.Date{Year: 2072, Month: 1, Day: 12}},
		{"the constitution of Nepal is promulgated", "2015-09-20", calendar.Date{Year: 2072, Month: 6, Day: 3}},
		{"the last day of 2080", "2024-04-12", calendar.Date{Year: 2080, Month: 12, Day: 30}},
		{"new year of 2081", "2024-04-13", calendar.Date{Year: 2081, Month: 1, Day: 1}},
		{"the fiscal year 2081/82 begins", "2024-07-16", calendar.Date{Year: 2081, Month: 4, Day: 1}},
		{"new year of 2082", "2025-04-14", calendar.Date{Year: 2082, Month: 1, Day: 1}},
		{"the fiscal year 2082/83 begins", "2025-07-17", calendar.Date{Year: 2082, Month: 4, Day: 1}},
	}
	var c calendar.BikramSambat
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			d := day(t, test.gregorian)
			if got, ok := c.Date(d); !ok || got != test.sambat {
				t.Errorf("%s is %v, want %v", test.gregorian, got, test.sambat)
			}
			if got, ok := c.Day(test.sambat); !ok || got != d {
				t.Errorf("%v is day %d, want %d", test.sambat, got, d)
			}
		})
	}
}

func TestEveryDayOfBikramSambatHasOneDate(t *testing.T) {
	var c calendar.BikramSambat
	before := calendar.Date{}
	for d := day(t, "1943-04-14"); d < day(t, "2034-04-14"); d++ {
		date, ok := c.Date(d)
		if !ok {
			t.Fatalf("day %d has no date", d)
		}
		if back, ok := c.Day(date); !ok || back != d {
			t.Fatalf("%v is day %d, want %d", date, back, d)
		}
		if date == before {
			t.Fatalf("two days are %v", date)
		}
		before = date
	}
	if _, ok := c.Date(day(t, "1943-04-13")); ok {
		t.Error("the day before the table has a date")
	}
	if date, ok := c.Date(day(t, "2034-04-14")); ok {
		t.Errorf("the day after the table is %v", date)
	}
	for y := 2000; y <= 2090; y++ {
		length := 0
		for m := 1; m <= 12; m++ {
			length += c.Length(y, m)
		}
		if length != 365 && length != 366 {
			t.Errorf("%d has %d days", y, length)
		}
	}
}

func TestMonthsAreCountedByTheCalendar(t *testing.T) {
	cases := []struct {
		name     string
		calendar calendar.Calendar
		from     string
		months   int
		want     string
	}{
		{"a year on", calendar.Gregorian{}, "2026-01-01", 12, "2027-01-01"},
		{"a month of 31 days into one of 28", calendar.Gregorian{}, "2026-01-31", 1, "2026-02-28"},
		{"into a leap year's February", calendar.Gregorian{}, "2023-12-31", 2, "2024-02-29"},
		{"back over a year's end", calendar.Gregorian{}, "2026-01-15", -1, "2025-12-15"},
		{"back into a shorter month", calendar.Gregorian{}, "2026-03-31", -1, "2026-02-28"},
		{"a Nepali year on", calendar.BikramSambat{}, "2025-07-17", 12, "2026-07-17"},
		{"a Nepali month of 32 days on", calendar.BikramSambat{}, "2024-05-14", 1, "2024-06-15"},
		{"back over a Nepali year's end", calendar.BikramSambat{}, "2025-04-14", -1, "2025-03-14"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := calendar.AddMonths(c.calendar, day(t, c.from), c.months)
			if !ok || adjudication.Date(got).Format(time.DateOnly) != c.want {
				t.Errorf("got %s, want %s", adjudication.Date(got).Format(time.DateOnly), c.want)
			}
		})
	}
	if _, ok := calendar.AddMonths(calendar.BikramSambat{}, day(t, "2034-04-01"), 12); ok {
		t.Error("a day beyond the table was found")
	}
}

func TestDaysOfTheYearAsCyclesAreWritten(t *testing.T) {
	cases := []struct {
		text      string
		gregorian bool
		sambat    bool
	}{
		{"01-01", true, true},
		{"29-02", true, true},
		{"31-12", true, true},
		{"32-03", false, true},
		{"33-03", false, false},
		{"30-02", false, true},
		{"00-01", false, false},
		{"01-13", false, false},
		{"1-1", false, false},
		{"0101", false, false},
		{"", false, false},
	}
	for _, c := range cases {
		if _, ok := calendar.ParseDayMonth(calendar.Gregorian{}, c.text); ok != c.gregorian {
			t.Errorf("%q: %v in the Gregorian calendar", c.text, ok)
		}
		if _, ok := calendar.ParseDayMonth(calendar.BikramSambat{}, c.text); ok != c.sambat {
			t.Errorf("%q: %v in Bikram Sambat", c.text, ok)
		}
	}
}
