package measure_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// A chance makes changes of all kinds that numbers depend on, as they fall.
type chance struct {
	*world
	random *rand.Rand
	log    []string
	list   map[string][]string // what is chosen among, as it was at first
	pairs  []pair              // of those that are not deleted
}

// A pair is a claim with its answer.
type pair struct{ claim, answer string }

// manyRounds is how many rounds of chance there are; the test suite has time for a few.
var manyRounds = flag.Int("rounds", 7, "how many rounds of random changes are made")

type fields = map[string]any

// names gives the names of all resources of a type, in their order.
func (c *chance) names(typ string) []string {
	if c.list[typ] == nil {
		var list []string
		for _, one := range all[struct{ ID string }](c.world, typ) {
			list = append(list, typ+"/"+one.ID)
		}
		slices.Sort(list)
		if c.list == nil {
			c.list = map[string][]string{}
		}
		c.list[typ] = list
	}
	return c.list[typ]
}

func pick[T any](c *chance, list ...T) T { return list[c.random.IntN(len(list))] }

// edit changes resources in one transaction, as the server itself does.
func (c *chance) edit(change func(fields), names ...string) {
	c.t.Helper()
	if err := c.tries(change, names...); err != nil {
		c.t.Fatalf("%v: %v (%v)", c.log, err, fhir.OutcomeOf(err).Unwrap())
	}
}

func (c *chance) tries(change func(fields), names ...string) error {
	return c.Engine.Commit(c.ctx, func(tx fhir.Tx) error {
		for _, name := range names {
			typ, id, _ := strings.Cut(name, "/")
			r, err := tx.Read(fhir.Key{Type: typ, ID: id})
			if err != nil || r.Deleted {
				return err
			}
			decoder := json.NewDecoder(bytes.NewReader(r.Body))
			decoder.UseNumber()
			body := fields{}
			if err := decoder.Decode(&body); err != nil {
				return err
			}
			change(body)
			text, err := json.Marshal(body)
			if err != nil {
				return err
			}
			if _, err := tx.Update(&fhir.Resource{Key: r.Key, Body: text}, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *chance) commit(write func(fhir.Tx) error) {
	c.t.Helper()
	if err := c.Engine.Commit(c.ctx, write); err != nil {
		c.t.Fatalf("%v: %v (%v)", c.log, err, fhir.OutcomeOf(err).Unwrap())
	}
}

// answers gives the claims with their answers, in the order of these.
func (c *chance) answers() []pair {
	if c.pairs == nil {
		for _, one := range all[claimResponse](c.world, "ClaimResponse") {
			c.pairs = append(c.pairs, pair{one.Request.Reference, "ClaimResponse/" + one.ID})
		}
		slices.SortFunc(c.pairs, func(a, b pair) int { return strings.Compare(a.answer, b.answer) })
	}
	return c.pairs
}

// answered gives a claim with its answer.
func (c *chance) answered() (claim, answer string) {
	one := pick(c, c.answers()...)
	return one.claim, one.answer
}

func (c *chance) day() string {
	return fmt.Sprintf("2026-%02d-%02d", 1+c.random.IntN(4), 1+c.random.IntN(10))
}

// happens makes one change.
func (c *chance) happens() {
	c.t.Helper()
	claim, answer := c.answered()
	family, person := pick(c, c.names("Group")...), pick(c, c.names("Patient")...)
	kinds := []func(){
		func() { c.edit(func(f fields) { f["status"] = pick(c, "active", "cancelled") }, claim) },
		func() { c.edit(func(f fields) { f["status"] = pick(c, "active", "cancelled") }, answer) },
		func() { c.edit(func(f fields) { f["created"] = c.day() + "T10:00:00+03:00" }, claim) },
		func() { c.edit(func(f fields) { f["created"] = c.day() + "T23:30:00Z" }, answer) },
		func() {
			c.edit(func(f fields) { f["outcome"] = pick(c, "queued", "complete", "partial", "error") }, answer)
		},
		func() {
			to := fields{"reference": pick(c, "Organization/facility-1", "Organization/facility-2", "Organization/facility-3")}
			c.edit(func(f fields) {
				if f["resourceType"] == "Claim" {
					f["provider"] = to
				} else {
					f["requestor"] = to
				}
			}, claim, answer)
		},
		func() { c.edit(func(f fields) { f["patient"] = fields{"reference": person} }, claim) },
		func() {
			c.pairs = slices.DeleteFunc(c.pairs, func(p pair) bool { return p.answer == answer })
			c.commit(func(tx fhir.Tx) error {
				_, id, _ := strings.Cut(claim, "/")
				_, answered, _ := strings.Cut(answer, "/")
				return errors.Join(tx.Delete(fhir.Key{Type: "ClaimResponse", ID: answered}, 0), tx.Delete(fhir.Key{Type: "Claim", ID: id}, 0))
			})
		},
		func() { c.edit(func(f fields) { f["gender"] = pick(c, "male", "female", "other") }, person) },
		func() {
			c.edit(func(f fields) { f["birthDate"] = fmt.Sprint(1930+c.random.IntN(96), "-05-17") }, person)
		},
		func() { c.edit(poor(pick(c, true, false)), family) },
		func() { c.pays(pick(c, "Organization/facility-1", "Organization/facility-2")) },
	}
	i := c.random.IntN(len(kinds))
	c.log = append(c.log, fmt.Sprint(i, " ", claim, " ", family, " ", person))
	kinds[i]()
}

func poor(is bool) func(fields) {
	return func(f fields) {
		for _, e := range f["extension"].([]any) {
			if one := e.(fields); one["url"] == profiles.ExtensionOpenIMISGroupPoverty {
				one["valueBoolean"] = is
			}
		}
	}
}

// pays pays a facility, or takes a payment back.
func (c *chance) pays(facility string) {
	id := fmt.Sprint("out-", c.random.IntN(3))
	c.stores("PaymentReconciliation", id, fields{
		"resourceType": "PaymentReconciliation", "id": id, "status": pick(c, "active", "cancelled"), "created": "2026-04-10T10:00:00+03:00",
		"extension":     []fields{{"url": profiles.ExtensionPaymentDirection, "valueCode": "out"}},
		"paymentIssuer": fields{"reference": "Organization/scheme"}, "outcome": "complete", "paymentDate": c.day(),
		"paymentAmount": fields{"value": 700, "currency": "TZS"},
		"detail": []fields{{
			"type":  fields{"coding": []fields{{"system": "http://terminology.hl7.org/CodeSystem/payment-type", "code": "payment"}}},
			"payee": fields{"reference": facility}, "amount": fields{"value": 700 + c.random.IntN(3), "currency": "TZS"},
		}},
	})
}
