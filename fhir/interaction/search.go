package interaction

import (
	"context"
	"net/url"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/explain"
	"bima/fhir/interaction/include"
	"bima/fhir/interaction/scoped"
	"bima/fhir/interaction/subset"
	"bima/fhir/interaction/terms"
	"bima/fhir/search"
)

// A searching is a search as it was understood.
type searching struct {
	*search.Request
	typ       string
	options   SearchOptions
	contained containing
	explain   bool // tell how it is done, not what it finds
}

// Search gives a searchset Bundle of the resources of a type, or of all types
// where typ is "". Unknown parameters are refused, or with Lenient left out and
// named in an outcome entry. With _explain=true it gives an administrator a
// Parameters resource that tells how the database does it. Source: R4 search.
func (e *Engine) Search(ctx context.Context, typ, rawQuery string, o SearchOptions) ([]byte, error) {
	e = e.pinned()
	ctx, cancel := e.limited(ctx)
	defer cancel()
	s, err := e.searching(ctx, typ, rawQuery, o)
	if err != nil {
		return nil, outcome(err)
	}
	var body []byte
	err = e.View(ctx, func(r fhir.Reader) (err error) {
		body, err = e.searchOn(ctx, r, s)
		return err
	})
	return body, e.inTime(ctx, err)
}

// limited gives one read the time of one search, or as much as there is where
// nobody waits for it.
func (e *Engine) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if fhir.IsUnhurried(ctx) {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, e.limits.SearchTime)
}

// inTime tells of a read that took too long as of what the client can help, in
// whatever words the database put it.
func (e *Engine) inTime(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != context.DeadlineExceeded || Status(err) < 500 || fhir.IsUnhurried(ctx) {
		return err
	}
	return fhir.Errorf(fhir.IssueTimeout, "", "this took longer than the %s the server allows; narrow it by more parameters, ask for fewer with _count, leave out _total=accurate and _sort, or send it with Prefer: respond-async", e.limits.SearchTime).Because(err)
}

// searching reads a search, once it is known who asks.
func (e *Engine) searching(ctx context.Context, typ, rawQuery string, o SearchOptions) (*searching, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	if typ != "" {
		if err := knownType(typ); err != nil {
			return nil, err
		}
	}
	s := &searching{typ: typ, options: o}
	rest, taken, err := s.take(rawQuery)
	if err != nil {
		return nil, err
	}
	if s.explain && !caller.Has(fhir.RoleAdministrator) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "_explain is for administrators")
	}
	s.Request, err = e.search.Parse(typ, rest, search.ParseOptions{
		Lenient: o.Lenient, CountDefault: e.limits.PageDefault, CountMax: e.limits.PageMax, HTTP: true,
	})
	if err == nil {
		err = scoped.Query(caller.Grant, &s.Query)
	}
	if err != nil {
		return nil, err
	}
	if taken != "" {
		s.Self = strings.TrimPrefix(s.Self+"&"+taken, "&")
	}
	if o.Compartment.IsZero() {
		return s, nil
	}
	inside, err := e.search.Compartment(o.Compartment, typ)
	if err != nil {
		return nil, err
	}
	if s.Where != nil {
		inside = fhir.All{inside, s.Where}
	}
	s.Where = inside
	return s, nil
}

// take reads the parameters that are the engine's own, and gives the query
// without and with only them.
func (s *searching) take(rawQuery string) (rest, taken string, err error) {
	if !strings.Contains(rawQuery, "_contained") && !strings.Contains(rawQuery, "_explain") {
		return rawQuery, "", nil
	}
	var kept, own []string
	for part := range strings.SplitSeq(rawQuery, "&") {
		name, raw, _ := strings.Cut(part, "=")
		value, problem := url.QueryUnescape(raw)
		switch {
		case problem != nil:
			return "", "", badParameter(name, "has a value that is not well formed: %.80q", raw)
		case name == "_explain":
			if s.explain = value == "true"; value != "true" && value != "false" {
				return "", "", badParameter(name, "must be true or false, not %.40q", value)
			}
		case name == "_contained" || name == "_containedType":
			if err := s.contained.read(name, value); err != nil {
				return "", "", err
			}
			own = append(own, part)
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&"), strings.Join(own, "&"), nil
}

// searchOn runs a search and writes its Bundle from the stored bytes.
func (e *Engine) searchOn(ctx context.Context, r fhir.Reader, s *searching) ([]byte, error) {
	q := s.Query
	q.Bytes, q.Index = e.limits.PageBytes, e.sortValues
	if s.Summary == "count" {
		q.Limit, q.Total = 0, fhir.TotalAccurate
	}
	var err error
	if q.Where, err = terms.Resolve(scoped.Whole(r), e.terminology, q.Where); err != nil {
		return nil, err
	}
	if s.explain {
		return explain.Parameters(scoped.Whole(r), &q)
	}
	if s.contained.walks(q.After) {
		return e.containedOn(ctx, r, s, q)
	}
	page, err := r.Search(&q)
	if fhir.HasIssue(err, fhir.IssueValue) { // of what it asks, only the cursor is not read before
		err = fhir.OfParameter("_cursor", err)
	}
	if err != nil {
		return nil, err
	}
	included, issues, err := include.Resources(r, include.Options{
		Search: e.search, Base: e.base, Limit: e.limits.Includes, Rounds: e.limits.IncludeRounds,
	}, page.Resources, s.Request)
	if err != nil {
		return nil, err
	}
	w := bundle.New(e.newID(), fhir.BundleSearchset, e.now(), bundle.SizeOf(page.Resources)+bundle.SizeOf(included))
	next := page.Next
	if s.contained.also && next == "" && q.Limit > 0 {
		next = containedCursor
	} else {
		w.Total(totalOf(q.After, page))
	}
	e.searchLinks(w, s, page.Previous, next)
	e.searchEntries(w, page.Resources, "match", s.Summary, s.Elements)
	e.searchEntries(w, included, "include", s.Summary, subset.OfTypes(s.Elements))
	if issues = append(append(issues, scoped.Left(r)...), s.Ignored...); len(issues) > 0 {
		w.Entry(fhir.BundleEntry{Resource: OutcomeJSON(issues), Search: "outcome"})
	}
	return w.Bytes(), nil
}

// sortValues gives what a version would be sorted by.
func (e *Engine) sortValues(r *fhir.Resource) (*fhir.Index, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	return e.search.ExtractValues(doc.Root()), nil
}

// searchLinks writes the links of a page.
func (e *Engine) searchLinks(w *bundle.Writer, s *searching, previous, next string) {
	path, self := e.searchPath(s.typ, s.options.Compartment), bundle.WithoutCursor(s.Self)
	selfURL := path
	if self != "" {
		selfURL += "?" + self
	}
	w.Links(bundle.Link{Relation: "self", URL: selfURL},
		bundle.Link{Relation: "previous", URL: bundle.WithCursor(path, self, previous)},
		bundle.Link{Relation: "next", URL: bundle.WithCursor(path, self, next)})
}

// totalOf gives how many resources or versions there are in all: what was asked
// for, or what is known for nothing because the first page is the last; nil
// otherwise. after is the cursor of the page.
func totalOf(after string, page *fhir.Page) *int64 {
	if page.Total != nil || after != "" || page.Next != "" {
		return page.Total
	}
	whole := int64(len(page.Resources))
	return &whole
}

func (e *Engine) searchEntries(w *bundle.Writer, resources []*fhir.Resource, mode, summary string, elements []string) {
	for _, r := range resources {
		w.Entry(fhir.BundleEntry{
			FullURL: e.base + "/" + r.Key.String(), Resource: subset.Elements(r.Body, summary, elements), Search: mode,
		})
	}
}

func (e *Engine) searchPath(typ string, owner fhir.Key) string {
	path := e.base
	if !owner.IsZero() {
		path += "/" + owner.String()
	}
	if typ != "" {
		path += "/" + typ
	}
	return path
}

// Elements gives the part of a resource that _summary or _elements asks for; see
// subset.Elements.
func (e *Engine) Elements(body []byte, summary string, elements []string) []byte {
	return subset.Elements(body, summary, elements)
}
