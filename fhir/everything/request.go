package everything

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/r4"
)

// A request is the operation's input as it was understood.
type request struct {
	types      []string // of _type; nil is all
	since      int64    // microseconds since 1970; 0 is all
	start, end int64    // of the dates of care, in microseconds since 1970; 0 is open
	count      int
	at         *cursor
	first      bool       // whether it is the first page
	self       url.Values // the parameters without the cursor
}

// A cursor is where a page begins.
type cursor struct {
	Support bool   `json:"s,omitempty"` // among what the records refer to, else among the records
	Owner   int    `json:"o,omitempty"` // the owner whose records are next
	After   string `json:"a,omitempty"` // the store's cursor in those; or the last key given
	Version int64  `json:"v,omitempty"` // of the Group, so that its members stay as they were
}

// String gives the cursor in a form for URLs.
func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		return "" // numbers and texts are always written
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(text string) (*cursor, error) {
	c := &cursor{}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, c)
	}
	if err != nil || c.Owner < 0 || c.Version < 0 {
		return nil, fhir.Errorf(fhir.IssueValue, "", "the _cursor is none of this server's; begin again without it")
	}
	return c, nil
}

// read reads the input. Source: R4 patient-operation-everything.
func (o Options) read(in *fhir.Resource) (*request, error) {
	q := &request{count: pageDefault, at: &cursor{}, first: true, self: url.Values{}}
	if in == nil {
		return q, nil
	}
	if in.Type != "Parameters" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "$everything takes Parameters, not a %.60s", in.Type)
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	for p := range doc.Root().Get("parameter").Each() {
		name, text := strings.Clone(p.Get("name").Text()), ""
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				text = strings.Clone(m.Text())
			}
		}
		if err := o.parameter(q, name, text); err != nil {
			return nil, err
		}
		if name != bundle.CursorParameter {
			q.self.Add(name, text)
		}
	}
	if q.start != 0 && q.end != 0 && q.end <= q.start {
		return nil, fhir.Errorf(fhir.IssueValue, "", "end lies before start")
	}
	return q, nil
}

func (o Options) parameter(q *request, name, text string) (err error) {
	switch name {
	case "_count":
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return wrong(name, "must be a whole number of 1 or more, not %.40q", text)
		}
		q.count = min(n, pageMax)
	case "_since":
		t, err := fhir.ParseInstant(strings.Replace(text, " ", "+", 1)) // many clients send the plus of a zone as it is
		if err != nil {
			return wrong(name, "must be an instant such as 2026-09-14T10:02:11Z, not %.40q", text)
		}
		q.since = t.First.UnixMicro()
	case "start", "end":
		d, err := fhir.ParseDate(text)
		if err != nil {
			return wrong(name, "must be a date, not %.40q", text)
		}
		if span := d.Interval(o.Zone); name == "start" {
			q.start = span.From.UnixMicro()
		} else {
			q.end = span.To.UnixMicro()
		}
	case "_type":
		for typ := range strings.SplitSeq(text, ",") {
			if typ = strings.TrimSpace(typ); !r4.IsResource(typ) {
				return wrong(name, "names %.40q, which is no resource type", typ)
			}
			if !slices.Contains(q.types, typ) {
				q.types = append(q.types, typ)
			}
		}
	case bundle.CursorParameter:
		q.at, err = parseCursor(text)
		q.first = false
	case "_format", "_pretty":
	default:
		return wrong(name, "is no parameter of $everything; there are start, end, _since, _type and _count")
	}
	return err
}

func wrong(name, format string, args ...any) error {
	return fhir.Errorf(fhir.IssueInvalid, "", "the parameter %.80q "+format, append([]any{name}, args...)...)
}

// wants reports whether resources of a type are asked for.
func (q *request) wants(typ string) bool { return q.types == nil || slices.Contains(q.types, typ) }
