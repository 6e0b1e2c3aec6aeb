package interaction

import (
	"context"

	"bima/fhir"
	"bima/fhir/search"
)

// Search gives a searchset Bundle of the resources of a type, or of all types
// where typ is "". Unknown parameters are refused, or with Lenient left out and
// named in an outcome entry. Source: R4 search.
func (e *Engine) Search(ctx context.Context, typ, rawQuery string, o SearchOptions) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, e.limits.SearchTime)
	defer cancel()
	request, err := e.searchRequest(ctx, typ, rawQuery, o)
	if err != nil {
		return nil, outcome(err)
	}
	var body []byte
	err = e.View(ctx, func(r fhir.Reader) (err error) {
		body, err = e.searchOn(r, typ, request, o)
		return err
	})
	return body, err
}

// searchRequest reads a search, once it is known who asks.
func (e *Engine) searchRequest(ctx context.Context, typ, rawQuery string, o SearchOptions) (*search.Request, error) {
	if _, err := callerOf(ctx); err != nil {
		return nil, err
	}
	if typ != "" {
		if err := knownType(typ); err != nil {
			return nil, err
		}
	}
	request, err := e.search.Parse(typ, rawQuery, search.ParseOptions{
		Lenient: o.Lenient, CountDefault: e.limits.PageDefault, CountMax: e.limits.PageMax,
	})
	if err != nil || o.Compartment.IsZero() {
		return request, err
	}
	inside, err := e.search.Compartment(o.Compartment, typ)
	if err != nil {
		return nil, err
	}
	if request.Where != nil {
		inside = fhir.All{inside, request.Where}
	}
	request.Where = inside
	return request, nil
}

// searchOn runs a search and writes its Bundle from the stored bytes.
func (e *Engine) searchOn(r fhir.Reader, typ string, request *search.Request, o SearchOptions) ([]byte, error) {
	q := request.Query
	if request.Summary == "count" {
		q.Limit, q.Total = 0, fhir.TotalAccurate
	}
	page, err := r.Search(&q)
	if err != nil {
		return nil, err
	}
	included, issues, err := e.include(r, page.Resources, request)
	if err != nil {
		return nil, err
	}
	w := newBundle(e.newID(), fhir.BundleSearchset, e.now(), sizeOf(page.Resources)+sizeOf(included))
	w.total(totalOf(q.After, page))
	path, self := e.searchPath(typ, o.Compartment), withoutCursor(request.Self)
	selfURL := path
	if self != "" {
		selfURL += "?" + self
	}
	w.links(pageLink{"self", selfURL},
		pageLink{"previous", withCursor(path, self, page.Previous)},
		pageLink{"next", withCursor(path, self, page.Next)})
	e.searchEntries(w, page.Resources, "match", request.Summary, request.Elements)
	e.searchEntries(w, included, "include", request.Summary, nil)
	if issues = append(issues, request.Ignored...); len(issues) > 0 {
		w.entry(fhir.BundleEntry{Resource: OutcomeJSON(issues), Search: "outcome"})
	}
	return w.bytes(), nil
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

func (e *Engine) searchEntries(w *bundleWriter, resources []*fhir.Resource, mode, summary string, elements []string) {
	for _, r := range resources {
		w.entry(fhir.BundleEntry{
			FullURL: e.base + "/" + r.Key.String(), Resource: e.Elements(r.Body, summary, elements), Search: mode,
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
