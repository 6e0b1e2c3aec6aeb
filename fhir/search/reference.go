package search

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// referenceEmitters take references out of the data types that have them.
// Source: R4 search#reference.
var referenceEmitters = map[string]func(*extraction, *emitter, fhir.Node){
	"Reference": emitReference,
	"canonical": emitCanonical,
	"uri":       emitCanonical,
	"url":       emitCanonical,
}

func emitReference(x *extraction, e *emitter, n fhir.Node) {
	if text := textOf(n.Get("reference")); text != "" {
		x.reference(e, text)
	}
	if id := n.Get("identifier"); id.Exists() {
		x.token(e.identifier, textOf(id.Get("system")), textOf(id.Get("value")))
	}
	x.text(e.text, textOf(n.Get("display")))
}

// reference adds where a reference points: a resource of ours by Key without its
// version, anything else by URL. A contained resource is no target of a search;
// its identifiers count as those of a logical reference.
func (x *extraction) reference(e *emitter, text string) {
	if strings.HasPrefix(text, "#") {
		for id := range x.contained(text).Get("identifier").Each() {
			x.token(e.identifier, textOf(id.Get("system")), textOf(id.Get("value")))
		}
		x.References = append(x.References, fhir.ReferenceRow{Param: e.code, URL: text})
		return
	}
	key, url := target(fhir.ParseReference(text, r4.IsResource), x.base)
	x.References = append(x.References, fhir.ReferenceRow{Param: e.code, Key: key, URL: url})
}

// target gives the Key of a resource of ours, or else the URL without a version.
func target(ref fhir.Reference, base string) (fhir.Key, string) {
	switch {
	case ref.Key.IsZero() || ref.ID == "":
		return fhir.Key{}, ref.URL
	case ref.Base == "" || ref.Base == base:
		return ref.Key, ""
	}
	return fhir.Key{}, ref.Base + "/" + ref.Key.String()
}

// contained finds the contained resource that "#id" names, the first of several.
func (x *extraction) contained(anchor string) fhir.Node {
	if x.held == nil {
		x.held = map[string]fhir.Node{}
		for c := range x.root.Get("contained").Each() {
			id := c.Get("id").Text()
			if _, twice := x.held[id]; !twice {
				x.held[id] = c
			}
		}
	}
	return x.held[anchor[1:]]
}

// referredType gives the type of the resource a Reference is to, as far as it
// says: by its text, its type, or the contained resource.
func (x *extraction) referredType(n fhir.Node) string {
	text := textOf(n.Get("reference"))
	if strings.HasPrefix(text, "#") {
		return x.contained(text).Get("resourceType").Text()
	}
	if ref := fhir.ParseReference(text, r4.IsResource); ref.Type != "" {
		return ref.Type
	}
	return textOf(n.Get("type"))
}

// emitCanonical gives a canonical as it stands, and without its version too.
func emitCanonical(x *extraction, e *emitter, n fhir.Node) {
	text := textOf(n)
	if text == "" {
		return
	}
	x.reference(e, text)
	if url, _, versioned := strings.Cut(text, "|"); versioned {
		x.reference(e, url)
	}
}

// emitEmbedded gives a resource that stands where others have a reference, such
// as a Bundle's first entry.
func emitEmbedded(x *extraction, e *emitter, n fhir.Node) {
	key := fhir.Key{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text()}
	if key.ID != "" {
		x.References = append(x.References, fhir.ReferenceRow{Param: e.code, Key: key})
	}
}

// References gives the targets of a resource's reference parameter, for
// _include; code "*" is all of them. Those that are not of this server have a
// URL only. Contained resources are left out.
func (r *Registry) References(n fhir.Node, code string) []fhir.Reference {
	var out []fhir.Reference
	x := &extraction{Index: &fhir.Index{}, zone: r.zone, base: r.base, root: n}
	if plan, ok := r.plans[n.Get("resourceType").Text()]; ok {
		x.walk(plan(), n)
		x.dedupe()
	}
	for _, row := range x.References {
		if code != "*" && row.Param != code || strings.HasPrefix(row.URL, "#") {
			continue
		}
		out = append(out, fhir.Reference{Key: row.Key, URL: row.URL})
	}
	return out
}

// referenceCriterion reads "id", "Type/id", "[base]/Type/id", a foreign URL or a
// canonical; :identifier reads a token, and a type may stand as the modifier.
func referenceCriterion(c clause, value string) (fhir.Criterion, error) {
	switch {
	case c.modifier == "identifier":
		return fhir.Match{Param: c.as(c.param.Code+":identifier", fhir.ParamToken), Value: tokenValue(value)}, nil
	case c.modifier == "above" || c.modifier == "below":
		return c.hierarchical(value)
	case c.modifier == "text":
		return fhir.Match{Param: c.as(c.param.Code+":text", fhir.ParamString), Value: stringValue(unescape(value), fhir.StringStarts)}, nil
	case c.modifier != "" && !r4.IsResource(c.modifier):
		return nil, c.wrongModifier("identifier", "text", "above", "below", "missing", "[a resource type]")
	}
	text := unescape(value)
	v := fhir.ReferenceValue{}
	if fhir.ValidID(text) {
		v.Key = fhir.Key{Type: c.modifier, ID: text}
		if c.modifier == "" && len(c.param.Targets) == 1 {
			v.Key.Type = c.param.Targets[0]
		}
	} else {
		v.Key, v.URL = target(fhir.ParseReference(text, r4.IsResource), c.query.registry.base)
	}
	if c.modifier != "" && v.Key.Type != "" && v.Key.Type != c.modifier {
		return nil, c.invalid("%q is no %s", value, c.modifier)
	}
	param := c.as(c.param.Code, fhir.ParamReference)
	if c.param.canonical && c.modifier == "" && v.URL == "" {
		// A canonical may also be such a text itself, without being a link to us.
		return fhir.Any{fhir.Match{Param: param, Value: v}, fhir.Match{Param: param, Value: fhir.ReferenceValue{URL: text}}}, nil
	}
	return fhir.Match{Param: param, Value: v}, nil
}

// levelsMax is how many steps up or down a hierarchy :above and :below go: enough
// for a ward of a hospital in a district of a nation.
const levelsMax = 6

// hierarchical reads :above and :below on a reference to a type whose resources
// are parts of each other: "location:below=Location/1" is at the place or at any
// within it. Source: R4 search#recursive.
func (c clause) hierarchical(value string) (fhir.Criterion, error) {
	down := c
	down.modifier = ""
	read, err := referenceCriterion(down, value)
	if err != nil {
		return nil, err
	}
	match, ok := read.(fhir.Match)
	ref, _ := match.Value.(fhir.ReferenceValue)
	if !ok || ref.Key.ID == "" {
		return nil, c.unsupported(":%s goes by references to resources of this server, not %.80q", c.modifier, value)
	}
	typ := ref.Key.Type
	if typ == "" {
		return nil, c.invalid("%.80q names no type; write it as Type/id", value)
	}
	part := c.query.registry.partOf(typ)
	if part == nil {
		return nil, c.unsupported("a %s is no part of another, so it has none :%s", typ, c.modifier)
	}
	up := fhir.Param{Code: part.Code, Kind: fhir.ParamReference}
	any := fhir.Any{match}
	var where fhir.Criterion = fhir.IDs{ref.Key.ID}
	if c.modifier == "below" {
		where = fhir.Match{Param: up, Value: ref}
	}
	for range levelsMax {
		if c.modifier == "above" {
			where = fhir.Has{Type: typ, Param: up, Where: where}
			any = append(any, fhir.Chain{Param: match.Param, Type: typ, Where: where})
			continue
		}
		any = append(any, fhir.Chain{Param: match.Param, Type: typ, Where: where})
		where = fhir.Chain{Param: up, Type: typ, Where: where}
	}
	return any, nil
}

// partOf gives the parameter by which resources of a type are parts of others of
// the type, or nil.
func (r *Registry) partOf(typ string) *param {
	for _, code := range []string{"partof", "part-of"} {
		if p := r.params[typ][code]; p != nil && p.kind == fhir.ParamReference && slices.Contains(p.Targets, typ) {
			return p
		}
	}
	return nil
}
