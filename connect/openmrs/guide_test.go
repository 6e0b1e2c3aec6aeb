package openmrs_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/connect/openmrs/openmrstest"
	"bima/storage/storagetest"
)

// The commands of the guides work as they stand.
func TestTheGuides(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("curl is not installed, so the commands we show would go unchecked")
	}
	w := connecttest.Open(t, storagetest.SQLite(t), connecttest.Options{})
	emr := httptest.NewServer(openmrstest.Demo())
	t.Cleanup(emr.Close)
	places := strings.NewReplacer("http://127.0.0.1:8080", w.URL, "http://127.0.0.1:8081", emr.URL)
	for guide, want := range map[string]int{"connect-openmrs.md": 5, "fais.md": 1} {
		text, err := os.ReadFile("../../docs/" + guide)
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?s)```sh\n(.*?)\n```").FindAllStringSubmatch(string(text), -1)
		if len(blocks) != want {
			t.Errorf("%s shows %d blocks of commands, want %d", guide, len(blocks), want)
		}
		for _, block := range blocks {
			out, err := exec.CommandContext(t.Context(), "sh", "-ec", places.Replace(block[1])).Output()
			if answer := string(out); err != nil || strings.Contains(answer, `"OperationOutcome"`) || !strings.Contains(answer, `"resourceType"`) {
				t.Errorf("%s: %s\n%v: %.600s", guide, block[1], err, answer)
			}
			if strings.Contains(block[1], "EnrollmentRequest") && !strings.Contains(string(out), `"Enrolled: covered by District Health Plan when 60000 TZS are paid."`) {
				t.Errorf("%s: answered %.900s", guide, out)
			}
		}
	}
	w.Until("both Subscriptions are active", func() bool {
		a := w.Do(http.MethodGet, "/fhir/Subscription?status=active&_id=hospital-1-cover,hospital-1-decisions&_summary=count", nil, nil)
		return w.Node(a).Get("total").Text() == "2"
	})
}
