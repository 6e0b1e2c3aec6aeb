package interaction

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/jsontext"
)

// A reply is what one entry of a batch or transaction is answered.
type reply struct {
	status   int
	resource *fhir.Resource // the version written or read; nil if there is none
	body     []byte         // an answer that is no stored resource, such as a Bundle
	read     bool           // whether resource is the answer, whatever Prefer says
	bare     bool           // whether the answer itself is left out (HEAD)
	created  bool
	private  bool // whether the caller's scopes keep from him what is in resource
	issues   []fhir.Issue
}

// failure is the reply of an entry that failed.
func failure(err error) reply {
	return reply{status: Status(err), issues: fhir.OutcomeOf(err).Issues}
}

// An allowance bounds what the entries of one Bundle are answered with, since a
// small batch may ask for the same large page thousands of times. What was written
// is always told. It is safe for concurrent use.
type allowance struct {
	most int
	used atomic.Int64
}

func (e *Engine) allowance() *allowance { return &allowance{most: e.limits.BundleBytes} }

// left fails where the answers have come to the limit, for an entry that only
// reads.
func (a *allowance) left(en *entry) error {
	if !en.reads() || a.used.Load() <= int64(a.most) {
		return nil
	}
	return fhir.Errorf(fhir.IssueTooCostly, "",
		"the answers to the other entries fill the %d bytes that one Bundle is answered with; ask for less, or in several Bundles", a.most)
}

// take counts the answer to an entry, and fails where that of one that only reads
// goes beyond the limit.
func (a *allowance) take(en *entry, r *reply) error {
	n := len(r.body)
	if r.read && r.resource != nil {
		n += len(r.resource.Body)
	}
	if n > 0 && a.used.Add(int64(n)) > int64(a.most) {
		return a.left(en)
	}
	return nil
}

// responses writes the answer to a batch or transaction, in the order asked.
func (e *Engine) responses(kind fhir.BundleType, replies []reply, o BundleOptions) []byte {
	size := 256 * len(replies)
	for i := range replies {
		size += len(replies[i].body)
		if replies[i].resource != nil {
			size += len(replies[i].resource.Body)
		}
	}
	w := bundle.New(e.newID(), kind, e.now(), size)
	told := make(map[string]bool, len(replies))
	for _, r := range replies {
		entry := e.response(r, o)
		if entry.FullURL != "" && told[entry.FullURL] {
			entry.FullURL = "" // two entries of one fullUrl are no valid Bundle (bdl-7)
		}
		told[entry.FullURL] = true
		w.Entry(entry)
	}
	return w.Bytes()
}

// response describes one reply. Source: R4 http#transaction-response.
func (e *Engine) response(r reply, o BundleOptions) fhir.BundleEntry {
	response := &fhir.BundleResponse{Status: statusText(r.status)}
	entry := fhir.BundleEntry{Resource: r.body, Response: response}
	if r.resource != nil {
		response.ETag = bundle.ETag(r.resource.Version)
		response.LastModified = r.resource.Updated.UTC().Format(jsontext.Instant)
		if !r.resource.Deleted {
			entry.FullURL = e.base + "/" + r.resource.Key.String()
			if r.read || o.Return == "representation" && !r.private {
				entry.Resource = r.resource.Body
			}
			if !r.read {
				response.Location = location(r.resource)
			}
		}
	}
	if len(r.issues) > 0 || o.Return == "OperationOutcome" && !r.read {
		response.Outcome = OutcomeJSON(r.issues)
	}
	if r.bare {
		entry.Resource = nil
	}
	return entry
}

// location gives "Patient/1/_history/2".
func location(r *fhir.Resource) string {
	return r.Key.String() + "/_history/" + bundle.VersionText(r.Version)
}

// fetch performs an entry that only reads.
func (e *Engine) fetch(ctx context.Context, r fhir.Reader, en *entry, o BundleOptions) (reply, error) {
	t := &en.target
	switch {
	case t.metadata:
		body, _ := e.Capabilities()
		return reply{status: http.StatusOK, body: body}, nil
	case t.history && t.version != "":
		found, err := readVersionOn(r, t.key, t.version)
		return reply{status: http.StatusOK, resource: found, read: true}, err
	case t.history:
		body, err := e.historyOn(r, t.key, t.query)
		return reply{status: http.StatusOK, body: body}, err
	case t.plain() && t.key.ID != "":
		return readEntry(r, en)
	}
	typ, so := t.key.Type, SearchOptions{Lenient: o.Lenient}
	if t.within != "" {
		typ, so.Compartment = t.within, t.key
	}
	s, err := e.searching(ctx, typ, t.query, so)
	if err != nil {
		return reply{}, err
	}
	body, err := e.searchOn(ctx, r, s)
	return reply{status: http.StatusOK, body: body}, err
}

// readEntry performs a read, which ifNoneMatch and ifModifiedSince may make
// conditional. Source: R4 http#cread.
func readEntry(r fhir.Reader, en *entry) (reply, error) {
	found, err := readOn(r, en.target.key)
	if err != nil {
		return reply{}, err
	}
	if en.unmodified(found) {
		return reply{status: http.StatusNotModified, resource: found}, nil
	}
	return reply{status: http.StatusOK, resource: found, read: true}, nil
}

// unmodified reports whether the client has the version already.
func (en *entry) unmodified(r *fhir.Resource) bool {
	if tags := en.write.IfNoneMatch; tags != "" {
		return strings.TrimSpace(tags) == "*" || slices.Contains(versionsOf(tags), r.Version)
	}
	if en.ifModifiedSince == "" {
		return false
	}
	since, err := fhir.ParseInstant(en.ifModifiedSince)
	return err == nil && !r.Updated.After(since.First)
}
