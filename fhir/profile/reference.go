package profile

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// entriesMax is how many entries of a Bundle are searched for the target of a
// reference; beyond it only the target's type is checked.
const entriesMax = 10_000

// reference checks where a Reference leads: to a resource of a type the profile
// allows and, where the resource is at hand, one that meets the profile.
// Source: R4 elementdefinition, ElementDefinition.type.targetProfile.
func (w *walker) reference(n fhir.Node, rule *typeRule) {
	text := n.Get("reference").Text()
	isLocal := strings.HasPrefix(text, "#")
	switch {
	case rule.contained && text != "" && !isLocal:
		w.report(fhir.IssueStructure, "", "the reference leads outside, but the profile %s wants a contained resource: contain it, and refer to it as #id", w.plan.name)
	case rule.referenced && isLocal:
		w.report(fhir.IssueStructure, "", "the reference leads to a contained resource, but the profile %s wants one of its own: store it, and refer to it as Type/id", w.plan.name)
	}
	if rule.targets == nil {
		return
	}
	resource, typ := w.follow(n)
	if typ == nil {
		return
	}
	if !rule.allows(typ) {
		w.report(fhir.IssueValue, "", "the reference is to %s, but the profile %s allows only %s", typ.Name, w.plan.name, rule.targetNames())
		return
	}
	if resource.Exists() {
		w.meetsTarget(resource, typ, rule)
	}
}

func (r *typeRule) allows(typ *r4.Type) bool {
	for _, t := range r.targets {
		if t.typ == "" || typ.Is(t.typ) {
			return true
		}
	}
	return false
}

func (r *typeRule) targetNames() string {
	list := make([]string, len(r.targets))
	for i, t := range r.targets {
		list[i] = t.name
	}
	return strings.Join(list, ", ")
}

// meetsTarget holds the resource that a reference leads to against the profiles
// it may be of.
func (w *walker) meetsTarget(n fhir.Node, typ *r4.Type, rule *typeRule) {
	if slices.ContainsFunc(rule.targets, func(t target) bool { return t.entry == nil && (t.typ == "" || typ.Is(t.typ)) }) {
		return
	}
	for _, t := range rule.targets {
		if typ.Is(t.typ) && w.conforms(value{node: n, typ: typ, index: single}, t.entry) {
			return
		}
	}
	w.report(fhir.IssueInvalid, "", "the %s that the reference leads to does not meet %s, as the profile %s wants: validate it against that profile", typ.Name, rule.targetNames(), w.plan.name)
}

// follow gives the resource a Reference leads to, where it is contained or in the
// same Bundle; else only its type, nil where not even that is known.
func (w *walker) follow(n fhir.Node) (resource fhir.Node, typ *r4.Type) {
	text := n.Get("reference").Text()
	if resource = w.resolve(text); resource.Exists() {
		return resource, resourceType(resource)
	}
	if strings.HasPrefix(text, "#") {
		return resource, nil
	}
	if t := r4.Lookup(fhir.ParseReference(text, r4.IsResource).Type); t != nil {
		return resource, t
	}
	stated := strings.TrimPrefix(n.Get("type").Text(), core)
	return resource, r4.Lookup(stated)
}

// resolve finds what a reference's text leads to among the contained resources
// and the entries of the Bundle around; absent where it is elsewhere.
func (w *walker) resolve(text string) fhir.Node {
	if id, ok := strings.CutPrefix(text, "#"); ok {
		if id == "" {
			return w.facts.Root
		}
		return w.contained(id)
	}
	bundle := w.facts.Root.Document().Root()
	if text == "" || bundle.Get("resourceType").Text() != "Bundle" {
		return fhir.Node{}
	}
	n := 0
	for e := bundle.Get("entry").First(); e.Exists() && n < entriesMax; e = e.Next() {
		if isAt(e.Get("fullUrl").Text(), text) {
			return e.Get("resource")
		}
		n++
	}
	return fhir.Node{}
}

// contained finds a contained resource of the root, the first of several of an id.
func (w *walker) contained(id string) fhir.Node {
	if w.held == nil || w.heldBy != w.facts.Root {
		w.held, w.heldBy = map[string]fhir.Node{}, w.facts.Root
		for c := range w.facts.Root.Get("contained").Each() {
			id := c.Get("id").Text()
			if _, twice := w.held[id]; !twice {
				w.held[id] = c
			}
		}
	}
	return w.held[id]
}

// isAt reports whether a reference leads to a full URL: the same text, or the
// Type/id at its end.
func isAt(full, text string) bool {
	if full == text {
		return full != ""
	}
	rest, ok := strings.CutSuffix(full, text)
	return ok && strings.HasSuffix(rest, "/") && strings.Count(text, "/") == 1
}
