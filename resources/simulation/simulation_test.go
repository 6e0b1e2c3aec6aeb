package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"bima/cmd/bima/house"
	"bima/fhir"
	claims "bima/resources/claim"
	"bima/resources/resourcestest"
	"bima/resources/simulation"
	"bima/storage/storagetest"
	"bima/testdata/scheme"
)

// onEach runs a test on SQLite, and on PostgreSQL where one is at hand.
func onEach(t *testing.T, modules []fhir.Module, test func(t *testing.T, w *resourcestest.World)) {
	t.Helper()
	world := func(t *testing.T, dsn string) *resourcestest.World { return resourcestest.On(t, dsn, modules...) }
	t.Run("sqlite", func(t *testing.T) { test(t, world(t, storagetest.SQLite(t))) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, world(t, storagetest.Postgres(t))) })
	}
}

// few are the modules that decide claims and simulate, without the rules of products.
func few() []fhir.Module {
	return []fhir.Module{claims.Module(resourcestest.Base), simulation.Settings{Base: resourcestest.Base}.Module()}
}

// simulate asks an InsurancePlan, or with "" all of them.
func simulate(t *testing.T, w *resourcestest.World, id, parameters string) fhir.Node {
	t.Helper()
	n, err := asked(w.Context(), w, id, parameters)
	if err != nil {
		t.Fatalf("%v (%v)", err, fhir.OutcomeOf(err).Unwrap())
	}
	return n
}

func asked(ctx context.Context, w *resourcestest.World, id, parameters string) (fhir.Node, error) {
	in := &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: []byte(`{"resourceType":"Parameters","parameter":[` + parameters + `]}`)}
	response, err := w.Engine.Operation(ctx, "simulate", fhir.Key{Type: "InsurancePlan", ID: id}, in)
	if err != nil {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// value gives a parameter of an answer as text.
func value(n fhir.Node, name string) string {
	for p := range n.Get("parameter").Each() {
		if p.Get("name").Text() == name {
			for m := range p.All() {
				if strings.HasPrefix(m.Name(), "value") {
					return m.Text()
				}
			}
		}
	}
	return ""
}

// The law: under the rules in force, deciding once more changes nothing. It is held
// against the demo scheme and claims drawn by lot, of families whose ceilings they
// use up, that were made on one day and came in at once: in transactions, and each by
// itself beside the others, so that they wait for each other.
func TestDecidingOnceMoreChangesNothing(t *testing.T) {
	onEach(t, house.Modules(resourcestest.Base), func(t *testing.T, w *resourcestest.World) {
		for _, f := range scheme.Files() {
			if err := w.Bundle(f.Body); err != nil {
				t.Fatalf("%s: %v (%v)", f.Name, err, fhir.OutcomeOf(err).Unwrap())
			}
		}
		lot := rand.New(rand.NewPCG(7, 77))
		for range 6 {
			var entries []string
			for range 25 {
				entries = append(entries, drawn(lot))
			}
			if err := w.Bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`)); err != nil {
				t.Fatal(err)
			}
		}
		var group errgroup.Group
		group.SetLimit(12)
		for range 120 {
			entry := drawn(lot)
			group.Go(func() error {
				return w.Bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + entry + `]}`))
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		n := simulate(t, w, "", "")
		if value(n, "decided") == "0" || value(n, "changed") != "0" || value(n, "failed") != "0" {
			t.Errorf("of %s claims %s were decided once more, %s differ and %s fail: %s", value(n, "selected"), value(n, "decided"), value(n, "changed"), value(n, "failed"), n.Raw())
		}
		// And with the stored version as the changed one.
		n = simulate(t, w, "", `{"name":"version","valueReference":{"reference":"InsurancePlan/district-health-plan/_history/1"}}`)
		if value(n, "decided") == "0" || value(n, "changed") != "0" || value(n, "others") == "0" {
			t.Errorf("under the version that was bought: %s", n.Raw())
		}
	})
}

// drawn gives a claim of 1 to 4 dear services for a member of one of three families.
func drawn(lot *rand.Rand) string {
	family, member := 2+lot.IntN(3), 1+lot.IntN(2)
	items := ""
	for i := range 1 + lot.IntN(4) {
		service := []string{"S-101", "S-201", "S-301", "S-302", "S-401", "D-101"}[lot.IntN(6)]
		items += fmt.Sprintf(`%s{"sequence":%d,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":%q}]},"servicedDate":"2026-0%d-11","quantity":{"value":%d},"unitPrice":{"value":%d,"currency":"TZS"}}`,
			[]string{"", ","}[min(i, 1)], i+1, service, 5+lot.IntN(2), 1+lot.IntN(3), 1000*(1+lot.IntN(60)))
	}
	return fmt.Sprintf(`{"request":{"method":"POST","url":"Claim"},"resource":{"resourceType":"Claim","status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/patient-%02d-%d"},"created":"2026-07-01","provider":{"reference":"Organization/facility-%d"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/coverage-%02d-%d"}}],"item":[%s]}}`,
		family, member, 1+lot.IntN(3), family, member, items)
}

const (
	kinds    = `http://terminology.hl7.org/CodeSystem/benefit-type`
	category = `"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
)

// plan gives a product that covers the service S, of which a member pays a share,
// and pays 2,000 for him a year.
func plan(id string, share int, service string) string {
	return fmt.Sprintf(`{"resourceType":"InsurancePlan","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/product","value":"P"}],"status":"active","name":"Plan","coverage":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]},"benefit":[{"type":{"coding":[{"system":"urn:s","code":%q}]}}]}],
		"plan":[{"specificCost":[{%s,"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/benefit","code":"all"}]},"cost":[
		{"type":{"coding":[{"system":%q,"code":"copay-percent"}]},"value":{"value":%d,"system":"http://unitsofmeasure.org","code":"%%"}},
		{"type":{"coding":[{"system":%q,"code":"benefit"}]},"qualifiers":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"individual"}]},{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-term","code":"annual"}]}],"value":{"value":2000,"system":"urn:iso:std:iso:4217","code":"TZS"}}]}]}]}]}`, id, service, category, kinds, share, kinds)
}

func tariff(price int) string {
	return fmt.Sprintf(`{"resourceType":"ChargeItemDefinition","id":"s","url":"urn:s:S","status":"active","identifier":[{"system":"urn:s","value":"S"}],"code":{"coding":[{"system":"urn:s","code":"S"}]},"propertyGroup":[{"priceComponent":[{"type":"base","factor":1,"amount":{"value":%d,"currency":"TZS"}}]}]}`, price)
}

func claim(id, made, patient string) string {
	return fmt.Sprintf(`{"resourceType":"Claim","id":%q,"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/%s"},"billablePeriod":{"start":%q,"end":%q},"created":%q,"provider":{"reference":"Organization/clinic"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"any"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"urn:s","code":"S"}]},"quantity":{"value":1},"unitPrice":{"value":1000,"currency":"TZS"}}]}`, id, patient, made, made, made)
}

// other is plan of another product.
func other(share int) string {
	return strings.Replace(plan("other", share, "S"), `"value":"P"`, `"value":"O"`, 1)
}

// small fills a world in which asha has made three claims of 1,000, of which she
// pays 20 %, and baraka, of another product, one:
//
//	a  2026-01-10   800 paid, 200 her share
//	b  2026-02-10   800 paid, 200 her share
//	c  2026-03-10   400 paid: 2,000 a year − 800 − 800; 200 her share and 400 above
func small(w *resourcestest.World) {
	put := func(typ, id, body string) string {
		return fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, body)
	}
	level := `"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-level","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/organization-hf-level","code":"C"}]}}]`
	member := func(id, patient, plan string) string {
		return put("Coverage", id, `"status":"active","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/`+plan+`"}}],"beneficiary":{"reference":"Patient/`+patient+`"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/scheme"}]`)
	}
	w.Put(
		put("Patient", "asha", `"active":true`), put("Patient", "baraka", `"active":true`),
		put("Organization", "scheme", `"name":"Scheme"`), put("Organization", "clinic", `"active":true,"name":"Clinic",`+level),
		tariff(1000), plan("plan", 20, "S"), other(20), member("ca", "asha", "plan"), member("cb", "baraka", "other"),
	)
	w.Put(claim("a", "2026-01-10", "asha"))
	w.Put(claim("b", "2026-02-10", "asha"), claim("c", "2026-03-10", "asha"))
	w.Put(claim("d", "2026-02-10", "baraka"))
}

// told gives an answer in short: its counts, and each claim that changes.
func told(n fhir.Node) []string {
	list := []string{fmt.Sprintf("selected %s, decided %s, changed %s, others %s, waiting %s", value(n, "selected"), value(n, "decided"), value(n, "changed"), value(n, "others"), value(n, "waiting"))}
	for p := range n.Get("parameter").Each() {
		name := p.Get("name").Text()
		if name != "change" && name != "total" && name != "failure" {
			continue
		}
		words := []string{name}
		for part := range p.Get("part").Each() {
			for m := range part.All() {
				switch {
				case m.Get("value").Exists():
					words = append(words, m.Get("value").Text())
				case m.Get("reference").Exists():
					words = append(words, m.Get("reference").Text())
				case m.Name() != "name":
					words = append(words, m.Text())
				}
			}
		}
		list = append(list, strings.Join(words, " "))
	}
	return list
}

func TestWhatAChangeWouldCost(t *testing.T) {
	onEach(t, few(), func(t *testing.T, w *resourcestest.World) {
		small(w)
		cases := []struct{ name, parameters, want string }{
			// Total, and each claim: paid before, owed by her before, paid after, owed after.
			{"a smaller share: 900, 900, and 2,000 − 1,800 = 200 of the third", ofPlan(10), `selected 4, decided 3, changed 3, others 1, waiting 0
total 2000 1000 2000 1000
change Claim/a 800 200 900 100 1 coinsurance No longer: The patient's share
change Claim/b 800 200 900 100 1 coinsurance No longer: The patient's share
change Claim/c 400 600 200 800 1 ceiling-insuree The member's ceiling is reached`},
			{"from February: the 800 of January stay, so 2,000 − 800 − 900 = 300 are left for c", ofPlan(10) + `,{"name":"period","valuePeriod":{"start":"2026-02-01"}}`, `selected 3, decided 2, changed 2, others 1, waiting 0
total 1200 800 1200 800
change Claim/b 800 200 900 100 1 coinsurance No longer: The patient's share
change Claim/c 400 600 300 700 1 ceiling-insuree The member's ceiling is reached`},
			{"in January only: what was used later is not counted", ofPlan(0) + `,{"name":"period","valuePeriod":{"start":"2026-01-10","end":"2026-01-10"}}`, `selected 1, decided 1, changed 1, others 0, waiting 0
total 800 200 1000 0
change Claim/a 800 200 1000 0 1 coinsurance No longer: The patient's share`},
			// b and c were decided in one go; c is not of the period and came later.
			{"in February only", ofPlan(10) + `,{"name":"period","valuePeriod":{"start":"2026-02-01","end":"2026-02-28"}}`, `selected 2, decided 1, changed 1, others 1, waiting 0
total 800 200 900 100
change Claim/b 800 200 900 100 1 coinsurance No longer: The patient's share`},
			// And b came before c: 2,000 − 800 − 800 = 400 are left as before.
			{"in March only", ofPlan(10) + `,{"name":"period","valuePeriod":{"start":"2026-03-01"}}`, `selected 1, decided 1, changed 1, others 0, waiting 0
total 400 600 400 600
change Claim/c 400 600 400 600 1 ceiling-insuree The member's ceiling is reached`},
			{"the day before nobody claimed", ofPlan(0) + `,{"name":"period","valuePeriod":{"end":"2026-01-09"}}`, `selected 0, decided 0, changed 0, others 0, waiting 0`},
			{"the same plan", ofPlan(20), "selected 4, decided 3, changed 0, others 1, waiting 0\ntotal 2000 1000 2000 1000"},
			// 500 a unit: 400 each, and 500 are the provider's to bear.
			{"another price", `{"name":"tariff","resource":` + tariff(500) + `}`, `selected 4, decided 4, changed 4, others 0, waiting 0
total 2800 1200 1600 400
change Claim/a 800 200 400 100 1 list-price Above the facility's price list
change Claim/b 800 200 400 100 1 list-price Above the facility's price list
change Claim/c 400 600 400 100 1 list-price Above the facility's price list
change Claim/d 800 200 400 100 1 list-price Above the facility's price list`},
			{"a product that does not cover it", `{"name":"plan","resource":` + plan("plan", 20, "T") + `},{"name":"listed","valueInteger":1}`, `selected 4, decided 3, changed 3, others 1, waiting 0
total 2000 1000 0 3000
change Claim/a 800 200 0 1000 1 not-in-plan Not covered by the plan`},
			{"the first two in order", ofPlan(10) + `,{"name":"limit","valueInteger":2}`, `selected 4, decided 2, changed 2, others 0, waiting 0
total 1600 400 1800 200
change Claim/a 800 200 900 100 1 coinsurance No longer: The patient's share
change Claim/b 800 200 900 100 1 coinsurance No longer: The patient's share`},
			{"the only one of another product, behind three that are not", `{"name":"plan","resource":` + other(0) + `},{"name":"limit","valueInteger":1}`, `selected 4, decided 1, changed 1, others 3, waiting 0
total 800 200 1000 0
change Claim/d 800 200 1000 0 1 coinsurance No longer: The patient's share`},
		}
		for _, c := range cases {
			if diff := cmp.Diff(strings.Split(c.want, "\n"), told(simulate(t, w, "", c.parameters))); diff != "" {
				t.Errorf("%s: -want +got\n%s", c.name, diff)
			}
		}
	})
}

func ofPlan(share int) string { return `{"name":"plan","resource":` + plan("plan", share, "S") + `}` }

// What the changed product asks of a claim is found out, though the product in force
// does not ask it: who belongs to its groups, and with which facility they are
// registered.
func TestWhatAChangedProductAsks(t *testing.T) {
	onEach(t, few(), func(t *testing.T, w *resourcestest.World) {
		small(w)
		w.Put(`{"resourceType":"Patient","id":"asha","active":true,"birthDate":"1950-05-05","generalPractitioner":[{"reference":"Organization/home"}]}`,
			`{"resourceType":"Organization","id":"home","active":true,"name":"Home"}`)
		const ours = "https://bima.example/fhir/StructureDefinition/"
		elderly := strings.Replace(strings.Replace(plan("plan", 20, "S"), `"status":"active",`, `"status":"active","extension":[{"url":"`+ours+`patient-group-condition","extension":[
			{"url":"group","valueCoding":{"system":"https://bima.example/fhir/CodeSystem/patient-group","code":"elderly"}},
			{"url":"age","valueRange":{"low":{"value":60,"unit":"years","system":"http://unitsofmeasure.org","code":"a"}}}]}],`, 1),
			`"cost":[`, `"cost":[{"type":{"coding":[{"system":"`+kinds+`","code":"copay-percent"}]},"qualifiers":[{"coding":[{"system":"https://bima.example/fhir/CodeSystem/patient-group","code":"elderly"}]}],"value":{"value":0,"system":"http://unitsofmeasure.org","code":"%"}},`, 1)
		gated := strings.Replace(plan("plan", 20, "S"), `"benefit":[{"type"`, `"benefit":[{"extension":[{"url":"`+ours+`referral-required","valueCode":"elsewhere"}],"type"`, 1)
		for _, c := range []struct{ name, plan, want string }{
			{"the elderly pay nothing: 1,000, 1,000, and nothing is left for c", elderly, `selected 4, decided 3, changed 3, others 1, waiting 0
total 2000 1000 2000 1000
change Claim/a 800 200 1000 0 1 coinsurance No longer: The patient's share
change Claim/b 800 200 1000 0 1 coinsurance No longer: The patient's share
change Claim/c 400 600 0 1000 1 ceiling-insuree The member's ceiling is reached`},
			{"she is registered elsewhere, and nobody sent her", gated, `selected 4, decided 3, changed 3, others 1, waiting 0
total 2000 1000 0 3000
change Claim/a 800 200 0 1000 1 referral The patient was not referred to this facility`},
		} {
			got := told(simulate(t, w, "", `{"name":"plan","resource":`+c.plan+`}`))
			want := strings.Split(c.want, "\n")
			if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" {
				t.Errorf("%s: -want +got\n%s", c.name, diff)
			}
		}
	})
}

// The limit counts the claims of the product, and tells whether it left some out.
func TestLimitCountsTheClaimsOfTheProduct(t *testing.T) {
	onEach(t, few(), func(t *testing.T, w *resourcestest.World) {
		small(w)
		w.Put(claim("e", "2026-04-10", "baraka"))
		for limit, want := range []string{1: "selected 5, decided 1, changed 1, others 3, waiting 0 cut true", 2: "selected 5, decided 2, changed 2, others 3, waiting 0 cut false"} {
			if want == "" {
				continue
			}
			n := simulate(t, w, "", fmt.Sprintf(`{"name":"plan","resource":%s},{"name":"limit","valueInteger":%d}`, other(0), limit))
			if got := told(n)[0] + " cut " + value(n, "cut"); got != want {
				t.Errorf("limit %d: %s, want %s", limit, got, want)
			}
		}
	})
}

// A product that is not there has no claims to decide, and is not all products.
func TestSimulatingAProductThatIsNotThere(t *testing.T) {
	onEach(t, few(), func(t *testing.T, w *resourcestest.World) {
		small(w)
		w.Put(plan("sold", 20, "S"))
		if _, err := w.Engine.Delete(w.Context(), fhir.Key{Type: "InsurancePlan", ID: "sold"}, ""); err != nil {
			t.Fatal(err)
		}
		for _, parameters := range []string{"", ofPlan(10)} {
			for id, want := range map[string]fhir.IssueType{"none": fhir.IssueNotFound, "sold": fhir.IssueDeleted} {
				if n, err := asked(w.Context(), w, id, parameters); !fhir.HasIssue(err, want) {
					t.Errorf("InsurancePlan/%s/$simulate with [%s]: %v, %s; want %s", id, parameters, err, n.Raw(), want)
				}
			}
		}
	})
}
