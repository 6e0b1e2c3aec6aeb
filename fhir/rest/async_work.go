package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
)

// asyncKind names the Worker of accepted requests.
const asyncKind = "rest.async"

// asyncArgs are the arguments of its jobs.
type asyncArgs struct {
	ID string `json:"id"`
}

// cancelPoll is how often a request that is being done is looked at, whether it
// has been cancelled.
const cancelPoll = time.Second

// Worker gives the worker that does what clients asked to be done later (Prefer:
// respond-async), by the handler that accepted it, as the caller who asked. The
// handler must be one of Handler with Options.Async set; any other is a broken
// promise, and Worker panics.
func Worker(h http.Handler) fhir.Worker {
	s, ok := h.(*server)
	if !ok || s.options.Async == nil {
		panic("rest: Worker was given a handler that accepts nothing to be done later")
	}
	return fhir.Worker{Kind: asyncKind, Work: func(ctx context.Context, _ fhir.Server, args []byte) error {
		var a asyncArgs
		if err := json.Unmarshal(args, &a); err != nil {
			return err
		}
		return errors.Join(s.work(ctx, a.ID), s.forget(ctx))
	}}
}

// forget removes what has expired.
func (s *server) forget(ctx context.Context) error {
	_, err := s.options.Async.Forget(ctx, s.now())
	return err
}

// work does one request and keeps its answer. A job that is tried again finds a
// bundle that was begun, and does not begin it a second time.
func (s *server) work(ctx context.Context, id string) error {
	a, err := s.options.Async.Async(ctx, id)
	if fhir.HasIssue(err, fhir.IssueNotFound) {
		return nil
	}
	if err != nil || a.State == fhir.AsyncCompleted || a.State == fhir.AsyncCancelled {
		return err
	}
	var d deferred
	if err := json.Unmarshal(a.Request, &d); err != nil {
		return err
	}
	if a.State == fhir.AsyncRunning && d.Once {
		return s.complete(ctx, a, interrupted())
	}
	if wanted, err := s.options.Async.Advance(ctx, id, fhir.AsyncRunning, string(fhir.AsyncRunning), nil); err != nil || !wanted {
		return err
	}
	answer, err := s.perform(ctx, a, &d)
	if err != nil {
		return err
	}
	return s.complete(ctx, a, answer)
}

// interrupted is the answer to a bundle of which nobody knows whether it was done.
func interrupted() *recorder {
	return &recorder{status: http.StatusInternalServerError, body: interaction.OutcomeJSON([]fhir.Issue{{
		Severity: fhir.SeverityError, Code: fhir.IssueTransient,
		Diagnostics: "the server stopped while it did this, so it may be done or not; a transaction is done wholly or not at all. Look whether it is there before you send it again",
	}})}
}

// perform does the request as the caller who asked, until it is cancelled.
func (s *server) perform(ctx context.Context, a *fhir.AsyncRequest, d *deferred) (*recorder, error) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	go s.watch(running, stop, a.ID)
	r, err := http.NewRequestWithContext(running, d.Method, d.Scheme+"://"+d.Host+d.URI, bytes.NewReader(d.Body))
	if err != nil {
		return nil, err
	}
	r.Header, r.RequestURI = d.Header, d.URI
	r.Header.Set("X-Request-Id", d.Request)
	w := &recorder{header: http.Header{}, limit: s.limits.AsyncBytes}
	s.serve(&exchange{server: s, w: w, r: r, stored: &d.Caller}, s.limits.Async)
	if ctx.Err() != nil && !d.Once {
		return nil, ctx.Err() // the server stops: the job is tried again
	}
	return w, nil
}

// watch stops what is being done once it has been cancelled.
func (s *server) watch(ctx context.Context, stop context.CancelFunc, id string) {
	tick := time.NewTicker(cancelPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if a, err := s.options.Async.Async(ctx, id); err == nil && a.State == fhir.AsyncCancelled || fhir.HasIssue(err, fhir.IssueNotFound) {
				stop()
				return
			}
		}
	}
}

// completeTimeout is how long keeping an answer may take, also while the server
// stops.
const completeTimeout = 30 * time.Second

// complete keeps an answer.
func (s *server) complete(ctx context.Context, a *fhir.AsyncRequest, answer *recorder) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), completeTimeout)
	defer cancel()
	_, err := s.options.Async.Advance(ctx, a.ID, fhir.AsyncCompleted, string(fhir.AsyncCompleted), answer.bundle(a.ID, s.now()))
	return err
}

// A recorder takes an answer that nobody reads yet.
type recorder struct {
	header   http.Header
	status   int
	body     []byte
	limit    int
	overflow bool
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter; what is beyond the limit is not kept.
func (w *recorder) Write(p []byte) (int, error) {
	if len(w.body)+len(p) > w.limit {
		w.overflow, w.body = true, nil
		return 0, errors.New("the answer is larger than what is kept")
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// bundle gives the answer as it is read later: a batch-response of one entry,
// an error as its outcome. Source: R5 async-bundle, whose form serves R4 too.
func (w *recorder) bundle(id string, now time.Time) []byte {
	status, body := w.status, w.body
	if w.overflow {
		status = http.StatusInsufficientStorage
		body = interaction.OutcomeJSON([]fhir.Issue{{
			Severity: fhir.SeverityError, Code: fhir.IssueTooCostly,
			Diagnostics: fmt.Sprintf("the answer is larger than %d bytes, the most that is kept; ask for less, or for pages", w.limit),
		}})
	}
	entry := map[string]any{}
	response := map[string]any{"status": strconv.Itoa(status) + " " + http.StatusText(status)}
	switch {
	case len(body) == 0:
	case status >= http.StatusBadRequest:
		response["outcome"] = json.RawMessage(body)
	default:
		entry["resource"] = json.RawMessage(body)
	}
	for member, name := range map[string]string{"location": "Location", "etag": "Etag"} {
		if value := w.header.Get(name); value != "" {
			response[member] = value
		}
	}
	if modified, err := http.ParseTime(w.header.Get("Last-Modified")); err == nil {
		response["lastModified"] = modified.UTC().Format(time.RFC3339)
	}
	entry["response"] = response
	// What is made of texts and of JSON can be written.
	out, _ := json.Marshal(struct {
		ResourceType string           `json:"resourceType"`
		ID           string           `json:"id"`
		Type         string           `json:"type"`
		Timestamp    string           `json:"timestamp"`
		Entry        []map[string]any `json:"entry"`
	}{"Bundle", id, "batch-response", now.UTC().Format(time.RFC3339Nano), []map[string]any{entry}})
	return out
}
