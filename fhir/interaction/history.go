package interaction

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/jsontext"
	"bima/fhir/interaction/subset"
	"bima/fhir/r4"
)

// History gives a history Bundle, newest first: of one resource, of a type (a Key
// with a Type only) or of the whole server (the zero Key). It understands
// _count, _since, _at, _list, _sort, _total, _summary, _elements and the _cursor of
// its own links.
// Source: R4 http#history.
func (e *Engine) History(ctx context.Context, k fhir.Key, rawQuery string) ([]byte, error) {
	e = e.pinned()
	if k.Type != "" {
		if err := knownType(k.Type); err != nil {
			return nil, err
		}
	}
	ctx, cancel := e.limited(ctx)
	defer cancel()
	var body []byte
	err := e.View(ctx, func(r fhir.Reader) (err error) {
		body, err = e.historyOn(r, k, rawQuery)
		return err
	})
	return body, e.inTime(ctx, err)
}

func (e *Engine) historyOn(r fhir.Reader, k fhir.Key, rawQuery string) ([]byte, error) {
	q, self, err := e.historyQuery(k, rawQuery)
	if err != nil {
		return nil, err
	}
	if k.ID != "" {
		if !fhir.ValidID(k.ID) {
			return nil, notFound(k)
		}
		if _, err := r.Read(k); err != nil {
			return nil, err
		}
	}
	if list := self.Get("_list"); list != "" {
		if q.Keys, err = listed(r, k.Type, list); err != nil {
			return nil, err
		}
	}
	page, err := r.History(&q.HistoryQuery)
	if err != nil {
		return nil, err
	}
	w := bundle.New(e.newID(), fhir.BundleHistory, e.now(), bundle.SizeOf(page.Resources))
	w.Total(totalOf(q.After, page))
	path := e.base + "/" + historyPath(k)
	w.Links(bundle.Link{Relation: "self", URL: bundle.JoinQuery(path, self)},
		bundle.Link{Relation: "previous", URL: bundle.CursorURL(path, self, page.Previous)},
		bundle.Link{Relation: "next", URL: bundle.CursorURL(path, self, page.Next)})
	for _, v := range page.Resources {
		entry := e.historyEntry(v)
		entry.Resource = subset.Elements(entry.Resource, q.summary, q.elements)
		w.Entry(entry)
	}
	return w.Bytes(), nil
}

// listed gives the resources of a type, or of all types, that a List names.
func listed(r fhir.Reader, typ, list string) ([]fhir.Key, error) {
	id := strings.TrimPrefix(list, "List/")
	found, err := readOn(r, fhir.Key{Type: "List", ID: id})
	if err != nil {
		return nil, badParameter("_list", "must name a List that is there; %.80q is none", list)
	}
	doc, err := fhir.Parse(found.Body)
	if err != nil {
		return nil, err
	}
	defer doc.Release()
	keys := []fhir.Key{}
	for entry := range doc.Root().Get("entry").Each() {
		ref := fhir.ParseReference(entry.At("item", "reference").Text(), r4.IsResource)
		if ref.Relative() && (typ == "" || ref.Type == typ) && !slices.Contains(keys, ref.Key) {
			keys = append(keys, fhir.Key{Type: strings.Clone(ref.Type), ID: strings.Clone(ref.ID)})
		}
	}
	if len(keys) > listedMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "%s names %d resources; a history is of at most %d at once", list, len(keys), listedMax)
	}
	return keys, nil
}

// listedMax bounds the resources of a history by _list.
const listedMax = 1_000

// historyEntry describes one version by the interaction that made it.
func (e *Engine) historyEntry(v *fhir.Resource) fhir.BundleEntry {
	request := &fhir.BundleRequest{Method: v.Method, URL: v.Key.String()}
	status := http.StatusOK
	switch {
	case v.Deleted:
		request.Method, status = fhir.MethodDelete, http.StatusNoContent
	case v.Method == fhir.MethodCreate:
		request.URL, status = v.Type, http.StatusCreated
	case v.Version == 1:
		status = http.StatusCreated
	}
	return fhir.BundleEntry{
		FullURL: e.base + "/" + v.Key.String(), Resource: v.Body, Request: request,
		Response: &fhir.BundleResponse{Status: statusText(status), ETag: bundle.ETag(v.Version), LastModified: v.Updated.UTC().Format(jsontext.Instant)},
	}
}

// statusText gives "201 Created".
func statusText(status int) string {
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

func historyPath(k fhir.Key) string {
	switch {
	case k.Type == "":
		return "_history"
	case k.ID == "":
		return k.Type + "/_history"
	}
	return k.String() + "/_history"
}

// A historyQuery is what a history is asked for, and how much of each version is
// shown.
type historyQuery struct {
	fhir.HistoryQuery
	summary  string
	elements []string
}

// historyQuery reads the parameters; self is them as they were understood,
// without the cursor.
func (e *Engine) historyQuery(k fhir.Key, rawQuery string) (q *historyQuery, self url.Values, err error) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, nil, fhir.Errorf(fhir.IssueInvalid, "", "the query %.200q is not well formed", rawQuery)
	}
	q = &historyQuery{HistoryQuery: fhir.HistoryQuery{Type: k.Type, ID: k.ID, Limit: e.limits.PageDefault}}
	if k.ID != "" {
		q.Total = fhir.TotalAccurate
	}
	self = url.Values{}
	for name, all := range values {
		if len(all) > 1 && name != "_count" { // the first counts, as in a search
			return nil, nil, badParameter(name, "is given more than once")
		}
		if err := e.historyParameter(q, name, all[0]); err != nil {
			return nil, nil, err
		}
		if name != bundle.CursorParameter {
			self.Set(name, all[0])
		}
	}
	if q.summary == "count" {
		q.Limit, q.Total = 0, fhir.TotalAccurate
	}
	return q, self, nil
}

func (e *Engine) historyParameter(q *historyQuery, name, value string) error {
	switch name {
	case "_count":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return badParameter(name, "must be a whole number, not %.40q", value)
		}
		q.Limit = min(n, e.limits.PageMax)
		if n == 0 {
			q.Total = fhir.TotalAccurate
		}
	case "_since":
		t, err := fhir.ParseInstant(strings.Replace(value, " ", "+", 1)) // many clients send the plus of a zone as it is
		if err != nil {
			return badParameter(name, "must be an instant such as 2026-09-14T10:02:11Z, not %.40q", value)
		}
		q.Since = t.First.UnixMicro()
	case "_at":
		t, err := fhir.ParsePartialDateTime(strings.Replace(value, " ", "+", 1))
		if err != nil {
			return badParameter(name, "must be a date or a time, not %.40q", value)
		}
		span := t.Interval(e.zone)
		q.At = &fhir.DateValue{Prefix: fhir.PrefixEqual, From: span.From.UnixMicro(), To: span.To.UnixMicro()}
	case "_total":
		mode, ok := map[string]fhir.TotalMode{"none": fhir.TotalNone, "estimate": fhir.TotalEstimate, "accurate": fhir.TotalAccurate}[value]
		if !ok {
			return badParameter(name, "must be none, estimate or accurate, not %.40q", value)
		}
		q.Total = mode
	case bundle.CursorParameter:
		q.After = value
	case "_list":
		if q.ID != "" {
			return badParameter(name, "is for the history of a type or of the whole server; this one is of %s alone", fhir.Key{Type: q.Type, ID: q.ID})
		}
	case "_sort":
		if value != "-_lastUpdated" && value != "none" {
			return badParameter(name, "can only be -_lastUpdated: the newest version always comes first")
		}
	case "_summary":
		if !slices.Contains([]string{"true", "text", "data", "count", "false"}, value) {
			return badParameter(name, "must be true, text, data, count or false, not %.40q", value)
		}
		q.summary = value
	case "_elements":
		q.elements = subset.Names(value, q.Type)
	case "_format", "_pretty":
	default:
		return badParameter(name, "is no parameter of a history; there are _count, _since, _at, _list, _sort, _total, _summary and _elements")
	}
	return nil
}

func badParameter(name, format string, args ...any) error {
	return fhir.OfParameter(name, fhir.Errorf(fhir.IssueInvalid, "", "the parameter %.80q %s", name, fmt.Sprintf(format, args...)))
}
