package validate

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A holder is the resource that references beginning with # point into.
type holder struct {
	node      fhir.Node
	plan      *plan     // nil outside a resource
	contained fhir.Node // its contained resources, absent if it has none
	inner     string    // the id of the contained resource we are in
	within    bool      // whether we are in a contained resource
	anchors   int       // how many of walker.anchors belong to the holders around
}

// find gives the contained resource of an id.
func (h *holder) find(id string) (fhir.Node, bool) {
	for c := range h.contained.Each() {
		if c.Get("id").Text() == id {
			return c, true
		}
	}
	return fhir.Node{}, false
}

// ids lists the ids of the contained resources for a message.
func (h *holder) ids() string {
	var list []string
	for c := range h.contained.Each() {
		if id := c.Get("id").Text(); id != "" && len(list) < listedMax {
			list = append(list, "#"+id)
		}
	}
	if len(list) == 0 {
		return " (it contains none)"
	}
	return " (it contains " + strings.Join(list, ", ") + ")"
}

// anchor notes a local reference, so that contained resources without one are
// found (dom-3), and reports a canonical that leads nowhere.
func (w *walker) anchor(text string, canonical bool) {
	if !w.holder.contained.Exists() {
		if canonical && text != "#" {
			w.dangling(text)
		}
		return
	}
	id := text[1:]
	if text == "#" && w.holder.within {
		id = w.holder.inner
	}
	w.anchors = append(w.anchors, id)
	if _, ok := w.holder.find(id); canonical && !ok && text != "#" {
		w.dangling(text)
	}
}

// dangling warns of a canonical that leads nowhere: R4 asks of references only
// that they lead somewhere, and its own examples break the rule for canonicals.
func (w *walker) dangling(text string) {
	if w.holder.plan == nil {
		return
	}
	w.warn(fhir.IssueInvariant, "ref-1", "no contained resource has the id %s: add it to contained, or give the full canonical URL%s", excerpt(text[1:]), w.holder.ids())
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
		w.content(n)
		w.facts = facts
		return p
	}
	w.holder = holder{node: n, plan: p, anchors: len(w.anchors)}
	if p.find("contained") != nil {
		w.holder.contained = n.Get("contained")
	}
	w.object(n, p)
	w.unreferenced()
	w.anchors = w.anchors[:w.holder.anchors]
	w.holder, w.facts = around, facts
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

// content checks what a contained resource must and must not have (dom-4,
// dom-5). Source: R4 references#contained.
func (w *walker) content(n fhir.Node) {
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

// unreferenced reports contained resources that nothing refers to (dom-3).
func (w *walker) unreferenced() {
	index := single
	for c := range w.holder.contained.Each() {
		index++
		id := c.Get("id").Text()
		if id == "" || w.isReferenced(id) {
			continue
		}
		w.push("contained", index)
		w.report(fhir.IssueInvariant, "dom-3", "nothing refers to the contained resource %s: refer to it as %s, or remove it", excerpt(id), excerpt("#"+id))
		w.pop()
	}
}

func (w *walker) isReferenced(id string) bool {
	return slices.Contains(w.anchors[w.holder.anchors:], id)
}
