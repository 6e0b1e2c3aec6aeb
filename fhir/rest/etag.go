package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
)

// etagOf gives the weak ETag of a version. Source: R4 http#versioning.
func etagOf(version int64) string {
	return `W/"` + strconv.FormatInt(version, 10) + `"`
}

// unchanged reports whether the client has what we would answer: it sent the
// ETag, or without one a time the resource has not changed since.
// Source: R4 http#cread, RFC 9110 13.2.2.
func unchanged(h http.Header, etag string, updated time.Time) bool {
	if tags := h["If-None-Match"]; len(tags) > 0 {
		return namesETag(tags, etag)
	}
	since := h.Get("If-Modified-Since")
	if since == "" || updated.IsZero() {
		return false
	}
	t, err := http.ParseTime(since)
	return err == nil && !updated.Truncate(time.Second).After(t)
}

// namesETag reports whether one of the header's tags is the ETag, by weak
// comparison; a bare version without quotes is understood too.
func namesETag(lines []string, etag string) bool {
	want := opaque(etag)
	for _, line := range lines {
		for tag := range strings.SplitSeq(line, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" || tag != "" && opaque(tag) == want {
				return true
			}
		}
	}
	return false
}

func opaque(tag string) string {
	return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
}

// noteVersion sets the headers that tell which version an answer is about.
func (x *exchange) noteVersion(r *fhir.Resource) {
	if r == nil || r.Version == 0 {
		return
	}
	x.set("Etag", etagOf(r.Version))
	if !r.Updated.IsZero() {
		x.set("Last-Modified", r.Updated.UTC().Format(http.TimeFormat))
	}
}

// versionURL gives the absolute URL of a version, for Location.
func (x *exchange) versionURL(r *fhir.Resource) string {
	return x.base() + "/" + r.Type + "/" + r.ID + "/_history/" + strconv.FormatInt(r.Version, 10)
}
