package measure_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/measure"
)

// Whatever the order of answers and claims, and however few may wait for each other,
// all are counted as one by one.
func TestAWalkFindsEachClaim(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.eight()
		c := &chance{world: w, random: rand.New(rand.NewPCG(4, 4))}
		c.copies(40)
		w.daily()
		w.same(t, "claims and answers in another order")
		const held = 1 << 10 // of one claim
		sizes := []struct{ page, claims int }{{1, 1}, {7, 0}, {7, 20}, {2000, 1000}, {1, 1000}, {3, 4}, {50, 12}, {2000, 0}}
		if raced {
			sizes = sizes[:3]
		}
		for _, one := range sizes {
			module := measure.Paged(measure.Settings{Zone: zone, Now: w.clock.Now, Held: one.claims*held + 1}, one.page)
			body := `{"resourceType":"Parameters","parameter":[{"name":"periodStart","valueDate":"2026-01-01"},{"name":"periodEnd","valueDate":"2026-04-30"},{"name":"measure","valueString":"hf-claim"}]}`
			s := &rough{Server: w.Engine}
			answer, err := module.Operations[1].Handle(fhir.WithCaller(w.ctx, fhir.Developer()), s, fhir.Key{Type: "Measure"}, &fhir.Resource{Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(answer.Resource.Body); !strings.Contains(got, "11 places were counted, and 0 reports are others now") {
				t.Errorf("pages of %d with %d held: %s", one.page, one.claims, got)
			}
		}
	})
}

// copies stores claims and, in another order, answers to them: of some claims there
// are two, some claims are gone, and some were never there.
func (c *chance) copies(n int) {
	c.t.Helper()
	list := c.answers()
	c.pairs = nil
	read := func(name string) string {
		typ, id, _ := strings.Cut(name, "/")
		r, err := c.Engine.Read(c.Context(), fhir.Key{Type: typ, ID: id})
		if err != nil {
			c.t.Fatal(err)
		}
		return string(r.Body)
	}
	put := func(typ, id, body, from string) {
		c.commit(func(tx fhir.Tx) error {
			_, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: typ, ID: id}, Body: []byte(strings.ReplaceAll(body, from, id))}, 0)
			return err
		})
	}
	name := func(i int) string { return fmt.Sprint("copy-", i) }
	for i := range n {
		_, from, _ := strings.Cut(list[i].claim, "/")
		put("Claim", name(i), read(list[i].claim), from)
	}
	for at, i := range c.random.Perm(n) {
		_, from, _ := strings.Cut(list[i].answer, "/")
		body := strings.ReplaceAll(read(list[i].answer), `"`+list[i].claim+`"`, `"Claim/`+name(i)+`"`)
		put("ClaimResponse", name(i), body, from)
		if at%5 == 0 {
			put("ClaimResponse", "again-"+name(i), body, from)
		}
	}
	for i := 0; i < n; i += 9 {
		c.commit(func(tx fhir.Tx) error { return tx.Delete(fhir.Key{Type: "Claim", ID: name(i)}, 0) })
	}
}
