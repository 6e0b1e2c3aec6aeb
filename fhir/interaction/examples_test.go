package interaction_test

import (
	"os"
	"path/filepath"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/validate"
)

// TestExamplesComeBackUnchanged stores each HL7 example and reads it back.
func TestExamplesComeBackUnchanged(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/examples/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	onEach(t, func(t *testing.T, b *bench) {
		for _, path := range paths {
			t.Run(filepath.Base(path), func(t *testing.T) {
				body, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if _, issues := validate.Resource(body, validate.Options{}); fhir.Failed(issues) {
					t.Skipf("the example itself is not valid: %v", issues)
				}
				b := b.in(t)
				k := fhir.Key{Type: typeOf(t, string(body)), ID: text(t, body, "id")}
				if k.ID == "" {
					k = b.create(string(body)).Key
				} else {
					b.update(string(body))
				}
				r, err := b.Read(b.ctx, k)
				if err != nil {
					t.Fatal(err)
				}
				again := b.must(b.Engine.Update(b.ctx, k, interaction.Write{Body: r.Body})).Resource
				if again.Version != 1 {
					t.Error("what was read is not what was sent")
				}
				if text(t, body, "id") != "" && b.update(string(body)).Version != 1 {
					t.Error("what was stored is not what was sent")
				}
			})
		}
	})
}
