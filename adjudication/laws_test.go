package adjudication_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"bima/adjudication"
	"bima/fhir"
)

// The days that claims are drawn from: three years from the first day of the policies.
const (
	firstDrawn = 20454 // 2026-01-01
	lastDrawn  = firstDrawn + 3*365
)

// draw makes a Case of plans with up to some rules of each kind under random
// conditions, a few services, and up to eight lines.
func draw(t *rapid.T, policies int) adjudication.Case {
	c := drawClaim(t)
	for i := range policies {
		name := fmt.Sprintf("Contract/%d", i)
		period := adjudication.Period{From: firstDrawn, To: firstDrawn + rapid.SampledFrom([]int32{364, 500, 3*365 + 1}).Draw(t, "length")}
		c.Policies = append(c.Policies, adjudication.Policy{
			Name: name, Account: name, Member: name + "|Patient/p", Plan: drawPlan(t, c.Currency), Members: rapid.IntRange(1, 9).Draw(t, "members"),
			Order: rapid.IntRange(0, 2).Draw(t, "order"), Policy: period, Covered: period, WaitingFrom: adjudication.FirstDay,
		})
	}
	learn(&c, drawLedger(t, &c))
	return c
}

// drawClaim makes a Case without policies.
func drawClaim(t *rapid.T) adjudication.Case {
	first := rapid.Int32Range(firstDrawn, lastDrawn).Draw(t, "first")
	c := adjudication.Case{
		Currency: rapid.SampledFrom([]string{"TZS", "UGX", "KWD"}).Draw(t, "currency"), Dated: true, Posts: true,
		Visit:     rapid.SampledFrom([]adjudication.Visit{adjudication.Ambulatory, adjudication.Emergency, adjudication.Inpatient}).Draw(t, "visit"),
		Treatment: adjudication.Period{From: first, To: first + rapid.Int32Range(0, 2).Draw(t, "stay")},
		Patient:   adjudication.Patient{Account: "Patient/p", Sex: adjudication.Female, Born: rapid.SampledFrom([]int32{5_000, 18_000}).Draw(t, "born"), HasBirth: true},
		Facility:  adjudication.Facility{PriceLists: []adjudication.Listing{{List: service("LIST"), Valid: adjudication.Always()}}, Hospital: rapid.Bool().Draw(t, "hospital")},
		Referred:  rapid.Bool().Draw(t, "referred"),
	}
	tariffs := map[string]*adjudication.Tariff{}
	for range rapid.IntRange(1, 8).Draw(t, "lines") {
		code := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "code")
		if tariffs[code] == nil {
			tariffs[code] = &adjudication.Tariff{
				Service: service(code), Valid: adjudication.Always(), Categories: []adjudication.Code{category("scheme:kind")},
				Prices: []adjudication.Price{{List: service("LIST"), Valid: adjudication.Always(), Amount: drawAmount(t, 2_000), Currency: c.Currency}},
			}
		}
		on := rapid.Int32Range(c.Treatment.From, c.Treatment.To).Draw(t, "day")
		l := adjudication.Line{
			Sequence: len(c.Lines) + 1, Service: service(code), Tariff: tariffs[code],
			Served: adjudication.Period{From: on, To: on}, Quantity: drawAmount(t, 20), Asked: drawAmount(t, 10_000),
		}
		maybe(t, func() { l.UnitPrice = drawAmount(t, 2_000) })
		c.Lines = append(c.Lines, l)
	}
	return c
}

// drawLedger makes what earlier claims used, on any day.
func drawLedger(t *rapid.T, c *adjudication.Case) (ledger []fhir.Entry) {
	accounts := []string{c.Patient.Account}
	for i := range c.Policies {
		accounts = append(accounts, c.Policies[i].Account, c.Policies[i].Member)
	}
	kind := category("scheme:kind").String()
	buckets := []string{"benefit", "deductible", "benefit|" + kind, "use|A", "use|" + kind, "use", "benefit|in", "deductible|child", "visit|" + kind}
	for range rapid.IntRange(0, 12).Draw(t, "entries") {
		ledger = append(ledger, fhir.Entry{
			Account: rapid.SampledFrom(accounts).Draw(t, "account"), Bucket: rapid.SampledFrom(buckets).Draw(t, "bucket"),
			Day: rapid.Int32Range(firstDrawn, lastDrawn).Draw(t, "used on"), Value: int64(drawAmount(t, 1_000)),
		})
	}
	return ledger
}

// learn answers the Tallies of a Case from a ledger.
func learn(c *adjudication.Case, ledger []fhir.Entry) {
	c.Used = nil
	for _, tally := range c.Tallies(fhir.Key{}) {
		c.Learn(tally, answer(ledger, tally))
	}
}

func drawAmount(t *rapid.T, units int64) fhir.Amount {
	return fhir.Amount(rapid.Int64Range(0, units*10_000).Draw(t, "amount"))
}

func drawPlan(t *rapid.T, currency string) *adjudication.Plan {
	p := &adjudication.Plan{Currency: currency, AgeOfMajority: 18, HospitalSetting: rapid.Bool().Draw(t, "by hospital"), All: &adjudication.Cover{Covered: true}}
	p.Services = map[adjudication.Code]*adjudication.Cover{service("A"): {}}
	p.Categories = map[adjudication.Code]*adjudication.Cover{category("scheme:kind"): {}}
	drawRules(t, p.All, "")
	drawRules(t, p.Services[service("A")], "A")
	drawRules(t, p.Categories[category("scheme:kind")], category("scheme:kind").String())
	return p
}

// maybe draws a rule or none.
func maybe(t *rapid.T, draw func()) {
	if rapid.Bool().Draw(t, "ruled") {
		draw()
	}
}

// drawWhen makes a condition, as often as not one that always holds.
func drawWhen(t *rapid.T, money bool) (w adjudication.When) {
	maybe(t, func() {
		w.Age = rapid.SampledFrom([]adjudication.Age{adjudication.Adult, adjudication.Child}).Draw(t, "age")
	})
	maybe(t, func() {
		if money {
			w.Setting = rapid.SampledFrom([]adjudication.Setting{adjudication.SettingInpatient, adjudication.SettingOutpatient}).Draw(t, "setting")
			return
		}
		w.Visit = rapid.SampledFrom([]adjudication.Visit{adjudication.Ambulatory, adjudication.Emergency, adjudication.Inpatient}).Draw(t, "of visit")
	})
	w.Referred = rapid.IntRange(0, 3).Draw(t, "of referred") == 0
	return w
}

func drawTerm(t *rapid.T, units int64) adjudication.Term {
	return adjudication.Term{When: drawWhen(t, false), Value: drawAmount(t, units)}
}

func drawRules(t *rapid.T, c *adjudication.Cover, target string) {
	for range rapid.IntRange(0, 2).Draw(t, "shares") {
		c.Shares = append(c.Shares, drawTerm(t, 100))
	}
	maybe(t, func() { c.ShareMaximum = append(c.ShareMaximum, drawTerm(t, 500)) })
	maybe(t, func() { c.UnitMaximum = append(c.UnitMaximum, drawTerm(t, 2_000)) })
	maybe(t, func() {
		c.Copays = append(c.Copays, adjudication.Copay{
			When: drawWhen(t, false), Amount: drawAmount(t, 500),
			Per: rapid.SampledFrom([]adjudication.Per{adjudication.PerLine, adjudication.PerUnit, adjudication.PerTreatment}).Draw(t, "per"),
		})
	})
	maybe(t, func() { c.Quantities = append(c.Quantities, drawLimit(t, "use", target, 30)) })
	if target != "" {
		maybe(t, func() { c.Exempt = append(c.Exempt, adjudication.Exemption{When: drawWhen(t, true)}) })
	}
	for range rapid.IntRange(0, 2).Draw(t, "deductibles") {
		c.Deductibles = append(c.Deductibles, drawLimit(t, "deductible", target, 1_500))
	}
	for range rapid.IntRange(0, 2).Draw(t, "ceilings") {
		c.Ceilings = append(c.Ceilings, drawLimit(t, "benefit", target, 5_000))
	}
}

func drawLimit(t *rapid.T, counts, target string, units int64) adjudication.Limit {
	l := adjudication.Limit{
		When:    drawWhen(t, true),
		Scope:   rapid.SampledFrom([]adjudication.Scope{adjudication.ScopeTreatment, adjudication.ScopeIndividual, adjudication.ScopeFamily}).Draw(t, "scope"),
		Span:    rapid.SampledFrom([]adjudication.TimeSpan{adjudication.SpanPolicy, adjudication.SpanYear, adjudication.SpanLifetime}).Draw(t, "span"),
		Maximum: drawAmount(t, units), Target: target,
	}
	maybe(t, func() {
		l.Extra = adjudication.Extra{Threshold: 4, Amount: drawAmount(t, units/10), Maximum: drawAmount(t, units)}
	})
	bucketed := l.When
	if counts == "use" {
		bucketed = adjudication.When{}
	}
	l.Bucket = adjudication.BucketOf(counts, target, bucketed)
	return l
}

func TestEachLineAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, rapid.IntRange(0, 3).Draw(t, "policies"))
		holdsLaws(t, c, adjudication.Adjudicate(c))
	})
}

// holdsLaws checks what is true of every decision.
func holdsLaws(t interface{ Errorf(string, ...any) }, c adjudication.Case, d adjudication.Decision) {
	if len(d.Lines) != len(c.Lines) {
		t.Errorf("%d lines are decided of %d", len(d.Lines), len(c.Lines))
	}
	for _, l := range d.Lines {
		decimals := fhir.MinorUnits(cmp.Or(l.Currency, c.Currency))
		var borne fhir.Amount
		for _, a := range l.Adjustments {
			borne += a.Amount
			if a.Amount <= 0 || a.Amount != a.Amount.Round(decimals) || a.Reason.Text() == "" {
				t.Errorf("line %d has the adjustment %+v", l.Sequence, a)
			}
		}
		if l.Benefit() < 0 || l.Benefit() > l.Submitted || l.Benefit() != l.Submitted-borne {
			t.Errorf("line %d: benefit %s of %s, adjustments %s", l.Sequence, l.Benefit(), l.Submitted, borne)
		}
		if l.Eligible() < l.Benefit() || l.Denied != "" && l.Benefit() != 0 {
			t.Errorf("line %d: benefit %s, eligible %s, denied %q", l.Sequence, l.Benefit(), l.Eligible(), l.Denied)
		}
		if sum := l.Borne(adjudication.BearerMember) + l.Borne(adjudication.BearerProvider) + l.Borne(adjudication.BearerOther); sum != borne {
			t.Errorf("line %d: somebody bears %s, adjustments are %s", l.Sequence, sum, borne)
		}
	}
}

// A decision is the same each time, and leaves its Case as it was.
func TestDecidingTwiceGivesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, 2)
		before := fmt.Sprintf("%+v", c)
		first, second := adjudication.Adjudicate(c), adjudication.Adjudicate(c)
		if diff := gocmp.Diff(first, second); diff != "" {
			t.Error(diff)
		}
		if after := fmt.Sprintf("%+v", c); after != before {
			t.Errorf("the case was %s, is %s", before, after)
		}
	})
}

// What all claims of a family together are paid never exceeds a ceiling, and what
// the ledger says of all benefits is the sum of what was paid.
func TestNoCeilingIsExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, rapid.IntRange(1, 3).Draw(t, "policies"))
		for i := range c.Policies {
			plan := c.Policies[i].Plan
			plan.All.Ceilings = append(plan.All.Ceilings, adjudication.Limit{Scope: adjudication.ScopeFamily, Maximum: fhir.Units(1_000_000), Bucket: "everything"})
			for _, cover := range coversOf(plan) {
				cover.Exempt = nil
			}
		}
		var ledger []fhir.Entry
		paid := map[string]fhir.Amount{}
		for range rapid.IntRange(1, 5).Draw(t, "claims") {
			next := drawClaim(t)
			next.Policies, next.Currency = c.Policies, c.Currency
			for i := range next.Lines {
				next.Lines[i].Tariff.Prices[0].Currency = c.Currency
			}
			learn(&next, ledger)
			d := adjudication.Adjudicate(next)
			ledger = append(ledger, d.Entries...)
			holdsLaws(t, next, d)
			for _, l := range d.Lines {
				if l.Policy >= 0 {
					paid[c.Policies[l.Policy].Account] += l.Benefit()
				}
			}
		}
		for i := range c.Policies {
			p := &c.Policies[i]
			if used := usedIn(ledger, p.Account, "everything", adjudication.Always()); used != paid[p.Account] {
				t.Errorf("%s has paid %s, its ledger says %s", p.Account, paid[p.Account], used)
			}
			for _, cover := range coversOf(p.Plan) {
				for j := range cover.Ceilings {
					exceeds(t, ledger, p, &cover.Ceilings[j])
				}
			}
		}
	})
}

func coversOf(p *adjudication.Plan) []*adjudication.Cover {
	return []*adjudication.Cover{p.All, p.Services[service("A")], p.Categories[category("scheme:kind")]}
}

func usedIn(ledger []fhir.Entry, account, bucket string, in adjudication.Period) (sum fhir.Amount) {
	for _, e := range ledger {
		if e.Account == account && e.Bucket == bucket && in.From <= e.Day && e.Day <= in.To {
			sum += fhir.Amount(e.Value)
		}
	}
	return sum
}

// exceeds checks a ceiling in each of the years, or in all of the time, it is for.
func exceeds(t *rapid.T, ledger []fhir.Entry, p *adjudication.Policy, l *adjudication.Limit) {
	account := map[adjudication.Scope]string{adjudication.ScopeIndividual: p.Member, adjudication.ScopeFamily: p.Account}[l.Scope]
	if l.Span == adjudication.SpanLifetime && l.Scope == adjudication.ScopeIndividual {
		account = "Patient/p"
	}
	maximum := l.Maximum
	if extra := l.Extra; extra.Threshold > 0 && p.Members > extra.Threshold {
		grown := maximum + extra.Amount*fhir.Amount(p.Members-extra.Threshold)
		if extra.Maximum > 0 {
			grown = min(grown, extra.Maximum)
		}
		maximum = max(maximum, grown)
	}
	if account == "" || account == "Patient/p" {
		return // a claim's own, or shared with plans that allow more
	}
	periods := []adjudication.Period{adjudication.Always()}
	if l.Span == adjudication.SpanYear {
		periods = nil
		for _, from := range []adjudication.Day{20454, 20819, 21184, 21550} { // 2026 to 2029
			to := from + 364
			if from == 21184 {
				to++ // 2028 has a leap day
			}
			periods = append(periods, adjudication.Period{From: from, To: to})
		}
	}
	for _, in := range periods {
		if used := usedIn(ledger, account, l.Bucket, in); used > maximum {
			t.Errorf("%s %s: %s of %s are used", account, l.Bucket, used, maximum)
		}
	}
}

func TestAStricterPlanNeverPaysMore(t *testing.T) {
	stricter := map[string]func(*rapid.T, *adjudication.Cover){
		"a ceiling": func(t *rapid.T, c *adjudication.Cover) {
			c.Ceilings = append(slices.Clone(c.Ceilings), drawLimit(t, "benefit", "", 2_000))
		},
		"a larger share": func(t *rapid.T, c *adjudication.Cover) {
			c.Shares = changed(t, c.Shares, adjudication.Term{}, func(e *adjudication.Term) { e.Value = min(e.Value+drawAmount(t, 100), fhir.Units(100)) })
		},
		"a larger maximum of a share": func(t *rapid.T, c *adjudication.Cover) {
			c.ShareMaximum = changed(t, c.ShareMaximum, adjudication.Term{Value: fhir.Units(1_000_000)}, func(e *adjudication.Term) { e.Value += drawAmount(t, 500) })
		},
		"a lower maximum of a unit": func(t *rapid.T, c *adjudication.Cover) {
			c.UnitMaximum = changed(t, c.UnitMaximum, adjudication.Term{Value: fhir.Units(1_000_000)}, func(e *adjudication.Term) { e.Value = min(e.Value, drawAmount(t, 2_000)) })
		},
		"a lower ceiling": func(t *rapid.T, c *adjudication.Cover) {
			c.Ceilings = changed(t, c.Ceilings, drawLimit(t, "benefit", "", 3_000), func(l *adjudication.Limit) { l.Maximum = min(l.Maximum, drawAmount(t, 3_000)) })
		},
		"a lower quantity": func(t *rapid.T, c *adjudication.Cover) {
			c.Quantities = changed(t, c.Quantities, drawLimit(t, "use", "", 30), func(l *adjudication.Limit) { l.Maximum = min(l.Maximum, drawAmount(t, 20)) })
		},
		"a larger deductible": func(t *rapid.T, c *adjudication.Cover) {
			if len(c.Deductibles) > 1 {
				return // one that is used up later leaves more of the others
			}
			c.Deductibles = changed(t, c.Deductibles, adjudication.Limit{Scope: adjudication.ScopeTreatment, Bucket: "deductible"}, func(l *adjudication.Limit) { l.Maximum += drawAmount(t, 1_000) })
		},
		"a larger copay": func(t *rapid.T, c *adjudication.Cover) {
			c.Copays = changed(t, c.Copays, adjudication.Copay{}, func(c *adjudication.Copay) {
				if c.Per != adjudication.PerTreatment { // what one line bears of that another one need not
					c.Amount += drawAmount(t, 500)
				}
			})
		},
		"a preauthorization": func(_ *rapid.T, c *adjudication.Cover) { c.Authorised = []adjudication.Authorisation{{}} },
		"a waiting period":   func(_ *rapid.T, c *adjudication.Cover) { c.Waiting = []adjudication.Waiting{{Months: 600}} },
		"no cover":           func(_ *rapid.T, c *adjudication.Cover) { c.Covered = false },
	}
	for name, change := range stricter {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				c := draw(t, 1)
				before := adjudication.Adjudicate(c)
				plan := *c.Policies[0].Plan
				all := *plan.All
				change(t, &all)
				plan.All = &all
				c.Policies[0].Plan = &plan
				after := adjudication.Adjudicate(c)
				if before, after := before.Totals().Benefit, after.Totals().Benefit; after > before {
					t.Errorf("with %s %s are paid, without it %s", name, after, before)
				}
			})
		})
	}
}

// changed gives a list with one of its rules changed, of an empty one the first.
func changed[T any](t *rapid.T, list []T, first T, change func(*T)) []T {
	if list = slices.Clone(list); len(list) == 0 {
		list = append(list, first)
	}
	change(&list[rapid.IntRange(0, len(list)-1).Draw(t, "changed")])
	return list
}

// Lines that share no bucket may come in any order: one of each service, each with
// limits of its own.
func TestOrderOfUnrelatedLinesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, 1)
		plan := *c.Policies[0].Plan
		all := *plan.All
		all.Ceilings, all.Deductibles, all.Quantities, all.Copays = nil, nil, nil, nil
		plan.All, plan.Categories = &all, nil
		c.Policies[0].Plan = &plan
		c.Lines = slices.CompactFunc(slices.SortedFunc(slices.Values(c.Lines), func(a, b adjudication.Line) int {
			return cmp.Compare(a.Service.Code, b.Service.Code)
		}), func(a, b adjudication.Line) bool { return a.Service == b.Service })
		forth := adjudication.Adjudicate(c)
		order := rapid.Permutation([]int{0, 1, 2}[:len(c.Lines)]).Draw(t, "order")
		other := c
		other.Lines = nil
		for _, i := range order {
			other.Lines = append(other.Lines, c.Lines[i])
		}
		shuffled := adjudication.Adjudicate(other)
		for i, from := range order {
			want, got := forth.Lines[from], shuffled.Lines[i]
			want.Notes, got.Notes = nil, nil // their numbers go by the order
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func FuzzAdjudicate(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		c := draw(t, rapid.IntRange(0, 3).Draw(t, "policies"))
		holdsLaws(t, c, adjudication.Adjudicate(c))
	}))
}

// FuzzCorpus changes the words of the cases of the corpus. Whatever can be read as a
// case can be decided, and keeps the laws.
func FuzzCorpus(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(txtar.Parse(text).Files[0].Data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := readCase(t, text)
		if !ok || !countable(&c) {
			return
		}
		c.Tallies(fhir.Key{})
		d := adjudication.Adjudicate(c)
		if len(c.Problems) == 0 {
			holdsLaws(t, c, d)
		}
		d.Disposition(c.Currency)
		for i := range c.Policies {
			adjudication.Stand(&c, i)
		}
	})
}

// An asker skips where a test would fail.
type asker struct{ testing.TB }

func (a asker) Fatal(...any)          { a.SkipNow() }
func (a asker) Fatalf(string, ...any) { a.SkipNow() }

// readCase reads a case, and reports whether it is one.
func readCase(t *testing.T, text string) (c adjudication.Case, ok bool) {
	defer func() { ok = recover() == nil }()
	if strings.Count(text, "line ") > 50 {
		return c, false
	}
	return parseCase(asker{t}, text), true
}

// countable reports whether the amounts of a case are such as can be summed; no
// other case is made of a claim.
func countable(c *adjudication.Case) bool {
	const most = 1_000_000_000_000
	for i := range c.Lines {
		if l := &c.Lines[i]; max(l.Asked, l.UnitPrice, l.Quantity) > fhir.Units(most) {
			return false
		}
	}
	return true
}

// TestADecisionIsItsOwn decides the corpus forwards and then backwards, since runs
// share their memory: no decision is changed by a later one, or by what was decided before.
func TestADecisionIsItsOwn(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	cases, decisions := make([]adjudication.Case, len(files)), make([]adjudication.Decision, len(files))
	for i, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases[i] = parseCase(t, string(archive.Files[0].Data))
		decisions[i] = adjudication.Adjudicate(cases[i])
	}
	for i := len(files) - 1; i >= 0; i-- {
		if diff := gocmp.Diff(decisions[i], adjudication.Adjudicate(cases[i])); diff != "" {
			t.Errorf("%s (-first +again)\n%s", files[i], diff)
		}
	}
}
