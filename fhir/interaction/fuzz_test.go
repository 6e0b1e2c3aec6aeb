package interaction_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage/storagetest"
)

// FuzzBundle sends any Bundle: the server never panics, every refusal is an
// Outcome the client can act on, and a refused Bundle leaves nothing behind.
func FuzzBundle(f *testing.F) {
	const patient = `{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"1"}]}`
	for _, seed := range []string{
		transaction(`urn:uuid:1 POST Patient `+patient, `- POST Observation {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:1"}}`),
		transaction(`- POST;ifNoneExist=identifier=urn:x|1 Patient `+patient, `- PUT Patient/a {"resourceType":"Patient","id":"a"}`, `- DELETE Patient/b -`, `- GET Patient?_id=a -`),
		transaction(`- POST Observation {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:x|1"}}`),
		batch(`- GET Patient/a/_history -`, `- PATCH Patient/a {"resourceType":"Binary","contentType":"application/json-patch+json","data":"W10="}`, `- POST Patient/$validate `+patient),
		`{"resourceType":"Bundle","type":"batch"}`,
		`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT","url":"Patient?"}},null,{"resource":[]}]}`,
	} {
		f.Add([]byte(seed))
	}
	b := newBench(f, storagetest.SQLite(f))
	f.Fuzz(func(t *testing.T, body []byte) {
		before, err := b.History(b.ctx, fhir.Key{}, "_count=0")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := b.Bundle(b.ctx, body, interaction.BundleOptions{Return: "representation"})
		if err == nil {
			bundleOf(t, answer)
			return
		}
		if status := interaction.Status(err); status < 400 || status >= 500 {
			t.Errorf("refused with %d: %v", status, err)
		}
		after, err := b.History(b.ctx, fhir.Key{}, "_count=0")
		if err != nil {
			t.Fatal(err)
		}
		if was, is := *bundleOf(t, before).Total, *bundleOf(t, after).Total; was != is {
			t.Errorf("a refused Bundle left %d versions behind", is-was)
		}
	})
}
