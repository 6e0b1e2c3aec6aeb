package claim_test

import (
	"bytes"
	"testing"
)

// A family's ceiling of 50,000 is for one member, and grows by 10,000 for each
// further one on the day of treatment, 14 September. The surgery would be paid
// 100,000 − 10,000 (list) − 5,000 (deductible) − 17,000 (20 %) = 68,000.
func TestAFamilysCeilingGrowsWithItsMembersOfTheDay(t *testing.T) {
	const (
		old = `"value": 600000,
             "unit": "TZS"`
		grows = `"extension": [{"url": "https://bima.example/fhir/StructureDefinition/extra-member", "extension": [
             {"url": "threshold", "valueUnsignedInt": 1}, {"url": "amount", "valueMoney": {"value": 10000, "currency": "TZS"}}]}],
            "value": {`
	)
	for _, c := range []struct{ name, from, want string }{
		{"Both are members on the day: 50,000 + 10,000.", "2026-09-14", "60000"},
		{"The other joins on the day after: 50,000.", "2026-09-15", "50000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, b *bench) {
				plan := b.plan("InsurancePlan/district-health-plan-2026")
				at := bytes.Index(plan, []byte(old))
				if at < 0 {
					t.Fatal("the plan has no ceiling of 600,000")
				}
				open := bytes.LastIndex(plan[:at], []byte(`"value": {`))
				changed := append(append(bytes.Clone(plan[:open]), grows...), bytes.Replace(plan[open+len(`"value": {`):], []byte("600000"), []byte("50000"), 1)...)
				b.put("InsurancePlan/district-health-plan-2026", changed)
				b.repin("2")
				b.put("Coverage/cov-head", bytes.Replace(b.plan("Coverage/cov-head"), []byte(`"start": "2026-01-10"`), []byte(`"start": "`+c.from+`"`), 1))
				if got := b.submit(b.claim()).total("benefit"); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}
