package rest

import (
	"bytes"
	"io"
	"net/http"
)

// speak gives the action that leaves a request to a façade. Its body is read here,
// within the limits of size and time, and without gzip.
func speak(front http.Handler) action {
	leave := handOver(front)
	return func(x *exchange) error {
		body, err := x.bytes()
		if err != nil {
			return err
		}
		r := *x.r
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header = r.Header.Clone()
		r.Header.Del("Content-Encoding")
		r.Header.Set("X-Request-Id", x.requestID)
		x.r = &r
		return leave(x)
	}
}
