// Package bundle writes Bundles and replaces the links between the entries of
// those that come in.
package bundle

import (
	"strconv"
	"time"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
)

// A Writer writes a Bundle by joining bytes that are JSON already.
type Writer struct {
	b       []byte
	entries int
}

// New begins a Bundle, without an id where that is ""; sizeHint is about how many bytes will come.
func New(id string, kind fhir.BundleType, at time.Time, sizeHint int) *Writer {
	w := &Writer{b: make([]byte, 0, sizeHint+1024)}
	w.b = append(w.b, `{"resourceType":"Bundle",`...)
	if id != "" {
		w.b = append(w.b, `"id":"`...)
		w.b = append(w.b, id...)
		w.b = append(w.b, `",`...)
	}
	w.b = append(w.b, `"meta":{"lastUpdated":`...)
	w.b = jsontext.AppendInstant(w.b, at)
	w.b = append(w.b, `},"type":"`...)
	w.b = append(w.b, kind...)
	w.b = append(w.b, '"')
	return w
}

// Total writes Bundle.total, where it is known.
func (w *Writer) Total(n *int64) {
	if n != nil {
		w.b = append(w.b, `,"total":`...)
		w.b = strconv.AppendInt(w.b, *n, 10)
	}
}

// A Link is one Bundle.link; without a URL it is left out.
type Link struct{ Relation, URL string }

// Links writes Bundle.link.
func (w *Writer) Links(links ...Link) {
	first := true
	for _, l := range links {
		if l.URL == "" {
			continue
		}
		if first {
			w.b = append(w.b, `,"link":[`...)
		} else {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = append(w.b, `{"relation":"`...)
		w.b = append(w.b, l.Relation...)
		w.b = append(w.b, `","url":`...)
		w.b = jsontext.AppendString(w.b, l.URL)
		w.b = append(w.b, '}')
	}
	if !first {
		w.b = append(w.b, ']')
	}
}

// Entry writes one entry.
func (w *Writer) Entry(e fhir.BundleEntry) {
	if w.entries == 0 {
		w.b = append(w.b, `,"entry":[{`...)
	} else {
		w.b = append(w.b, `,{`...)
	}
	w.entries++
	start := len(w.b)
	if e.FullURL != "" {
		w.name(start, "fullUrl")
		w.b = jsontext.AppendString(w.b, e.FullURL)
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
		w.b = jsontext.AppendString(w.b, e.Request.URL)
		w.b = append(w.b, '}')
	}
	if e.Response != nil {
		w.name(start, "response")
		w.response(e.Response)
	}
	w.b = append(w.b, '}')
}

// name begins a member of the object that started at start.
func (w *Writer) name(start int, name string) {
	if len(w.b) > start {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, `":`...)
}

func (w *Writer) response(r *fhir.BundleResponse) {
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
			w.b = jsontext.AppendString(w.b, m.value)
		}
	}
	if r.Outcome != nil {
		w.name(start, "outcome")
		w.b = append(w.b, r.Outcome...)
	}
	w.b = append(w.b, '}')
}

// Bytes ends the Bundle.
func (w *Writer) Bytes() []byte {
	if w.entries > 0 {
		w.b = append(w.b, ']')
	}
	return append(w.b, '}')
}
