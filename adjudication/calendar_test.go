package adjudication

import (
	"testing"
)

// TestCalendarAgreesWithTheStandardLibrary goes through all days of eight centuries,
// and through the ends of what a Day can say.
func TestCalendarAgreesWithTheStandardLibrary(t *testing.T) {
	check := func(d Day) {
		year, month, day := civil(d)
		want := Date(d)
		if y, m, n := want.Date(); year != y || month != m || day != n {
			t.Fatalf("day %d is %d-%d-%d, want %s", d, year, month, day, want)
		}
		if back := dayOf(year, month, day); back != d {
			t.Fatalf("%d-%d-%d is day %d, want %d", year, month, day, back, d)
		}
	}
	for d := Day(-200_000); d < 100_000; d++ {
		check(d)
	}
	for d := range Day(1_000) {
		check(FirstDay + d)
		check(LastDay - d)
		check(-2_000_000 + 1_461*d)
	}
}

func TestMonthsAreOfTheCalendar(t *testing.T) {
	for _, test := range []struct {
		from   string
		months int
		want   string
	}{
		{"2025-08-31", 6, "2026-02-28"},
		{"2027-08-31", 6, "2028-02-29"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-03-31", -13, "2025-02-28"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2026-01-01", 0, "2026-01-01"},
		{"2026-12-31", 1, "2027-01-31"},
		{"2026-05-15", 120, "2036-05-15"},
	} {
		from, _ := ReadDay(test.from)
		if got := WriteDay(addMonths(from, test.months)); got != test.want {
			t.Errorf("%s and %d months is %s, want %s", test.from, test.months, got, test.want)
		}
	}
}

func TestYearsOfAPolicyBeginOnItsDay(t *testing.T) {
	for name, test := range map[string][5]string{ // policy, day, year
		"a policy of a year is its year":                  {"2026-03-01", "2027-02-28", "2026-03-01", "2026-03-01", "2027-02-28"},
		"as is one of a leap year":                        {"2028-01-01", "2028-12-31", "2028-12-31", "2028-01-01", "2028-12-31"},
		"a day more begins another":                       {"2026-03-01", "2027-03-01", "2027-03-01", "2027-03-01", "2027-03-01"},
		"a day before the policy is in none of its years": {"2026-03-01", "2027-02-28", "2026-02-28", "2026-03-01", "2026-02-28"},
		"one of two years has two":                        {"2026-03-01", "2028-02-29", "2027-03-01", "2027-03-01", "2028-02-29"},
	} {
		var days [5]Day
		for i, text := range test {
			days[i], _ = ReadDay(text)
		}
		if got, want := yearOf(Period{days[0], days[1]}, days[2]), (Period{days[3], days[4]}); got != want {
			t.Errorf("%s: %s..%s, want %s..%s", name, WriteDay(got.From), WriteDay(got.To), test[3], test[4])
		}
	}
}

func TestDaysAreReadAsWritten(t *testing.T) {
	for text, want := range map[string][2]string{
		"2026-02-03":                {"2026-02-03", "2026-02-03"},
		"2026-02":                   {"2026-02-01", "2026-02-28"},
		"2026":                      {"2026-01-01", "2026-12-31"},
		"2026-02-03T23:30:00-08:00": {"2026-02-03", "2026-02-03"},
	} {
		first, ok := ReadDay(text)
		last, okLast := ReadLastDay(text)
		if !ok || !okLast || WriteDay(first) != want[0] || WriteDay(last) != want[1] {
			t.Errorf("%s is %s to %s, want %s to %s", text, WriteDay(first), WriteDay(last), want[0], want[1])
		}
	}
	for _, text := range []string{"", "yesterday", "2026-13-01"} {
		if _, ok := ReadDay(text); ok {
			t.Errorf("%q is read as a day", text)
		}
		if _, ok := ReadLastDay(text); ok {
			t.Errorf("%q is read as a last day", text)
		}
	}
}
