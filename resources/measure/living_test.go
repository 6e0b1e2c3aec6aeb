package measure_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/measure"
)

// moves makes one change of where somebody lives, of cover, policies, or what is asked
// and paid for them: as it falls, so that some are refused. It gives which of how many
// it made, or -1.
func (c *chance) moves() (made, of int) {
	c.t.Helper()
	person, family := pick(c, c.names("Patient")...), pick(c, c.names("Group")...)
	holder := pick(c, person, family, "Organization/facility-1", "Organization/employer")
	coverage, contract := pick(c, c.names("Coverage")...), pick(c, c.names("Contract")...)
	invoice, payment := pick(c, c.names("Invoice")...), pick(c, c.names("PaymentReconciliation")...)
	to := fields{"reference": holder}
	at := fields{"use": pick(c, "home", "old"), "city": pick(c, "Sokoni", "Mtoni", "Kilimani", "Nowhere", "Phulbari"), "district": "Sagara"}
	if c.random.IntN(2) == 0 {
		at = fields{"extension": []any{fields{
			"url":            "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference",
			"valueReference": fields{"reference": pick(c, c.names("Location")...)},
		}}}
	}
	kinds := []func() error{
		func() error {
			return c.tries(func(f fields) { f["address"] = []any{at} }, pick(c, person, "Organization/employer"))
		},
		func() error {
			return c.tries(func(f fields) { extend(f, profiles.ExtensionOpenIMISGroupAddress, "valueAddress", at) }, family)
		},
		func() error { return c.tries(func(f fields) { f["active"] = c.random.IntN(3) > 0 }, family) },
		func() error { return c.tries(poor(c.random.IntN(2) == 0), family) },
		func() error {
			return c.tries(func(f fields) { f["status"] = pick(c, "active", "cancelled", "draft") }, coverage)
		},
		func() error {
			return c.tries(func(f fields) {
				f["period"] = fields{"start": c.day(), "end": "2026-04-" + fmt.Sprint(10+c.random.IntN(19))}
			}, coverage)
		},
		func() error {
			to := pick(c, [2]string{"active", "executed"}, [2]string{"suspended", "executed"}, [2]string{"expired", "executed"}, [2]string{"ready", "executable"},
				[2]string{"cancelled", "cancelled"}, [2]string{"terminated", "terminated"})
			return c.tries(func(f fields) {
				extend(f, profiles.ExtensionPolicyState, "valueCode", to[0])
				f["status"] = to[1]
			}, contract)
		},
		func() error { return c.tries(func(f fields) { f["subject"] = []any{to} }, contract) },
		func() error {
			return c.tries(func(f fields) { f["status"] = pick(c, "issued", "balanced", "cancelled", "entered-in-error") }, invoice)
		},
		func() error {
			return c.tries(func(f fields) { f["subject"] = fields{"reference": pick(c, person, family)} }, invoice)
		},
		func() error {
			return c.tries(func(f fields) {
				extend(f, profiles.ExtensionInvoiceContract, "valueReference", fields{"reference": contract})
			}, invoice)
		},
		func() error { return c.tries(func(f fields) { f["status"] = pick(c, "active", "cancelled") }, payment) },
		func() error {
			return c.tries(func(f fields) { extend(f, profiles.ExtensionPayer, "valueReference", to) }, payment)
		},
		func() error {
			return c.tries(func(f fields) { f["extension"] = lacking(f["extension"], profiles.ExtensionPayer) }, payment)
		},
		func() error {
			list := []fields{c.part("advance"), c.part("payment"), c.part("payment")}[:1+c.random.IntN(3)]
			c.pay(fmt.Sprint("in-", len(c.names("PaymentReconciliation"))), pick(c, "", holder), list...)
			delete(c.list, "PaymentReconciliation")
			return nil
		},
	}
	i := c.random.IntN(len(kinds))
	c.log = append(c.log, fmt.Sprint("moves ", i, " ", person, " ", family, " ", coverage, " ", contract, " ", invoice, " ", payment, " ", holder))
	switch err := kinds[i](); {
	case err == nil:
		return i, len(kinds)
	case fhir.HasIssue(err, fhir.IssueBusinessRule), fhir.HasIssue(err, fhir.IssueInvariant), fhir.HasIssue(err, fhir.IssueConflict), fhir.HasIssue(err, fhir.IssueValue):
	default:
		c.t.Fatalf("%v: %v (%v)", c.log, err, fhir.OutcomeOf(err).Unwrap())
	}
	return -1, len(kinds)
}

// part is a detail of a payment, for whomever or whatever it falls on.
func (c *chance) part(kind string) fields {
	d := fields{"amount": fields{"value": 1 + c.random.IntN(9), "currency": "TZS"}, "date": c.day()}
	if kind == "payment" {
		d["request"] = fields{"reference": pick(c, c.names("Invoice")...)}
		return d
	}
	switch owner := pick(c, pick(c, c.names("Patient")...), pick(c, c.names("Group")...), "Organization/employer", ""); owner {
	case "":
	case "Organization/employer":
		d["payee"] = fields{"reference": owner}
	default:
		extend(d, profiles.ExtensionPayee, "valueReference", fields{"reference": owner})
	}
	return d
}

// pay stores a payment that was received, of these parts; payer may be nobody.
func (c *chance) pay(id, payer string, parts ...fields) {
	c.t.Helper()
	total := 0
	for _, d := range parts {
		kind := "advance"
		if d["request"] != nil {
			kind = "payment"
		}
		d["type"] = fields{"coding": []fields{{"system": "http://terminology.hl7.org/CodeSystem/payment-type", "code": kind}}}
		total += d["amount"].(fields)["value"].(int)
	}
	body := fields{
		"resourceType": "PaymentReconciliation", "id": id, "status": "active", "created": "2026-04-09T10:00:00+03:00", "outcome": "complete",
		"paymentDate": "2026-04-09", "paymentAmount": fields{"value": total, "currency": "TZS"}, "detail": parts,
	}
	extend(body, profiles.ExtensionPaymentDirection, "valueCode", "in")
	if payer != "" {
		extend(body, profiles.ExtensionPayer, "valueReference", fields{"reference": payer})
	}
	c.stores("PaymentReconciliation", id, body)
}

// extend gives a resource an extension, in the place of those of its name.
func extend(f fields, url, as string, v any) {
	f["extension"] = append(lacking(f["extension"], url), fields{"url": url, as: v})
}

func lacking(extensions any, url string) (list []any) {
	had, _ := extensions.([]any)
	for _, e := range had {
		if e.(fields)["url"] != url {
			list = append(list, e)
		}
	}
	return list
}

// employer is an organization that lives in a village, by its address alone.
const employer = `{"resourceType":"Organization","id":"employer","active":true,"name":"Chai Ltd","type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"bus"}]}],
	"address":[{"city":"Mtoni","district":"Sagara"}]}`

// Of one place the numbers are asked by queries for who lives there, of all places by
// going through all there is: whatever happens they are the same, and so are those
// that were kept up day by day.
func TestOnePlaceIsCountedAsAllAre(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		c := &chance{world: w, random: rand.New(rand.NewPCG(3, 9))}
		w.Put(employer)
		w.daily()
		var made []int
		for round := range 2 * *manyRounds {
			w.clock.Set(t, fmt.Sprintf("2026-04-%02dT%02d:00:00Z", 11+round/20, 1+round%20))
			c.log = nil
			for range 1 + c.random.IntN(12) {
				kind, of := c.moves()
				if made == nil {
					made = make([]int, of)
				}
				if kind >= 0 {
					made[kind]++
				}
			}
			for _, id := range []string{"hf-enrol", "hf-fin"} {
				month := fmt.Sprintf("2026-%02d", 1+c.random.IntN(4))
				for _, of := range [][2]string{{month, month}, {"2026-01", "2026-12"}} {
					whole, apart := w.evaluated(id, "", of), figures{}
					for _, place := range c.names("Location") {
						for name, number := range w.evaluated(id, place, of) {
							apart[name] = number
						}
					}
					if diff := cmp.Diff(whole, apart); diff != "" {
						t.Fatalf("%s, %v (-all at once +one by one)\n%s\n%s", id, of, diff, strings.Join(c.log, "\n"))
					}
				}
			}
			w.daily()
			if w.wholly(t); t.Failed() {
				t.Fatalf("round %d\n%s", round, strings.Join(c.log, "\n"))
			}
		}
		if slices.Contains(made, 0) {
			t.Errorf("some changes were refused each time: %v", made)
		}
	})
}

// evaluated gives the numbers of a measure for a place, or "" for all.
func (w *world) evaluated(id, place string, of [2]string) figures {
	w.t.Helper()
	parameters := map[string]string{"periodStart": of[0], "periodEnd": of[1]}
	if place != "" {
		parameters["subject"] = place
	}
	answer, err := w.call("evaluate-measure", id, parameters)
	if err != nil {
		w.t.Fatal(err)
	}
	found := figures{}
	if answer.Get("resourceType").Text() == "MeasureReport" {
		read(w.t, answer, found)
	}
	for e := range answer.Get("entry").Each() {
		read(w.t, e.Get("resource"), found)
	}
	return found
}

// Contributions are their owner's, whoever paid them, and each payment is counted once.
func TestContributionsAreWhoseTheyAre(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.Put(employer)
		w.Put(`{"resourceType":"Organization","id":"abroad","active":true,"name":"A donor","type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"cg"}]}]}`)
		c := &chance{world: w}
		before := w.evaluated("hf-fin", "", [2]string{"2026-04", "2026-04"})
		const at = "hf-fin Location/district-sagara 202604 "
		family := c.names("Group")[0]
		pay := c.pay
		amount := func(n int) fields { return fields{"value": n, "currency": "TZS"} }
		to := func(name string) fields { return fields{"reference": name} }
		// An employer who holds no policy has paid 1,000 ahead for itself, and 200 that are a
		// family's credit: 1,200 by employers, in one payment.
		pay("p-1", "Organization/employer", fields{"amount": amount(1000)},
			fields{"amount": amount(200), "extension": []any{fields{"url": profiles.ExtensionPayee, "valueReference": to(family)}}})
		// A donor who lives nowhere here pays 30 for the family: the money is the family's,
		// the payment is of no place.
		pay("p-2", "Organization/abroad", fields{"amount": amount(30), "extension": []any{fields{"url": profiles.ExtensionPayee, "valueReference": to(family)}}})
		// Nobody is named who paid 7 and 8 on the bills of two families: 15 by households, in
		// one payment, which is the first one's.
		first, second := c.names("Invoice")[0], c.names("Invoice")[1]
		pay("p-3", "", fields{"amount": amount(7), "request": to(first)}, fields{"amount": amount(8), "request": to(second)})
		after := w.evaluated("hf-fin", "", [2]string{"2026-04", "2026-04"})
		if diff := cmp.Diff(after, w.evaluated("hf-fin", "Location/district-sagara", [2]string{"2026-04", "2026-04"})); diff != "" {
			t.Errorf("(-all +the district)\n%s", diff)
		}
		for name, more := range map[string]int{
			"HF_FIN_CONTRIB_AMT HFC_PRPA_OTHER_EMPLOYER": 1200,
			"HF_FIN_CONTRIB_AMT HFC_PRPA_OTHER_DONOR":    30,
			"HF_FIN_CONTRIB_AMT HFC_PRPA_DHP_HOUSEHOLD":  15,
			"HF_FIN_CONTRIB_CNT HFC_CHAN_PAYROLL":        1,
			"HF_FIN_CONTRIB_CNT HFC_CHAN_OTHER":          1,
		} {
			if got := number(after[at+name]) - number(before[at+name]); got != more {
				t.Errorf("%s: %d more, want %d", name, got, more)
			}
		}
	})
}

func number(text string) (n int) {
	_, _ = fmt.Sscan(text, &n)
	return n
}

// stores stores a resource as the server itself does.
func (c *chance) stores(typ, id string, body fields) {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.commit(func(tx fhir.Tx) error {
		_, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: typ, ID: id}, Body: text}, 0)
		return err
	})
}
