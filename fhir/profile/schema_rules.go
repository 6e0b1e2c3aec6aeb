package profile

import (
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// What bounds profiles on types that lead to each other; a schema says no more
// beyond it.
const (
	schemaDepthMax = 12
	schemaPartsMax = 100_000
)

// value writes what a profile asks of one value of an element; nil where that is
// nothing a schema can say.
func (b *schemaWriter) value(e *element, t *r4.Type, depth int) object {
	if b.written++; depth > schemaDepthMax || b.written > schemaPartsMax {
		return nil
	}
	var all []any
	if e.fixed.Exists() {
		all = append(all, object{"const": jsonOf(e.fixed)})
	}
	if e.pattern.Exists() {
		all = append(all, patternSchema(e.pattern))
	}
	if e.length > 0 && t.Kind == r4.KindPrimitive {
		all = append(all, object{"maxLength": e.length})
	}
	all = append(all, boundsSchema(e, t)...)
	all = append(all, b.codes(e, t)...)
	all = append(all, b.profiles(e, t, depth)...)
	if t.Kind != r4.KindPrimitive {
		for _, c := range e.children {
			all = append(all, b.member(c, t, depth)...)
		}
	}
	return allOf(all)
}

func allOf(all []any) object {
	switch len(all) {
	case 0:
		return nil
	case 1:
		if one, ok := all[0].(object); ok {
			return one
		}
	}
	return object{"allOf": all}
}

// jsonOf gives a node for the encoder, its numbers as they are written.
func jsonOf(n fhir.Node) any { return json.RawMessage(n.Raw()) }

// patternSchema writes that a value has all that a pattern has.
func patternSchema(n fhir.Node) object {
	switch n.Kind() {
	case fhir.KindObject:
		properties, required := object{}, []string{}
		for m := range n.All() {
			properties[m.Name()] = patternSchema(m)
			required = append(required, m.Name())
		}
		return object{"type": "object", "properties": properties, "required": required}
	case fhir.KindArray:
		all := []any{object{"type": "array"}}
		for m := range n.All() {
			all = append(all, object{"contains": patternSchema(m)})
		}
		return object{"allOf": all}
	}
	return object{"const": jsonOf(n)}
}

func boundsSchema(e *element, t *r4.Type) (all []any) {
	if t.Kind != r4.KindPrimitive {
		return nil
	}
	if v := e.least.value; v.Kind() == fhir.KindNumber {
		all = append(all, object{"minimum": jsonOf(v)})
	}
	if v := e.most.value; v.Kind() == fhir.KindNumber {
		all = append(all, object{"maximum": jsonOf(v)})
	}
	return all
}

// codes writes a required binding of a plain code to a short list.
func (b *schemaWriter) codes(e *element, t *r4.Type) []any {
	if e.binding == nil || !e.binding.required || t.Kind != r4.KindPrimitive {
		return nil
	}
	if codes := b.set.list(e.binding.valueSet); codes != nil {
		return []any{object{"enum": codes}}
	}
	return nil
}

// profiles writes the profile on an element's type, and where its references lead.
func (b *schemaWriter) profiles(e *element, t *r4.Type, depth int) (all []any) {
	rule := ruleFor(e.types, t)
	if rule == nil {
		return nil
	}
	if len(rule.profiles) == 1 && len(rule.unknown) == 0 {
		if p, err := b.set.plan(rule.profiles[0]); err == nil && t.Is(p.typ.Name) {
			if own := b.value(p.root, t, depth+1); own != nil {
				all = append(all, own)
			}
		}
	}
	if types := rule.targetTypes(); t.Name == "Reference" && types != nil {
		all = append(all, leadsTo(types))
	}
	return all
}

// targetTypes gives the types that references lead to; nil where they may lead
// anywhere, or it is not known where.
func (r *typeRule) targetTypes() (types []string) {
	for _, t := range r.targets {
		if t.typ == "" || t.typ == "Resource" || t.typ == "DomainResource" {
			return nil
		}
		if !slices.Contains(types, t.typ) {
			types = append(types, t.typ)
		}
	}
	return types
}

// member writes what a profile asks of an element within a value.
func (b *schemaWriter) member(e *element, parent *r4.Type, depth int) (all []any) {
	base := parent.Element(e.name)
	if base == nil {
		return nil
	}
	properties := object{}
	allowed := e.allowed(base)
	if len(allowed) < len(base.Types) && base.Choice {
		all = append(all, onlyMembers(base, allowed))
	} else if len(allowed) == 0 {
		properties[base.Types[0].JSON], properties["_"+base.Types[0].JSON] = false, false
	}
	for _, et := range allowed {
		if schema := b.repetitions(e, base, et.Type, depth); schema != nil {
			properties[et.JSON] = schema
		}
	}
	if len(properties) > 0 {
		all = append(all, object{"properties": properties})
	}
	if e.min > 0 && e.max != 0 {
		all = append(all, oneOfMembers(base, allowed))
	}
	if e.slicing.isAsking() && base.Choice {
		all = append(all, b.choices(e, base, depth)...)
	} else if e.slicing.isAsking() && base.Max == r4.Unbounded {
		all = append(all, b.slices(e, base, depth)...)
	}
	return all
}

// allowed gives the types a profile leaves an element.
func (e *element) allowed(base *r4.Element) (types []r4.ElementType) {
	for _, et := range base.Types {
		if e.max != 0 && (e.types == nil || ruleFor(e.types, et.Type) != nil) {
			types = append(types, et)
		}
	}
	return types
}

// onlyMembers forbids all forms of value[x] but some.
func onlyMembers(base *r4.Element, allowed []r4.ElementType) any {
	others := object{"not": object{"pattern": "^_?" + base.Name + "[A-Z]"}}
	if len(allowed) == 0 {
		return object{"propertyNames": others}
	}
	names := []string{}
	for _, et := range allowed {
		names = append(names, et.JSON, "_"+et.JSON)
	}
	return object{"propertyNames": object{"anyOf": []any{object{"enum": names}, others}}}
}

// repetitions writes what holds for each value of a member, and how many there
// may be.
func (b *schemaWriter) repetitions(e *element, base *r4.Element, t *r4.Type, depth int) any {
	schema := object{}
	if one := b.value(e, t, depth+1); one != nil {
		if base.Max != r4.Unbounded {
			return one
		}
		schema["items"] = one
		if t.Kind == r4.KindPrimitive {
			schema["items"] = orNull(one)
		}
	}
	if base.Max == r4.Unbounded && e.min > 1 {
		schema["minItems"] = e.min
	}
	if base.Max == r4.Unbounded && e.max != r4.Unbounded {
		schema["maxItems"] = e.max
	}
	if len(schema) == 0 {
		return nil
	}
	return schema
}

// choices writes the slices of value[x], each a member of its own.
func (b *schemaWriter) choices(e *element, base *r4.Element, depth int) (all []any) {
	for _, one := range e.slicing.slices {
		if one.whole || len(one.matchers) != 1 || len(one.matchers[0].types) == 0 || len(one.matchers[0].steps) > 0 {
			continue
		}
		properties := object{}
		var types []r4.ElementType
		for _, et := range base.Types {
			if !slices.Contains(one.matchers[0].types, et.Type.Name) {
				continue
			}
			types = append(types, et)
			if one.max == 0 {
				properties[et.JSON], properties["_"+et.JSON] = false, false
			} else if schema := b.value(&one.element, et.Type, depth+1); schema != nil {
				properties[et.JSON] = schema
			}
		}
		if len(properties) > 0 {
			all = append(all, object{"properties": properties})
		}
		if one.min > 0 && len(types) > 0 {
			all = append(all, oneOfMembers(base, types))
		}
	}
	return all
}

// slices writes the slices of an array, as far as a schema can tell them apart.
func (b *schemaWriter) slices(e *element, base *r4.Element, depth int) (all []any) {
	t, name := base.Types[0].Type, base.Types[0].JSON
	var before []any
	var rules []any
	complete := true
	for _, one := range e.slicing.slices {
		is := b.isOf(one)
		if is == nil {
			complete = false
			break
		}
		mine := is
		if len(before) > 0 {
			mine = object{"allOf": []any{is, object{"not": object{"anyOf": slices.Clone(before)}}}}
		}
		if t.Kind != r4.KindPrimitive {
			if then := b.value(&one.element, t, depth+1); then != nil {
				rules = append(rules, object{"items": object{"if": mine, "then": then}})
			}
		}
		before = append(before, is)
		if one.min > 0 || one.max != r4.Unbounded {
			rules = append(rules, counts(mine, one))
		}
		if one.min > 0 {
			all = append(all, object{"required": []string{name}})
		}
	}
	if complete && e.slicing.rules == "closed" {
		rules = append(rules, object{"items": object{"anyOf": before}})
	}
	if len(rules) > 0 {
		all = append(all, object{"properties": object{name: object{"allOf": rules}}})
	}
	return all
}

func counts(is object, one *slice) object {
	schema := object{"contains": is, "minContains": one.min}
	if one.max != r4.Unbounded {
		schema["maxContains"] = one.max
	}
	return schema
}

// isOf writes what tells a slice apart; nil where a schema can't say it.
func (b *schemaWriter) isOf(one *slice) object {
	if one.whole || len(one.matchers) == 0 {
		return nil
	}
	var all []any
	for i := range one.matchers {
		m := &one.matchers[i]
		var some []any
		for _, n := range m.fixed {
			some = append(some, object{"const": jsonOf(n)})
		}
		for _, n := range m.patterns {
			some = append(some, patternSchema(n))
		}
		if len(m.urls) > 0 {
			some = append(some, object{"enum": m.urls})
		}
		if len(some) == 0 || len(m.bindings)+len(m.types)+len(m.profiles) > 0 || m.exists != presenceAny {
			return nil
		}
		found := along(m.steps, object{"anyOf": some})
		if found == nil {
			return nil
		}
		all = append(all, found)
	}
	return allOf(all)
}

// along writes that somewhere along a path of members a schema holds.
func along(steps []step, schema object) object {
	if len(steps) == 0 {
		return schema
	}
	if steps[0].kind != stepMember {
		return nil
	}
	rest := along(steps[1:], schema)
	if rest == nil {
		return nil
	}
	return object{"type": "object", "required": []string{steps[0].name}, "properties": object{steps[0].name: object{
		"if": object{"type": "array"}, "then": object{"contains": rest}, "else": rest,
	}}}
}

// list gives the codes of a short value set; nil of a long or unknown one.
func (s *Set) list(url string) []string {
	url, _, _ = strings.Cut(url, "|")
	if v := s.valueSets[url]; v != nil {
		s.read(v)
		if !v.whole {
			return nil
		}
		var codes []r4.Coding
		for c := range v.codes {
			codes = append(codes, c)
		}
		return distinct(codes)
	}
	return distinct(r4.ValueSetCodes(url))
}
