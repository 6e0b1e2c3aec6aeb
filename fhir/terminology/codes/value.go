package codes

import (
	"iter"
	"strconv"

	"bima/fhir"
)

// A Value is one property of a concept.
type Value struct {
	Property string // its code
	Kind     string // the JSON member of its value: "valueCode", "valueCoding"
	Text     string // its text; of a Coding its JSON
}

// Values ranges over the properties of a concept that are neither its parents nor
// its children.
func (c Concept) Values() iter.Seq[Value] {
	end := len(c.s.values)
	if next := int(c.i) + 1; next < len(c.s.records) {
		end = int(c.s.records[next].firstValue)
	}
	own := c.s.values[c.s.records[c.i].firstValue:end]
	return func(yield func(Value) bool) {
		for _, v := range own {
			if !yield(Value{c.s.keys[v.key], c.s.kinds[v.kind], v.text}) {
				return
			}
		}
	}
}

// texts ranges over what a filter compares of a property: R4's own by their
// codes, else the concept's values. Source: R4 codesystem#defined-props,
// valueset#filters.
func (c Concept) texts(property string) iter.Seq[string] {
	return func(yield func(string) bool) {
		switch property {
		case "concept", "code":
			yield(c.Code())
		case "display":
			yield(c.Display())
		case "definition":
			if d := c.Definition(); d != "" {
				yield(d)
			}
		case "designation":
			for _, d := range c.Designations() {
				if !yield(d.Value) {
					return
				}
			}
		case "parent", "subsumedBy":
			yieldCodes(c.Parents(), yield)
		case "child":
			yieldCodes(c.Children(), yield)
		default:
			c.ownTexts(property, yield)
		}
	}
}

func yieldCodes(concepts []Concept, yield func(string) bool) {
	for _, c := range concepts {
		if !yield(c.Code()) {
			return
		}
	}
}

// ownTexts gives the values of a property. "inactive" and "notSelectable" have
// the value false where the concept does not state them.
func (c Concept) ownTexts(property string, yield func(string) bool) {
	found := false
	for v := range c.Values() {
		if v.Property != property {
			continue
		}
		found = true
		text := v.Text
		if v.Kind == "valueCoding" {
			text = codeOf(v.Text)
		}
		if !yield(text) {
			return
		}
	}
	switch {
	case found:
	case property == "inactive":
		yield(strconv.FormatBool(c.Inactive()))
	case property == "notSelectable", property == "abstract":
		yield(strconv.FormatBool(c.Abstract()))
	}
}

// codeOf gives the code of a Coding.
func codeOf(coding string) string {
	doc, err := fhir.Parse([]byte(coding))
	if err != nil {
		return ""
	}
	return doc.Root().Get("code").Text()
}
