package interaction_test

import (
	"fmt"
	"testing"

	"bima/fhir/interaction"
)

// TestALargeTransactionIsDone does as many entries as one bundle may have, each
// of which refers to another.
func TestALargeTransactionIsDone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const most = 5_000
	entries := []string{`urn:uuid:66666666-6666-4666-8666-666666666666 POST Patient {"resourceType":"Patient"}`}
	for i := 1; i < most; i++ {
		entries = append(entries, fmt.Sprintf(`- PUT Observation/o-%d {"resourceType":"Observation","id":"o-%d","status":"final","code":{"coding":[{"system":"urn:c","code":"c"}]},"subject":{"reference":"urn:uuid:66666666-6666-4666-8666-666666666666"}}`, i, i))
	}
	body := []byte(transaction(entries...))
	onEach(t, func(t *testing.T, b *bench) {
		if _, err := b.Bundle(b.ctx, body, interaction.BundleOptions{}); err != nil {
			t.Fatal(err)
		}
		if got := b.total("Observation", "code=urn:c|c"); got != most-1 {
			t.Errorf("%d are there, want %d", got, most-1)
		}
		more := []byte(transaction(append(entries, `- POST Patient {"resourceType":"Patient"}`)...))
		if _, err := b.Bundle(b.ctx, more, interaction.BundleOptions{}); said(err) != "413 too-costly Bundle.entry" {
			t.Errorf("one entry more: got %q", said(err))
		}
	})
}
