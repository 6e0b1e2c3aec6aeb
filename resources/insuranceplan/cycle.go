package insuranceplan

import (
	"time"

	"bima/fhir"
	"bima/profiles"
)

// calendars gives, of each calendar that a scheme may count by, how many days its
// months have at the most. The days a month has in a year of Bikram Sambat are in
// the table of resources/contract/calendar.
var calendars = map[string]func(month int) int{
	"":          gregorianDays,
	"gregorian": gregorianDays,
	"bikram-sambat": func(int) int {
		return 32
	},
}

// gregorianDays gives the days a month has in every year: a cycle begins each
// year, so none begins on 29 February.
func gregorianDays(month int) int {
	return time.Date(2025, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// cycle checks the day and month that a cycle begins on. Source: openIMIS,
// insurance-plan-start_cycle (dd-mm).
func (c *checker) cycle(e fhir.Node, calendar, at string) {
	text := e.Get("valueString").Text()
	days, known := calendars[calendar]
	if !known {
		return
	}
	day, month, ok := dayMonth(text)
	if !ok || month < 1 || month > 12 || day < 1 || day > days(month) {
		c.wrong(at, "a cycle begins on a day that each year has, as dd-mm; %.20q is none", text)
		return
	}
	for _, other := range c.cycles {
		if other == text {
			c.wrong(at, "a cycle on %s is there already", text)
			return
		}
	}
	c.cycles = append(c.cycles, text)
	if len(c.cycles) > cyclesMax {
		c.wrong(at, "a product has up to %d cycles a year", cyclesMax)
	}
}

// dayMonth reads dd-mm.
func dayMonth(s string) (day, month int, ok bool) {
	if len(s) != len("dd-mm") || s[2] != '-' {
		return 0, 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, 0, false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	return two(0), two(3), true
}

// calendar reads what the product counts by.
func (c *checker) calendar(plan fhir.Node) string {
	e := plan.Extension(profiles.ExtensionCycleCalendar)
	code := e.Get("valueCode").Text()
	if _, known := calendars[code]; !known {
		c.wrong(extensionOf("InsurancePlan", e), "the scheme counts by no calendar %.40q; those it knows are gregorian and bikram-sambat", code)
	}
	return code
}
