package object

import (
	"fmt"
	"slices"
	"strings"
)

// A test is one filter.
type test struct {
	path   []string
	not    bool
	op     string
	values []string
}

// operators are those of filter, without the "!" in front.
var operators = []string{"eq", "ieq", "like", "ilike", "$like", "$ilike", "like$", "ilike$", "in", "null", "gt", "ge", "gte", "lt", "le", "lte"}

// parseFilter reads "code:in:[A,B]".
func parseFilter(text string) (test, error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) < 2 {
		return test{}, fmt.Errorf("filter %.80q is not property:operator:value", text)
	}
	t := test{path: strings.Split(parts[0], "."), op: parts[1]}
	if t.op == "ne" || t.op == "neq" {
		t.op = "!eq"
	}
	t.op, t.not = strings.CutPrefix(t.op, "!")
	if !slices.Contains(operators, t.op) {
		return test{}, fmt.Errorf("filter %.80q has no operator that is known", text)
	}
	if t.op == "null" {
		return t, nil
	}
	if len(parts) < 3 {
		return test{}, fmt.Errorf("filter %.80q has no value", text)
	}
	t.values = []string{parts[2]}
	if t.op == "in" {
		t.values = strings.Split(strings.Trim(parts[2], "[]"), ",")
	}
	return t, nil
}

// holds asks a test of an object.
func (t test) holds(o Object) bool {
	found := collect(o, t.path)
	if t.op == "null" {
		return (len(found) == 0) != t.not
	}
	return slices.ContainsFunc(found, t.meets) != t.not
}

// meets asks of one text.
func (t test) meets(text string) bool {
	value := t.values[0]
	op := t.op
	if strings.Contains(op, "i") && op != "in" && op != "like" && op != "$like" && op != "like$" {
		text, value, op = strings.ToLower(text), strings.ToLower(value), strings.Replace(op, "i", "", 1)
	}
	switch op {
	case "eq":
		return text == value
	case "in":
		return slices.Contains(t.values, text)
	case "like":
		// DHIS2's like looks at no case.
		return strings.Contains(strings.ToLower(text), strings.ToLower(value))
	case "$like":
		return strings.HasPrefix(text, value)
	case "like$":
		return strings.HasSuffix(text, value)
	case "gt":
		return text > value
	case "ge", "gte":
		return text >= value
	case "lt":
		return text < value
	}
	return text <= value
}

// collect gives the texts at a path, through lists.
func collect(o Object, path []string) []string {
	if len(path) == 1 {
		if text := Text(o, path[0]); text != "" {
			return []string{text}
		}
		return nil
	}
	var found []string
	switch v := o[path[0]].(type) {
	case Object:
		found = collect(v, path[1:])
	case []any:
		for _, e := range v {
			if inner, ok := e.(Object); ok {
				found = append(found, collect(inner, path[1:])...)
			}
		}
	}
	return found
}
