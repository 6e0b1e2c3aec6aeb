package validate

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// reference checks where a Reference points: the form of a literal one, the
// resource it names within the container, and the type against those allowed.
// A logical one, by identifier, may point anywhere its type lets it.
// Source: R4 references.
func (w *walker) reference(n fhir.Node, m *member) {
	text := ""
	if literal := n.Get("reference"); literal.Kind() == fhir.KindString {
		text = literal.Text()
	}
	stated := ""
	if typ := n.Get("type"); typ.Kind() == fhir.KindString {
		stated = strings.TrimPrefix(typ.Text(), "http://hl7.org/fhir/StructureDefinition/")
	}
	switch {
	case text != "" && text[0] == '#':
		w.anchor(text, false)
		w.fragment(text, stated, m)
	case text != "" && (stated != "" || !isPlainTarget(text, m.targets)):
		w.literal(text, stated, m)
	case text == "" && r4.IsResource(stated) && !allowed(m.targets, stated):
		w.reportChild("type", fhir.IssueValue, "", "the reference is to %s, but %s may refer to %s only", aType(stated), name(w), strings.Join(m.targets, ", "))
	}
}

// isPlainTarget recognises the usual case fast: "Type/id" of an allowed type.
func isPlainTarget(text string, targets []string) bool {
	for _, t := range targets {
		if len(text) > len(t) && text[len(t)] == '/' && text[:len(t)] == t {
			return fhir.ValidID(text[len(t)+1:])
		}
	}
	return false
}

func allowed(targets []string, typ string) bool {
	if len(targets) == 0 {
		return true
	}
	for _, t := range targets {
		if t == typ || t == "Resource" || t == "Any" {
			return true
		}
	}
	return false
}

// literal checks a reference to another resource.
func (w *walker) literal(text, stated string, m *member) {
	if !isURI(text) {
		w.reportChild("reference", fhir.IssueValue, "", "%s is no URL: a reference is Type/id, an absolute URL, urn:uuid:… or #id, without white space", excerpt(text))
		return
	}
	r := fhir.ParseReference(text, r4.IsResource)
	if r.Type == "" {
		if !isAbsolute(text) && !w.full() {
			w.reportChild("reference", fhir.IssueValue, "", "%s does not name a resource: write Type/id with a resource type of R4 and an id of A-Z, a-z, 0-9, - and .%s", excerpt(text), likelyType(text))
		}
		return
	}
	if r.Version != "" && !fhir.ValidID(r.Version) {
		w.reportChild("reference", fhir.IssueValue, "", "%s ends in a version that is no id: write Type/id/_history/version", excerpt(text))
	}
	w.target(r.Type, stated, m)
}

// target checks the type a reference names against the types allowed and the
// one stated in Reference.type.
func (w *walker) target(typ, stated string, m *member) {
	if !allowed(m.targets, typ) {
		w.reportChild("reference", fhir.IssueValue, "", "the reference is to %s, but %s may refer to %s only", aType(typ), name(w), strings.Join(m.targets, ", "))
	}
	if r4.IsResource(stated) && stated != typ {
		w.reportChild("type", fhir.IssueValue, "", "type says %s, but the reference is to %s: correct one, or leave type out", stated, aType(typ))
	}
}

func aType(name string) string {
	if strings.ContainsRune("AEIO", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// likelyType suggests a resource type for a reference that names none.
func likelyType(text string) string {
	typ, _, ok := strings.Cut(text, "/")
	if !ok || r4.IsResource(typ) {
		return ""
	}
	if near := closest(typ, r4.Resources()); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// fragment checks a reference to a contained resource (ref-1): it must be there.
// "#" alone is the container itself.
func (w *walker) fragment(text, stated string, m *member) {
	if text == "#" {
		if w.holder.plan != nil {
			w.target(w.holder.plan.typ.Name, stated, m)
		}
		return
	}
	found := w.find(text[1:])
	if found == nil {
		if w.full() {
			return
		}
		w.reportChild("reference", fhir.IssueInvariant, "ref-1", "no contained resource has the id %s: add it to contained, or refer to another%s", excerpt(text[1:]), w.ids())
		return
	}
	if typ := found.node.Get("resourceType").Text(); r4.IsResource(typ) {
		w.target(typ, stated, m)
	}
}
