package claim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// surgery makes the claim of testdata one of the head for a major operation at
// 555,000: less his deductible of 5,000 it takes 550,000 of the family's ceiling.
func (b *bench) surgery() []byte {
	return b.claim("C-2026-001001", "C-2026-000900", "Patient/asha", "Patient/head-77", "Coverage/cov-asha", "Coverage/cov-head",
		"S-310", "S-900", "100000", "555000", "2026-09-14", "2026-03-01")
}

func TestClaimIsDecidedAsTheWorkedExample(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		if got := b.submit(b.surgery()).total("benefit"); got != "550000" {
			t.Fatalf("the operation is paid with %s, want 550000", got)
		}
		r := b.submit(b.claim())
		got := map[string]string{}
		for _, code := range []string{"submitted", "eligible", "deductible", "coinsurance", "benefit", "memberliability"} {
			got[code] = r.total(code)
		}
		want := map[string]string{
			"submitted": "100000", "eligible": "90000", "deductible": "5000", "coinsurance": "17000",
			"benefit": "50000", "memberliability": "40000",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("totals (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff([]string{"list-price", "deductible-insuree", "coinsurance", "ceiling-policy"}, r.reasons(0)); diff != "" {
			t.Errorf("reasons (-want +got)\n%s", diff)
		}
	})
}
