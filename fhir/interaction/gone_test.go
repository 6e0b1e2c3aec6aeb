package interaction_test

import (
	"context"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

func TestACallerWhoHasGoneBeforeItBeganGetsAnOutcome(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ctx, cancel := context.WithCancel(b.ctx)
		cancel()
		_, err := b.Create(ctx, "Patient", interaction.Write{Body: []byte(`{"resourceType":"Patient"}`)})
		if err == nil || fhir.HasIssue(err, fhir.IssueException) {
			t.Errorf("got %v, want an outcome that is no fault of the server", err)
		}
	})
}
