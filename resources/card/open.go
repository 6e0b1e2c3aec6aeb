package card

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"bima/fhir"
	"bima/resources/card/page"
)

// The paths that are open to anybody: whoever is shown a card may ask whether it
// is good. Source: RFC 8615 (well-known URIs); SMART Health Cards (jwks.json
// below the issuer's URL).
const (
	PathKeys        = "/.well-known/jwks.json"
	PathRevocations = "/.well-known/card-revocations.json"
)

// openSeconds is how long a verifier may keep what is published: "max-age".
const openSeconds = "300"

// Open gives the handlers of what is open to anybody, by path: the public keys,
// the list of revocations, and the page that verifies a card. The list is read as
// s of the server itself.
func (d *Desk) Open(s fhir.Server) map[string]http.Handler {
	handlers := map[string]http.Handler{
		PathKeys: published(func(r *http.Request) (any, error) { return d.Keys.Published(r.Context()) }),
		PathRevocations: published(func(r *http.Request) (any, error) {
			return d.revocations(fhir.WithCaller(r.Context(), fhir.System()), s)
		}),
	}
	for path, file := range page.Files() {
		handlers[path] = file
	}
	return handlers
}

// published answers with a document as JSON, which scripts of any page may read.
func published(document func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		value, err := document(r)
		var body []byte
		if err == nil {
			body, err = json.Marshal(value)
		}
		h := w.Header()
		if err != nil {
			h.Set("Retry-After", "5")
			http.Error(w, "not available now", http.StatusServiceUnavailable)
			return
		}
		sum := sha256.Sum256(body)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		h.Set("Etag", tag)
		h.Set("Cache-Control", "public, max-age="+openSeconds)
		h.Set("Access-Control-Allow-Origin", "*")
		if page.Unchanged(r, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", "application/json")
		// A client that has gone needs no answer.
		_, _ = w.Write(append(body, '\n'))
	})
}
