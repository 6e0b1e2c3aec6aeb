package claim_test

import (
	"bytes"
	"testing"
)

// The policies of a person's last claim are read along with him: as they are now,
// and not where he has another now. The surgery is paid with 68,000, see
// TestAFamilysCeilingGrowsWithItsMembersOfTheDay; a policy that is cancelled pays nothing, and one
// that is new has nothing used.
func TestAClaimIsDecidedByThePoliciesOfNow(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		pays := func(number, want, when string) {
			t.Helper()
			if got := b.submit(b.claim("C-2026-001001", number)).total("benefit"); got != want {
				t.Errorf("%s it is paid with %q, want %q", when, got, want)
			}
		}
		policy := b.plan("Contract/pol-77")
		pays("C-1", "68000", "at first")
		b.put("Contract/pol-77", bytes.Replace(policy, []byte(`"status": "executed"`), []byte(`"status": "cancelled"`), 1))
		pays("C-2", "0", "when the policy is cancelled")
		other := bytes.ReplaceAll(policy, []byte("pol-77"), []byte("pol-78"))
		b.put("Contract/pol-78", bytes.ReplaceAll(other, []byte("000077"), []byte("000078")))
		b.put("Coverage/cov-asha", bytes.ReplaceAll(b.plan("Coverage/cov-asha"), []byte("pol-77"), []byte("pol-78")))
		pays("C-3", "68000", "under another policy")
	})
}
