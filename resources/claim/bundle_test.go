package claim_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/attachment"
	"bima/resources/claim"
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

// A virus is what the scanner of these tests finds.
const virus = "virus"

type scanner struct{}

func (scanner) Scan(_ context.Context, data []byte) (string, error) {
	if strings.Contains(string(data), virus) {
		return "Some-Virus", nil
	}
	return "", nil
}

// withPaper gives a Bundle of a claim that refers to a letter, with the data of its file
// and more entries. The letter comes first where turned.
func (b *bench) withPaper(number, data string, turned bool, more string) []byte {
	b.Helper()
	claim := b.claim("C-2026-001001", number, `"status": "active"`, `"status": "active","supportingInfo":[{"sequence":1,"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claiminformationcategory","code":"attachment"}]},"valueReference":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f2"}}]`)
	first := fmt.Sprintf(`{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f1","resource":%s}`, claim)
	second := `{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f2","resource":{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"url":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f3"}}]}}`
	if turned {
		first, second = second, first
	}
	return fmt.Appendf(nil, `{"resourceType":"Bundle","type":"collection","entry":[%s,%s,{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f3","resource":{"resourceType":"Binary","contentType":"text/plain","data":%q}}%s]}`,
		first, second, base64.StdEncoding.EncodeToString([]byte(data)), more)
}

// What comes along with a claim is kept with it, under the limits of attachments, and
// once only.
func TestWhatComesAlongIsKeptWithTheClaim(t *testing.T) {
	onEachWith(t, []fhir.Module{claim.Module(base), attachment.Settings{MaxBytes: 20, Scanner: scanner{}}.Module()}, func(t *testing.T, b *bench) {
		submit := func(body []byte) response {
			t.Helper()
			r, err := b.operate(body)
			if err != nil {
				t.Fatal(err)
			}
			return r.first(t)
		}
		first := submit(b.withPaper("P-1", "Dear Sir", false, ""))
		stored := b.node("Claim/" + first.ID)
		letter := stored.Get("contained").First()
		if data := letter.Get("content").First().At("attachment", "data").Text(); data != "RGVhciBTaXI=" || "#"+letter.Get("id").Text() != stored.Get("supportingInfo").First().At("valueReference", "reference").Text() {
			t.Errorf("stored is %s", stored.Raw())
		}
		for name, turned := range map[string]bool{"sent again": false, "in another order": true} {
			if again := submit(b.withPaper("P-1", "Dear Sir", turned, "")); again.ID != first.ID {
				t.Errorf("%s it is %s, not %s", name, again.ID, first.ID)
			}
		}
		for typ, want := range map[string]string{"Claim": `"total":1`, "DocumentReference": `"total":0`, "Binary": `"total":0`} {
			if out, err := b.Search(b.ctx, typ, "_summary=count", interaction.SearchOptions{}); err != nil || !strings.Contains(string(out), want) {
				t.Errorf("of %s there are %s, %v", typ, out, err)
			}
		}
		if known := b.node("ClaimResponse/"+first.ID).At("meta", "versionId").Text(); known != "1" {
			t.Errorf("it was decided %s times", known)
		}
		for _, c := range []struct {
			name, at string
			status   int
			body     []byte
		}{
			{"another letter under the same number", "Bundle.entry[0].resource.identifier[0]", 409, b.withPaper("P-1", "Dear Madam", false, "")},
			{"a letter of twenty bytes", "", 0, b.withPaper("P-2", "12345678901234567890", false, "")},
			{"one of twenty-one", "Bundle.entry[2].resource.data", 422, b.withPaper("P-3", "123456789012345678901", false, "")},
			{"one of them before the claim", "Bundle.entry[2].resource.data", 422, b.withPaper("P-3", "123456789012345678901", true, "")},
			{"one of a type that is not taken", "Bundle.entry[2].resource.contentType", 422, bytes.Replace(b.withPaper("P-3", "x", false, ""), []byte("text/plain"), []byte("text/html"), 1)},
			{"a virus", "Bundle.entry[2].resource", 422, b.withPaper("P-3", virus, false, "")},
			{"a virus in the claim's own paper", "Bundle.entry[0].resource.supportingInfo[0].value", 422, bytes.Replace(b.withPaper("P-3", "x", false, ""), []byte(`"valueReference":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f2"}`),
				fmt.Appendf(nil, `"valueAttachment":{"contentType":"text/plain","data":%q}`, base64.StdEncoding.EncodeToString([]byte(virus))), 1)},
			{"a paper to which nothing leads", "Bundle.entry[3]", 400, b.withPaper("P-3", "x", false, `,{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f4","resource":{"resourceType":"Binary","contentType":"text/plain","data":"eA=="}}`)},
			{"another claim", "Bundle.entry[3]", 400, b.withPaper("P-3", "x", false, fmt.Sprintf(`,{"resource":%s}`, b.claim("C-2026-001001", "P-4")))},
		} {
			_, err := b.operate(c.body)
			if c.status == 0 {
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				continue
			}
			if interaction.Status(err) != c.status || fhir.OutcomeOf(err).Issues[0].Expression != c.at {
				t.Errorf("%s: %d %v", c.name, interaction.Status(err), err)
			}
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
