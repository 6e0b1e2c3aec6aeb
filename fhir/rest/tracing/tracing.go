// Package tracing tells an OpenTelemetry collector of requests and of what they
// spend their time on: one span a request, and within it one for each transaction
// of the store. A span says what kind of thing was done, never to whom: it holds
// no ids, queries or bodies.
//
// Its door is New. A nil *Tracer traces nothing, at no cost.
//
// Source: OTLP 1.x over HTTP; W3C Trace Context (traceparent, traceresponse).
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options say where spans go. Headers, sampling, batches and the names of the
// service are taken from the standard variables (OTEL_EXPORTER_OTLP_HEADERS,
// OTEL_TRACES_SAMPLER, OTEL_BSP_SCHEDULE_DELAY, OTEL_RESOURCE_ATTRIBUTES …).
type Options struct {
	// Endpoint is the URL of a collector that takes OTLP over HTTP, such as
	// http://localhost:4318; without a path it means /v1/traces there. "" is what
	// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT says.
	Endpoint string
	Version  string       // of the program
	Log      *slog.Logger // takes what can't be delivered; nil is slog's default
}

// A Tracer makes spans and delivers them. It implements fhir.Tracer.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// tracesPath is where collectors take traces. Source: OTLP/HTTP.
const tracesPath = "/v1/traces"

// New gives a Tracer that delivers to the collector, or nil where neither the
// Options nor the environment name one. It does not ask whether the collector is
// there: what can't be delivered is dropped and logged.
func New(ctx context.Context, o Options) (*Tracer, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	var options []otlptracehttp.Option
	switch {
	case o.Endpoint != "":
		u, err := url.Parse(o.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("the endpoint of traces must be a URL such as http://localhost:4318, not %q", o.Endpoint)
		}
		if strings.Trim(u.Path, "/") == "" {
			u.Path = tracesPath
		}
		options = append(options, otlptracehttp.WithEndpointURL(u.String()))
	case os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "":
		return nil, nil
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	about, err := resource.New(
		ctx,
		resource.WithAttributes(attribute.String("service.name", "bima"), attribute.String("service.version", o.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv(),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("traces: %w", err), exporter.Shutdown(ctx))
	}
	provider := sdk.NewTracerProvider(sdk.WithResource(about), sdk.WithBatcher(logged{exporter, o.Log}))
	return &Tracer{provider: provider, tracer: provider.Tracer("bima")}, nil
}

// logged is an exporter that logs what it can't deliver; the SDK would write it
// to the standard error in a form of its own.
type logged struct {
	sdk.SpanExporter
	log *slog.Logger
}

// ExportSpans implements sdk.SpanExporter.
func (e logged) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.log.Warn("traces are not delivered", "spans", len(spans), "error", err)
	}
	return nil
}

// Close delivers what there is and ends the Tracer.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// context takes the caller's span from the headers of a request.
// Source: W3C Trace Context.
func (t *Tracer) context(ctx context.Context, h http.Header) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(h))
}
