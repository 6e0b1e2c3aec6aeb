package rest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
)

// speak gives the action that leaves a request to a façade. Its body is read here,
// within the limits of size and time, and without gzip.
func speak(front http.Handler) action {
	leave := handOver(front)
	return func(x *exchange) error {
		if err := x.notForged(); err != nil {
			return err
		}
		// Semicolons are of values, as at [base]; what can't be read would be left out,
		// and more found than was asked for.
		address := *x.r.URL
		address.RawQuery = strings.ReplaceAll(address.RawQuery, ";", "%3B")
		if _, err := url.ParseQuery(address.RawQuery); err != nil {
			return fhir.Errorf(fhir.IssueInvalid, "", "the query can't be read: a %% is followed by two hexadecimal digits, or written %%25")
		}
		body, err := x.frontBody()
		if err != nil {
			return err
		}
		r := *x.r
		r.URL = &address
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header = r.Header.Clone()
		r.Header.Del("Content-Encoding")
		r.Header.Set("X-Request-Id", x.requestID)
		x.r = &r
		return leave(x)
	}
}

// strangerBytesMax is the largest body that is read of somebody who is not known:
// enough to ask who he is, or for a token.
const strangerBytesMax = 64 << 10

// frontBody reads the body of a request to a façade, which alone knows who need not
// be known: whatever may be large is read of known callers only.
func (x *exchange) frontBody() ([]byte, error) {
	limit := x.limits.BodyBytes
	var unknown error
	if size := x.r.ContentLength; size < 0 || size > strangerBytesMax || x.r.Header.Get("Content-Encoding") != "" {
		if unknown = x.authenticate(); unknown != nil {
			limit = min(limit, strangerBytesMax)
		}
	}
	body, err := x.bytesUpTo(limit)
	if unknown != nil && fhir.HasIssue(err, fhir.IssueTooLong) {
		return nil, unknown
	}
	return body, err
}

// unasked are the media types that a browser sends for a page of any site without
// asking first, with the credentials that it has for this server; "" is none.
// Source: Fetch, CORS-safelisted request-header.
var unasked = []string{"", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"}

// notForged refuses what another site's page may have had a browser send in the name of
// whoever sits before it. A token is of no use to that page: it can't read it.
func (x *exchange) notForged() error {
	media, _ := mediaType(x.r.Header.Get("Content-Type"))
	if x.safe() || x.r.URL.Path == x.options.TokenPath || !slices.Contains(unasked, media) {
		return nil
	}
	if ours, err := x.fromOurPage(); err != nil || ours {
		return err
	}
	return unsupportedMedia(media, "application/json, application/fhir+json")
}
