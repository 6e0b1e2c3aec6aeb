package chargeitem_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/resources/chargeitem"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// group gives a price on a list over a period, with more elements.
func group(list, period, amount, more string) string {
	extensions := fmt.Sprintf(`{"url":"https://bima.example/fhir/StructureDefinition/price-list","valueCoding":{"system":"urn:lists","code":%q}}`, list)
	if period != "" {
		extensions += fmt.Sprintf(`,{"url":"https://bima.example/fhir/StructureDefinition/price-period","valuePeriod":%s}`, period)
	}
	return fmt.Sprintf(`{"extension":[%s],%s"priceComponent":[{"type":"base","amount":{"value":%s,"currency":"TZS"}}]}`, extensions, more, amount)
}

func tariff(groups ...string) string {
	return `{"resourceType":"ChargeItemDefinition","id":"t","url":"urn:t","status":"active","code":{"coding":[{"system":"urn:s","code":"S-1"}]},"propertyGroup":[` + strings.Join(groups, ",") + `]}`
}

const (
	firstHalf  = `{"start":"2026-01-01","end":"2026-06-30"}`
	secondHalf = `{"start":"2026-07-01"}`
)

func TestTariffs(t *testing.T) {
	condition := func(expression string) string {
		return fmt.Sprintf(`"applicability":[{"language":"text/fhirpath","expression":%q}],`, expression)
	}
	const written = "%context.performingOrganization.resolve().extension.where(url = 'https://bima.example/fhir/StructureDefinition/price-list').value.code = 'D' and %context.occurrence >= @2026-07-01"
	cases := []struct {
		name, body, want string
	}{
		{"two lists and two halves of a year", tariff(group("D", firstHalf, "5", ""), group("D", secondHalf, "6", ""), group("H", "", "7", "")), ""},
		{"one list twice on a day", tariff(group("D", firstHalf, "5", ""), group("D", `{"start":"2026-06-30"}`, "6", "")), "ChargeItemDefinition.propertyGroup[1]"},
		{"one list twice without a period", tariff(group("D", "", "5", ""), group("D", secondHalf, "6", "")), "ChargeItemDefinition.propertyGroup[1]"},
		{"a price below 0", tariff(group("D", "", "-5", "")), "ChargeItemDefinition.propertyGroup[0].priceComponent[0].amount"},
		{"no price at all", strings.Replace(tariff(group("D", "", "5", "")), `"type":"base"`, `"type":"informational"`, 1), "ChargeItemDefinition.propertyGroup[0].priceComponent"},
		{"the condition the server would write", tariff(group("D", secondHalf, "5", condition(written))), ""},
		{"another condition", tariff(group("D", secondHalf, "5", condition("true"))), "ChargeItemDefinition.propertyGroup[0].applicability[0]"},
		{"no code", strings.Replace(tariff(group("D", "", "5", "")), `"code":{"coding":[{"system":"urn:s","code":"S-1"}]},`, "", 1), "ChargeItemDefinition.code"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := resourcestest.New(t, chargeitem.Module())
			if c.want == "" {
				w.Put(c.body)
				return
			}
			if got := w.Refused(c.body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheServerWritesMissingConditions(t *testing.T) {
	w := resourcestest.New(t, chargeitem.Module())
	w.Put(tariff(group("D", firstHalf, "5.50", "")))
	stored := w.Get("ChargeItemDefinition/t")
	got := stored.Get("propertyGroup").First().Get("applicability").First().Get("expression").Text()
	want := "%context.performingOrganization.resolve().extension.where(url = 'https://bima.example/fhir/StructureDefinition/price-list').value.code = 'D'" +
		" and %context.occurrence >= @2026-01-01 and %context.occurrence <= @2026-06-30"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if price := stored.Get("propertyGroup").First().Get("priceComponent").First().At("amount", "value").Text(); price != "5.50" {
		t.Errorf("the price became %s", price)
	}
	w.Put(string(stored.Raw()))
	if again := w.Get("ChargeItemDefinition/t").At("meta", "versionId").Text(); again != stored.At("meta", "versionId").Text() {
		t.Errorf("putting it back made version %s", again)
	}
}

// madeOf gives a package of parts, "code quantity".
func madeOf(id, pricing string, priced bool, parts ...string) string {
	extensions := fmt.Sprintf(`{"url":"pricing","valueCode":%q}`, pricing)
	for _, p := range parts {
		code, quantity, _ := strings.Cut(p, " ")
		extensions += fmt.Sprintf(`,{"url":"part","extension":[{"url":"service","valueCoding":{"system":"urn:s","code":%q}},{"url":"quantity","valueDecimal":%s}]}`, code, quantity)
	}
	groups := ""
	if priced {
		groups = `,"propertyGroup":[` + group("D", "", "900", "") + `]`
	}
	return fmt.Sprintf(`{"resourceType":"ChargeItemDefinition","id":%[1]q,"url":"urn:%[1]s","extension":[{"url":"https://bima.example/fhir/StructureDefinition/service-package","extension":[%[2]s]}],"status":"active","code":{"coding":[{"system":"urn:s","code":%[1]q}]}%[3]s}`, id, extensions, groups)
}

// service gives a single service of a code, on a list.
func service(id, list, period string) string {
	return strings.NewReplacer(`"id":"t"`, `"id":"`+id+`"`, `"urn:t"`, `"urn:`+id+`"`, `"S-1"`, `"`+id+`"`).Replace(tariff(group(list, period, "5", "")))
}

func databases(t *testing.T, test func(t *testing.T, w *resourcestest.World)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			var clock resourcestest.Clock
			clock.Set(t, "2026-03-10")
			test(t, resourcestest.Timed(t, dsn(t), &clock, chargeitem.Module()))
		})
	}
}

func TestPackages(t *testing.T) {
	const at = "ChargeItemDefinition.extension('https://bima.example/fhir/StructureDefinition/service-package')"
	cases := []struct{ name, body, want string }{
		{"a fixed package with a price", madeOf("P", "fixed", true, "A 1", "B 2.5"), ""},
		{"an itemised package without one", madeOf("P", "itemised", false, "A 1", "B 2"), ""},
		{"a fixed package without a price", madeOf("P", "fixed", false, "A 1"), "ChargeItemDefinition.propertyGroup"},
		{"a pricing nobody knows", madeOf("P", "single", true, "A 1"), at},
		{"a package of nothing", madeOf("P", "fixed", true), at},
		{"none of a part", madeOf("P", "itemised", false, "A 0"), at + ".extension[1]"},
		{"less than none", madeOf("P", "itemised", false, "A 1", "B -1"), at + ".extension[2]"},
		{"a part twice", madeOf("P", "itemised", false, "A 1", "A 2"), at + ".extension[2]"},
		{"a part of itself", madeOf("P", "itemised", false, "A 1", "P 1"), at + ".extension[2]"},
		{"a part that is no service of the scheme", madeOf("P", "itemised", false, "A 1", "X 1"), at + ".extension[2]"},
		{"a package in a package", madeOf("Q", "itemised", false, "A 1", "P 1"), at + ".extension[2]"},
	}
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(service("A", "D", ""), service("B", "D", ""))
		for _, c := range cases {
			if c.want == "" {
				w.Put(c.body)
				continue
			}
			if got := w.Refused(c.body); got != c.want {
				t.Errorf("%s: refused at %q, want %q", c.name, got, c.want)
			}
		}
	})
}

func TestAListHasOnePriceOnADayInAllDefinitions(t *testing.T) {
	second := func(list, period string) string {
		return strings.Replace(service("A", list, period), `"id":"A"`, `"id":"second"`, 1)
	}
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(service("A", "D", firstHalf), service("B", "D", firstHalf))
		if got := w.Refused(second("D", `{"start":"2026-06-30"}`)); got != "ChargeItemDefinition.propertyGroup[0]" {
			t.Errorf("another price on the last day is refused at %q", got)
		}
		w.Put(second("D", secondHalf))
		w.Put(second("H", firstHalf))
		w.Put(strings.Replace(second("D", firstHalf), `"status":"active"`, `"status":"draft"`, 1))
		w.Put(strings.Replace(second("D", firstHalf), `"status":"active"`, `"status":"active","effectivePeriod":{"start":"2027-01-01"}`, 1))
		if err := w.Try(second("D", firstHalf)); err == nil || !strings.Contains(err.Error(), "ChargeItemDefinition/A has a price") {
			t.Errorf("the other is not named: %v", err)
		}
	})
}
