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

// A product that only tracks pays nothing of 90,000, and asks nothing of the member
// either: what others pay is not its business.
func TestAPlanThatTracksPaysNothing(t *testing.T) {
	const concept = `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
	onEach(t, func(t *testing.T, b *bench) {
		b.TB = t
		for _, r := range []struct{ typ, id, body string }{
			{"InsurancePlan", "tracks", `"status":"active","name":"Tracks","type":[{"coding":[{"system":"https://bima.example/fhir/CodeSystem/product-kind","code":"tracking"}]}],
				"coverage":[{"type":` + concept + `,"benefit":[{"type":{"coding":[{"system":"` + serviceSystem + `","code":"S-310"}]}}]}]`},
			{"Patient", "tracks", `"active":true,"gender":"female","birthDate":"1990-05-17"`},
			{"Coverage", "tracks", `"status":"active","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/tracks"}}],
				"beneficiary":{"reference":"Patient/tracks"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/scheme"}]`},
		} {
			body := []byte(`{"resourceType":"` + r.typ + `","id":"` + r.id + `",` + r.body + `}`)
			if _, err := b.Update(b.ctx, fhir.Key{Type: r.typ, ID: r.id}, interaction.Write{Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		doc, err := fhir.Parse(b.ask("Patient/asha", "Patient/tracks"))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for benefit := range doc.Root().Get("insurance").First().Get("item").First().Get("benefit").Each() {
			got[benefit.At("type", "coding").First().Get("code").Text()] = benefit.At("allowedMoney", "value").Text()
		}
		if got["submitted"] != "90000" || got["benefit"] != "0" || got["memberliability"] != "0" {
			t.Errorf("got %v, want nothing paid of 90000 and nothing owed", got)
		}
	})
}
