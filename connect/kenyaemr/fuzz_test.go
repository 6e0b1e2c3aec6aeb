package kenyaemr

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
)

// FuzzMessage translates whatever comes: to JSON that can be read again, whose
// first number is the client's own, or to a refusal that tells what is wrong.
func FuzzMessage(f *testing.F) {
	for _, name := range []string{"claim.json", "eligibility.json"} {
		text, err := os.ReadFile("../../testdata/peers/kenyaemr/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Claim","id":"x","item":[null,{"diagnosisSequence":[1,"a"]}],"diagnosis":[{"sequence":1}]}}]}`))
	nobody := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	front := open(connect.NewGate(nobody, "https://bima.test/fhir"), func() time.Time { return time.Unix(0, 0).UTC() })
	f.Fuzz(func(t *testing.T, body []byte) {
		sent, err := dialect.Parse(body)
		if err != nil {
			return
		}
		m, err := front.read(httptest.NewRequest(http.MethodPost, Path, nil), sent)
		if err != nil {
			return
		}
		var made dialect.Object
		if m.claim != nil {
			made, err = m.claimOf(front.now())
		} else {
			made, err = m.questionOf(front.now())
		}
		if err != nil {
			return
		}
		doc, err := fhir.Parse(dialect.Write(made))
		if err != nil {
			t.Fatal(err)
		}
		if m.claim != nil && doc.Root().Get("identifier").First().Get("value").Text() == "" {
			t.Errorf("no number in %s", doc.Bytes())
		}
	})
}
