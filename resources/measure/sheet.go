package measure

import (
	"cmp"
	"slices"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles/indicator"
)

// A month is a month of the calendar, counted from the year 0.
type month int

func monthOf(d adjudication.Day) month {
	y, m, _ := adjudication.Date(d).Date()
	return month(y*12 + int(m) - 1)
}

func monthAt(p indicator.Period) month { return month(p.Year*12 + int(p.Month) - 1) }

// period gives the month as a Period.
func (m month) period() indicator.Period {
	return indicator.Period{Year: int(m) / 12, Month: time.Month(m%12 + 1), Months: 1}
}

// first and last give its first and last day.
func (m month) first() adjudication.Day {
	return adjudication.DayOf(time.Date(int(m)/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC))
}

func (m month) last() adjudication.Day { return (m + 1).first() - 1 }

// never is a day after all others.
const never adjudication.Day = 1 << 30

// dayOf gives the day of a date or dateTime in the scheme's zone, or false.
func (c *counter) dayOf(text string) (adjudication.Day, bool) {
	d, err := fhir.ParseDateTime(text)
	if err != nil {
		return 0, false
	}
	if d.Precision <= fhir.PrecisionDay {
		return adjudication.DayOf(d.First), true
	}
	return adjudication.DayOf(d.Interval(c.Zone).From.In(c.Zone)), true
}

// A cell is one number of a data set: an element and the suffixes of its options.
type cell struct {
	element string
	options [3]string
}

// compare orders cells of an element.
func (c cell) compare(d cell) int {
	return cmp.Or(cmp.Compare(c.element, d.element), slices.Compare(c.options[:], d.options[:]))
}

// A value is what stands in a cell: how many events, and of amounts and days their
// sum: ten-thousandths of a currency unit, or days.
type value struct{ count, sum int64 }

// A sheet is the numbers of a data set, a place and a period.
type sheet map[cell]value

// add adds a value to a cell.
func (s sheet) add(v value, element string, options ...string) {
	k := cell{element: element}
	copy(k.options[:], options)
	had := s[k]
	s[k] = value{had.count + v.count, had.sum + v.sum}
}

// A book is the sheets of one place by month. What is of no month of it is not
// counted.
type book map[month]sheet

func newBook(months []month) book {
	b := book{}
	for _, m := range months {
		b[m] = sheet{}
	}
	return b
}

// one is one event.
var one = value{count: 1}

// on counts a value on a day.
func (b book) on(d adjudication.Day, v value, element string, options ...string) {
	if s, ok := b[monthOf(d)]; ok {
		s.add(v, element, options...)
	}
}

// first gives the first of its months.
func (b book) first() month {
	first := month(1 << 30)
	for m := range b {
		first = min(first, m)
	}
	return first
}

// sum adds the sheets of the months of a period: what happened in any of them, and
// what there was at the end of the last.
func sum(months []sheet, stock func(element string) bool) sheet {
	total := sheet{}
	for i, s := range months {
		for k, v := range s {
			if i == len(months)-1 || !stock(k.element) {
				had := total[k]
				total[k] = value{had.count + v.count, had.sum + v.sum}
			}
		}
	}
	return total
}
