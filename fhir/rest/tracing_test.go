package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"bima/fhir"
	"bima/fhir/rest"
	"bima/fhir/rest/tracing"
)

// A gathering is a collector that keeps the spans it is sent.
type gathering struct {
	url   string
	mu    sync.Mutex
	paths []string
	texts []string // the resource, by its attributes
	spans []*wire.Span
}

func gather(t *testing.T) *gathering {
	t.Helper()
	g := &gathering{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var in io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			in = z
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Error(err)
		}
		var request collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &request); err != nil {
			t.Error(err)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.paths = append(g.paths, r.URL.Path)
		for _, of := range request.ResourceSpans {
			for _, a := range of.Resource.Attributes {
				g.texts = append(g.texts, a.Key+"="+a.Value.GetStringValue())
			}
			for _, scope := range of.ScopeSpans {
				g.spans = append(g.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// named gives the one span of the name.
func (g *gathering) named(t *testing.T, name string) *wire.Span {
	t.Helper()
	var found []*wire.Span
	var names []string
	for _, s := range g.spans {
		names = append(names, s.Name)
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %q, want one: %q", len(found), name, names)
	}
	return found[0]
}

func attributes(s *wire.Span) map[string]string {
	out := map[string]string{}
	for _, a := range s.Attributes {
		out[a.Key] = a.Value.GetStringValue()
		if a.Value.GetStringValue() == "" {
			out[a.Key] = a.Value.String()
		}
	}
	return out
}

func tracer(t *testing.T, endpoint string, log *slog.Logger) *tracing.Tracer {
	t.Helper()
	tracer, err := tracing.New(t.Context(), tracing.Options{Endpoint: endpoint, Version: "1.2.3", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return tracer
}

func TestARequestIsASpan(t *testing.T) {
	g := gather(t)
	tr := tracer(t, g.url, quiet())
	var log bytes.Buffer
	h := handler(t, rest.Options{Tracer: tr, Log: slog.New(slog.NewTextHandler(&log, nil))})
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	r := ask(h, "GET", "/fhir/Patient?name=Mushi", "", "Traceparent", "00-"+trace+"-"+parent+"-01")
	if got := r.Header.Get("Traceresponse"); !strings.HasPrefix(got, "00-"+trace+"-") || strings.Contains(got, parent) {
		t.Errorf("got Traceresponse %q", got)
	}
	if !strings.Contains(log.String(), "trace="+trace) {
		t.Errorf("the log does not lead to the trace: %s", &log)
	}
	ask(h, "GET", "/fhir/Patient/id-of-asha", "")
	ask(h, "BREW", "/fhir/Patient/id-of-asha", "")
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	search := g.named(t, "GET /fhir/:type")
	if hex(search.TraceId) != trace || hex(search.ParentSpanId) != parent || search.Kind != wire.Span_SPAN_KIND_SERVER {
		t.Errorf("the span is not within the client's: %v", search)
	}
	got := attributes(search)
	for key, want := range map[string]string{
		"http.request.method": "GET", "http.route": "/fhir/:type", "fhir.interaction": "search-type", "fhir.resource.type": "Patient",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if !strings.Contains(got["http.response.status_code"], "200") {
		t.Errorf("the status is %q", got["http.response.status_code"])
	}
	view := g.named(t, "view")
	if !bytes.Equal(view.ParentSpanId, search.SpanId) {
		t.Errorf("the transaction is not within the request: %v", view)
	}
	read := g.named(t, "GET /fhir/:type/:id")
	if hex(read.TraceId) == trace || len(read.ParentSpanId) > 0 {
		t.Errorf("a request without a caller's span has one: %v", read)
	}
	if got := attributes(g.named(t, "_OTHER")); got["http.request.method"] != "_OTHER" {
		t.Errorf("another method is told as %v", got)
	}
	for _, s := range g.spans {
		for _, personal := range []string{"Mushi", "id-of-asha", "BREW"} {
			if strings.Contains(s.String(), personal) {
				t.Errorf("a span holds %q: %v", personal, s)
			}
		}
	}
	if g.paths[0] != "/v1/traces" || !strings.Contains(strings.Join(g.texts, " "), "service.name=bima") {
		t.Errorf("sent to %q about %q", g.paths, g.texts)
	}
}

func hex(id []byte) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for _, b := range id {
		out.WriteByte(digits[b>>4])
		out.WriteByte(digits[b&15])
	}
	return out.String()
}

func TestWhatIsDoneLaterGoesOnWithTheTrace(t *testing.T) {
	g := gather(t)
	tr := tracer(t, g.url, quiet())
	l := newLater(t, rest.Options{Tracer: tr})
	_, id := l.accept(t, "GET", "/fhir/Basic/_history", "")
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var traces []string
	for _, s := range g.spans {
		if s.Name == "GET /fhir/:type/_history" {
			traces = append(traces, hex(s.TraceId))
		}
	}
	if len(traces) != 2 || traces[0] != traces[1] {
		t.Errorf("accepting and doing are of the traces %q, want the same", traces)
	}
}

func TestFaultsAreMarked(t *testing.T) {
	g := gather(t)
	tr := tracer(t, g.url, quiet())
	h := handler(t, rest.Options{Tracer: tr, Limits: rest.Limits{Request: time.Nanosecond}})
	ask(h, "GET", "/fhir/Patient?name=x", "")
	ask(h, "GET", "/healthz", "")
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := g.named(t, "GET /fhir/:type"); s.Status.GetCode() != wire.Status_STATUS_CODE_ERROR {
		t.Errorf("a fault is not marked: %v", s)
	}
	if s := g.named(t, "GET /healthz"); s.Status.GetCode() != wire.Status_STATUS_CODE_UNSET {
		t.Errorf("a success is marked: %v", s)
	}
}

func TestWhatCanNotBeDeliveredIsLoggedAndHurtsNobody(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	var log bytes.Buffer
	tr := tracer(t, refusing.URL, slog.New(slog.NewTextHandler(&log, nil)))
	h := handler(t, rest.Options{Tracer: tr})
	if r := ask(h, "GET", "/healthz", ""); r.StatusCode != 200 {
		t.Errorf("got %d", r.StatusCode)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "traces are not delivered") {
		t.Errorf("the log says %s", &log)
	}
}

func TestTracesAreOffUnlessACollectorIsNamed(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
	if tr := tracer(t, "", quiet()); tr != nil {
		t.Error("there is a tracer that nobody asked for")
	}
	for _, wrong := range []string{"localhost:4318", "ftp://localhost", "http://", "%"} {
		if _, err := tracing.New(t.Context(), tracing.Options{Endpoint: wrong}); err == nil {
			t.Errorf("%q is taken for the URL of a collector", wrong)
		}
	}
	g := gather(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", g.url)
	tr := tracer(t, "", quiet())
	ask(handler(t, rest.Options{Tracer: tr}), "GET", "/healthz", "")
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.named(t, "GET /healthz")
}

func TestWithoutATracerTracingCostsNothing(t *testing.T) {
	var tr *tracing.Tracer
	ctx, header := context.Background(), http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	if n := testing.AllocsPerRun(100, func() {
		_, span := tr.Request(ctx, header)
		_, _ = span.ID(), span.Parent()
		span.End(tracing.Answer{Method: "GET", Route: "/fhir/:type", Status: 200})
		_, end := fhir.Trace(ctx, "view")
		end(nil)
	}); n != 0 {
		t.Errorf("%g allocations, want none", n)
	}
	if err := tr.Close(ctx); err != nil {
		t.Error(err)
	}
}
