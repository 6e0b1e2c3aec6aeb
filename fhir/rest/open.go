package rest

import (
	"net/http"
	"strings"
	"time"

	"bima/fhir"
)

// capabilities is GET [base]/metadata.
func capabilities(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	body, etag := x.engine.Capabilities()
	x.set("Etag", etag)
	if unchanged(x.r.Header, etag, time.Time{}) {
		x.answer(http.StatusNotModified, nil)
		return nil
	}
	x.answerJSON(http.StatusOK, f, x.part(body))
	return nil
}

// smartConfiguration tells SMART clients that there is no authorization server
// yet, in the form they can read; they then use the credentials they have.
func smartConfiguration(x *exchange) error {
	x.answerAs(http.StatusOK, "application/json", []byte(`{"capabilities":[],"grant_types_supported":[],"code_challenge_methods_supported":["S256"]}`))
	return nil
}

// noOpenID tells clients that look for an OpenID provider here that there is
// none. They read application/json only.
func noOpenID(x *exchange) error {
	x.r.Header.Set("Accept", plainJSON.media)
	return fhir.Errorf(fhir.IssueNotFound, "", "this server is no OpenID provider; how to authenticate is in %s/metadata", x.base())
}

// health says that the process lives.
func health(x *exchange) error {
	x.answerAs(http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	return nil
}

// ready says whether the server can do its work; the cause of a no is logged.
func ready(x *exchange) error {
	if x.options.Ready == nil {
		return health(x)
	}
	if err := x.options.Ready(x.ctx); err != nil {
		x.log.Warn("not ready", "request", x.requestID, "cause", err)
		x.set("Retry-After", retryAfterSeconds)
		x.answerAs(http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("not ready\n"))
		return nil
	}
	return health(x)
}

// welcome points whoever opens the root to the API.
func welcome(x *exchange) error {
	where := x.base() + "/metadata"
	if strings.Contains(x.r.Header.Get("Accept"), "text/html") {
		x.answerAs(http.StatusOK, "text/html; charset=utf-8", []byte(
			`<!doctype html><html lang="en"><title>Bima</title><p>This is Bima, a FHIR R4 server. `+
				`What it can do is in its <a href="`+basePath+`/metadata">CapabilityStatement</a>.`,
		))
		return nil
	}
	x.answerAs(http.StatusOK, "application/json", []byte(`{"software":"Bima","fhirVersion":"4.0.1","metadata":`+quoted(where)+`}`))
	return nil
}
