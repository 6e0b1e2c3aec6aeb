package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/rest/metrics"
	"bima/fhir/rest/tracing"
)

// note notes a finished exchange in the metrics and the log. The log holds
// no personal data: no ids, queries or bodies, only the route they fit.
func (x *exchange) note() {
	took := time.Since(x.began)
	x.metrics.Observe(metrics.Exchange{
		Interaction: x.action, Type: x.typ, Status: x.status, Took: took, In: x.r.ContentLength, Out: int64(x.written),
	})
	x.span.End(tracing.Answer{Method: x.r.Method, Route: x.pattern, Interaction: x.action, Type: x.typ, Status: x.status})
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
		x.traceAttr(),
	)
}

// trace begins the span of the exchange within that of the client, and tells the
// client of it. Source: W3C Trace Context.
func (x *exchange) trace(ctx context.Context) context.Context {
	if x.options.Tracer == nil {
		return ctx
	}
	ctx, x.span = x.options.Tracer.Request(ctx, x.r.Header)
	x.set("Traceresponse", x.span.Parent())
	return ctx
}

// traceAttr leads from the log to the trace; it is empty where there is none.
func (x *exchange) traceAttr() slog.Attr {
	if x.span == nil {
		return slog.Attr{}
	}
	return slog.String("trace", x.span.ID())
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
	level, message := x.severity(o)
	x.log.LogAttrs(
		context.Background(), level, message,
		slog.String("request", x.requestID),
		slog.String("route", x.pattern),
		slog.String("outcome", o.Error()),
		slog.Any("cause", o.Unwrap()),
	)
}

// severity tells a fault, for somebody to look at, from what passes by itself: an
// index that is being built, a client that has gone, or too much at once.
func (x *exchange) severity(o *fhir.Outcome) (slog.Level, string) {
	if errors.Is(x.r.Context().Err(), context.Canceled) {
		return slog.LevelInfo, "client gone"
	}
	for _, issue := range o.Issues {
		switch {
		case issue.Severity != fhir.SeverityError && issue.Severity != fhir.SeverityFatal:
		case issue.Code == fhir.IssueIncomplete, issue.Code == fhir.IssueThrottled:
			return slog.LevelInfo, "not now"
		case issue.Code == fhir.IssueTimeout, issue.Code == fhir.IssueTransient, issue.Code == fhir.IssueLockError:
			return slog.LevelWarn, "not now"
		default:
			return slog.LevelError, "failed"
		}
	}
	return slog.LevelError, "failed"
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
