package claim_test

import (
	"testing"

	"bima/fhir"
	"bima/resources/claim"
	"bima/resources/patient"
	"bima/resources/patient/number"
)

// TestAPersonWhoWasEnrolledTwice: the facility goes on naming the record that was
// merged into another, and what was decided under it stays what it was.
//
// A ceiling of 300 a person; a drug costs 50. Under the old record 4 × 50 = 200.
// Merged twice, 300 - 200 = 100 are left: a claim of 150 is granted 100. The first
// withdrawn, it is granted 150, and 150 are left. Of another person 4 × 50 = 200 are
// withdrawn after his merge: of 7 × 50 = 350 all 300 are granted.
func TestAPersonWhoWasEnrolledTwice(t *testing.T) {
	onEachWith(t, []fhir.Module{claim.Module(base), patient.Settings{Number: number.Scheme{Check: number.None}}.Module()}, func(t *testing.T, b *bench) {
		const ceiling = `,{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"benefit"}]},
			"qualifiers":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"individual"}]}],"value":{"value":300,"unit":"TZS","system":"urn:iso:std:iso:4217","code":"TZS"}}`
		b.putAll(`{"resourceType":"Patient","id":"old"}`, `{"resourceType":"Patient","id":"mid"}`, `{"resourceType":"Patient","id":"new"}`,
			tariff("DRUG", "50", ""), product("CEIL", "", `{"type":`+everything+`}`, patientsShare(0)+ceiling), cover("cov-old", "Patient/old", "CEIL", 1),
			`{"resourceType":"Patient","id":"aside"}`, `{"resourceType":"Patient","id":"apart"}`, cover("cov-aside", "Patient/aside", "CEIL", 1))
		merge := func(from, to string) {
			t.Helper()
			body := `{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/` + from + `"}},{"name":"target-patient","valueReference":{"reference":"Patient/` + to + `"}}]}`
			if _, err := b.Call(b.ctx, "merge", fhir.Key{Type: "Patient"}, "", []byte(body), false); err != nil {
				t.Fatal(err)
			}
		}
		grants := func(name string, r response, want string) {
			t.Helper()
			if got := r.total("benefit"); got != want {
				t.Errorf("%s grants %s, want %s: %s", name, got, want, r.Body)
			}
		}
		again := func(name string, r response, want string) {
			t.Helper()
			anew, err := b.ask("reprocess", r.ID, "")
			if err != nil {
				t.Fatal(err)
			}
			grants(name, anew, want)
		}
		first := b.submit(b.of("M-1", "Patient/old", "Coverage/cov-old", "", line(1, "DRUG", 4, 50, "")))
		grants("the first", first, "200")
		merge("old", "mid")
		again("the first, decided anew after a merge", first, "200")
		merge("mid", "new")
		again("the first, after another", first, "200")
		third := b.submit(b.of("M-2", "Patient/old", "Coverage/cov-old", "", line(1, "DRUG", 3, 50, "")))
		grants("one that names the old record", third, "100")
		again("the first once more", first, "200")
		again("and that", third, "100")
		aside := b.submit(b.of("M-0", "Patient/aside", "Coverage/cov-aside", "", line(1, "DRUG", 4, 50, "")))
		merge("aside", "apart")
		b.setStatus(aside.ID, "cancelled")
		grants("what another used and gave back", b.submit(b.of("M-9", "Patient/apart", "Coverage/cov-aside", "", line(1, "DRUG", 7, 50, ""))), "300")
		b.setStatus(first.ID, "cancelled")
		again("when the first is withdrawn", third, "150")
		grants("what is left", b.submit(b.of("M-3", "Patient/new", "Coverage/cov-old", "", line(1, "DRUG", 6, 50, ""))), "150")
		again("and again", third, "150")
	})
}
