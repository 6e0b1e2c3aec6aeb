package rest

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/rest/metrics"
)

// note notes a finished exchange in the metrics and the log. The log holds
// no personal data: no ids, queries or bodies, only the route they fit.
func (x *exchange) note() {
	took := time.Since(x.began)
	x.metrics.Observe(metrics.Exchange{
		Interaction: x.action, Type: x.typ, Status: x.status, Took: took, In: x.r.ContentLength, Out: int64(x.written),
	})
	level, message := slog.LevelInfo, "request"
	if took >= x.options.Slow {
		level, message = slog.LevelWarn, "slow request"
	}
	if !x.log.Enabled(context.Background(), level) {
		return
	}
	x.log.LogAttrs(
		context.Background(), level, message,
		slog.String("method", x.r.Method),
		slog.String("route", x.pattern),
		slog.String("interaction", x.action),
		slog.String("type", x.typ),
		slog.Int("status", x.status),
		slog.Duration("took", took),
		slog.Int64("received", max(x.r.ContentLength, 0)),
		slog.Int("bytes", x.written),
		slog.String("request", x.requestID),
		slog.String("caller", x.caller),
	)
}

// slowDefault is from when on an exchange is logged as slow.
const slowDefault = time.Second

// typeLabel gives a resource type of a path as a label; only R4's types, so that
// no client can fill the memory with labels.
func typeLabel(typ string) string {
	if typ != "" && r4.IsResource(typ) {
		return typ
	}
	return ""
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
