package token_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/resources/card/token"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTheWorkedExample keeps a card, the keys and the list of docs/cards.md as
// files, for whoever writes another verifier.
func TestTheWorkedExample(t *testing.T) {
	jws := sign(t, signer(t, 1), asha)
	set, err := json.MarshalIndent(keysOf(t, signer(t, 1)), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.MarshalIndent(token.Revocations{Issuer: asha.Issuer, Updated: "2026-03-02T08:00:00Z", Cards: []string{"2b6zhnv4qmxk", asha.ID}}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"token.jws": jws + "\n", "token.shc": token.Numeric(jws) + "\n", "jwks.json": string(set) + "\n", "revocations.json": string(list) + "\n",
	} {
		file := "testdata/" + name
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", file, diff)
		}
	}
}
