package scoped_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction/scoped"
)

// What is stored as a Bundle is read by the scope of Bundles, whatever is in it.
func TestABundleWithinAnAnswer(t *testing.T) {
	const answer = `{"resourceType":"Bundle","type":"searchset","entry":[` +
		`{"resource":{"resourceType":"Group","id":"g"}},` +
		`{"resource":{"resourceType":"Bundle","id":"b","type":"document","entry":[{"resource":{"resourceType":"Patient","id":"asha"}}]}}]}`
	for scopes, want := range map[string]bool{"system/Group.r": false, "system/Group.r system/Bundle.r": true, "": true} {
		g, err := fhir.ParseGrant(scopes)
		if err != nil {
			t.Fatal(err)
		}
		got, err := scoped.Answer(scoped.Sight{Grant: g}, &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: []byte(answer)}}, false)
		if err != nil {
			t.Fatal(err)
		}
		body := string(got.Resource.Body)
		if !strings.Contains(body, `"id":"g"`) || strings.Contains(body, "asha") != want {
			t.Errorf("%q: %s", scopes, body)
		}
	}
}
