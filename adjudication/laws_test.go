package adjudication_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bima/adjudication"
	"bima/fhir"
)

// draw makes a Case of a plan with up to six rules of each kind, a few services,
// and up to eight lines. Days lie in one policy year.
func draw(t *rapid.T, policies int) adjudication.Case {
	day := rapid.Int32Range(20454, 20818)
	c := adjudication.Case{
		Currency: rapid.SampledFrom([]string{"TZS", "UGX", "KWD"}).Draw(t, "currency"), Dated: true, Posts: true,
		Visit:     rapid.SampledFrom([]adjudication.Visit{adjudication.Ambulatory, adjudication.Emergency, adjudication.Inpatient}).Draw(t, "visit"),
		Treatment: adjudication.Period{From: 20500, To: 20500 + rapid.Int32Range(0, 2).Draw(t, "stay")},
		Patient:   adjudication.Patient{Account: "Patient/p", Sex: adjudication.Female, Born: 5000, HasBirth: true},
		Facility:  adjudication.Facility{PriceLists: []adjudication.Listing{{List: service("LIST"), Valid: adjudication.Always()}}},
	}
	for i := range policies {
		name := fmt.Sprintf("Contract/%d", i)
		c.Policies = append(c.Policies, adjudication.Policy{
			Name: name, Account: name, Member: name + "|Patient/p", Plan: drawPlan(t, c.Currency),
			Policy: adjudication.Period{From: 20454, To: 20818}, Covered: adjudication.Period{From: 20454, To: 20818},
			WaitingFrom: adjudication.FirstDay,
		})
	}
	tariffs := map[string]*adjudication.Tariff{}
	for range rapid.IntRange(1, 8).Draw(t, "lines") {
		code := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "code")
		if tariffs[code] == nil {
			tariffs[code] = &adjudication.Tariff{
				Service: service(code), Valid: adjudication.Always(), Categories: []adjudication.Code{category("S")},
				Prices: []adjudication.Price{{List: service("LIST"), Valid: adjudication.Always(), Amount: drawAmount(t, 2_000), Currency: c.Currency}},
			}
		}
		on := day.Draw(t, "day")
		c.Lines = append(c.Lines, adjudication.Line{
			Sequence: len(c.Lines) + 1, Service: service(code), Tariff: tariffs[code],
			Served: adjudication.Period{From: on, To: on}, Quantity: drawAmount(t, 20), Asked: drawAmount(t, 10_000),
		})
	}
	var ledger []fhir.Entry
	for _, tally := range c.Tallies(fhir.Key{}) {
		for _, account := range tally.Accounts {
			for _, bucket := range []string{"benefit", "deductible", "benefit|" + category("S").String(), "use|A"} {
				ledger = append(ledger, fhir.Entry{Account: account, Bucket: bucket, Day: 20460, Value: int64(drawAmount(t, 1_000))})
			}
		}
	}
	for _, tally := range c.Tallies(fhir.Key{}) {
		c.Learn(tally, answer(ledger, tally))
	}
	return c
}

func drawAmount(t *rapid.T, units int64) fhir.Amount {
	return fhir.Amount(rapid.Int64Range(0, units*10_000).Draw(t, "amount"))
}

func drawPlan(t *rapid.T, currency string) *adjudication.Plan {
	p := &adjudication.Plan{Currency: currency, AgeOfMajority: 18, All: &adjudication.Cover{Covered: true}}
	p.Services = map[adjudication.Code]*adjudication.Cover{service("A"): {}}
	p.Categories = map[adjudication.Code]*adjudication.Cover{category("S"): {}}
	drawRules(t, p.All, "")
	drawRules(t, p.Services[service("A")], "A")
	drawRules(t, p.Categories[category("S")], category("S").String())
	return p
}

// maybe draws a rule or none.
func maybe(t *rapid.T, draw func()) {
	if rapid.Bool().Draw(t, "ruled") {
		draw()
	}
}

func drawRules(t *rapid.T, c *adjudication.Cover, target string) {
	maybe(t, func() {
		c.Shares = append(c.Shares, adjudication.Term{Value: drawAmount(t, 100)})
	})
	maybe(t, func() {
		c.UnitMaximum = append(c.UnitMaximum, adjudication.Term{Value: drawAmount(t, 2_000)})
	})
	maybe(t, func() {
		c.Copays = append(c.Copays, adjudication.Copay{Amount: drawAmount(t, 500), Per: rapid.SampledFrom([]adjudication.Per{adjudication.PerLine, adjudication.PerUnit, adjudication.PerTreatment}).Draw(t, "per")})
	})
	maybe(t, func() { c.Quantities = append(c.Quantities, drawLimit(t, "use", target, 30)) })
	maybe(t, func() { c.Deductibles = append(c.Deductibles, drawLimit(t, "deductible", target, 1_500)) })
	for range rapid.IntRange(0, 2).Draw(t, "ceilings") {
		c.Ceilings = append(c.Ceilings, drawLimit(t, "benefit", target, 5_000))
	}
}

func drawLimit(t *rapid.T, counts, target string, units int64) adjudication.Limit {
	return adjudication.Limit{
		Scope:   rapid.SampledFrom([]adjudication.Scope{adjudication.ScopeTreatment, adjudication.ScopeIndividual, adjudication.ScopeFamily}).Draw(t, "scope"),
		Span:    rapid.SampledFrom([]adjudication.TimeSpan{adjudication.SpanPolicy, adjudication.SpanYear, adjudication.SpanLifetime}).Draw(t, "span"),
		Maximum: drawAmount(t, units), Target: target, Bucket: adjudication.BucketOf(counts, target, adjudication.When{}),
	}
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
	decimals := fhir.MinorUnits(c.Currency)
	for _, l := range d.Lines {
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

func TestDecidingTwiceGivesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, 2)
		first, second := adjudication.Adjudicate(c), adjudication.Adjudicate(c)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Error(diff)
		}
	})
}

// What all claims together are paid never exceeds a ceiling: what this one adds
// to the ledger fits into what was left before it.
func TestNoCeilingIsExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, 1)
		d := adjudication.Adjudicate(c)
		p := c.Policies[0]
		for _, cover := range []*adjudication.Cover{p.Plan.All, p.Plan.Services[service("A")], p.Plan.Categories[category("S")]} {
			for _, l := range cover.Ceilings {
				account := map[adjudication.Scope]string{adjudication.ScopeIndividual: p.Member, adjudication.ScopeFamily: p.Account}[l.Scope]
				if l.Span == adjudication.SpanLifetime && l.Scope == adjudication.ScopeIndividual {
					account = c.Patient.Account
				}
				var before, added fhir.Amount
				for _, u := range c.Used {
					whole := u.Window == adjudication.Window{}
					if u.Account == account && u.Bucket == l.Bucket && whole == (l.Span == adjudication.SpanLifetime) {
						before = max(before, fhir.Amount(u.Value))
					}
				}
				for _, e := range d.Entries {
					if e.Account == account && e.Bucket == l.Bucket {
						added += fhir.Amount(e.Value)
					}
				}
				if added > 0 && before+added > l.Maximum {
					t.Errorf("%s %s: %s used and %s added, over %s", account, l.Bucket, before, added, l.Maximum)
				}
			}
		}
	})
}

func TestAStricterPlanNeverPaysMore(t *testing.T) {
	stricter := map[string]func(*rapid.T, *adjudication.Cover){
		"a ceiling": func(t *rapid.T, c *adjudication.Cover) {
			c.Ceilings = append(slices.Clone(c.Ceilings), drawLimit(t, "benefit", "", 2_000))
		},
		"a larger share": func(t *rapid.T, c *adjudication.Cover) {
			share := fhir.Amount(0)
			if len(c.Shares) > 0 {
				share = c.Shares[0].Value
			}
			c.Shares = []adjudication.Term{{Value: min(share+drawAmount(t, 100), fhir.Units(100))}}
		},
		"a lower maximum of a unit": func(t *rapid.T, c *adjudication.Cover) {
			maximum := drawAmount(t, 2_000)
			if len(c.UnitMaximum) > 0 {
				maximum = min(maximum, c.UnitMaximum[0].Value)
			}
			c.UnitMaximum = []adjudication.Term{{Value: maximum}}
		},
		"a lower ceiling": func(t *rapid.T, c *adjudication.Cover) {
			c.Ceilings = slices.Clone(c.Ceilings)
			for i := range c.Ceilings {
				c.Ceilings[i].Maximum = min(c.Ceilings[i].Maximum, drawAmount(t, 3_000))
			}
		},
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

// Lines that share no bucket may come in any order.
func TestOrderOfUnrelatedLinesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, 1)
		plan := *c.Policies[0].Plan
		free := func(c adjudication.Cover) *adjudication.Cover {
			c.Ceilings, c.Deductibles, c.Quantities = nil, nil, nil
			c.Copays = slices.DeleteFunc(slices.Clone(c.Copays), func(c adjudication.Copay) bool { return c.Per == adjudication.PerTreatment })
			return &c
		}
		plan.All, plan.Services, plan.Categories = free(*plan.All), nil, nil
		c.Policies[0].Plan = &plan
		forth := adjudication.Adjudicate(c)
		back := c
		back.Lines = slices.Clone(c.Lines)
		slices.Reverse(back.Lines)
		reversed := adjudication.Adjudicate(back)
		slices.Reverse(reversed.Lines)
		if diff := cmp.Diff(forth.Lines, reversed.Lines); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzAdjudicate(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		c := draw(t, rapid.IntRange(0, 3).Draw(t, "policies"))
		holdsLaws(t, c, adjudication.Adjudicate(c))
	}))
}
