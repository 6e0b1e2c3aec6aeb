package claim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

// The persons, plans and services of these stories; a list price is TZS on HOSPITAL.
const extensionOf = "https://bima.example/fhir/StructureDefinition/"

// product gives a plan that covers everything, with more extensions and benefits.
func product(id, extensions, benefits, costs string) string {
	return `{"resourceType":"InsurancePlan","id":"` + id + `","status":"active","name":"` + id + `",` + extended(extensions) + `
		"coverage":[{"type":{"text":"medical"},"benefit":[` + benefits + `]}],
		"plan":[{"specificCost":[{"category":{"text":"all"},"benefit":[{"type":` + everything + `,"cost":[` + costs + `]}]}]}]}`
}

// extended gives extensions as an element; none where there are none.
func extended(list string) string {
	if list == "" {
		return ""
	}
	return `"extension":[` + list + `],`
}

const everything = `{"coding":[{"system":"https://bima.example/fhir/CodeSystem/benefit","code":"all"}]}`

// patientsShare is a cost: the patient's percentage.
func patientsShare(percent int) string {
	return fmt.Sprintf(`{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":%d,"unit":"%%"}}`, percent)
}

// cover gives a membership of a person in a plan, a policy of its own.
func cover(id, person, plan string, order int) string {
	return fmt.Sprintf(`{"resourceType":"Coverage","id":%q,"status":"active","order":%d,"beneficiary":{"reference":%q},
		"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/%s"}}],
		"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/scheme"}]}`, id, order, person, plan)
}

// tariff gives a service with its price on the list, "" for none.
func tariff(code, price, extensions string) string {
	group := ""
	if price != "" {
		group = `,"propertyGroup":[{"extension":[{"url":"` + extensionOf + `price-list","valueCoding":{"system":"https://bima.example/fhir/CodeSystem/price-list","code":"HOSPITAL"}}],
			"priceComponent":[{"type":"base","amount":{"value":` + price + `,"currency":"TZS"}}]}]`
	}
	return `{"resourceType":"ChargeItemDefinition","id":"` + code + `","url":"https://bima.example/fhir/ChargeItemDefinition/` + code + `","status":"active",
		` + extended(extensions) + `"identifier":[{"system":"https://bima.example/fhir/CodeSystem/service","value":"` + code + `"}],
		"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"` + code + `"}]}` + group + `}`
}

// made gives the extension of a package.
func made(pricing string, parts ...string) string {
	list := []string{`{"url":"pricing","valueCode":"` + pricing + `"}`}
	for _, p := range parts {
		code, quantity, _ := strings.Cut(p, ":")
		list = append(list, `{"url":"part","extension":[{"url":"service","valueCoding":{"system":"https://bima.example/fhir/CodeSystem/service","code":"`+code+`"}},{"url":"quantity","valueDecimal":`+quantity+`}]}`)
	}
	return `{"url":"` + extensionOf + `service-package","extension":[` + strings.Join(list, ",") + `]}`
}

func coded(code string) string {
	return `"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"` + code + `"}]}`
}

// line gives an item of a claim: service, quantity, unit price.
func line(sequence int, code string, quantity, price int, more string) string {
	return fmt.Sprintf(`{"sequence":%d,%s,"quantity":{"value":%d},"unitPrice":{"value":%d,"currency":"TZS"}%s}`, sequence, coded(code), quantity, price, more)
}

// putAll stores resources under their ids.
func (b *bench) putAll(bodies ...string) {
	b.Helper()
	entries := make([]string, len(bodies))
	for i, body := range bodies {
		doc, err := fhir.Parse([]byte(body))
		if err != nil {
			b.Fatal(err)
		}
		n := doc.Root()
		entries[i] = fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":"%s/%s"}}`, body, n.Get("resourceType").Text(), n.Get("id").Text())
	}
	b.bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`))
}

// of gives a claim of a person with lines, and with more elements.
func (b *bench) of(number, person, coverage, more string, lines ...string) []byte {
	b.Helper()
	body := string(b.claim("C-2026-001001", number, "Patient/asha", person, "Coverage/cov-asha", coverage))
	return []byte(body[:strings.Index(body, `"item"`)] + more + `"item":[` + strings.Join(lines, ",") + `]}`)
}

// lines gives, of each line, what is paid and the reasons.
func (r response) lines() []string {
	var list []string
	for i, item := range r.Item {
		for _, a := range item.Adjudication {
			if a.Category.Coding[0].Code == "benefit" {
				list = append(list, strings.TrimSpace(a.Amount.Value.String()+" "+strings.Join(r.reasons(i), " ")))
			}
		}
	}
	return list
}

func TestPackagesArePaidOnce(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		b.putAll(
			product("PAY", ``, `{"type":`+everything+`}`, patientsShare(0)),
			`{"resourceType":"Patient","id":"pia"}`, cover("cov-pia", "Patient/pia", "PAY", 1),
			tariff("CONS", "100", ""), tariff("DRUG", "50", ""),
			tariff("BIRTH", "1000", made("fixed", "CONS:1", "DRUG:2")),
			tariff("CHECK", "", made("itemised", "CONS:1", "DRUG:2")),
		)
		got := b.submit(b.of(
			"P-1", "Patient/pia", "Coverage/cov-pia", "",
			line(1, "CONS", 1, 100, ""),   // in BIRTH
			line(2, "BIRTH", 1, 4000, ""), // 1,000 by the list
			line(3, "DRUG", 3, 50, ""),    // two in BIRTH, one at 50
		)).lines()
		if diff := cmp.Diff([]string{"0 unbundled", "1000 list-price", "50 unbundled"}, got); diff != "" {
			t.Errorf("beside a fixed package (-want +got)\n%s", diff)
		}
		detail := func(code string, quantity, price int) string {
			return strings.Replace(line(1, code, quantity, price, ""), `"sequence":1`, `"sequence":`+fmt.Sprint(quantity), 1)
		}
		got = b.submit(b.of(
			"P-2", "Patient/pia", "Coverage/cov-pia", "",
			line(1, "CHECK", 1, 500, ""), // 100 + 2 × 50
			line(2, "CHECK", 1, 290, `,"detail":[`+detail("CONS", 1, 90)+`,`+detail("DRUG", 3, 60)+`]`), // 90 + 2 × 50
			line(3, "CHECK", 1, 200, `,"detail":[`+detail("DRUG", 1, 40)+`]`),                           // 40
		)).lines()
		if diff := cmp.Diff([]string{"200 package", "190 package", "40 package"}, got); diff != "" {
			t.Errorf("itemised packages (-want +got)\n%s", diff)
		}
	})
}

func TestWhatOnePolicyLeavesAnotherPays(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		second := `{"url":"` + extensionOf + `coordination-of-benefits","valueBoolean":true}`
		b.putAll(
			product("FIRST", ``, `{"type":`+everything+`}`, patientsShare(40)),
			product("SECOND", second, `{"type":`+everything+`}`, patientsShare(50)),
			`{"resourceType":"Patient","id":"coba"}`, cover("cob-1", "Patient/coba", "FIRST", 1), cover("cob-2", "Patient/coba", "SECOND", 2),
			tariff("CONS", "100", ""),
		)
		// The first pays 60; of the 40 it leaves the second pays half, 20.
		r := b.submit(b.of("K-1", "Patient/coba", "Coverage/cob-1", "", line(1, "CONS", 1, 100, "")))
		if diff := cmp.Diff([]string{"80 coinsurance"}, r.lines()); diff != "" || r.total("memberliability") != "20" {
			t.Errorf("the member owes %s (-want +got)\n%s", r.total("memberliability"), diff)
		}
		if diff := cmp.Diff([]string{"Coverage/cob-1 60", "Coverage/cob-2 20"}, parts(t, r)); diff != "" {
			t.Errorf("the policies' parts (-want +got)\n%s", diff)
		}
		// Another insurer paid 30 by its own answer: of 70 the first pays 42, the
		// second half of the 28 it leaves, 14.
		other := `"contained":[{"resourceType":"ClaimResponse","id":"theirs","status":"active","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/coba"},
			"created":"2026-09-14","insurer":{"display":"Other"},"outcome":"complete","item":[{"itemSequence":1,"adjudication":[
			{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"benefit"}]},"amount":{"value":30,"currency":"TZS"}}]}]}],`
		body := b.of("K-2", "Patient/coba", "Coverage/cob-1", other, line(1, "CONS", 1, 100, ""))
		body = []byte(strings.Replace(string(body), `"insurance": [`, `"insurance": [{"sequence":2,"focal":false,"coverage":{"display":"Other"},"claimResponse":{"reference":"#theirs"}},`, 1))
		r = b.submit(body)
		if diff := cmp.Diff([]string{"56 other-payer coinsurance"}, r.lines()); diff != "" {
			t.Errorf("beside another insurer (-want +got)\n%s", diff)
		}
		// One that said only a sum, 120 for two lines of 100: nothing is left of the
		// first, and 80 of the second: 48 + 16.
		body = b.of("K-3", "Patient/coba", "Coverage/cob-1", "", line(1, "CONS", 1, 100, ""), line(2, "CONS", 1, 100, ""))
		sum := `{"extension":[{"url":"` + extensionOf + `other-payer-paid","valueMoney":{"value":120,"currency":"TZS"}}],"sequence":2,"focal":false,"coverage":{"display":"Other"}},`
		r = b.submit([]byte(strings.Replace(string(body), `"insurance": [`, `"insurance": [`+sum, 1)))
		if diff := cmp.Diff([]string{"0 other-payer", "64 other-payer coinsurance"}, r.lines()); diff != "" {
			t.Errorf("beside a sum (-want +got)\n%s", diff)
		}
		b.tell() // members are told of what several policies pay, too
		if got := len(b.found("ExplanationOfBenefit", "patient=Patient/coba")); got != 3 {
			t.Errorf("the member is told of %d of his 3 claims", got)
		}
	})
}

// parts gives what each policy pays of the first line.
func parts(t *testing.T, r response) []string {
	t.Helper()
	var got struct {
		Insurance []struct {
			Sequence int
			Coverage struct{ Reference string }
		}
		Item []struct {
			Adjudication []struct {
				Extension []struct {
					URL              string
					ValuePositiveInt int
				}
				Category struct{ Coding []struct{ Code string } }
				Amount   struct{ Value json.Number }
			}
		}
	}
	if err := json.Unmarshal([]byte(r.Body), &got); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, a := range got.Item[0].Adjudication {
		for _, i := range got.Insurance {
			if a.Category.Coding[0].Code == "policy-benefit" && len(a.Extension) == 1 && a.Extension[0].ValuePositiveInt == i.Sequence {
				list = append(list, i.Coverage.Reference+" "+a.Amount.Value.String())
			}
		}
	}
	return list
}

func TestAccidentsAtWork(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		covers := func(code string) string {
			return `{"url":"` + extensionOf + `accident-cover","valueCode":"` + code + `"}`
		}
		wages := `{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"WAGE"}]},
			"extension":[{"url":"` + extensionOf + `wage-replacement","extension":[{"url":"share","valueDecimal":80},{"url":"after","valueUnsignedInt":3}]}],
			"limit":[{"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/limit","code":"quantity"}]},"value":{"value":12},
			"extension":[{"url":"` + extensionOf + `benefit-qualifier","valueCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-term","code":"annual"}]}}]}]}`
		staff := func(id, employer, income string) string {
			return `{"resourceType":"Group","id":"` + id + `","type":"person","actual":true,"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/group-kind","code":"employees"}]},
				"managingEntity":{"reference":"Organization/` + employer + `"},"member":[{"entity":{"reference":"Patient/wema"},
				"extension":[{"url":"` + extensionOf + `employment","extension":[{"url":"income","valueMoney":{"value":` + income + `,"currency":"TZS"}}]}]}]}`
		}
		b.putAll(
			product("HEALTH", covers("not-work"), `{"type":`+everything+`}`, patientsShare(20)),
			product("INJURY", covers("work"), `{"type":`+everything+`},`+wages, patientsShare(0)),
			`{"resourceType":"Patient","id":"wema"}`, cover("wema-1", "Patient/wema", "HEALTH", 1), cover("wema-2", "Patient/wema", "INJURY", 2),
			`{"resourceType":"Organization","id":"mill","name":"Mill"}`, `{"resourceType":"Organization","id":"shop","name":"Shop"}`,
			staff("mill-staff", "mill", "300000"),
			tariff("CONS", "100", ""), tariff("WAGE", "", ""),
		)
		accident := func(kind, date string) string {
			return `"accident":{"date":"` + date + `","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"` + kind + `"}]}},`
		}
		for i, c := range []struct{ name, more, want string }{
			{"An illness is the health plan's: 100 − 20 %.", "", "80 coinsurance"},
			{"A car accident is, too.", accident("MVA", "2026-09-14"), "80 coinsurance"},
			{"An accident at work is the injury plan's.", accident("WPA", "2026-09-14"), "100"},
			{"Care did not come of one the day after.", accident("WPA", "2026-09-15"), "80 coinsurance"},
		} {
			number := fmt.Sprintf("W-%d", i)
			if diff := cmp.Diff([]string{c.want}, b.submit(b.of(number, "Patient/wema", "Coverage/wema-1", c.more, line(1, "CONS", 1, 100, ""))).lines()); diff != "" {
				t.Errorf("%s (-want +got)\n%s", c.name, diff)
			}
		}
		days := func(number, from, to string, quantity int) []string {
			served := `,"servicedPeriod":{"start":"` + from + `","end":"` + to + `"}`
			body := b.of(number, "Patient/wema", "Coverage/wema-1", accident("WPA", "2026-09-01"), line(1, "WAGE", quantity, 10000, served))
			return b.submit([]byte(strings.Replace(string(body), `"start": "2026-09-14"`, `"start": "2026-09-01"`, 1))).lines()
		}
		// 300,000 × 80 % / 30 = 8,000 a day. Of 1 to 10 September the first three are
		// not replaced: 7 × 8,000. Then five of twelve days are left of eight: 40,000.
		if diff := cmp.Diff([]string{"56000 wage-days wage-share"}, days("D-1", "2026-09-01", "2026-09-10", 10)); diff != "" {
			t.Errorf("the first days (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff([]string{"40000 wage-share quantity-cut"}, days("D-2", "2026-09-07", "2026-09-14", 8)); diff != "" {
			t.Errorf("the last days (-want +got)\n%s", diff)
		}
	})
}
