// Package include finds what _include and _revinclude add to a page of matches.
package include

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
)

// ownersPerQuery is how many resources one query of _revinclude asks about.
const ownersPerQuery = 100

// Options bound and complete the work.
type Options struct {
	Search *search.Registry
	Base   string // the absolute URL of [base]: references below it are to our own resources
	Limit  int    // resources that may be added to a page
	Rounds int    // of :iterate
}

// An inclusion gathers what _include and _revinclude add to a page.
type inclusion struct {
	Options
	reader fhir.Reader
	have   map[fhir.Key]bool // what is on the page: matches and what was found
	found  []*fhir.Resource
	full   bool // whether the limit cut it short
}

// Resources gives the resources that a page's matches refer to or are referred to
// from, as the request asks; with :iterate also those of what was included. More
// than Options.Limit are cut off, with a warning. Source: R4 search#include.
func Resources(r fhir.Reader, o Options, matches []*fhir.Resource, request *search.Request) ([]*fhir.Resource, []fhir.Issue, error) {
	if len(request.Includes)+len(request.RevIncludes) == 0 || len(matches) == 0 {
		return nil, nil, nil
	}
	in := &inclusion{Options: o, reader: r, have: make(map[fhir.Key]bool, 2*len(matches))}
	for _, m := range matches {
		in.have[m.Key] = true
	}
	from := matches
	for round := 0; round < o.Rounds && len(from) > 0 && !in.full; round++ {
		before := len(in.found)
		if err := in.round(from, request, round > 0); err != nil {
			return nil, nil, err
		}
		from = in.found[before:]
	}
	if !in.full {
		return in.found, nil, nil
	}
	return in.found, []fhir.Issue{{
		Severity: fhir.SeverityWarning, Code: fhir.IssueIncomplete,
		Diagnostics: "this page refers to more resources than the server includes at once; ask for fewer with _count, or read the others one by one",
	}}, nil
}

// round follows all includes once from the given resources.
func (in *inclusion) round(from []*fhir.Resource, request *search.Request, iterated bool) error {
	for _, i := range request.Includes {
		if iterated && !i.Iterate {
			continue
		}
		if err := in.forward(from, i); err != nil {
			return err
		}
	}
	for _, i := range request.RevIncludes {
		if iterated && !i.Iterate {
			continue
		}
		if err := in.backward(from, i); err != nil {
			return err
		}
	}
	return nil
}

// forward adds what the resources refer to by one parameter.
func (in *inclusion) forward(from []*fhir.Resource, i search.Include) error {
	var keys []fhir.Key
	var urls []string
	asked := make(map[fhir.Key]bool)
	for _, r := range from {
		if i.Source != "" && i.Source != "*" && i.Source != r.Type {
			continue
		}
		doc, err := fhir.Parse(r.Body)
		if err != nil {
			return err
		}
		for _, ref := range in.Search.References(doc.Root(), parameterOf(i)) {
			switch {
			case ref.ID != "" && (ref.Base == "" || ref.Base == in.Base):
				if (i.Target == "" || i.Target == ref.Type) && !in.have[ref.Key] && !asked[ref.Key] {
					asked[ref.Key] = true
					keys = append(keys, ref.Key)
				}
			case ref.Key.IsZero() && !ref.Contained() && ref.URL != "" && !slices.Contains(urls, ref.URL):
				urls = append(urls, ref.URL)
			}
		}
		doc.Release()
	}
	found, err := in.reader.ReadMany(keys)
	if err != nil {
		return err
	}
	in.add(inOrder(found, keys))
	return in.canonical(urls, i)
}

// canonical adds the resources that bear the given canonical URLs.
func (in *inclusion) canonical(urls []string, i search.Include) error {
	if len(urls) == 0 || in.full {
		return nil
	}
	var types []string
	for _, t := range in.targets(i) {
		if p := in.Search.Param(t, "url"); p != nil && p.Kind == "uri" {
			types = append(types, t)
		}
	}
	if len(types) == 0 {
		return nil
	}
	in.full = in.full || len(urls) > ownersPerQuery
	any := make(fhir.Any, 0, len(urls))
	for _, u := range urls[:min(len(urls), ownersPerQuery)] {
		any = append(any, bears(u))
	}
	page, err := in.reader.Search(&fhir.Query{Types: types, Where: any, Limit: in.room()})
	if err != nil {
		return err
	}
	in.add(page.Resources)
	return nil
}

// bears holds for resources that bear a canonical URL, in the version it names
// if it names one.
func bears(canonical string) fhir.Criterion {
	url, version, versioned := strings.Cut(canonical, "|")
	match := fhir.Match{Param: fhir.Param{Code: "url", Kind: fhir.ParamURI}, Value: fhir.URIValue{URI: url}}
	if !versioned {
		return match
	}
	return fhir.All{match, fhir.Match{
		Param: fhir.Param{Code: "version", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: version, AnySystem: true},
	}}
}

// targets gives the types that an include may lead to.
func (in *inclusion) targets(i search.Include) []string {
	if i.Target != "" {
		return []string{i.Target}
	}
	if !i.Wildcard {
		if p := in.Search.Param(i.Source, i.Param); p != nil {
			return p.Targets
		}
		return nil
	}
	params := in.Search.Params(i.Source)
	if i.Source == "" || i.Source == "*" {
		params = r4.SearchParams()
	}
	var targets []string
	for _, p := range params {
		if p.Kind == "reference" {
			targets = append(targets, p.Targets...)
		}
	}
	slices.Sort(targets)
	return slices.Compact(targets)
}

// backward adds the resources that refer to the given ones by one parameter.
func (in *inclusion) backward(from []*fhir.Resource, i search.Include) error {
	if i.Wildcard && (i.Source == "" || i.Source == "*") {
		if finder, able := in.reader.(fhir.ManyReferrers); able {
			return in.referring(finder, from, i)
		}
	}
	for chunk := range slices.Chunk(from, ownersPerQuery) {
		if in.full {
			return nil
		}
		var any fhir.Any
		for _, code := range in.reversed(i) {
			for _, r := range chunk {
				if i.Target == "" || i.Target == r.Type {
					any = append(any, fhir.Match{Param: fhir.Param{Code: code, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: r.Key}})
				}
			}
		}
		if len(any) == 0 {
			continue
		}
		q := &fhir.Query{Where: any, Limit: in.room()}
		if i.Source != "" && i.Source != "*" {
			q.Types = []string{i.Source}
		}
		page, err := in.reader.Search(q)
		if err != nil {
			return err
		}
		in.add(page.Resources)
		in.full = in.full || page.Next != ""
	}
	return nil
}

// referring adds what refers to the given resources by whatever parameter: some
// hundred parameters in one search take the database seconds.
func (in *inclusion) referring(finder fhir.ManyReferrers, from []*fhir.Resource, i search.Include) error {
	for chunk := range slices.Chunk(from, ownersPerQuery) {
		if in.full {
			return nil
		}
		var of []fhir.Key
		for _, r := range chunk {
			if i.Target == "" || i.Target == r.Type {
				of = append(of, r.Key)
			}
		}
		keys, err := finder.ReferrersOf(of, in.room()+len(in.have))
		if err != nil {
			return err
		}
		keys = slices.DeleteFunc(keys, func(k fhir.Key) bool { return in.have[k] })
		slices.SortFunc(keys, func(a, b fhir.Key) int { return strings.Compare(a.String(), b.String()) })
		in.full = in.full || len(keys) > in.Limit-len(in.found)
		found, err := in.reader.ReadMany(keys[:min(len(keys), in.Limit-len(in.found))])
		if err != nil {
			return err
		}
		in.add(inOrder(found, keys))
	}
	return nil
}

// reversed gives the codes of the reference parameters that a _revinclude names.
func (in *inclusion) reversed(i search.Include) []string {
	if !i.Wildcard && i.Param != "*" {
		return []string{i.Param}
	}
	params := r4.SearchParams()
	if i.Source != "" && i.Source != "*" {
		params = in.Search.Params(i.Source)
	}
	var codes []string
	for _, p := range params {
		if p.Kind == "reference" && !slices.Contains(codes, p.Code) {
			codes = append(codes, p.Code)
		}
	}
	return codes
}

// room is how many more resources may be included, and one to see that there are
// too many.
func (in *inclusion) room() int { return in.Limit - len(in.found) + 1 }

// add takes resources in, each once, up to the limit.
func (in *inclusion) add(resources []*fhir.Resource) {
	for _, r := range resources {
		if in.have[r.Key] {
			continue
		}
		if len(in.found) >= in.Limit {
			in.full = true
			return
		}
		in.have[r.Key] = true
		in.found = append(in.found, r)
	}
}

func parameterOf(i search.Include) string {
	if i.Wildcard {
		return "*"
	}
	return i.Param
}

// inOrder puts resources in the order of their keys.
func inOrder(resources []*fhir.Resource, keys []fhir.Key) []*fhir.Resource {
	place := make(map[fhir.Key]int, len(keys))
	for i, k := range keys {
		place[k] = i
	}
	slices.SortFunc(resources, func(a, b *fhir.Resource) int { return place[a.Key] - place[b.Key] })
	return resources
}
