package tables

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// lost gives the first element that an InsurancePlan and what was read of its
// tables differ in; "" where there is none.
func lost(original, read []byte) string {
	var trees [2]any
	for i, body := range [][]byte{original, read} {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if err := decoder.Decode(&trees[i]); err != nil {
			return "InsurancePlan"
		}
	}
	for _, name := range []string{"meta", "text"} {
		for _, tree := range trees {
			if object, ok := tree.(map[string]any); ok {
				delete(object, name)
			}
		}
	}
	for _, tree := range trees {
		if object, ok := tree.(map[string]any); ok {
			together(object)
		}
	}
	return differ("InsurancePlan", plain("", trees[0]), plain("", trees[1]))
}

// together puts the codes of a product's types into one concept, as tables do: earlier
// ones wrote a concept of each. What has more than codes stays as it is.
func together(plan map[string]any) {
	types, _ := plan["type"].([]any)
	var codes []any
	for _, t := range types {
		concept, _ := t.(map[string]any)
		list, _ := concept["coding"].([]any)
		if len(concept) != 1 || len(list) == 0 {
			return
		}
		codes = append(codes, list...)
	}
	if len(codes) > 0 {
		plan["type"] = []any{map[string]any{"coding": codes}}
	}
}

// plain leaves out what has no meaning of its own: the order of extensions and
// qualifiers, the words of units and of qualifiers, and the name of what a number
// counts.
func plain(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		delete(v, "unit")
		if code, _ := v["code"].(string); strings.HasPrefix(code, "{") {
			delete(v, "code")
			delete(v, "system")
		}
		for name, member := range v {
			v[name] = plain(name, member)
		}
		if url, _ := v["url"].(string); strings.HasSuffix(url, "ualifier") {
			wordless(v)
		}
	case []any:
		for i := range v {
			v[i] = plain("", v[i])
		}
		if name == "qualifiers" {
			wordless(v)
		}
		if name == "extension" || name == "qualifiers" {
			slices.SortStableFunc(v, func(a, b any) int { return cmp.Compare(sortKey(a), sortKey(b)) })
		}
	}
	return value
}

// wordless takes the words of codes out.
func wordless(value any) {
	switch v := value.(type) {
	case map[string]any:
		delete(v, "display")
		for _, member := range v {
			wordless(member)
		}
	case []any:
		for _, member := range v {
			wordless(member)
		}
	}
}

// sortKey gives a text by which elements that say the same stand together. Parts
// of relative-price stay in their order: all are percentages.
func sortKey(value any) string {
	if object, ok := value.(map[string]any); ok && object["url"] == "percentage" {
		return "percentage"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// differ gives the first element in which two trees differ.
func differ(at string, a, b any) string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return at
		}
		var names []string
		for name := range x {
			names = append(names, name)
		}
		for name := range y {
			if _, both := x[name]; !both {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			if found := differ(at+"."+name, x[name], y[name]); found != "" {
				return found
			}
		}
		return ""
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return at
		}
		for i := range x {
			if found := differ(fmt.Sprintf("%s[%d]", at, i), x[i], y[i]); found != "" {
				return found
			}
		}
		return ""
	}
	if a != b {
		return at
	}
	return ""
}
