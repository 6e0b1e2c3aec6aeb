package openimis

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

// FuzzTranslate sends whatever comes through every translation: of what is sent,
// and of what is answered. None may fail but by an Outcome, and what is made of it
// is JSON.
func FuzzTranslate(f *testing.F) {
	for _, name := range []string{"claim-app", "claim-uuid", "eligibility", "patient-head", "communication-app"} {
		text, err := os.ReadFile("../../testdata/peers/openimis/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"resourceType":"ClaimResponse","item":[{"itemSequence":1,"adjudication":[{"category":{"coding":[{"code":"benefit"}]},"amount":{"value":1e9}}]}]}`))
	nothing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		_, _ = w.Write([]byte(`{"resourceType":"Bundle","type":"searchset"}`))
	})
	gate := connect.NewGate(nothing, "https://bima.test/fhir")
	open := &front{gate: gate, Options: Options{Zone: time.UTC, Now: func() time.Time { return time.Unix(0, 0).UTC() }}}
	f.Fuzz(func(t *testing.T, body []byte) {
		for typ := range kinds {
			sent, err := dialect.Parse(body)
			if err != nil {
				return
			}
			r := httptest.NewRequest(http.MethodPost, Path, nil)
			c := &call{front: open, w: httptest.NewRecorder(), r: r, finder: &dialect.Finder{Gate: gate, Request: r}}
			p := page{call: c, along: map[string]dialect.Object{"Claim/x": sent}}
			out := dialect.ObjectOf(tree(t, sent))
			p.spell(typ, out)
			tree(t, out)
			c.claim(sent)
			c.person(sent)
			tree(t, sent)
		}
	})
}

// tree writes and reads again.
func tree(t *testing.T, o dialect.Object) fhir.Node {
	t.Helper()
	doc, err := fhir.Parse(dialect.Write(o))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}
