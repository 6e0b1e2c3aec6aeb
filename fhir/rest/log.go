package rest

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"time"

	"bima/fhir"
)

// note notes a finished exchange in the metrics and the log. The log holds
// no personal data: no ids, queries or bodies, only the route they fit.
func (x *exchange) note() {
	took := time.Since(x.began)
	x.metrics.observe(x.action, x.typ, x.status, took, x.written)
	if !x.log.Enabled(context.Background(), slog.LevelInfo) {
		return
	}
	x.log.LogAttrs(
		context.Background(), slog.LevelInfo, "request",
		slog.String("method", x.r.Method),
		slog.String("route", x.pattern),
		slog.String("type", x.typ),
		slog.Int("status", x.status),
		slog.Duration("took", took),
		slog.Int("bytes", x.written),
		slog.String("request", x.requestID),
		slog.String("caller", x.caller),
	)
}

// logFailure logs what the client is not told.
func (x *exchange) logFailure(o *fhir.Outcome) {
	x.log.Error("failed", "request", x.requestID, "route", x.pattern, "outcome", o.Error(), "cause", o.Unwrap())
}

// requestIDMax is the longest request id taken from a client.
const requestIDMax = 64

// requestID gives the id the client has sent, where that can stand in a log, or
// a new one of 64 random bits.
func requestID(sent string) string {
	if fhir.ValidID(sent) && len(sent) <= requestIDMax {
		return sent
	}
	const digits = "0123456789abcdef"
	var id [16]byte
	bits := rand.Uint64()
	for i := range id {
		id[i] = digits[bits>>(4*i)&0xF]
	}
	return string(id[:])
}

// quoted gives a text as a JSON string.
func quoted(text string) string {
	// Marshalling a string does not fail.
	out, _ := json.Marshal(text)
	return string(out)
}
