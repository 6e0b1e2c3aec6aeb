package chargeitem_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/resources/chargeitem"
	"bima/resources/resourcestest"
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
