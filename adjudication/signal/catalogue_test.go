package signal_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"bima/adjudication/signal"
)

// What the claims manager reads, what integrators read and what the score adds up
// are the same signals.
func TestCatalogueIsWhatIsDocumented(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	docs, codes := read("../../docs/signals.md"), read("../../profiles/definitions/CodeSystem-signal.json")
	seen := map[string]bool{}
	for _, s := range signal.Catalogue() {
		row := fmt.Sprintf("| `%s` | %d |", s.Code, s.Points)
		if seen[s.Code] {
			row = fmt.Sprintf("; %d where ", s.Points)
		}
		seen[s.Code] = true
		if !strings.Contains(docs, row) {
			t.Errorf("docs/signals.md has no %q", row)
		}
		if !strings.Contains(codes, fmt.Sprintf("%q: %q", "code", s.Code)) {
			t.Errorf("the CodeSystem has no %s", s.Code)
		}
	}
	if got := strings.Count(codes, `"code": `); got != len(seen) {
		t.Errorf("the CodeSystem has %d codes, the catalogue %d", got, len(seen))
	}
}
