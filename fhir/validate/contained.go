package validate

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A holder is the resource that references beginning with # point into.
type holder struct {
	plan   *plan          // nil outside a resource
	first  int            // where its contained resources begin in walker.content
	within bool           // whether we are in a contained resource
	inner  string         // the id of that one
	byID   map[string]int // of many contained resources; nil of few
}

// A content is a contained resource.
type content struct {
	id         string
	node       fhir.Node
	referenced bool
}

// searchedMax is up to how many contained resources are searched one by one.
const searchedMax = 16

// hold makes a resource the one that local references point into.
func (w *walker) hold(n fhir.Node, p *plan) {
	w.holder = holder{plan: p, first: len(w.content)}
	if p.find("contained") == nil {
		return
	}
	for c := range n.Get("contained").Each() {
		w.content = append(w.content, content{id: c.Get("id").Text(), node: c})
	}
	held := w.held()
	if len(held) <= searchedMax {
		return
	}
	w.holder.byID = make(map[string]int, len(held))
	for i := len(held) - 1; i >= 0; i-- {
		w.holder.byID[held[i].id] = i
	}
}

// held gives the resources the holder contains.
func (w *walker) held() []content { return w.content[w.holder.first:] }

// find gives the contained resource of an id, the first of several; nil if there
// is none.
func (w *walker) find(id string) *content {
	held := w.held()
	if w.holder.byID != nil {
		if i, ok := w.holder.byID[id]; ok {
			return &held[i]
		}
		return nil
	}
	for i := range held {
		if held[i].id == id {
			return &held[i]
		}
	}
	return nil
}

// ids lists the ids of the contained resources for a message.
func (w *walker) ids() string {
	var list []string
	for _, c := range w.held() {
		if c.id != "" && len(list) < listedMax {
			list = append(list, "#"+c.id)
		}
	}
	if len(list) == 0 {
		return " (it contains none)"
	}
	return " (it contains " + strings.Join(list, ", ") + ")"
}

// anchor notes a local reference, so that contained resources without one are
// found (dom-3), and warns of a canonical that leads nowhere: R4 asks only of
// references that they lead somewhere, and its own examples have such canonicals.
func (w *walker) anchor(text string, canonical bool) {
	id := text[1:]
	if id == "" {
		id = w.holder.inner
	}
	switch found := w.find(id); {
	case found != nil:
		found.referenced = true
	case canonical && id != "" && w.holder.plan != nil:
		w.warn(fhir.IssueInvariant, "ref-1", "no contained resource has the id %s: add it to contained, or give the full canonical URL%s", excerpt(id), w.ids())
	}
}

// A place is where a resource stands.
type place uint8

const (
	asRoot    place = iota // the whole text
	asEntry                // of a Bundle, or the value of a parameter
	asContent              // contained in another resource
)

// nested checks a resource within another one.
func (w *walker) nested(n fhir.Node, m *member) {
	if !m.contains {
		w.resource(n, asEntry)
		return
	}
	if w.holder.within {
		w.report(fhir.IssueInvariant, "dom-2", "a contained resource can't contain resources: move it to the contained of the outermost resource")
	}
	before := w.holder
	w.holder.within = true
	w.holder.inner = n.Get("id").Text()
	w.resource(n, asContent)
	w.holder.within, w.holder.inner = before.within, before.inner
}

// resource checks a resource by the type it names, and gives the plan of that
// type; nil if there is none.
func (w *walker) resource(n fhir.Node, at place) *plan {
	if n.Kind() != fhir.KindObject {
		w.report(fhir.IssueStructure, "", "a resource is a JSON object, but this is %s", n.Kind())
		return nil
	}
	p := w.resourcePlan(n)
	if p == nil {
		return nil
	}
	around, facts := w.holder, w.facts
	w.enter(n, at)
	if at == asContent {
		w.object(n, p)
		w.versionless(n)
	} else {
		w.hold(n, p)
		w.object(n, p)
		w.unreferenced()
		w.content = w.content[:w.holder.first]
		w.holder = around
	}
	w.facts = facts
	return p
}

// resourcePlan finds the plan of the type a resource names.
func (w *walker) resourcePlan(n fhir.Node) *plan {
	typ := n.Get("resourceType")
	switch {
	case !typ.Exists():
		w.reportChild("resourceType", fhir.IssueRequired, "", "the resource does not say what it is: add \"resourceType\" with the name of its type, such as \"Claim\"")
	case typ.Kind() != fhir.KindString:
		w.reportChild("resourceType", fhir.IssueStructure, "", "resourceType is %s, but must be a string with the name of a type, such as \"Claim\"", typ.Kind())
	case !r4.IsResource(typ.Text()):
		hint := "see the list of resources of R4"
		if near := closest(typ.Text(), r4.Resources()); near != "" {
			hint = "did you mean " + near + "?"
		}
		w.reportChild("resourceType", fhir.IssueStructure, "", "%s is no resource type of FHIR R4: %s", excerpt(typ.Text()), hint)
	default:
		return planOf(r4.Lookup(typ.Text()))
	}
	return nil
}

// versionless checks what a contained resource must and must not have (dom-4,
// dom-5). Source: R4 references#contained.
func (w *walker) versionless(n fhir.Node) {
	if !n.Get("id").Exists() {
		w.reportChild("id", fhir.IssueRequired, "", "a contained resource needs an id, by which it is referred to as #id")
	}
	for _, name := range []string{"versionId", "lastUpdated"} {
		if n.At("meta", name).Exists() {
			w.report(fhir.IssueInvariant, "dom-4", "a contained resource has no version of its own: leave meta.%s out", name)
		}
	}
	if n.At("meta", "security").Exists() {
		w.report(fhir.IssueInvariant, "dom-5", "a contained resource has no security labels of its own: put them on the container's meta.security")
	}
}

// unreferenced reports contained resources that nothing refers to (dom-3), or
// nothing can refer to because another one has their id.
func (w *walker) unreferenced() {
	held := w.held()
	for i := range held {
		c := &held[i]
		if c.id == "" {
			continue
		}
		w.push("contained", i)
		switch {
		case w.find(c.id) != c:
			w.reportChild("id", fhir.IssueValue, "", "another contained resource has the id %s: give each its own", excerpt(c.id))
		case !c.referenced:
			w.report(fhir.IssueInvariant, "dom-3", "nothing refers to the contained resource %s: refer to it as %s, or remove it", excerpt(c.id), excerpt("#"+c.id))
		}
		w.pop()
	}
}
