package measure_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/measure"
)

// A rough server is one on which others write between the snapshots that are counted
// from, others count at the same time, and whose process may end between two
// transactions.
type rough struct {
	fhir.Server
	gate           sync.Mutex
	views, commits atomic.Int32
	writeAt        int32 // before that snapshot others write
	countAt        int32 // before that transaction others count
	endAt          int32 // and there the process ends; 0 is never
	write, count   func()
}

var errEnded = errors.New("the process ended")

func (r *rough) View(ctx context.Context, read func(fhir.Reader) error) error {
	r.gate.Lock() // so that no later snapshot is taken before others have written
	if r.views.Add(1) == r.writeAt {
		r.write()
	}
	r.gate.Unlock()
	return r.Server.View(ctx, read)
}

func (r *rough) Commit(ctx context.Context, write func(fhir.Tx) error) error {
	n := r.commits.Add(1)
	if n == r.countAt {
		r.count()
	}
	if r.endAt > 0 && n >= r.endAt {
		return errEnded
	}
	return r.Server.Commit(ctx, write)
}

// eight are facilities without claims: with them so many are counted that their
// reports are not stored in one transaction.
func (w *world) eight() {
	for i := range 8 {
		w.Put(fmt.Sprintf(`{"resourceType":"Organization","id":"post-%d","active":true,"identifier":[{"system":"%s","value":"P-%d"}],`+
			`"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}],"name":"Post %d"}`, i, profiles.IdentifierFacility, i, i))
	}
}

// Whatever happens, the reports that were kept up by differences are what a plain
// count gives, and a count from the beginning changes none of them.
func TestNumbersAreExactWhateverHappens(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.eight()
		c := &chance{world: w, random: rand.New(rand.NewPCG(7, 7))}
		w.daily()
		for round := range *manyRounds {
			if round%3 > 0 { // else all happens in the same moment
				w.clock.Set(t, fmt.Sprintf("2026-04-%02dT06:00:00Z", 11+round))
			}
			for range 1 + c.random.IntN(5) {
				c.happens()
			}
			c.roughly(t, round)
			w.daily()
			w.same(t, fmt.Sprint("round ", round, " ", strings.Join(c.log, "; ")))
			if t.Failed() {
				return
			}
			c.log = nil
		}
		w.wholly(t)
	})
}

// roughly counts while others write and count, or until the process ends. Each
// fourth time all is counted from the beginning, since there is another village.
func (c *chance) roughly(t *testing.T, round int) {
	t.Helper()
	if round%4 == 3 {
		c.village(round)
	}
	s := &rough{Server: c.Engine, writeAt: int32(1 + c.random.IntN(6)), write: c.happens, countAt: int32(1 + c.random.IntN(8)), count: c.daily}
	if c.random.IntN(2) == 0 {
		s.endAt = int32(2 + c.random.IntN(12))
	}
	if err := c.module.Daily[0].Work(c.ctx, s, c.clock.Now()); err != nil && !errors.Is(err, errEnded) {
		t.Fatal(err)
	}
}

// ends are where counts end, of TestNumbersAreExactWhereverACountEnds: those below 4 with
// their process. Under the race detector, which makes each ten times as dear, each
// database takes the half of them: what is counted does not depend on it.
func ends(t *testing.T) []int {
	all, early, late := []int{0, 1, 2, 3, 4, 5, 6, 7}, []int{1, 3, 4, 5}, []int{0, 2, 6, 7}
	switch {
	case !raced:
		return all
	case strings.Contains(t.Name(), "sqlite"):
		return early
	}
	return late
}

// Wherever a count of many facilities ends, and whatever others write before one of
// its snapshots is taken, the next count finds what is missing.
func TestNumbersAreExactWhereverACountEnds(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.eight()
		c := &chance{world: w, random: rand.New(rand.NewPCG(6, 6))}
		first := &rough{Server: w.Engine}
		if err := w.module.Daily[0].Work(w.ctx, first, w.clock.Now()); err != nil {
			t.Fatal(err)
		}
		const facilities = 3 + 8
		// The snapshots are that of what is to be counted, that of who lives where, those of
		// the reports of places, that of how many claims there are, that which the facilities
		// are counted from, and one of each facility's reports.
		walk := int32(first.views.Load()) - facilities
		ended, full, before := 0, 0, []int32{2, walk - 1, walk}
		families, persons := 0, 0 // how often they were changed, each time otherwise
		for _, end := range ends(t) {
			w.clock.Set(t, fmt.Sprintf("2026-04-%02dT06:00:00Z", 11+end))
			if end%2 > 0 || end >= 4 {
				c.village(end)
			}
			c.spread(11 * end)
			s := &rough{
				Server: w.Engine, endAt: int32(3 + end), writeAt: before[end/2%3],
				write: func() {
					if end%2 == 0 {
						families++
						c.edit(poor(families%2 == 1), c.names("Group")...)
					} else { // alone: who is of a family that is another is looked up in any case
						persons++
						c.edit(func(p fields) { p["gender"] = []string{"male", "female"}[persons%2] }, c.names("Patient")...)
					}
					c.edit(func(f fields) { f["created"] = c.day() + "T10:00:00+03:00" }, fmt.Sprintf("Claim/claim-%03d", 61+3*end), fmt.Sprintf("Claim/claim-%03d", 62+3*end))
				},
			}
			if end >= 4 {
				s.endAt = 0
				full++
			}
			err := w.module.Daily[0].Work(w.ctx, s, w.clock.Now())
			if errors.Is(err, errEnded) {
				ended++
			} else if err != nil {
				t.Fatal(err)
			}
			w.daily()
			if w.same(t, fmt.Sprint("a count that ended at ", s.endAt)); t.Failed() {
				return
			}
		}
		if early := len(ends(t)) - full; ended < early-1 {
			t.Errorf("%d counts of %d ended early", ended, early)
		}
	})
}

// spread gives the claims of some answers to as many facilities.
func (c *chance) spread(from int) {
	list := c.answers()
	for i := range 11 {
		one, to := list[(from+i)%len(list)], fields{"reference": fmt.Sprint("Organization/post-", i)}
		if i >= 8 {
			to = fields{"reference": fmt.Sprint("Organization/facility-", i-7)}
		}
		c.edit(func(f fields) {
			if f["resourceType"] == "Claim" {
				f["provider"] = to
			} else {
				f["requestor"] = to
			}
		}, one.claim, one.answer)
	}
}

// village adds a place, so that all is counted from the beginning.
func (c *chance) village(n int) {
	c.Put(fmt.Sprintf(`{"resourceType":"Location","id":"new-%d","status":"active","mode":"instance","identifier":[{"system":"%s","value":"N%d"}],"name":"New %d",`+
		`"type":[{"coding":[{"system":"%s","code":"V"}]}],"partOf":{"reference":"Location/ward-mjini"}}`, n, profiles.IdentifierLocation, n, n, profiles.SystemOpenIMISLocation))
}

// Numbers that are hidden are known nevertheless.
func TestHiddenNumbersAreKeptUpExactly(t *testing.T) {
	onEach(t, measure.Settings{SmallCells: 4}, func(t *testing.T, w *world) {
		c := &chance{world: w, random: rand.New(rand.NewPCG(8, 8))}
		w.daily()
		for round := range (*manyRounds + 1) / 2 {
			w.clock.Set(t, fmt.Sprintf("2026-04-%02dT06:00:00Z", 11+round))
			for range 1 + c.random.IntN(5) {
				c.happens()
			}
			w.daily()
			if w.wholly(t); t.Failed() {
				t.Fatal(round, c.log)
			}
		}
	})
}

// wholly counts all from the beginning, which must change nothing.
func (w *world) wholly(t *testing.T) {
	t.Helper()
	answer, err := w.call("recount", "", map[string]string{"periodStart": "2026-01-01", "periodEnd": "2026-04-30"})
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Get("issue").First().Get("diagnostics").Text(); !strings.Contains(got, " and 0 reports are others now") {
		t.Errorf("counting all anew: %s", got)
	}
}

// What is purged wholly leaves the numbers with the next count, though no history
// tells of it.
func TestWhatIsPurgedLeavesTheNumbers(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.daily()
		c := &chance{world: w, random: rand.New(rand.NewPCG(5, 5))}
		const whole = `{"name":"history-only","valueBoolean":false}`
		for i, purge := range []func(claim, answer string){
			func(_, answer string) { w.must("purge", answer, whole) },
			func(claim, answer string) { w.must("purge", answer, whole); w.must("purge", claim, whole) },
			func(claim, answer string) { w.must("purge", answer, `{"name":"history-only","valueBoolean":true}`) },
		} {
			w.clock.Set(t, fmt.Sprintf("2026-04-%02dT06:00:00Z", 11+i))
			before := w.told()
			claim, answer := c.answered()
			purge(claim, answer)
			c.pairs = nil
			w.daily()
			if w.same(t, fmt.Sprint("purging ", claim)); i < 2 && maps.Equal(before, w.told()) {
				t.Errorf("%s is purged, and no number is another", claim)
			}
		}
	})
}

// Where less may be held than has changed, all is counted anew, and nothing else.
func TestWhatIsTooMuchToHoldIsCountedAnew(t *testing.T) {
	onEach(t, measure.Settings{Held: 1}, func(t *testing.T, w *world) {
		w.daily()
		w.clock.Set(t, "2026-04-11T06:00:00Z")
		before := w.reports()
		w.change("Claim/claim-005", `"status":"active"`, `"status":"cancelled"`)
		w.daily()
		w.same(t, "a claim is withdrawn")
		if n := differing(before, w.reports()); n == 0 || n == len(before) {
			t.Errorf("%d reports are others", n)
		}
	})
}
