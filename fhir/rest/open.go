package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"bima/fhir"
)

// smartConfiguration tells SMART clients where tokens are given, or that none are,
// in the form they can read; they then use the credentials they have. Source: SMART
// App Launch 2.0, conformance.
func smartConfiguration(x *exchange) error {
	if x.options.TokenPath == "" {
		x.answerAs(http.StatusOK, "application/json", []byte(`{"capabilities":[],"grant_types_supported":[],"code_challenge_methods_supported":["S256"]}`))
		return nil
	}
	body, err := json.Marshal(map[string]any{
		"token_endpoint":                                   strings.TrimSuffix(x.base(), basePath) + x.options.TokenPath,
		"token_endpoint_auth_methods_supported":            []string{"client_secret_basic", "client_secret_post", "private_key_jwt"},
		"token_endpoint_auth_signing_alg_values_supported": []string{"RS384", "ES384"},
		"grant_types_supported":                            []string{"client_credentials"},
		"scopes_supported":                                 x.options.TokenScopes,
		"response_types_supported":                         []string{},
		"code_challenge_methods_supported":                 []string{"S256"},
		"capabilities":                                     []string{"client-confidential-symmetric", "client-confidential-asymmetric", "permission-v1", "permission-v2"},
	})
	if err != nil {
		return err
	}
	x.answerAs(http.StatusOK, "application/json", body)
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

// handOver gives the action that leaves the answer to a handler.
func handOver(h http.Handler) action {
	return func(x *exchange) error {
		held := &heldAnswer{header: x.header, status: http.StatusOK}
		h.ServeHTTP(held, x.r.WithContext(x.ctx))
		x.answer(held.status, held.body.Bytes())
		return nil
	}
}

// A heldAnswer is what a handler answers, before it is sent.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (h *heldAnswer) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *heldAnswer) WriteHeader(status int) { h.status = status }

// Write implements http.ResponseWriter.
func (h *heldAnswer) Write(text []byte) (int, error) { return h.body.Write(text) }

// statsTimeout is how long the store may take to tell its figures.
const statsTimeout = 2 * time.Second

// writeMetrics is GET /metrics, in the text format of Prometheus 0.0.4. It
// holds counts only and is open to anybody who reaches the server.
func writeMetrics(x *exchange) error {
	var stats map[string]float64
	if x.options.Stats != nil {
		ctx, cancel := context.WithTimeout(x.ctx, statsTimeout)
		defer cancel()
		stats = x.options.Stats(ctx)
	}
	x.answerAs(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", x.metrics.Text(stats))
	return nil
}
