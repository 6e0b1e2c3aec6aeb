package claim_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir/interaction"
)

const facility2 = `{"resourceType":"Organization","id":"1","identifier":[{"system":"https://bima.example/fhir/id/facility","value":"F-2"}]}`

func patientNumbered(number string) string {
	return `{"resourceType":"Patient","id":"juma","identifier":[{"system":"https://clinic.example/file","value":"7"},{"system":"https://bima.example/fhir/id/insurance-number","value":"` + number + `"}]}`
}

// The sender's ids are not ours: what he encloses is found by its numbers.
func TestEnclosedResourcesAreFoundByTheirNumbers(t *testing.T) {
	const urn = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f1"
	cases := []struct{ name, refer, url, enclosed, benefit string }{
		{"by urn", urn, urn, patientNumbered("070707070081"), "68000"},
		{"by the sender's URL", "https://clinic.example/fhir/Patient/juma", "https://clinic.example/fhir/Patient/juma", patientNumbered("070707070081"), "68000"},
		{"by a relative reference, which is not our Patient/juma", "Patient/juma", "https://clinic.example/fhir/Patient/juma", patientNumbered("070707070081"), "68000"},
		{"by a relative reference and no fullUrl", "Patient/juma", "", patientNumbered("070707070081"), "68000"},
		{"with a number nobody has", urn, urn, patientNumbered("070707079999"), ""},
		{"under our own base, where the id counts", "Patient/asha", base + "/Patient/asha", strings.Replace(patientNumbered("070707070073"), "juma", "asha", 1), "68000"},
		{"without any number, where our id counts", "Patient/asha", "", `{"resourceType":"Patient","id":"asha"}`, "68000"},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b.TB = t
				claim := b.claim(`"reference": "Patient/asha"`, `"reference":"`+c.refer+`"`, "Organization/facility-2", "Organization/1", "C-2026-001001", fmt.Sprintf("B-%d", i))
				url := ""
				if c.url != "" {
					url = `"fullUrl":"` + c.url + `",`
				}
				r, err := b.operate(fmt.Appendf(nil, `{"resourceType":"Bundle","type":"collection","entry":[{"resource":%s},{%s"resource":%s},{"resource":%s}]}`, claim, url, c.enclosed, facility2))
				if err != nil {
					t.Fatal(err)
				}
				decided := r.first(t)
				if got := decided.total("benefit"); got != c.benefit {
					t.Errorf("the benefit is %q, want %q: %s", got, c.benefit, decided.Disposition)
				}
				if !strings.Contains(r.Body, `"fullUrl":"`+base+`/ClaimResponse/`) {
					t.Errorf("the answer has no fullUrl: %s", r.Body)
				}
				b.setStatus(decided.ID, "cancelled")
			})
		}
	})
}

// first gives the resource of the first entry of a Bundle.
func (r response) first(t *testing.T) response {
	t.Helper()
	_, rest, _ := strings.Cut(r.Body, `"resource":`)
	return decode(t, []byte(strings.TrimSuffix(rest, "}]}")))
}

func TestOnlyActiveClaimsAreSubmitted(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		for _, status := range []string{"draft", "cancelled", "entered-in-error"} {
			_, err := b.operate(b.claim(`"status": "active"`, `"status": "`+status+`"`))
			if interaction.Status(err) != 422 || !strings.Contains(err.Error(), "Claim.status") {
				t.Errorf("%s: %v", status, err)
			}
		}
		out, err := b.Search(b.ctx, "Claim", "_summary=count", interaction.SearchOptions{})
		if err != nil || !strings.Contains(string(out), `"total":0`) {
			t.Errorf("something is stored: %v %s", err, out)
		}
	})
}
