package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A typesWriter numbers invariants and value sets as the types mention them.
type typesWriter struct {
	d           *definitions
	constraints index[constraint]
	valueSets   index[string]
	body        strings.Builder
}

// An index numbers values in the order they are first seen.
type index[T comparable] struct {
	numbers map[T]int
	values  []T
}

func (x *index[T]) number(v T) int {
	if n, seen := x.numbers[v]; seen {
		return n
	}
	if x.numbers == nil {
		x.numbers = map[T]int{}
	}
	x.numbers[v] = len(x.values)
	x.values = append(x.values, v)
	return len(x.values) - 1
}

// typeTable writes types.txt.
func typeTable(d *definitions) (string, error) {
	w := &typesWriter{d: d}
	for _, name := range slices.Sorted(maps.Keys(d.types)) {
		if err := w.structure(d.types[name]); err != nil {
			return "", err
		}
	}
	var out strings.Builder
	for _, c := range w.constraints.values {
		line(&out, "C", c.Key, c.Severity, c.Human, c.Expression)
	}
	for _, url := range w.valueSets.values {
		line(&out, "V", url)
	}
	out.WriteString(w.body.String())
	return out.String(), nil
}

// structure writes a type and the backbone elements defined in it.
func (w *typesWriter) structure(s *structure) error {
	byParent := map[string][]*element{}
	var parents []*element
	for _, e := range s.Snapshot.Element {
		if dot := strings.LastIndexByte(e.Path, '.'); dot >= 0 {
			byParent[e.Path[:dot]] = append(byParent[e.Path[:dot]], e)
		}
	}
	for _, e := range s.Snapshot.Element[1:] {
		if len(byParent[e.Path]) > 0 {
			parents = append(parents, e)
		}
	}
	root := s.Snapshot.Element[0]
	base := strings.TrimPrefix(s.BaseDefinition, canonical+"StructureDefinition/")
	line(&w.body, "=", s.Type, kindOf(s), base, w.keys(s, root))
	if s.Kind == "primitive-type" {
		return nil
	}
	if err := w.elements(s, byParent[s.Type], byParent); err != nil {
		return err
	}
	for _, e := range parents {
		line(&w.body, "=", e.Path, "b", e.Type[0].Code, w.keys(s, e))
		if err := w.elements(s, byParent[e.Path], byParent); err != nil {
			return err
		}
	}
	return nil
}

func kindOf(s *structure) string {
	kind := map[string]string{"primitive-type": "p", "complex-type": "c", "resource": "r"}[s.Kind]
	if s.Abstract {
		kind += "a"
	}
	return kind
}

// elements writes the elements a type adds to those of its base.
func (w *typesWriter) elements(s *structure, children []*element, byParent map[string][]*element) error {
	for _, e := range children {
		if inherited(e) {
			continue
		}
		types, err := typesOf(e, len(byParent[e.Path]) > 0)
		if err != nil {
			return err
		}
		flags, err := flagsOf(e)
		if err != nil {
			return err
		}
		own := ""
		if len(byParent[e.Path]) == 0 {
			own = w.keys(s, e)
		}
		name := strings.TrimSuffix(e.Path[strings.LastIndexByte(e.Path, '.')+1:], "[x]")
		line(&w.body, name, flags, types, w.binding(e), own)
	}
	return nil
}

// inherited reports whether a base type has the element too.
func inherited(e *element) bool { return e.Base.Path != e.Path }

// keys gives the numbers of the invariants that are stated here, not taken over
// from the base or from the element's type.
func (w *typesWriter) keys(s *structure, e *element) string {
	var out []string
	for _, c := range e.Constraint {
		if c.Source != "" && c.Source != s.URL || c.Key == "ele-1" && s.Type != "Element" || c.Expression == "" {
			continue
		}
		if c.Key == "ext-1" && e.Path != "Extension" {
			continue
		}
		c.Source = ""
		out = append(out, fmt.Sprint(w.constraints.number(c)))
	}
	for _, t := range e.Type {
		if slices.Contains(t.Profile, canonical+"StructureDefinition/SimpleQuantity") {
			out = append(out, fmt.Sprint(w.constraints.number(simpleQuantity)))
		}
	}
	return strings.Join(out, " ")
}

// simpleQuantity is the invariant of the profile SimpleQuantity, which elements
// of that type have.
var simpleQuantity = constraint{
	Key: "sqty-1", Severity: "error",
	Human: "The comparator is not used on a SimpleQuantity", Expression: "comparator.empty()",
}

func (w *typesWriter) binding(e *element) string {
	if e.Binding == nil || e.Binding.ValueSet == "" {
		return ""
	}
	url, _, _ := strings.Cut(e.Binding.ValueSet, "|")
	return fmt.Sprintf("%s%d", strengths[e.Binding.Strength], w.valueSets.number(url))
}

// strengths are the letters of binding strengths in the table.
var strengths = map[string]string{"required": "r", "extensible": "e", "preferred": "p", "example": "x"}

func flagsOf(e *element) (string, error) {
	if e.Min > 1 || e.Max != "1" && e.Max != "*" {
		return "", fmt.Errorf("%s: unexpected cardinality %d..%s", e.Path, e.Min, e.Max)
	}
	flags := fmt.Sprintf("%d%s", e.Min, e.Max)
	if strings.HasSuffix(e.Path, "[x]") {
		flags += "C"
	}
	if e.IsModifier {
		flags += "M"
	}
	if e.IsSummary {
		flags += "S"
	}
	return flags, nil
}

// typesOf gives the types of an element as the table writes them.
func typesOf(e *element, backbone bool) (string, error) {
	if anchor, ok := strings.CutPrefix(e.ContentReference, "#"); ok {
		return anchor, nil
	}
	if backbone {
		return e.Path, nil
	}
	var out []string
	for _, t := range e.Type {
		out = append(out, typeOf(e, t))
	}
	if len(out) == 0 {
		return "", fmt.Errorf("%s: no type", e.Path)
	}
	return strings.Join(out, " "), nil
}

func typeOf(e *element, t typeReference) string {
	if strings.HasPrefix(t.Code, "http://hl7.org/fhirpath/") {
		switch e.Path {
		case "Resource.id":
			return "id"
		case "Extension.url":
			return "uri"
		}
		return "string"
	}
	var targets []string
	for _, p := range t.TargetProfile {
		name := p[strings.LastIndexByte(p, '/')+1:]
		if name == "Resource" {
			return t.Code
		}
		targets = append(targets, name)
	}
	if len(targets) == 0 {
		return t.Code
	}
	return t.Code + "(" + strings.Join(targets, ",") + ")"
}

// line writes fields parted by tabs; what would break the form becomes a space.
func line(out *strings.Builder, fields ...string) {
	for i, f := range fields {
		if i > 0 {
			out.WriteByte('\t')
		}
		out.WriteString(strings.Join(strings.Fields(f), " "))
	}
	out.WriteByte('\n')
}
