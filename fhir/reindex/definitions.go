package reindex

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
)

// extraction counts the ways in which search.Extract has made rows of the same
// definitions. A release that changes it raises it; everything is then indexed
// anew.
const extraction = 1

// definitions are the search parameters in force.
type definitions struct {
	registry *search.Registry
	custom   map[place]owned     // what stored SearchParameters define
	idle     map[fhir.Key]string // those that can't take effect, and why
	prints   func() fingerprints // of the registry
}

// newDefinitions gives the definitions of a registry.
func newDefinitions(r *search.Registry) *definitions {
	return &definitions{
		registry: r, custom: map[place]owned{}, idle: map[fhir.Key]string{},
		prints: sync.OnceValue(func() fingerprints { return printsOf(r) }),
	}
}

// A place is where a SearchParameter defines something: the base may be Resource
// or DomainResource.
type place struct{ Base, Code string }

// owned is a definition and the SearchParameter it is of.
type owned struct {
	key   fhir.Key
	print string
}

// storedMax bounds the SearchParameters that are read: R4 has 1,400.
const storedMax = 20_000

// read gives the parameters built in with those that are stored, in the order of
// their ids: of two that define one parameter the first is in force. Composites come
// last, for their parts may be among the others.
func (x *Indexer) read(ctx context.Context) (*definitions, error) {
	d := newDefinitions(x.builtIn.registry)
	stored, err := x.stored(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(stored, func(a, b *fhir.Resource) int { return compareKeys(a.Key, b.Key) })
	for _, composites := range []bool{false, true} {
		for _, r := range stored {
			doc, err := fhir.Parse(r.Body)
			if err != nil {
				return nil, fmt.Errorf("the stored %s is no JSON: %w", r.Key, err)
			}
			if (doc.Root().Get("type").Text() == "composite") != composites {
				continue
			}
			if err := d.add(r.Key, doc.Root()); err != nil {
				d.idle[r.Key] = fhir.OutcomeOf(err).Issues[0].Diagnostics
			}
		}
	}
	if len(d.custom) == 0 {
		d.prints = x.builtIn.prints
	}
	return d, nil
}

// add puts one SearchParameter in force.
func (d *definitions) add(k fhir.Key, n fhir.Node) error {
	params, err := search.Define(n)
	if err != nil || len(params) == 0 {
		return err
	}
	if err := d.conflict(k, params); err != nil {
		return err
	}
	next, err := d.registry.With(params...)
	if err != nil {
		return err
	}
	d.registry, d.prints = next, sync.OnceValue(func() fingerprints { return printsOf(next) })
	for _, p := range params {
		d.custom[place{p.Base, p.Code}] = owned{k, fingerprint(p)}
	}
	return nil
}

// conflict refuses what another stored SearchParameter defines otherwise.
func (d *definitions) conflict(k fhir.Key, params []*r4.SearchParam) error {
	for _, p := range params {
		other, taken := d.custom[place{p.Base, p.Code}]
		if taken && other.key != k && other.print != fingerprint(p) {
			return fhir.Errorf(fhir.IssueBusinessRule, "SearchParameter.code",
				"%s defines %s of %s already, and otherwise; choose another code, or retire that one first", other.key, p.Code, p.Base)
		}
	}
	return nil
}

// stored reads all SearchParameters, by no parameter: their own index may be
// the one that is incomplete.
func (x *Indexer) stored(ctx context.Context) ([]*fhir.Resource, error) {
	var all []*fhir.Resource
	err := x.store.View(ctx, func(r fhir.Reader) error {
		all = nil
		q := &fhir.Query{Types: []string{"SearchParameter"}, Limit: 500}
		for {
			page, err := r.Search(q)
			if err != nil {
				return err
			}
			all = append(all, page.Resources...)
			if q.After = page.Next; q.After == "" || len(all) >= storedMax {
				return nil
			}
		}
	})
	return all, err
}

// printsOf fingerprints the parameters of a registry, by concrete type and code.
func printsOf(r *search.Registry) fingerprints {
	return printsBut(r, func(string, *r4.SearchParam, string) bool { return false })
}

// printsBut leaves out the codes that are said to be without.
func printsBut(r *search.Registry, without func(typ string, p *r4.SearchParam, code string) bool) fingerprints {
	all := fingerprints{}
	known := map[*r4.SearchParam]string{} // those of all types come with each type
	for _, typ := range r4.Resources() {
		codes := map[string]string{}
		for _, p := range r.Searchable(typ) {
			if p.Code == "_id" || p.Code == "_lastUpdated" || p.Code == "_filter" {
				continue // no index is kept for them
			}
			if known[p] == "" {
				known[p] = fingerprint(p) + r.OwnParts(p)
			}
			for _, code := range []string{p.Code, derivedCode(p), search.AbsentCode(typ, p.Code)} {
				if code != "" && !without(typ, p, code) {
					codes[code] = known[p]
				}
			}
		}
		all[typ] = codes
	}
	return all
}

// derivedCode gives the code of rows that came to those of a parameter later than
// they did, "" where none have: what a reference is displayed as, and quantities
// in base units. So did those of what lacks the parameter; see search.AbsentCode.
// A database that has all but these is still searched by the rest.
func derivedCode(p *r4.SearchParam) string {
	switch p.Kind {
	case "reference":
		return p.Code + ":text"
	case "quantity":
		return p.Code + ":ucum"
	}
	return ""
}

// beyondFirst reports whether a code was not indexed, or not as it is now, by the
// first release, which made no note of what it indexed.
func beyondFirst(typ string, p *r4.SearchParam, code string) bool {
	switch code {
	case "_text", "_content", derivedCode(p), search.AbsentCode(typ, p.Code):
		return true
	}
	return p.Kind == "special" || p.Kind == "composite" || isOfEither(p) || !strings.HasPrefix(p.URL, "http://hl7.org/fhir/")
}

// isOfEither reports whether a parameter is of a uri among other types, which was
// not taken to be a canonical too at first.
func isOfEither(p *r4.SearchParam) bool { return strings.Contains(p.Expression, " as uri)") }

// fingerprint tells two definitions apart whose rows differ.
func fingerprint(p *r4.SearchParam) string {
	h := fnv.New64a()
	parts := append([]string{strconv.Itoa(extraction), p.Kind, p.Expression, strconv.Itoa(len(p.Targets))}, p.Targets...)
	if isOfEither(p) {
		parts = append(parts, "canonical")
	}
	for _, c := range p.Components {
		parts = append(parts, c.Definition, c.Expression)
	}
	for _, part := range parts {
		_, _ = h.Write(append([]byte(part), 0)) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}
