// Package scoped holds what a caller asks to the scopes of his token, and to what
// the Veils of modules hide from him. Its doors are Reader, Query, Criteria,
// Operation and Answer, each of which does nothing for a nil Grant, and NewVeil.
package scoped

import (
	"maps"
	"slices"
	"strings"

	"bima/fhir"
)

// A reader reads what a Grant allows.
type reader struct {
	fhir.Reader
	grant *fhir.Grant
	left  map[string]bool // the types that were left out, as nobody asked for them by name
}

// Reader gives a reader that refuses what the grant does not allow: reads by
// AccessRead, searches and the history of types by AccessSearch. Resources that
// others lead to are left out instead.
func Reader(r fhir.Reader, g *fhir.Grant) fhir.Reader {
	if g == nil {
		return r
	}
	return &reader{Reader: r, grant: g, left: map[string]bool{}}
}

// Whole gives the reader without its Grant and its Veil: for what the server looks
// up on its own account, such as the codes of a value set.
func Whole(r fhir.Reader) fhir.Reader {
	if s, ok := r.(*reader); ok {
		r = s.Reader
	}
	if s, ok := r.(*veiled); ok {
		r = s.Reader
	}
	return r
}

// Left tells what a Reader has left out, as an issue of a searchset.
func Left(r fhir.Reader) []fhir.Issue {
	s, ok := r.(*reader)
	if !ok || len(s.left) == 0 {
		return nil
	}
	types := slices.Sorted(maps.Keys(s.left))
	return []fhir.Issue{leftOut(s.grant, types)}
}

func leftOut(g *fhir.Grant, types []string) fhir.Issue {
	return fhir.Issue{
		Severity: fhir.SeverityWarning, Code: fhir.IssueSuppressed,
		Diagnostics: "left out is what the token has no scope to read: " + strings.Join(types, ", ") + "; its scopes are " + g.String(),
	}
}

// Read implements fhir.Reader.
func (r *reader) Read(k fhir.Key) (*fhir.Resource, error) {
	if err := r.grant.Need(fhir.AccessRead, k.Type); err != nil {
		return nil, err
	}
	return r.Reader.Read(k)
}

// ReadVersion implements fhir.Reader.
func (r *reader) ReadVersion(k fhir.Key, version int64) (*fhir.Resource, error) {
	if err := r.grant.Need(fhir.AccessRead, k.Type); err != nil {
		return nil, err
	}
	return r.Reader.ReadVersion(k, version)
}

// ReadMany implements fhir.Reader.
func (r *reader) ReadMany(keys []fhir.Key) ([]*fhir.Resource, error) {
	return r.Reader.ReadMany(r.may(keys))
}

// may gives the keys that may be read, and notes the others.
func (r *reader) may(keys []fhir.Key) []fhir.Key {
	var may []fhir.Key
	for _, k := range keys {
		if r.grant.May(fhir.AccessRead, k.Type) {
			may = append(may, k)
		} else {
			r.left[k.Type] = true
		}
	}
	return may
}

// Search implements fhir.Reader.
func (r *reader) Search(q *fhir.Query) (*fhir.Page, error) {
	if err := Query(r.grant, q); err != nil {
		return nil, err
	}
	return r.Reader.Search(q)
}

// History implements fhir.Reader.
func (r *reader) History(q *fhir.HistoryQuery) (*fhir.Page, error) {
	access := fhir.AccessSearch
	if q.ID != "" {
		access = fhir.AccessRead
	}
	if err := r.grant.Need(access, q.Type); err != nil {
		return nil, err
	}
	return r.Reader.History(q)
}

// ReferrersOf implements fhir.ManyReferrers, where the reader within does.
func (r *reader) ReferrersOf(of []fhir.Key, limit int) ([]fhir.Key, error) {
	finder, ok := r.Reader.(fhir.ManyReferrers)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server's database can't find what refers to resources; name the types")
	}
	keys, err := finder.ReferrersOf(of, limit)
	return r.may(keys), err
}

// Query refuses a search of what the grant does not allow to search: the types it
// is of, and those that chains and _has lead to.
func Query(g *fhir.Grant, q *fhir.Query) error {
	if g == nil {
		return nil
	}
	if len(q.Types) == 0 {
		if err := g.Need(fhir.AccessSearch, ""); err != nil {
			return err
		}
	}
	for _, typ := range q.Types {
		if err := g.Need(fhir.AccessSearch, typ); err != nil {
			return err
		}
	}
	return Criteria(g, q.Where)
}

// Criteria refuses criteria that lead, by a chain or _has, to types that the grant
// does not allow to search.
func Criteria(g *fhir.Grant, c fhir.Criterion) error {
	switch c := c.(type) {
	case fhir.All:
		return criteria(g, c)
	case fhir.Any:
		return criteria(g, c)
	case fhir.Not:
		return Criteria(g, c.Criterion)
	case fhir.Of:
		return Criteria(g, c.Where)
	case fhir.Chain:
		return leads(g, c.Type, c.Where)
	case fhir.Has:
		return leads(g, c.Type, c.Where)
	}
	return nil
}

func criteria(g *fhir.Grant, list []fhir.Criterion) error {
	for _, c := range list {
		if err := Criteria(g, c); err != nil {
			return err
		}
	}
	return nil
}

func leads(g *fhir.Grant, typ string, where fhir.Criterion) error {
	if err := g.Need(fhir.AccessSearch, typ); err != nil {
		return err
	}
	return Criteria(g, where)
}
