package dhis2_test

import (
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/storage/storagetest"
)

// The commands of the guide work as they stand, in their order, and have numbers
// arrive in a DHIS2 of each release.
func TestTheGuideWorks(t *testing.T) {
	text, err := os.ReadFile("../../docs/connect-dhis2.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	script.WriteString("set -eu\ncurl() { command curl -sS --fail-with-body --max-time 60 \"$@\"; echo; }\n")
	for _, block := range regexp.MustCompile("(?s)\n```sh\n(.*?)\n```").FindAllStringSubmatch(string(text), -1) {
		script.WriteString(block[1] + "\n")
	}
	for _, mode := range []dhis2test.Mode{dhis2test.V242, dhis2test.V243} {
		t.Run(string(mode), func(t *testing.T) {
			w := connecttest.Open(t, storagetest.SQLite(t), connecttest.Options{Claims: true})
			h := serve(t, mode, nil)
			// The server has counted before the guide is read, as it does each day.
			if a := w.Do(http.MethodPost, "/fhir/Measure/$recount", nil, []byte(`{"resourceType":"Parameters","parameter":[{"name":"periodStart","valueDate":"2026-03-01"}]}`)); a.Status != http.StatusOK {
				t.Fatalf("HTTP %d: %s", a.Status, a.Body)
			}
			command := exec.CommandContext(t.Context(), "sh", "-c", strings.NewReplacer("http://127.0.0.1:8080", w.URL, "https://hmis.example.org", h.url).Replace(script.String()))
			command.Dir = t.TempDir()
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v after\n%s", err, out)
			}
			w.Until("numbers arrive", func() bool { return len(h.Values()) > 20 })
			status(t, w, "hmis", "active")
		})
	}
}
