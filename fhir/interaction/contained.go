package interaction

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/scoped"
	"bima/fhir/interaction/subset"
	"bima/fhir/search"
)

const (
	// containedCursor begins the cursors of pages that hold what was found in
	// contained resources; alone it is the first of those pages.
	containedCursor = "contained."
	// containersWalked bounds the resources one page looks into; the next page
	// goes on from there.
	containersWalked = 5_000
	// containersAtOnce is how many resources are read at a time.
	containersAtOnce = 250
)

// containing says whether contained resources are searched. Source: R4
// search#contained.
type containing struct {
	only      bool // _contained=true
	also      bool // _contained=both
	contained bool // _containedType=contained: answer them, not their containers
}

func (c *containing) read(name, value string) error {
	switch name + "=" + value {
	case "_contained=false":
		c.only, c.also = false, false
	case "_contained=true":
		c.only, c.also = true, false
	case "_contained=both":
		c.only, c.also = false, true
	case "_containedType=container":
		c.contained = false
	case "_containedType=contained":
		c.contained = true
	default:
		if name == "_contained" {
			return badParameter(name, "must be true, false or both, not %.40q", value)
		}
		return badParameter(name, "must be container or contained, not %.40q", value)
	}
	return nil
}

// walks reports whether the page of a cursor holds what was found in contained
// resources.
func (c *containing) walks(after string) bool {
	return c.only || c.also && strings.HasPrefix(after, containedCursor)
}

// containedOn searches the contained resources of all resources, newest first.
// They have no index, so that each page reads through a bounded part of what is
// stored; one that finds little still has a link to the next.
func (e *Engine) containedOn(ctx context.Context, r fhir.Reader, s *searching, q fhir.Query) ([]byte, error) {
	found := &finds{engine: e, searching: s, where: q.Where}
	after, err := found.walk(ctx, r, strings.TrimPrefix(q.After, containedCursor))
	if err != nil {
		return nil, err
	}
	w := bundle.New(e.newID(), fhir.BundleSearchset, e.now(), found.size)
	next := ""
	if after != "" {
		next = containedCursor + after
	}
	e.searchLinks(w, s, "", next)
	for _, entry := range found.entries {
		w.Entry(entry)
	}
	if len(s.Ignored) > 0 {
		w.Entry(fhir.BundleEntry{Resource: OutcomeJSON(s.Ignored), Search: "outcome"})
	}
	return w.Bytes(), nil
}

// finds gathers the entries of one page.
type finds struct {
	engine *Engine
	*searching
	where   fhir.Criterion
	entries []fhir.BundleEntry
	count   int // of containers
	size    int
}

// walk looks into resources from a place on, until the page is full or enough
// were looked at. It gives the place to go on from, "" at the end.
func (f *finds) walk(ctx context.Context, r fhir.Reader, after string) (string, error) {
	all := scoped.Beneath(r) // of the few that are found it is asked one by one whether they are hidden
	for walked := 0; walked < containersWalked; walked += containersAtOnce {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		page, err := all.Search(&fhir.Query{Limit: containersAtOnce, After: after})
		if err != nil {
			return "", err
		}
		for i, container := range page.Resources {
			if err := f.look(r, container); err != nil {
				return "", err
			}
			if f.count >= f.Limit && i+1 < len(page.Resources) {
				page, err = all.Search(&fhir.Query{Limit: i + 1, After: after})
				if err != nil {
					return "", err
				}
				return page.Next, nil
			}
		}
		if after = page.Next; after == "" || f.count >= f.Limit {
			break
		}
	}
	return after, nil
}

// look looks into one resource.
func (f *finds) look(r fhir.Reader, container *fhir.Resource) error {
	if !bytes.Contains(container.Body, []byte(`"contained"`)) {
		return nil
	}
	if seen, err := scoped.Sees(r, container); err != nil || !seen {
		return err
	}
	doc, err := fhir.Parse(container.Body)
	if err != nil {
		return err
	}
	defer doc.Release()
	url, any := f.engine.base+"/"+container.Key.String(), false
	for n := range doc.Root().Get("contained").Each() {
		matches, err := f.matches(container, n)
		if err != nil {
			return err
		}
		if !matches {
			continue
		}
		any = true
		if f.contained.contained {
			f.add(url+"#"+n.Get("id").Text(), bytes.Clone(n.Raw()))
		}
	}
	if any {
		f.count++
	}
	if any && !f.contained.contained {
		f.add(url, container.Body)
	}
	return nil
}

func (f *finds) add(url string, body []byte) {
	body = subset.Elements(body, f.Summary, f.Elements)
	f.entries = append(f.entries, fhir.BundleEntry{FullURL: url, Resource: body, Search: "match"})
	f.size += len(body) + 256
}

// matches reports whether a contained resource meets the criteria.
func (f *finds) matches(container *fhir.Resource, n fhir.Node) (bool, error) {
	k := fhir.Key{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text()}
	if len(f.Types) > 0 && !slices.Contains(f.Types, k.Type) {
		return false, nil
	}
	holds, known := search.Matches(f.engine.search.Extract(n), k, container.Updated, f.where)
	if !known {
		return false, fhir.Errorf(fhir.IssueNotSupported, "", "contained resources can't be searched by chains, _has or _list; leave out _contained, or those")
	}
	return holds, nil
}
