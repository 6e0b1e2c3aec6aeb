package rest

import (
	"net/http"
	"time"

	"bima/fhir/rest/unread"
)

// Limits bound what one request may take. A zero field means its default.
type Limits struct {
	// BodyBytes is the largest request body, also after it is decompressed;
	// default 16 MiB, room for a bundle of ten thousand claims.
	BodyBytes int64
	// HeaderBytes is the largest request line with all headers; default 64 KiB.
	// It holds for servers made by Server.
	HeaderBytes int
	// URLBytes is the longest path and query; default 16 KiB. What is longer is
	// sent by POST [type]/_search.
	URLBytes int
	// Request is how long the server works on one request; default 60 s. After
	// it an unfinished interaction is rolled back and answered with a timeout.
	Request time.Duration
	// Async is how long the server works on a request that was accepted with
	// Prefer: respond-async; default 10 min.
	Async time.Duration
	// AsyncBytes is the largest answer kept for such a request; default 64 MiB.
	AsyncBytes int
	// AsyncPending is how many such requests of one caller may wait or be under
	// way; default 10. One more is refused with 429.
	AsyncPending int
	// Body is how long a client may take to send its body; default 60 s.
	Body time.Duration
	// Answer is how long a client may take to read its answer, counted from the
	// moment the answer is ready; default 60 s. Work that was committed is so
	// never cut off by the time it took.
	Answer time.Duration
}

// The defaults of Limits.
const (
	bodyBytesDefault   = 16 << 20
	headerBytesDefault = 64 << 10
	urlBytesDefault    = 16 << 10
	requestDefault     = 60 * time.Second
	asyncDefault       = 10 * time.Minute
	asyncBytesDefault  = 64 << 20
	asyncMostDefault   = 10
	bodyDefault        = 60 * time.Second
	answerDefault      = 60 * time.Second
)

// idleTimeout is how long a connection may wait for its next request, and
// headerTimeout how long its headers may take.
const (
	idleTimeout   = 2 * time.Minute
	headerTimeout = 10 * time.Second
)

// withDefaults gives the limits with every zero field filled in.
func (l Limits) withDefaults() Limits {
	set(&l.BodyBytes, bodyBytesDefault)
	set(&l.HeaderBytes, headerBytesDefault)
	set(&l.URLBytes, urlBytesDefault)
	set(&l.Request, requestDefault)
	set(&l.Async, asyncDefault)
	set(&l.AsyncBytes, asyncBytesDefault)
	set(&l.AsyncPending, asyncMostDefault)
	set(&l.Body, bodyDefault)
	set(&l.Answer, answerDefault)
	return l
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Server gives an HTTP server for the handler, with the time limits that belong
// to a connection. It has no WriteTimeout: that would cut off the answer to a
// long bundle after it was committed, and the client could not know. The
// handler itself limits the time of the work and of the answer. Serve it an
// unread.Listener.
func Server(h http.Handler, l Limits) *http.Server {
	l = l.withDefaults()
	return unread.Server(&http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    l.HeaderBytes,
	})
}
