// Package unread answers requests that net/http can't read, "GET /fhir/%", with an
// OperationOutcome: net/http refuses them by a line of plain text before any handler
// is asked.
package unread

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"bima/fhir"
	"bima/fhir/interaction"
)

// Listener gives a listener whose connections answer so. It is for servers made by
// Server.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// A conn says in FHIR's words what net/http writes of a request it can't
// read. While a handler's answer is under way nothing is touched: it might hold
// such a text.
type conn struct {
	net.Conn
	answering atomic.Bool
}

// CloseWrite lets net/http end its half of the connection and wait for the client.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) {
	if c.answering.Load() {
		return c.Conn.Write(b)
	}
	instead := refusal(b)
	if instead == nil {
		return c.Conn.Write(b)
	}
	if _, err := c.Conn.Write(instead); err != nil {
		return 0, err
	}
	return len(b), nil
}

// connKey is where a request's context has its connection.
type connKey struct{}

// Server has a server tell its connections when its handler answers.
func Server(s *http.Server) *http.Server {
	h := s.Handler
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if own, ok := c.(*conn); ok && state == http.StateIdle {
			own.answering.Store(false)
		}
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if own, ok := r.Context().Value(connKey{}).(*conn); ok {
			own.answering.Store(true)
		}
		h.ServeHTTP(w, r)
	})
	return s
}

const mediaType = "application/fhir+json; charset=utf-8"

// The head of what net/http writes by itself, without the status between.
var (
	begin = []byte("HTTP/1.1 ")
	end   = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
)

// refusal gives the answer in place of one of net/http's own, nil of any other.
func refusal(b []byte) []byte {
	line, found := bytes.CutPrefix(b, begin)
	if !found {
		return nil
	}
	line, _, found = bytes.Cut(line, end)
	if !found || bytes.ContainsAny(line, "\r\n") {
		return nil
	}
	status, text, _ := strings.Cut(string(line), " ")
	code, err := strconv.Atoi(status)
	if err != nil {
		return nil
	}
	name, why, _ := strings.Cut(text, ": ")
	body := interaction.OutcomeJSON(fhir.OutcomeOf(reason(code, why)).Issues)
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s",
		code, name, mediaType, len(body), body)
}

// reason says what is wrong with a request that could not be read.
func reason(code int, why string) error {
	switch code {
	case http.StatusRequestHeaderFieldsTooLarge:
		return fhir.Errorf(fhir.IssueTooLong, "", "the request line and headers are too long; send a long search by POST to [type]/_search, its parameters as the form body")
	case http.StatusNotImplemented:
		return fhir.Errorf(fhir.IssueNotSupported, "", "this Transfer-Encoding is not known here; send the body by chunked or with a Content-Length")
	case http.StatusHTTPVersionNotSupported:
		return fhir.Errorf(fhir.IssueNotSupported, "", "this version of HTTP is not spoken here; use HTTP/1.1")
	}
	if why == "" {
		return fhir.Errorf(fhir.IssueInvalid, "", "the request line or a header can't be read; in a URL two hexadecimal digits follow each %%, so that %% itself is %%25 and a blank %%20")
	}
	return fhir.Errorf(fhir.IssueInvalid, "", "the request can't be read: %s", why)
}
