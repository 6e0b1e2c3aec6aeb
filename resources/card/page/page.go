// Package page is the page that tells whether a card is good: it scans or takes a
// code and verifies it in the browser, by the keys and revocations that this
// server publishes. It is three static files without anything from elsewhere;
// the code that is looked at never leaves the browser.
//
// Its door is Files.
package page

import (
	"embed"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
)

//go:embed card.html card.css card.js
var files embed.FS

// policy is the Content-Security-Policy of the page: nothing but what comes from
// this server, and nobody may frame it. The camera's picture is shown as a
// stream, which needs no source.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Files gives the handlers of the page's files by path.
func Files() map[string]http.Handler {
	return map[string]http.Handler{
		"/card":     file("card.html", "text/html; charset=utf-8"),
		"/card.css": file("card.css", "text/css; charset=utf-8"),
		"/card.js":  file("card.js", "text/javascript; charset=utf-8"),
	}
}

func file(name, mediaType string) http.Handler {
	body, err := files.ReadFile(name)
	if err != nil {
		panic("page: the embedded " + name + " can't be read: " + err.Error())
	}
	sum := fnv.New64a()
	_, _ = sum.Write(body) // it never fails
	tag := `"` + strconv.FormatUint(sum.Sum64(), 16) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Etag", tag)
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Security-Policy", policy)
		h.Set("Permissions-Policy", "camera=(self)")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		if Unchanged(r, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", mediaType)
		// A client that has gone needs no answer.
		_, _ = w.Write(body)
	})
}

// Unchanged reports whether the client has what bears the tag already.
// Source: RFC 9110, 13.1.2.
func Unchanged(r *http.Request, tag string) bool {
	for candidate := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}
