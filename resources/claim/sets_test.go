package claim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/claim"
	"bima/storage/storagetest"
)

// chronic is the URL of a set of services.
const chronic = "https://scheme.example/ValueSet/chronic"

// setOf gives a ValueSet.
func setOf(id, status, version, compose string) string {
	return `{"resourceType":"ValueSet","id":"` + id + `","url":"` + chronic + `","status":"` + status + `","version":"` + version + `","compose":{` + compose + `}}`
}

// listing gives what a set lists.
func listing(codes ...string) string {
	return `"include":[{"system":"https://bima.example/fhir/CodeSystem/service","concept":[{"code":"` + strings.Join(codes, `"},{"code":"`) + `"}]}]`
}

// A product covers a set of services, of which one is left out, at 80 % of the price;
// who changes the set changes what is covered, at once and for policies sold before.
func TestAProductCoversASetOfServices(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		entry := func(set, more string) string {
			return `{"type":{"text":"chronic"},"extension":[{"url":"` + extensionOf + `service-set","valueCanonical":"` + set + `"}]` + more + `}`
		}
		put := func(set string) {
			b.putAll(strings.Replace(
				product("SETS", "", entry(set, ""), patientsShare(0)),
				`{"type":`+everything+`,"cost":[`+patientsShare(0)+`]}`, entry(set, `,"cost":[`+patientsShare(20)+`]`), 1,
			))
		}
		b.putAll(`{"resourceType":"Patient","id":"sia"}`, tariff("CONS", "100", ""), tariff("DRUG", "50", ""))
		number := 0
		expect := func(what string, want ...string) {
			t.Helper()
			number++
			got := b.submit(b.of("S-"+string(rune('A'+number)), "Patient/sia", "Coverage/cov-sia", "", line(1, "CONS", 1, 100, ""), line(2, "DRUG", 1, 50, "")))
			lines := got.lines()
			if got.Outcome == "queued" && strings.Contains(got.Disposition, want[0]) {
				lines = want
			}
			if diff := cmp.Diff(want, lines); diff != "" {
				t.Errorf("%s (-want +got)\n%s", what, diff)
			}
		}
		b.putAll(setOf("one", "active", "1", listing("CONS", "DRUG")+`,"exclude":[{"system":"https://bima.example/fhir/CodeSystem/service","concept":[{"code":"DRUG"}]}]`))
		put(chronic)
		b.putAll(cover("cov-sia", "Patient/sia", "SETS", 1))
		expect("a set of one service", "80 coinsurance", "0 not-in-plan")
		b.wait(time.Hour)
		expect("it is kept compiled", "80 coinsurance", "0 not-in-plan")
		b.putAll(setOf("one", "active", "1", listing("DRUG")))
		expect("the set is another one", "0 not-in-plan", "40 coinsurance")
		b.wait(time.Hour)
		b.putAll(setOf("two", "active", "2", listing("CONS")))
		expect("of two versions the newest counts", "80 coinsurance", "0 not-in-plan")
		put(chronic + "|1")
		expect("a version that is named counts", "0 not-in-plan", "40 coinsurance")
		for i := range 24 {
			b.putAll(setOf(fmt.Sprintf("later-%d", i), "active", fmt.Sprintf("3.%d", i), listing("CONS")))
		}
		expect("however many came after it", "0 not-in-plan", "40 coinsurance")
		b.putAll(setOf("one", "active", "1", `"include":[{"system":"https://bima.example/fhir/CodeSystem/service"}]`))
		expect("a set that lists nothing", "ValueSet.compose.include[0]: a set of services lists them one by one")
		b.putAll(setOf("one", "retired", "1", listing("CONS")))
		expect("a set that is not in use", `there is no ValueSet "https://scheme.example/ValueSet/chronic|1" in use`)
	})
}

// Of the set 400 a year are paid, for four visits and five units: one visit of a
// consultation (100) and two drugs (2 × 50) is used. A drug that is not of the set does
// not count.
func TestMembersAreToldWhatIsLeftOfASet(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		term := `{"url":"` + extensionOf + `benefit-qualifier","valueCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-term","code":"annual"}]}}`
		limit := func(system, what, value string) string {
			return `{"code":{"coding":[{"system":"` + system + `","code":"` + what + `"}]},"value":{"value":` + value + `},"extension":[` + term + `]}`
		}
		const kind = "http://terminology.hl7.org/CodeSystem/benefit-type"
		entry := func(more string) string {
			return `{"type":{"text":"Chronic care"},"extension":[{"url":"` + extensionOf + `service-set","valueCanonical":"` + chronic + `"}]` + more + `}`
		}
		ceiling := `,"cost":[{"type":{"coding":[{"system":"` + kind + `","code":"benefit"}]},"qualifiers":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"individual"}]},
			{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-term","code":"annual"}]}],"value":{"value":400,"system":"urn:iso:std:iso:4217","code":"TZS"}}]`
		limits := `,"limit":[` + limit(kind, "visit", "4") + `,` + limit("https://bima.example/fhir/CodeSystem/limit", "quantity", "5") + `]`
		b.putAll(`{"resourceType":"Patient","id":"sia"}`, tariff("CONS", "100", ""), tariff("DRUG", "50", ""), tariff("OTHER", "10", ""),
			setOf("one", "active", "1", listing("CONS", "DRUG")))
		b.putAll(strings.Replace(product("LEFT", "", `{"type":`+everything+`},`+entry(limits), patientsShare(0)),
			`{"type":`+everything+`,"cost":[`+patientsShare(0)+`]}`, entry(ceiling), 1), cover("cov-sia", "Patient/sia", "LEFT", 1))
		got := b.submit(b.of("L-1", "Patient/sia", "Coverage/cov-sia", "", line(1, "CONS", 1, 100, ""), line(2, "DRUG", 2, 50, ""), line(3, "OTHER", 1, 10, "")))
		if diff := cmp.Diff([]string{"100", "100", "10"}, got.lines()); diff != "" {
			t.Errorf("paid (-want +got)\n%s", diff)
		}
		b.tell()
		n := b.node("ExplanationOfBenefit/" + got.ID)
		want := []string{"LEFT: benefit 200 of 400 by individual", "LEFT: visit 1 of 4 by individual", "LEFT: quantity 3 of 5 by individual"}
		if diff := cmp.Diff(want, left(n)); diff != "" {
			t.Errorf("left (-want +got)\n%s\n%s", diff, n.Get("benefitBalance").Raw())
		}
		for balance := range n.Get("benefitBalance").Each() {
			on := balance.Get("category")
			if on.Get("text").Text() != "Chronic care" || on.Extension(extensionOf+"service-set").Get("valueCanonical").Text() != chronic {
				t.Errorf("it is on %s", on.Raw())
			}
		}
		question := `{"resourceType":"CoverageEligibilityRequest","status":"active","purpose":["benefits"],"patient":{"reference":"Patient/sia"},"servicedDate":"2026-09-14","created":"2026-09-14","insurer":{"reference":"Organization/scheme"}}`
		out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", []byte(question), false)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(out.Resource.Body)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for item := range doc.Root().Get("insurance").First().Get("item").Each() {
			for f := range item.Get("benefit").Each() {
				used, e := f.At("usedMoney", "value").Text()+f.Get("usedUnsignedInt").Text(), f.Extension(extensionOf+"benefit-left")
				told = append(told, item.At("category", "text").Text()+": "+f.Get("type").Get("coding").First().Get("code").Text()+" "+used+" used, "+e.Get("valueDecimal").Text()+e.At("valueMoney", "value").Text()+" left")
			}
		}
		want = []string{"Chronic care: benefit 200 used, 200 left", "Chronic care: visit 1 used, 3 left", "Chronic care: quantity 3 used, 2 left"}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("told beforehand (-want +got)\n%s\n%s", diff, out.Resource.Body)
		}
	})
}

// Of a drug 12 units a year are paid, of which 3 are used, and two visits for a
// consultation, of which one is: both are told when nobody asks about them, and once
// where somebody does. Of many such services those are told of which something is used.
func TestMembersAreToldWhatIsLeftOfAService(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		term := `{"url":"` + extensionOf + `benefit-qualifier","valueCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-term","code":"annual"}]}}`
		entry := func(service, system, what, value string) string {
			return `{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"` + service + `"}]},"limit":[{"code":{"coding":[{"system":"` + system + `","code":"` + what + `"}]},"value":{"value":` + value + `},"extension":[` + term + `]}]}`
		}
		const units = "https://bima.example/fhir/CodeSystem/limit"
		entries := []string{`{"type":` + everything + `}`, entry("DRUG", units, "quantity", "12"), entry("CONS", "http://terminology.hl7.org/CodeSystem/benefit-type", "visit", "2")}
		b.putAll(`{"resourceType":"Patient","id":"sia"}`, `{"resourceType":"Patient","id":"neema"}`, tariff("CONS", "100", ""), tariff("DRUG", "50", ""),
			product("FEW", "", strings.Join(entries, ","), patientsShare(0)))
		for i := range 50 {
			entries = append(entries, entry(fmt.Sprintf("D%02d", i), units, "quantity", "1"))
		}
		b.putAll(product("MANY", "", strings.Join(entries, ","), patientsShare(0)), cover("cov-sia", "Patient/sia", "FEW", 1), cover("cov-neema", "Patient/neema", "MANY", 1))
		told := func(who, item string) (list []string) {
			question := `{"resourceType":"CoverageEligibilityRequest","status":"active","purpose":["benefits"],"patient":{"reference":"Patient/` + who + `"},"servicedDate":"2026-09-14","created":"2026-09-14","insurer":{"reference":"Organization/scheme"}` + item + `}`
			out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", []byte(question), false)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := fhir.Parse(out.Resource.Body)
			if err != nil {
				t.Fatal(err)
			}
			for item := range doc.Root().Get("insurance").First().Get("item").Each() {
				on := item.Get("productOrService").Get("coding").First().Get("code").Text() + item.Get("category").Get("coding").First().Get("code").Text()
				for f := range item.Get("benefit").Each() {
					if left := f.Extension(extensionOf + "benefit-left").Get("valueDecimal").Text(); left != "" {
						list = append(list, on+": "+f.Get("type").Get("coding").First().Get("code").Text()+" "+f.Get("usedUnsignedInt").Text()+" used, "+left+" left")
					}
				}
			}
			return list
		}
		for _, c := range []struct {
			who, plan string
			before    []string
		}{{"sia", "FEW", []string{"CONS: visit 0 used, 2 left", "DRUG: quantity 0 used, 12 left"}}, {"neema", "MANY", []string{"CONS: visit 0 used, 2 left"}}} {
			if diff := cmp.Diff(c.before, told(c.who, "")); diff != "" {
				t.Errorf("%s before the first claim (-want +got)\n%s", c.who, diff)
			}
			got := b.submit(b.of("V-"+c.who, "Patient/"+c.who, "Coverage/cov-"+c.who, "", line(1, "DRUG", 3, 50, ""), line(2, "CONS", 1, 100, "")))
			b.tell()
			if diff := cmp.Diff([]string{c.plan + ": visit 1 of 2 by individual", c.plan + ": quantity 3 of 12 by individual"}, left(b.node("ExplanationOfBenefit/"+got.ID))); diff != "" {
				t.Errorf("%s after a claim (-want +got)\n%s", c.who, diff)
			}
			want := []string{"CONS: visit 1 used, 1 left", "DRUG: quantity 3 used, 9 left"}
			if diff := cmp.Diff(want, told(c.who, "")); diff != "" {
				t.Errorf("%s asks (-want +got)\n%s", c.who, diff)
			}
			asked := told(c.who, `,"item":[{"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"DRUG"}]}}]`)
			slices.Sort(asked)
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("%s asks about the drug (-want +got)\n%s", c.who, diff)
			}
		}
	})
}

// Whose death has no date is not paid for until it has one, and a claim made on a day
// to come is not paid at all.
func TestDeathsWithoutADateAndDaysToCome(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		b.putAll(product("PAY", ``, `{"type":`+everything+`}`, patientsShare(0)), tariff("CONS", "100", ""),
			`{"resourceType":"Patient","id":"dead","deceasedBoolean":true}`, cover("cov-dead", "Patient/dead", "PAY", 1),
			`{"resourceType":"Patient","id":"alive","deceasedBoolean":false}`, cover("cov-alive", "Patient/alive", "PAY", 1))
		day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
		made := func(number, person, when string) []string {
			body := string(b.of(number, "Patient/"+person, "Coverage/cov-"+person, "", line(1, "CONS", 1, 100, "")))
			i := strings.Index(body, `"created"`)
			end := i + strings.Index(body[i:], ",")
			return b.submit([]byte(body[:i] + `"created":"` + when + `"` + body[end:])).lines()
		}
		for _, c := range []struct{ number, person, when, want string }{
			{"D-1", "alive", day(0), "100"},
			{"D-2", "alive", day(1), "100"},
			{"D-3", "alive", day(3), "0 target-date"},
			{"D-4", "dead", day(0), "0 death-undated"},
		} {
			if got := made(c.number, c.person, c.when); len(got) != 1 || got[0] != c.want {
				t.Errorf("%s of %s made on %s: %q, want %q", c.number, c.person, c.when, got, c.want)
			}
		}
	})
}

// Why a claim can't be decided is said in the scheme's language, in both places.
func TestErrorsAreInTheSchemesLanguage(t *testing.T) {
	for language, want := range map[string]string{
		"":   `there is no patient "Patient/nobody".`,
		"fr": `il n'y a pas de patient "Patient/nobody".`,
		"pt": `não existe o paciente "Patient/nobody".`,
		"sw": `hakuna mgonjwa "Patient/nobody".`,
	} {
		b := newBench(t, storagetest.SQLite(t), claim.Settings{Base: base, Language: language}.Module())
		got := b.submit(b.claim("Patient/asha", "Patient/nobody"))
		said := ""
		for e := range b.node("ClaimResponse/" + got.ID).Get("error").Each() {
			said += e.At("code", "text").Text()
		}
		if said != want || !strings.Contains(got.Disposition, want) {
			t.Errorf("%q says %q, and %q, want %q", language, said, got.Disposition, want)
		}
	}
}
