package claim_test

import (
	"strings"
	"testing"

	"bima/fhir/interaction"
)

// What docs/claims.md says that a claim may tell, row by row: that it is taken, kept as
// it was sent, and does what it is for.
func TestWhatAClaimMayTell(t *testing.T) {
	const (
		kinds     = "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/claim-supporting-info-category"
		condition = `{"sequence":1,"category":{"coding":[{"system":"` + kinds + `","code":"patient-condition"}]},"code":{"coding":[{"system":"urn:conditions","code":"critical"}]}}`
	)
	guarantee := func(number string) string {
		return `"supportingInfo":[{"sequence":1,"category":{"coding":[{"system":"` + kinds + `","code":"guarantee"}]},"valueString":"` + number + `"}],`
	}
	onEach(t, func(t *testing.T, b *bench) {
		share := func(percent, group string) string {
			qualifier := ""
			if group != "" {
				qualifier = `,"qualifiers":[{"coding":[{"system":"urn:groups","code":"` + group + `"}]}]`
			}
			return `{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":` + percent + `,"unit":"%"}` + qualifier + `}`
		}
		critical := `{"url":"` + extensionOf + `patient-group-condition","extension":[{"url":"group","valueCoding":{"system":"urn:groups","code":"critical"}},
			{"url":"condition","valueExpression":{"language":"text/fhirpath","expression":"supportingInfo.where(category.coding.code = 'patient-condition').code.coding.code = 'critical'"}}]}`
		b.putAll(
			product("ROWS", critical, `{"type":`+everything+`,"extension":[{"url":"`+extensionOf+`referral-required","valueCode":"elsewhere"}]}`, share("50", "")+","+share("0", "critical")),
			tariff("CONS", "100", ""), `{"resourceType":"Organization","id":"home","active":true,"name":"Home"}`,
			`{"resourceType":"Patient","id":"rosa","generalPractitioner":[{"reference":"Organization/home"}]}`, cover("cov-rosa", "Patient/rosa", "ROWS", 1),
		)
		const referral = `"referral":{"display":"the dispensary"},`
		of := func(number, more string) []byte {
			return b.of(number, "Patient/rosa", "Coverage/cov-rosa", more, line(1, "CONS", 1, 100, ""))
		}
		for _, c := range []struct{ name, number, more, want, kept string }{
			{"with a referral", "W-1", referral, "50 coinsurance", `"referral":{"display":"the dispensary"}`},
			{"without one, away from her own facility", "W-2", "", "0 referral", ""},
			{"with a guarantee number, which changes nothing", "W-3", referral + guarantee("G-17"), "50 coinsurance", `"valueString":"G-17"`},
			{"in a condition that the product asks for", "W-4", referral + `"supportingInfo":[` + condition + `],`, "100", `"code":"critical"`},
			{"in another condition", "W-5", referral + `"supportingInfo":[` + strings.Replace(condition, `"critical"`, `"stable"`, 1) + `],`, "50 coinsurance", `"code":"stable"`},
		} {
			got := b.submit(of(c.number, c.more))
			if lines := got.lines(); len(lines) != 1 || lines[0] != c.want {
				t.Errorf("%s: %q, want %q", c.name, lines, c.want)
			}
			if raw := string(b.node("Claim/" + got.ID).Raw()); !strings.Contains(raw, c.kept) {
				t.Errorf("%s: kept is %s, want %s in it", c.name, raw, c.kept)
			}
		}
		_, err := b.Create(b.ctx, "Claim", interaction.Write{Body: of("W-3", referral+guarantee("G-18"))})
		b.refused(err, 409, "supportingInfo")
	})
}
