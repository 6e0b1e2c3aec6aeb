// Package everything answers Patient/$everything and Group/$everything: the
// records of a person, or of the persons of a group, with what these refer to.
// Its door is Module.
//
// An answer is paged, and no server-side state stands behind its links: first
// come the resources of the compartments, each once, then what they refer to
// outside all compartments, such as facilities, also each once.
package everything

import (
	"context"
	"time"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/integrity"
	"bima/fhir/search"
)

// Options complete a Module.
type Options struct {
	Base   string           // the absolute URL of [base]
	Search *search.Registry // with the search parameters of R4, which tie records to persons
	Now    func() time.Time // nil is the clock
	Zone   *time.Location   // of dates without a zone; nil is UTC
}

const (
	// pageDefault and pageMax are how many resources a page has.
	pageDefault, pageMax = 200, 1_000
	// walkMost bounds how many resources are looked through for what they refer to.
	walkMost = 50_000
	// readAtOnce is how many resources are read at a time.
	readAtOnce = 250
)

// Module gives the operations.
func Module(o Options) fhir.Module {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return fhir.Module{Name: "everything", Operations: []fhir.Operation{
		{
			Code: "everything", Types: []string{"Patient"}, Type: true, Instance: true,
			Definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything", Handle: o.handle,
		},
		{
			Code: "everything", Types: []string{"Group"}, Instance: true,
			Definition: "http://hl7.org/fhir/OperationDefinition/Group-everything", Handle: o.handle,
		},
	}}
}

// handle answers the operation with one page.
func (o Options) handle(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	q, err := o.read(in)
	if err != nil {
		return nil, err
	}
	var body []byte
	err = s.View(ctx, func(r fhir.Reader) error {
		a := &answer{Options: o, request: q, reader: r, registry: o.Search, references: integrity.New(o.Base, nil)}
		if err := a.find(on); err != nil {
			return err
		}
		body = a.bundle(on)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: body}}, nil
}

// An answer is one page under way.
type answer struct {
	Options
	*request
	reader     fhir.Reader
	registry   *search.Registry
	references *integrity.Guard
	owners     owners

	records   []*fhir.Resource // of the compartments
	supported []*fhir.Resource // what they refer to
	next      *cursor          // of the page that follows; nil on the last
	cut       bool             // whether walkMost was met
}

// find fills the page.
func (a *answer) find(on fhir.Key) error {
	var err error
	if a.owners, err = a.ownersOf(on); err != nil {
		return err
	}
	at := a.at
	if !at.Support {
		if at, err = a.fillRecords(at); err != nil || at == nil {
			return err
		}
	}
	return a.fillSupport(at)
}

// bundle writes the page.
func (a *answer) bundle(on fhir.Key) []byte {
	w := bundle.New("", fhir.BundleSearchset, a.Now(), bundle.SizeOf(a.records)+bundle.SizeOf(a.supported))
	path := a.Base + "/" + on.Type + "/$everything"
	if on.ID != "" {
		path = a.Base + "/" + on.String() + "/$everything"
	}
	next := ""
	if a.next != nil {
		next = bundle.CursorURL(path, a.self, a.next.String())
	} else if a.first {
		total := int64(len(a.records) + len(a.supported))
		w.Total(&total)
	}
	w.Links(bundle.Link{Relation: "self", URL: bundle.JoinQuery(path, a.self)}, bundle.Link{Relation: "next", URL: next})
	entries := func(resources []*fhir.Resource, mode string) {
		for _, r := range resources {
			w.Entry(fhir.BundleEntry{FullURL: a.Base + "/" + r.Key.String(), Resource: r.Body, Search: mode})
		}
	}
	entries(a.records, "match")
	entries(a.supported, "include")
	if a.cut {
		w.Entry(fhir.BundleEntry{Resource: []byte(incomplete), Search: "outcome"})
	}
	return w.Bytes()
}

// incomplete is the outcome of an answer too large to be looked through for all
// it refers to.
const incomplete = `{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"incomplete","diagnostics":"There are more records than the server looks through at once for what they refer to; ask by _type, _since, start or end."}]}`
