package object

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
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
var operators = []string{
	"eq", "ieq", "like", "ilike", "$like", "$ilike", "like$", "ilike$", "startsWith", "endsWith", "token",
	"in", "null", "empty", "gt", "ge", "gte", "lt", "le", "lte",
}

// folded are those that look at no case, as those that do.
var folded = map[string]string{
	"ieq": "eq", "ilike": "like", "$ilike": "$like", "ilike$": "like$", "startsWith": "$like", "endsWith": "like$", "token": "token",
}

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
	if len(t.path) > depthMost {
		return test{}, fmt.Errorf("filter %.80q asks more than %d objects deep", text, depthMost)
	}
	if t.op == "empty" {
		t.op = "null"
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
func (t test) holds(o Object, s *show) bool {
	found := collect(o, t.path, s)
	if t.op == "null" {
		return (len(found) == 0) != t.not
	}
	return slices.ContainsFunc(found, t.meets) != t.not
}

// meets asks of one text. Source: DHIS2 web API, object filters.
func (t test) meets(text string) bool {
	value, op := t.values[0], t.op
	if exact, ok := folded[op]; ok {
		text, value, op = strings.ToLower(text), strings.ToLower(value), exact
	}
	switch op {
	case "eq":
		return text == value
	case "in":
		return slices.Contains(t.values, text)
	case "like":
		return strings.Contains(text, value)
	case "$like":
		return strings.HasPrefix(text, value)
	case "like$":
		return strings.HasSuffix(text, value)
	case "token":
		return tokens(text, value)
	case "gt":
		return compare(text, value) > 0
	case "ge", "gte":
		return compare(text, value) >= 0
	case "lt":
		return compare(text, value) < 0
	}
	return compare(text, value) <= 0
}

// tokens reports whether some word of a text begins with each word of another.
func tokens(text, value string) bool {
	words := strings.Fields(text)
	for _, begin := range strings.Fields(value) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, begin) }) {
			return false
		}
	}
	return true
}

// compare compares numbers as such, and other texts as texts.
func compare(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// collect gives the texts at a path, through lists and the objects that are referred
// to.
func collect(o Object, path []string, s *show) []string {
	if s.left--; s.left < 0 {
		return nil
	}
	if len(path) == 1 {
		if text := Text(o, path[0]); text != "" {
			return []string{text}
		}
		return nil
	}
	var found []string
	switch v := listed(o[path[0]]).(type) {
	case Object:
		found = collect(whole(v, s.resolve), path[1:], s)
	case []any:
		for _, e := range v {
			if inner, ok := e.(Object); ok {
				found = append(found, collect(whole(inner, s.resolve), path[1:], s)...)
			}
		}
	}
	return found
}

// listed gives a member that others hold as a list like any.
func listed(value any) any {
	if v, ok := value.(Inverse); ok {
		return []any(v)
	}
	return value
}

// whole gives the object that another refers to by its id alone; what is no such
// reference, or leads to nothing, as it is.
func whole(o Object, resolve Resolver) Object {
	if to := Text(o, "id"); len(o) == 1 && to != "" && resolve != nil {
		if found := resolve(to); found != nil {
			return found
		}
	}
	return o
}
