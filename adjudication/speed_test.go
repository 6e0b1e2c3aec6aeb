package adjudication_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/adjudication"
)

// allocationsPerLine is what a decision may allocate for each line of a claim.
const allocationsPerLine = 10

func BenchmarkAdjudicate(b *testing.B) {
	for name, c := range speedCases(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				adjudication.Adjudicate(c)
			}
		})
	}
}

func TestADecisionAllocatesLittle(t *testing.T) {
	for name, c := range speedCases(t) {
		allocations := testing.AllocsPerRun(100, func() { adjudication.Adjudicate(c) })
		if most := float64(allocationsPerLine * len(c.Lines)); allocations > most {
			t.Errorf("%s: %.0f allocations, want at most %.0f", name, allocations, most)
		}
	}
}

// speedCases gives claims of ten lines under plans with rules of every kind, of a
// patient who used most of what there is before.
func speedCases(tb testing.TB) map[string]adjudication.Case {
	cases := map[string]adjudication.Case{}
	for _, name := range []string{"plain", "all kinds of limits", "two policies", "all denied"} {
		cases[name] = parseCase(tb, speedText(name))
	}
	return cases
}

func speedText(kind string) string {
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	visit := "2026-05-01"
	if kind == "all denied" {
		visit = "2027-05-01"
	}
	say("claim TZS AMB %s made 2026-05-02", visit)
	say("facility hospital contract 2020-01-01.. lists DISTRICT HOSPITAL")
	say("patient female 1990-03-01")
	for i := range 10 {
		say("service S-%d price HOSPITAL 900 category C category scheme:kind%d every 3 days", i, i%3)
	}
	say("plan P TZS")
	say("plan P all covered | share 20 | share 10 referred | ceiling 9000000 family year | deductible 5000 individual year")
	if kind != "plain" {
		say("plan P all ceiling 900000 individual year | ceiling 70000 treatment | ceiling 600000 family year AMB | ceiling 500000 family year IMP")
		say("plan P all copay 50 claim | copay 30 claim child | share-maximum 800")
		say("plan P category:C visits 5 individual year | visits 50 family year | ceiling 800000 individual year | deductible 100 treatment")
		for i := range 3 {
			say("plan P category:scheme:kind%d visits 9 individual year | ceiling 80000 individual year | quantity 90 family year", i)
		}
		for i := range 10 {
			say("plan P S-%d unit-maximum 850 | quantity 20 individual year adult | quantity 9 individual year child | waiting 1 | ceiling 10000 individual lifetime", i)
		}
	}
	if kind == "two policies" {
		say("plan N TZS")
		say("plan N OTHER covered")
		say("policy N plan N 2025-01-01..2026-12-31")
	}
	say("policy A plan P 2026-01-01..2026-12-31 members 6")
	for _, account := range []string{"Contract/A", "Contract/A|Patient/p", "Patient/p"} {
		for _, bucket := range []string{"benefit", "deductible", "visit|category:C", "benefit|category:C", "use|S-1", "use|S-2", "benefit|S-3", "benefit|out"} {
			say("earlier %s %s 2026-03-01 2", account, bucket)
		}
	}
	for i := range 10 {
		say("line %d S-%d 2 x 1000", i+1, i)
	}
	return b.String()
}
