package interaction

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
)

// A bundleWriter writes a Bundle by joining bytes that are JSON already.
type bundleWriter struct {
	b       []byte
	entries int
}

// newBundle begins a Bundle; sizeHint is about how many bytes will come.
func newBundle(id string, kind fhir.BundleType, at time.Time, sizeHint int) *bundleWriter {
	w := &bundleWriter{b: make([]byte, 0, sizeHint+1024)}
	w.b = append(w.b, `{"resourceType":"Bundle","id":"`...)
	w.b = append(w.b, id...)
	w.b = append(w.b, `","meta":{"lastUpdated":`...)
	w.b = appendInstant(w.b, at)
	w.b = append(w.b, `},"type":"`...)
	w.b = append(w.b, kind...)
	w.b = append(w.b, '"')
	return w
}

// total writes Bundle.total, where it is known.
func (w *bundleWriter) total(n *int64) {
	if n != nil {
		w.b = append(w.b, `,"total":`...)
		w.b = strconv.AppendInt(w.b, *n, 10)
	}
}

// A pageLink is one Bundle.link; without a URL it is left out.
type pageLink struct{ relation, url string }

func (w *bundleWriter) links(links ...pageLink) {
	first := true
	for _, l := range links {
		if l.url == "" {
			continue
		}
		if first {
			w.b = append(w.b, `,"link":[`...)
		} else {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = append(w.b, `{"relation":"`...)
		w.b = append(w.b, l.relation...)
		w.b = append(w.b, `","url":`...)
		w.b = appendString(w.b, l.url)
		w.b = append(w.b, '}')
	}
	if !first {
		w.b = append(w.b, ']')
	}
}

// entry writes one entry.
func (w *bundleWriter) entry(e fhir.BundleEntry) {
	if w.entries == 0 {
		w.b = append(w.b, `,"entry":[{`...)
	} else {
		w.b = append(w.b, `,{`...)
	}
	w.entries++
	start := len(w.b)
	if e.FullURL != "" {
		w.name(start, "fullUrl")
		w.b = appendString(w.b, e.FullURL)
	}
	if e.Resource != nil {
		w.name(start, "resource")
		w.b = append(w.b, e.Resource...)
	}
	if e.Search != "" {
		w.name(start, "search")
		w.b = append(w.b, `{"mode":"`...)
		w.b = append(w.b, e.Search...)
		w.b = append(w.b, `"}`...)
	}
	if e.Request != nil {
		w.name(start, "request")
		w.b = append(w.b, `{"method":"`...)
		w.b = append(w.b, e.Request.Method...)
		w.b = append(w.b, `","url":`...)
		w.b = appendString(w.b, e.Request.URL)
		w.b = append(w.b, '}')
	}
	if e.Response != nil {
		w.name(start, "response")
		w.response(e.Response)
	}
	w.b = append(w.b, '}')
}

// name begins a member of the object that started at start.
func (w *bundleWriter) name(start int, name string) {
	if len(w.b) > start {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, `":`...)
}

func (w *bundleWriter) response(r *fhir.BundleResponse) {
	w.b = append(w.b, '{')
	start := len(w.b)
	for _, m := range [...]struct{ name, value string }{
		{"status", r.Status},
		{"location", r.Location},
		{"etag", r.ETag},
		{"lastModified", r.LastModified},
	} {
		if m.value != "" {
			w.name(start, m.name)
			w.b = appendString(w.b, m.value)
		}
	}
	if r.Outcome != nil {
		w.name(start, "outcome")
		w.b = append(w.b, r.Outcome...)
	}
	w.b = append(w.b, '}')
}

// bytes ends the Bundle.
func (w *bundleWriter) bytes() []byte {
	if w.entries > 0 {
		w.b = append(w.b, ']')
	}
	return append(w.b, '}')
}

// etag gives the entity tag of a version.
func etag(version int64) string { return `W/"` + versionText(version) + `"` }

// versionText gives a version as meta.versionId has it.
func versionText(version int64) string { return strconv.FormatInt(version, 10) }

// cursorParameter carries the place in a list from one page to the next.
const cursorParameter = "_cursor"

// joinQuery gives a URL with its query, if there is any.
func joinQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// cursorURL gives the URL of another page, "" where there is none.
func cursorURL(path string, values url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	return withCursor(path, values.Encode(), cursor)
}

// withCursor adds a cursor to a URL; "" gives "".
func withCursor(path, query, cursor string) string {
	if cursor == "" {
		return ""
	}
	if query != "" {
		query += "&"
	}
	return path + "?" + query + cursorParameter + "=" + url.QueryEscape(cursor)
}

// withoutCursor drops the cursor of a query and leaves the rest as it is.
func withoutCursor(query string) string {
	if !strings.Contains(query, cursorParameter) {
		return query
	}
	var kept []string
	for p := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(p, "="); name != cursorParameter {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "&")
}

// sizeOf estimates the bytes of a Bundle of the resources.
func sizeOf(resources []*fhir.Resource) int {
	const around = 256 // fullUrl, search, request and response
	size := 0
	for _, r := range resources {
		size += len(r.Body) + around
	}
	return size
}
