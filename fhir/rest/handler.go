package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/rest/metrics"
	"bima/fhir/rest/tracing"
)

// basePath is where [base] is on this server.
const basePath = "/fhir"

// Options are what a Handler is made of. Only Engine is required.
type Options struct {
	// Engine performs the interactions.
	Engine *interaction.Engine
	// Base is the absolute URL of [base] as clients reach it, the same as the
	// Engine's; "" takes it from each request's Host header.
	Base string
	// Authenticate gives the caller of a request, or an Outcome of IssueLogin.
	// Nil makes everyone fhir.Developer: only for a server on loopback.
	Authenticate func(*http.Request) (fhir.Caller, error)
	// Log takes one line a request, without personal data, and the causes of
	// failures; nil is slog's default.
	Log *slog.Logger
	// Limits bound a request.
	Limits Limits
	// Ready tells whether the server can do its work; nil is always.
	Ready func(context.Context) error
	// Origins are the origins whose pages may call from a browser, without
	// cookies: "https://clinic.example", or "http://localhost:*" and
	// "http://127.0.0.1:*" for those of any port. "*" is any, and so is none at all.
	Origins []string
	// Async keeps requests that are to be done later (Prefer: respond-async), for
	// the Worker; nil does them at once.
	Async fhir.AsyncStore
	// AsyncKeep is how long such a request and its answer are kept; default 24 h.
	AsyncKeep time.Duration
	// Slow is from when on an exchange is logged as slow; default 1 s.
	Slow time.Duration
	// Stats gives figures of the store for /metrics, by their names in Prometheus,
	// with labels where there are: `bima_jobs{state="waiting"}`. Nil is none.
	Stats func(context.Context) map[string]float64
	// Schemas are the profiles served as JSON Schemas, by their ids.
	Schemas map[string]Schema
	// Tracer takes a span a request; nil traces nothing.
	Tracer *tracing.Tracer
	// Fronts answer in other systems' tongues, below paths outside of [base]:
	// "/api/api_fhir". Each is made with the handler of this server, of which it
	// asks what it needs in the caller's name; it must let in nobody by itself. The
	// body it reads is within the limits, and what it answers is held in memory
	// before it is sent.
	Fronts map[string]func(http.Handler) http.Handler
	// Accents are made like Fronts: what some clients ask of [base] where R4 would
	// refuse it. Nil is none.
	Accents func(http.Handler) []Accent
	// TokenPath is where a front of this server gives tokens by OAuth 2's client
	// credentials, and TokenScopes are what they can be for; "" where none does.
	TokenPath   string
	TokenScopes []string
	// Open are handlers of GET that need no caller, by their paths outside of
	// [base]: "/card". What they answer is held in memory before it is sent.
	Open map[string]http.Handler
	// Sockets take connections over, by their paths outside of [base]: "/ws".
	Sockets map[string]Socket
}

// A server is a Handler at work.
type server struct {
	options Options
	engine  *interaction.Engine
	log     *slog.Logger
	limits  Limits
	router  *gin.Engine
	metrics *metrics.Registry
	schemas schemas
	accents []Accent
	now     func() time.Time

	accepting chan struct{} // holds whoever keeps a request to be done later
}

// Handler gives the handler of the whole server: /fhir, /healthz, /readyz and
// /metrics. Mount it at the root.
func Handler(o Options) http.Handler {
	s := &server{
		options: o, engine: o.Engine, log: o.Log, limits: o.Limits.withDefaults(), now: time.Now,
		metrics: metrics.New(time.Now()), schemas: shelve(o.Schemas), accepting: make(chan struct{}, 1),
	}
	s.options.Base = strings.TrimRight(o.Base, "/")
	set(&s.options.AsyncKeep, asyncKeepDefault)
	set(&s.options.Slow, slowDefault)
	if s.log == nil {
		s.log = slog.Default()
	}
	s.router = s.routes()
	if o.Accents != nil {
		s.accents = o.Accents(s)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serve(&exchange{server: s, w: w, r: r}, s.limits.Request)
}

// serve answers an exchange, which may take so long.
func (s *server) serve(x *exchange, limit time.Duration) {
	w, r := x.w, x.r
	x.header, x.control, x.began = w.Header(), http.NewResponseController(w), time.Now()
	s.metrics.Begin()
	defer s.finish(x)
	x.requestID = requestID(r.Header.Get("X-Request-Id"))
	x.set("X-Request-Id", x.requestID)
	ctx := x.trace(r.Context())
	for name, values := range fixedHeaders {
		x.header[name] = values
	}
	if done := x.allowOrigin(); done {
		return
	}
	if len(r.RequestURI) > s.limits.URLBytes {
		x.failAs(http.StatusRequestURITooLong, errURLTooLong)
		return
	}
	if err := x.checkURL(); err != nil {
		x.fail(err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if x.stored != nil {
		ctx = fhir.Unhurried(ctx)
	}
	x.ctx, x.limit = ctx, limit
	x.prefer = preferred(r.Header)
	s.router.ServeHTTP(x, x.r)
}

// finish ends an exchange, also one that panicked: then the client learns that
// it did and the log why.
func (s *server) finish(x *exchange) {
	s.metrics.End()
	if cause := recover(); cause != nil {
		if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(cause)
		}
		s.log.Error("panic", "request", x.requestID, "route", x.pattern, "cause", cause, "stack", string(debug.Stack()))
		if x.status != 0 {
			panic(http.ErrAbortHandler)
		}
		x.failAs(http.StatusInternalServerError, fhir.OutcomeOf(errPanic))
	}
	x.note()
}

// errPanic stands for what a panic said, which is in the log.
var errPanic = errors.New("panic")

// fixedHeaders are on every answer. Their values are shared, nobody writes to
// them. An answer may be kept by the client, who must ask whether it still holds.
var fixedHeaders = map[string][]string{
	"Cache-Control":          {"private, no-cache"},
	"Vary":                   {"Accept, Accept-Encoding, Authorization, Origin"},
	"X-Content-Type-Options": {"nosniff"},
}

// checkURL refuses paths that hide a slash, and forgives those with too many,
// which some clients write.
func (x *exchange) checkURL() error {
	if raw := x.r.URL.RawPath; raw != "" && strings.Contains(strings.ToLower(raw), "%2f") {
		return fhir.Errorf(fhir.IssueValue, "", "the path holds an escaped slash (%%2F); ids are letters, digits, '-' and '.' only")
	}
	path := tidyPath(x.r.URL.Path)
	if path != x.r.URL.Path {
		r := *x.r
		u := *x.r.URL
		u.Path, u.RawPath = path, ""
		r.URL = &u
		x.r = &r
	}
	return nil
}

// errURLTooLong is answered with 414.
var errURLTooLong = fhir.Errorf(fhir.IssueTooLong, "", "the URL is too long; send a long search by POST to [type]/_search, its parameters as the form body")

// tidyPath makes one slash of several and drops the last one.
func tidyPath(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}
