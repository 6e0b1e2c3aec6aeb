package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bima/fhir"
	"bima/fhir/rest/tracing"
)

// An exchange is one request and its answer. It is also the ResponseWriter gin
// gets, so that gin adds nothing to what was answered.
type exchange struct {
	*server
	w       http.ResponseWriter
	r       *http.Request
	header  http.Header // of the answer
	control *http.ResponseController
	route   *gin.Context // the parameters of the path

	ctx       context.Context // ends with the time limit; carries the caller
	limit     time.Duration   // that time limit
	prefer    preferences
	began     time.Time
	requestID string
	caller    string        // the name of who asked, for the log
	stored    *fhir.Caller  // who asked for what is done later; nil of a request that has just come
	action    string        // the name of the route's interaction, for the metrics
	typ       string        // the resource type of the path, for the metrics; "" where it has none
	pattern   string        // the route as it is written in the table
	status    int           // 0 until the answer has begun
	written   int           // bytes of the answer's body
	span      *tracing.Span // nil where nobody traces

	values [headersMax]string // backs the header values set
	used   int
}

// headersMax is how many header values one answer sets at most by set; more
// take memory of their own.
const headersMax = 8

// set sets a header of the answer; its name is in Go's canonical form.
func (x *exchange) set(name, value string) {
	if x.used == headersMax {
		x.header[name] = []string{value}
		return
	}
	x.values[x.used] = value
	x.header[name] = x.values[x.used : x.used+1 : x.used+1]
	x.used++
}

// Header implements http.ResponseWriter for gin.
func (x *exchange) Header() http.Header { return x.header }

// WriteHeader implements http.ResponseWriter for gin, which calls it after each
// route. What was answered stays answered.
func (x *exchange) WriteHeader(int) {}

// Write implements http.ResponseWriter for gin, whose own texts are not wanted.
func (x *exchange) Write(text []byte) (int, error) { return len(text), nil }

// exchangeOf gives the exchange behind a gin context.
func exchangeOf(c *gin.Context) *exchange {
	wrapper, ok := c.Writer.(interface{ Unwrap() http.ResponseWriter })
	if !ok {
		panic("rest: gin's writer can't be unwrapped any more")
	}
	x, ok := wrapper.Unwrap().(*exchange)
	if !ok {
		panic("rest: a route was reached without an exchange")
	}
	return x
}

// param gives a parameter of the path, "" where the route has none.
func (x *exchange) param(name string) string { return x.route.Param(name) }

// key gives the resource the path names; its parts are "" where the route has none.
func (x *exchange) key() fhir.Key { return fhir.Key{Type: x.param("type"), ID: x.param("id")} }

// queryText gives the query as sent.
func (x *exchange) queryText() string { return x.r.URL.RawQuery }

// base gives the absolute URL of [base]: the configured one, or else the one the
// client used.
func (x *exchange) base() string {
	if x.options.Base != "" {
		return x.options.Base
	}
	return x.scheme() + "://" + x.r.Host + basePath
}

// scheme gives the scheme of the URL the client used.
func (x *exchange) scheme() string {
	if x.r.TLS != nil || x.stored != nil && x.r.URL.Scheme == "https" {
		return "https"
	}
	return "http"
}

// safe reports whether the method only reads.
func (x *exchange) safe() bool {
	return x.r.Method == http.MethodGet || x.r.Method == http.MethodHead
}
