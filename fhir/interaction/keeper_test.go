package interaction_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

// discreet is a module that keeps back the word "secret" of what a caller sends,
// and hears of every change.
func discreet(heard *[]string) fhir.Module {
	return fhir.Module{
		Name: "discreet",
		Keepers: []fhir.Keeper{{Types: []string{"Basic"}, Keep: func(_ context.Context, _ fhir.Tx, c fhir.Change) ([]byte, error) {
			if !bytes.Contains(c.After.Body, []byte("secret")) {
				return nil, nil
			}
			return bytes.ReplaceAll(c.After.Body, []byte("secret"), []byte("hidden")), nil
		}}},
		Reactions: []fhir.Reaction{{Name: "hear", React: func(_ context.Context, _ fhir.Tx, changes []fhir.Change) error {
			for _, c := range changes {
				rows := func(x *fhir.Index) bool { return x != nil && x.Rows() > 0 }
				text := string(c.Method) + " " + c.Key.String()
				if rows(c.Was) {
					text += " was"
				}
				if rows(c.Index) {
					text += " is"
				}
				*heard = append(*heard, text)
			}
			return nil
		}}},
	}
}

func TestAKeeperSaysWhatIsStored(t *testing.T) {
	var heard []string
	onEach(t, func(t *testing.T, b *bench) {
		heard = nil
		b.update(`{"resourceType":"Basic","id":"a","code":{"text":"my secret"}}`)
		b.update(`{"resourceType":"Basic","id":"a","code":{"text":"my secret"}}`) // nothing new
		b.update(`{"resourceType":"Basic","id":"a","code":{"text":"nothing"}}`)
		b.update(`{"resourceType":"Patient","id":"p","gender":"female"}`)
		if _, err := b.Delete(b.ctx, fhir.Key{Type: "Basic", ID: "a"}, ""); err != nil {
			t.Fatal(err)
		}
		r, err := b.ReadVersion(b.ctx, fhir.Key{Type: "Basic", ID: "a"}, "1")
		if err != nil || strings.Contains(string(r.Body), "secret") || !strings.Contains(string(r.Body), "my hidden") {
			t.Errorf("stored %s, %v", r.Body, err)
		}
		want := []string{"PUT Basic/a is", "PUT Basic/a was is", "PUT Patient/p is", "DELETE Basic/a was"}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
	}, discreet(&heard))
}
