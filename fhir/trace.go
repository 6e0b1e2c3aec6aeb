package fhir

import "context"

// A Tracer is told of the parts of a request while they happen, for traces. It is
// safe for concurrent use.
type Tracer interface {
	// Begin begins a part of what ctx is of, and gives the context of what happens
	// within it and what ends it, with its error or nil. The part is one of few
	// names, without anything of what was asked.
	Begin(ctx context.Context, part string) (within context.Context, end func(error))
}

type tracerKey struct{}

// WithTracer gives a context whose parts are told to the tracer.
func WithTracer(ctx context.Context, t Tracer) context.Context {
	return context.WithValue(ctx, tracerKey{}, t)
}

// Trace begins a part of what the context is of; end must be called when it is
// over. Where nobody traces, it costs a look into the context.
func Trace(ctx context.Context, part string) (within context.Context, end func(error)) {
	if t, ok := ctx.Value(tracerKey{}).(Tracer); ok {
		return t.Begin(ctx, part)
	}
	return ctx, untraced
}

// untraced ends what nobody traces.
func untraced(error) {}
