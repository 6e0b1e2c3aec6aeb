package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"bima/fhir"
)

// A Span is a request while it is answered. A nil *Span is one that is not traced.
type Span struct{ span trace.Span }

// Request begins the span of a request, within that of its caller where the
// headers name one, and gives the context of what happens within it.
func (t *Tracer) Request(ctx context.Context, h http.Header) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(t.context(ctx, h), "request", trace.WithSpanKind(trace.SpanKindServer))
	return fhir.WithTracer(ctx, t), &Span{span}
}

// An Answer is what a span tells of a request.
type Answer struct {
	Method      string
	Route       string // as it is written in the table of routes
	Interaction string // of R4, or the name of the route
	Type        string // a resource type of R4, or ""
	Status      int
}

// methods are those of HTTP that a span names; a client may send any word.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true,
	http.MethodDelete: true, http.MethodOptions: true,
}

// End ends the span. Its names are those of OpenTelemetry's conventions for HTTP.
func (s *Span) End(a Answer) {
	if s == nil {
		return
	}
	if !methods[a.Method] {
		a.Method = "_OTHER"
	}
	s.span.SetName(a.Method)
	s.span.SetAttributes(
		attribute.String("http.request.method", a.Method),
		attribute.Int("http.response.status_code", a.Status),
		attribute.String("fhir.interaction", a.Interaction),
	)
	if a.Route != "" {
		s.span.SetName(a.Method + " " + a.Route)
		s.span.SetAttributes(attribute.String("http.route", a.Route))
	}
	if a.Type != "" {
		s.span.SetAttributes(attribute.String("fhir.resource.type", a.Type))
	}
	if a.Status >= http.StatusInternalServerError {
		s.span.SetStatus(codes.Error, http.StatusText(a.Status))
	}
	s.span.End()
}

// ID gives the id of the span's trace, for the log; "" where it is not traced.
func (s *Span) ID() string {
	if s == nil {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}

// Parent gives the span as a traceparent, for those who go on with it; "" where
// it is not traced. Source: W3C Trace Context#traceparent-header.
func (s *Span) Parent() string {
	if s == nil {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpan(context.Background(), s.span), carrier)
	return carrier["traceparent"]
}

// Begin implements fhir.Tracer. Of an error the span tells its kind only: its
// words may be about somebody.
func (t *Tracer) Begin(ctx context.Context, part string) (within context.Context, end func(error)) {
	within, span := t.tracer.Start(ctx, part)
	return within, func(err error) {
		if err != nil {
			kind := string(fhir.IssueException)
			if o := fhir.OutcomeOf(err); len(o.Issues) > 0 {
				kind = string(o.Issues[0].Code)
			}
			span.SetStatus(codes.Error, kind)
		}
		span.End()
	}
}

var _ fhir.Tracer = (*Tracer)(nil)
