package subscription

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/search"
)

// A shape is what is told beside a full resource of a type. Source: R5
// SubscriptionTopic.notificationShape.
type shape struct {
	includes    []search.Include // what it refers to
	revIncludes []search.Include // what refers to it
	again       []search.Include // what those that are told beside it refer to
}

// readShapes understands notificationShape.
func (d *definition) readShapes(n fhir.Node, registry *search.Registry) error {
	for _, e := range topical(n, "notificationShape") {
		typ, err := typeOf(value(part(e, "resource")))
		if err != nil {
			return relocate(err, "Basic.extension.where(url.endsWith('notificationShape'))")
		}
		of := d.shapes[typ]
		if of == nil {
			of = &shape{}
			d.shapes[typ] = of
		}
		for _, include := range each(e, "include") {
			var doubt error
			if of.includes, doubt, err = of.add(of.includes, "_include", value(include), registry); err != nil {
				return err
			}
			d.doubt = cmp.Or(d.doubt, doubt)
			if one := of.includes[len(of.includes)-1]; one.Source != typ {
				return wrong("notificationShape", "an include is a type and a parameter of it that refers, such as Claim:patient; %.80q is not of %s", value(include), typ)
			}
		}
		for _, include := range each(e, "revInclude") {
			var doubt error
			if of.revIncludes, doubt, err = of.add(of.revIncludes, "_revinclude", value(include), registry); err != nil {
				return err
			}
			d.doubt = cmp.Or(d.doubt, doubt)
			if err := pointing(of.revIncludes[len(of.revIncludes)-1], typ, registry); err != nil {
				return err
			}
		}
		if len(of.includes)+len(of.revIncludes)+len(of.again) > includesMost {
			return wrong("notificationShape", "at most %d includes and revIncludes of a type", includesMost)
		}
	}
	return nil
}

// pointing asks whether what refers to a type is told by a revInclude.
func pointing(i search.Include, typ string, registry *search.Registry) error {
	if i.Source == "" || slices.Contains(excluded, i.Source) {
		return wrong("notificationShape", "a revInclude is a type and a parameter of it that refers to the resource, such as Claim:patient; nobody is told of %s", strings.Join(excluded, " or "))
	}
	targets := registry.Param(i.Source, i.Param).Targets
	if i.Target != "" && i.Target != typ || len(targets) > 0 && !slices.Contains(targets, typ) {
		return wrong("notificationShape", "%s:%s does not refer to %s", i.Source, i.Param, typ)
	}
	return nil
}

// add reads "Encounter:patient", and "Encounter:patient&iterate=Patient.link" as R5's
// examples have it: what is told so has what it refers to told, too. The doubt is of
// what follows that is not understood, and not followed.
func (of *shape) add(list []search.Include, name, text string, registry *search.Registry) (all []search.Include, doubt, err error) {
	first, rest, more := strings.Cut(text, "&")
	one, err := readInclude(name, first, registry)
	if err != nil {
		return nil, nil, err
	}
	for more {
		first, rest, more = strings.Cut(rest, "&")
		next, ok := strings.CutPrefix(strings.TrimPrefix(first, "_include:"), "iterate=")
		if !ok {
			doubt = unable("notificationShape", "after an include may follow &iterate= and another, not %.80q", first)
			continue
		}
		if !strings.Contains(next, ":") {
			next = strings.Replace(next, ".", ":", 1)
		}
		i, err := readInclude("_include", next, registry)
		if err != nil {
			doubt = err
			continue
		}
		of.again = append(of.again, i)
	}
	return append(list, one), doubt, nil
}

// readInclude reads one, as a search does.
func readInclude(name, text string, registry *search.Registry) (i search.Include, err error) {
	r, err := registry.Parse("Patient", name+"="+url.QueryEscape(text), search.ParseOptions{Exact: true})
	if err != nil {
		return i, relocate(err, "Basic.extension.where(url.endsWith('notificationShape'))")
	}
	all := slices.Concat(r.Includes, r.RevIncludes)
	if len(all) != 1 || all[0].Wildcard {
		return i, unable("notificationShape", "name each parameter that refers, such as Claim:patient; not %.80q", text)
	}
	return all[0], nil
}

// besideMost and besideBytes bound what is told beside the resources of one Bundle.
const (
	besideMost  = 500
	besideBytes = 4 << 20
)

// A gathering is what is told beside some versions, as it is gathered.
type gathering struct {
	hub  *Hub
	r    fhir.Reader
	all  []*fhir.Resource
	seen map[fhir.Key]bool
	left int // bytes
}

// beside reads what is told with some versions: the resources that they refer to and
// that refer to them, as the topic says, each once and as they are by now.
func (h *Hub) beside(ctx context.Context, s *subscription, versions []*fhir.Resource) ([]*fhir.Resource, error) {
	if s.topic.of == nil || len(s.topic.of.shapes) == 0 {
		return nil, nil
	}
	g := &gathering{hub: h, seen: map[fhir.Key]bool{}, left: besideBytes}
	for _, v := range versions {
		if v != nil {
			g.seen[v.Key] = true // it is told anyway
		}
	}
	err := h.server.View(ctx, func(r fhir.Reader) error {
		g.r = r
		for _, v := range versions {
			if v == nil || s.topic.of.shapes[v.Type] == nil {
				continue
			}
			if err := g.gather(v, s.topic.of.shapes[v.Type]); err != nil {
				return err
			}
		}
		return nil
	})
	return g.all, err
}

// gather adds what is told beside a version.
func (g *gathering) gather(v *fhir.Resource, of *shape) error {
	first := len(g.all)
	if err := g.follow(v, of.includes); err != nil {
		return err
	}
	for _, i := range of.revIncludes {
		page, err := g.r.Search(&fhir.Query{Types: []string{i.Source}, Limit: besideMost, Where: fhir.Match{
			Param: fhir.Param{Code: i.Param, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: v.Key},
		}})
		if err != nil {
			return err
		}
		for _, one := range page.Resources {
			g.add(one)
		}
	}
	for ; first < len(g.all); first++ {
		if err := g.follow(g.all[first], of.again); err != nil {
			return err
		}
	}
	return nil
}

// follow adds what a resource refers to.
func (g *gathering) follow(v *fhir.Resource, includes []search.Include) error {
	if !slices.ContainsFunc(includes, func(i search.Include) bool { return i.Source == v.Type }) {
		return nil
	}
	doc, err := fhir.Parse(v.Body)
	if err != nil {
		return err
	}
	for _, i := range includes {
		if i.Source != v.Type {
			continue
		}
		for _, to := range g.hub.search().References(doc.Root(), i.Param) {
			if to.Key.ID == "" || i.Target != "" && i.Target != to.Key.Type || g.seen[to.Key] || g.full() {
				continue
			}
			one, err := g.r.Read(to.Key)
			if err != nil && !fhir.HasIssue(err, fhir.IssueNotFound) {
				return err
			}
			if err == nil && !one.Deleted {
				g.add(one)
			}
		}
	}
	return nil
}

// full reports whether there is no room for more.
func (g *gathering) full() bool { return len(g.all) >= besideMost || g.left <= 0 }

// add takes a resource, unless it was taken before or there is no room.
func (g *gathering) add(one *fhir.Resource) {
	if g.seen[one.Key] || g.full() || len(one.Body) > g.left {
		return
	}
	g.seen[one.Key] = true
	g.left -= len(one.Body)
	g.all = append(g.all, one)
}
