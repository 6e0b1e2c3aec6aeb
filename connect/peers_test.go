package connect_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bima/connect/connecttest"
)

// A peer is a client whose guide says which scopes it needs.
type peer struct {
	guide string // in docs
	calls []call
}

// A call is what it asks; the id of the claim it sent stands for ID.
type call struct{ method, path, vector string }

var peers = []peer{
	{"connect-kenyaemr.md", []call{
		{"POST", "/fhir/Claim", "kenyaemr/claim.json"},
		{"POST", "/fhir/Claim", "kenyaemr/claim.json"},
		{"GET", "/fhir/ClaimResponse?claim=ID", ""},
		{"POST", "/fhir/Bundle", "kenyaemr/eligibility.json"},
	}},
	{"connect-stu3.md", []call{
		{"POST", "/api/api_fhir/Claim/", "openmrs/claim.json"},
		{"POST", "/api/api_fhir/Claim/", "openmrs/claim.json"},
		{"GET", "/api/api_fhir/Claim/ID", ""},
		{"GET", "/api/api_fhir/ClaimResponse/ID", ""},
		{"GET", "/api/api_fhir/Claim/?_count=50&_page=1&patient.identifier=070100001018", ""},
		{"GET", "/api/api_fhir/Patient/?identifier=070100001018", ""},
		{"GET", "/api/api_fhir/Patient//patient-01-1", ""},
		{"POST", "/api/api_fhir/EligibilityRequest/", "openmrs/eligibility.json"},
	}},
}

var scopeLine = regexp.MustCompile("`(system/[^`]* system/[^`]*)`")

// scopedPeers holds the guides to what they say of scopes: with all of them each call
// is answered, and without any one a call is refused with the name of what is missing.
// No call is answered as though what it may not look for were not there.
func scopedPeers(t *testing.T, w *connecttest.World) {
	t.Helper()
	for _, p := range peers {
		text, err := os.ReadFile("../docs/" + p.guide)
		if err != nil {
			t.Fatal(err)
		}
		said := scopeLine.FindSubmatch(text)
		if said == nil {
			t.Errorf("%s names no scopes", p.guide)
			continue
		}
		scopes := strings.Fields(string(said[1]))
		if refused := refusal(t, w, p, scopes); refused != "" {
			t.Errorf("%s: with %v: %s", p.guide, scopes, refused)
		}
		for i, scope := range scopes {
			rest := slices.Delete(slices.Clone(scopes), i, i+1)
			if refused := refusal(t, w, p, rest); !strings.Contains(refused, scope[:strings.IndexByte(scope, '.')+1]) {
				t.Errorf("%s: without %s: %q", p.guide, scope, refused)
			}
		}
	}
}

// refusal makes the calls of a peer with a token and gives the first answer that is
// an error; "" is none.
func refusal(t *testing.T, w *connecttest.World, p peer, scopes []string) string {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + tokenFor(t, w, strings.Join(scopes, " "))}, "Content-Type": {"application/json"}}
	id := "none"
	for _, c := range p.calls {
		var body []byte
		if c.vector != "" {
			var err error
			if body, err = os.ReadFile("../testdata/peers/" + c.vector); err != nil {
				t.Fatal(err)
			}
		}
		a := w.Do(c.method, strings.ReplaceAll(c.path, "ID", id), header, body)
		if a.Status/100 != 2 {
			return c.path + ": " + string(a.Body)
		}
		if n := w.Node(a); strings.HasSuffix(strings.TrimSuffix(c.path, "/"), "/Claim") {
			id = strings.TrimPrefix(n.Get("id").Text(), "OperationOutcome/")
		}
	}
	return ""
}
