package object

import (
	"errors"
	"fmt"
	"strings"
)

// fields are what is asked of an object: members by name with what is asked of
// what they hold.
type fields struct {
	all      bool
	named    map[string]*fields // nil fields: as it is
	excluded []string
	shaped   map[string][]shape // how a member is shown, by its name
}

// A shape is what a member is made into: "rename" to a name, or "size", "isEmpty" or
// "isNotEmpty" of a list.
type shape struct{ kind, name string }

// shapes reads "~rename(n)" and "::size", in their order; what is not known leaves
// the member as it is.
func shapes(text string) (all []shape) {
	for one := range strings.SplitSeq(strings.NewReplacer("::", "~", "|", "~").Replace(text), "~") {
		kind, name, _ := strings.Cut(strings.TrimSuffix(one, "]"), "[")
		all = append(all, shape{kind, name})
	}
	return all
}

// apply gives the name and the value of a member as it is shown.
func (s shape) apply(name string, value any) (string, any) {
	list, _ := value.([]any)
	switch s.kind {
	case "rename":
		if s.name != "" {
			return s.name, value
		}
	case "size":
		return name, len(list)
	case "isEmpty":
		return name, len(list) == 0
	case "isNotEmpty":
		return name, len(list) > 0
	}
	return name, value
}

// presets are DHIS2's names for several fields.
var presets = map[string]string{
	":all": "*", ":owner": "*", ":persisted": "*",
	":identifiable": "id,name,code,created,lastUpdated", ":nameable": "id,name,shortName,description,code,created,lastUpdated", ":simple": "id,name,code",
}

// depthMost bounds how deep fields may ask.
const depthMost = 8

var errFields = errors.New("fields are names in commas, with brackets around what is asked of what they hold: id,code,categoryOptions[id,code]")

// parseFields reads "id,code,categoryOptions[id,name]".
func parseFields(text string) (*fields, error) { return parseAt(text, 0) }

func parseAt(text string, depth int) (*fields, error) {
	f := &fields{named: map[string]*fields{}, shaped: map[string][]shape{}}
	parts, ok := split(text)
	if !ok || depth > depthMost {
		return nil, errFields
	}
	for _, part := range parts {
		part, shaped := shapedPart(part)
		name, rest, nested := strings.Cut(part, "[")
		if shaped != "" {
			f.shaped[name] = shapes(shaped)
		}
		switch {
		case name == "*" || presets[name] == "*":
			f.all = true
		case presets[name] != "":
			for one := range strings.SplitSeq(presets[name], ",") {
				f.named[one] = nil
			}
		case strings.HasPrefix(name, "!"):
			f.excluded = append(f.excluded, name[1:])
		case nested:
			inner, err := parseAt(strings.TrimSuffix(rest, "]"), depth+1)
			if err != nil {
				return nil, err
			}
			f.named[name] = inner
		default:
			if strings.Count(name, ".") > depthMost {
				return nil, errFields
			}
			f.dotted(name)
		}
	}
	return f, nil
}

// shapedPart cuts "sets[id]~rename[all]" where its shapes begin, outside of brackets.
func shapedPart(part string) (plain, shaped string) {
	depth := 0
	for i, c := range part {
		switch {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case depth > 0:
		case c == '~' || c == '|':
			return part[:i], part[i+1:]
		case strings.HasPrefix(part[i:], "::"):
			return part[:i], part[i+2:]
		}
	}
	return part, ""
}

// dotted adds a field that may be one of another: "categoryCombo.id".
func (f *fields) dotted(name string) {
	first, rest, more := strings.Cut(name, ".")
	if !more {
		f.named[first] = nil
		return
	}
	inner := f.named[first]
	if inner == nil {
		inner = &fields{named: map[string]*fields{}}
		f.named[first] = inner
	}
	inner.dotted(rest)
}

// split parts at the commas outside of brackets.
func split(text string) ([]string, bool) {
	var parts []string
	depth, from := 0, 0
	text = strings.NewReplacer("(", "[", ")", "]", " ", "").Replace(text)
	for i := 0; i <= len(text); i++ {
		switch {
		case i == len(text) || text[i] == ',' && depth == 0:
			if part := text[from:i]; part != "" {
				parts = append(parts, part)
			}
			from = i + 1
		case text[i] == '[':
			depth++
		case text[i] == ']':
			depth--
		}
		if depth < 0 {
			return nil, false
		}
	}
	return parts, depth == 0
}

// shownMost bounds the members of one answer: objects refer to one another, so that
// a few names can ask for more than any memory holds.
const shownMost = 1_000_000

var errMuch = fmt.Errorf("this asks for more than %d members; ask for fewer fields of what objects refer to, or a page", shownMost)

// A show is one answer while it is made.
type show struct {
	resolve Resolver
	left    int // members that there is room for; below zero it is given up
}

// of gives what is asked of an object.
func (f *fields) of(o Object, s *show) Object {
	shown := Object{}
	if s.left--; s.left < 0 {
		return shown
	}
	if f.all {
		for name, value := range o {
			if _, inverse := value.(Inverse); !inverse {
				shown[name] = value
			}
		}
		s.left -= len(shown)
	}
	for name, inner := range f.named {
		value, ok := o[name]
		if text := Text(o, name); !ok && text != "" {
			value, ok = text, true
		}
		if ok {
			s.left--
			value = inner.ofValue(listed(value), s)
			for _, shape := range f.shaped[name] {
				name, value = shape.apply(name, value)
			}
			shown[name] = value
		}
	}
	for _, name := range f.excluded {
		delete(shown, name)
	}
	return shown
}

func (f *fields) ofValue(value any, s *show) any {
	switch v := value.(type) {
	case Object:
		if f == nil {
			return reference(v)
		}
		return f.of(whole(v, s.resolve), s)
	case []any:
		if s.left -= len(v); s.left < 0 {
			return nil
		}
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = f.ofValue(e, s)
		}
		return list
	}
	return value
}

// reference gives an object that another refers to as DHIS2 shows it where nothing
// is asked of it: its id; one that has none as it is.
func reference(o Object) Object {
	if id, ok := o["id"]; ok {
		return Object{"id": id}
	}
	return o
}
