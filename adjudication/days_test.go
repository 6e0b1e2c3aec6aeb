package adjudication_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"bima/adjudication"
	"bima/fhir"
)

// overDays lets the lines of a claim go over several days.
func overDays(t *rapid.T, c *adjudication.Case) {
	c.Treatment.To = c.Treatment.From + 4
	for i := range c.Lines {
		from := rapid.Int32Range(c.Treatment.From, c.Treatment.To).Draw(t, "from")
		c.Lines[i].Served = adjudication.Period{From: from, To: rapid.Int32Range(from, c.Treatment.To).Draw(t, "to")}
	}
}

// No day has more than a limit per day allows, in whatever days claims come.
func TestNoLimitPerDayIsExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, 1)
		plan := c.Policies[0].Plan
		for _, cover := range coversOf(plan) {
			cover.Quantities, cover.Ceilings = nil, nil
		}
		ceiling := adjudication.Limit{Scope: adjudication.ScopeFamily, Span: adjudication.SpanDay, Maximum: drawAmount(t, 3_000), Bucket: "daily"}
		quantity := adjudication.Limit{Scope: adjudication.ScopeIndividual, Span: adjudication.SpanDay, Maximum: drawAmount(t, 10), Bucket: "units"}
		plan.All.Ceilings, plan.All.Quantities = []adjudication.Limit{ceiling}, []adjudication.Limit{quantity}
		var ledger []fhir.Entry
		first := c.Treatment.From
		for range rapid.IntRange(1, 4).Draw(t, "claims") {
			next := drawClaim(t)
			shift := first + rapid.Int32Range(-3, 3).Draw(t, "shift") - next.Treatment.From
			next.Treatment.From += shift
			next.Policies, next.Currency = c.Policies, c.Currency
			overDays(t, &next)
			for i := range next.Lines {
				next.Lines[i].Tariff.Prices[0].Currency = c.Currency
			}
			learn(&next, ledger)
			d := adjudication.Adjudicate(next)
			ledger = append(ledger, d.Entries...)
			holdsLaws(t, next, d)
		}
		used := map[string]fhir.Amount{}
		for _, e := range ledger {
			used[fmt.Sprint(e.Bucket, " ", e.Day)] += fhir.Amount(e.Value)
		}
		for day := first - 4; day <= first+8; day++ {
			if got := used[fmt.Sprint("daily|day ", day)]; got > ceiling.Maximum {
				t.Errorf("day %d: %s are paid of %s", day, got, ceiling.Maximum)
			}
			if got := used[fmt.Sprint("units|day ", day)]; got > quantity.Maximum {
				t.Errorf("day %d: %s units are had of %s", day, got, quantity.Maximum)
			}
		}
	})
}

// What the scheme pays and what others have paid of the claim never come to more than
// is recognised, but for the part of a minor unit that nobody can pay.
func TestOthersAndTheSchemeNeverPayMoreThanIsRecognised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, 1)
		c.OtherPaid = drawAmount(t, 20_000)
		var recognised, paid fhir.Amount
		d := adjudication.Adjudicate(c)
		holdsLaws(t, c, d)
		for i := range d.Lines {
			l := &d.Lines[i]
			if l.Denied != "" {
				continue
			}
			recognised += l.Submitted
			for _, a := range l.Adjustments {
				if a.Stage < adjudication.StageCoordination {
					recognised -= a.Amount
				}
			}
			paid += l.Benefit()
		}
		if most := max(0, recognised-c.OtherPaid.Round(fhir.MinorUnits(c.Currency))); paid > most {
			t.Errorf("%s are recognised and %s paid by others; the scheme pays %s, which is more than %s", recognised, c.OtherPaid, paid, most)
		}
	})
}

// A line that is longer than is counted day by day counts on its last days.
func TestOfAVeryLongLineTheLastDaysCount(t *testing.T) {
	const longest = 400
	for days, want := range map[int32]int{2: 2, longest: longest, longest + 1: longest} {
		c := parseCase(t, `claim TZS IMP 2026-01-01
facility lists HOSPITAL
patient female 1990-03-01
service BED price HOSPITAL 1000000
plan P TZS admissions
plan P BED covered | once | ceiling 10 individual day
policy A plan P 2026-01-01..2030-12-31
line 1 BED 1 x 1000000`)
		c.Treatment.To = c.Treatment.From + days - 1
		c.Lines[0].Served = c.Treatment
		learn(&c, nil)
		d := adjudication.Adjudicate(c)
		if got := d.Totals().Benefit; got != fhir.Units(10*int64(want)) {
			t.Errorf("of %d days %s are paid, want those of %d", days, got, want)
		}
		kept, first := map[string]int{}, map[string]adjudication.Day{}
		for _, e := range d.Entries {
			if n := kept[e.Bucket]; n == 0 || e.Day < first[e.Bucket] {
				first[e.Bucket] = e.Day
			}
			kept[e.Bucket]++
		}
		from := c.Treatment.To - adjudication.Day(want) + 1
		if kept["benefit|BED|day"] != want || first["benefit|BED|day"] != from {
			t.Errorf("of %d days %d count from %d, want %d from %d", days, kept["benefit|BED|day"], first["benefit|BED|day"], want, from)
		}
		if kept["days|BED"] != want-1 || first["days|BED"] != from {
			t.Errorf("of %d days %d count as had from %d, want %d from %d", days, kept["days|BED"], first["days|BED"], want-1, from)
		}
	}
}
