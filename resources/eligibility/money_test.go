package eligibility_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

// A plan of shares only names no money, and who asks names none: the price of
// 90,000 TZS says what it is counted in, and of that the member pays 20 %.
func TestAPlanWithoutMoneyIsAnsweredInThatOfThePrices(t *testing.T) {
	const concept = `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
	onEach(t, func(t *testing.T, b *bench) {
		b.TB = t
		for _, r := range []struct{ typ, id, body string }{
			{"InsurancePlan", "shares", `"status":"active","name":"Shares","coverage":[{"type":` + concept + `,"benefit":[{"type":{"coding":[{"system":"` + serviceSystem + `","code":"S-310"}]}}]}],
				"plan":[{"specificCost":[{"category":` + concept + `,"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/benefit","code":"all"}]},"cost":[
				{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":20,"system":"http://unitsofmeasure.org","code":"%"}}]}]}]}]`},
			{"Patient", "shares", `"active":true,"gender":"female","birthDate":"1990-05-17"`},
			{"Coverage", "shares", `"status":"active","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/shares"}}],
				"beneficiary":{"reference":"Patient/shares"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/scheme"}]`},
		} {
			body := []byte(`{"resourceType":"` + r.typ + `","id":"` + r.id + `",` + r.body + `}`)
			if _, err := b.Update(b.ctx, fhir.Key{Type: r.typ, ID: r.id}, interaction.Write{Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		got := plain(t, b.ask("Patient/asha", "Patient/shares"))
		if want := `"disposition": "Covered. The member would pay 18,000 of 90,000 TZS."`; !strings.Contains(got, want) {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
}
