// Package object answers questions about lists of DHIS2's metadata objects as
// DHIS2's API does: which (filter, query), how much of each (fields), in which
// order and on which page.
package object

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// An Object is a metadata object as its JSON: strings, booleans, numbers, Objects
// and []any of these, or Inverse.
type Object = map[string]any

// An Inverse is a member that is shown of an object though others hold it: where it is
// asked for by its name, not where all is.
type Inverse []any

// pageDefault and pageMost are how many objects a page holds.
const (
	pageDefault = 50
	pageMost    = 10_000
)

// A Resolver finds an object by its UID, nil where there is none: fields may ask of an
// object what those have that it refers to.
type Resolver func(id string) Object

// List answers GET /api/[plural]: the objects that meet the query, below their
// plural, with a pager. The error is what the query does wrong.
func List(plural string, all []Object, q url.Values, self string, resolve Resolver) (Object, error) {
	s := &show{resolve, shownMost}
	chosen, err := choose(all, q, s)
	if err != nil {
		return nil, err
	}
	if err := order(chosen, q.Get("order")); err != nil {
		return nil, err
	}
	wanted := q.Get("fields")
	if wanted == "" {
		wanted = "id,displayName"
	}
	tree, err := parseFields(wanted)
	if err != nil {
		return nil, err
	}
	answer := Object{}
	if q.Get("paging") != "false" && q.Get("skipPaging") != "true" {
		page, pager, err := paginate(chosen, q, self)
		if err != nil {
			return nil, err
		}
		chosen, answer["pager"] = page, pager
	}
	shown := make([]any, len(chosen))
	s.left = shownMost
	for i, o := range chosen {
		if shown[i] = tree.of(o, s); s.left < 0 {
			return nil, errMuch
		}
	}
	answer[plural] = shown
	return answer, nil
}

// One answers GET /api/[plural]/[uid] about an object: all of it, or what fields
// ask for.
func One(o Object, q url.Values, resolve Resolver) (Object, error) {
	wanted := q.Get("fields")
	if wanted == "" {
		wanted = "*"
	}
	tree, err := parseFields(wanted)
	if err != nil {
		return nil, err
	}
	s := &show{resolve, shownMost}
	shown := tree.of(o, s)
	if s.left < 0 {
		return nil, errMuch
	}
	return shown, nil
}

// choose gives the objects that meet filter and query.
func choose(all []Object, q url.Values, s *show) ([]Object, error) {
	var tests []test
	for _, text := range q["filter"] {
		t, err := parseFilter(text)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	either := strings.EqualFold(q.Get("rootJunction"), "or") && len(tests) > 0
	query := strings.ToLower(q.Get("query"))
	var chosen []Object
	for _, o := range all {
		holds := !either
		for _, t := range tests {
			if one := t.holds(o, s); either {
				holds = holds || one
			} else {
				holds = holds && one
			}
		}
		if s.left < 0 {
			return nil, errMuch
		}
		if holds && (query == "" || named(o, query)) {
			chosen = append(chosen, o)
		}
	}
	return chosen, nil
}

// named reports whether an object's name has a text, or its code or id is it.
func named(o Object, text string) bool {
	return strings.Contains(strings.ToLower(Text(o, "name")), text) || strings.ToLower(Text(o, "code")) == text || strings.ToLower(Text(o, "id")) == text
}

// order sorts by "name:asc,code:desc".
func order(list []Object, by string) error {
	for _, part := range slices.Backward(strings.Split(by, ",")) {
		name, way, _ := strings.Cut(part, ":")
		if name == "" {
			continue
		}
		way, folds := strings.CutPrefix(way, "i")
		if way != "" && way != "asc" && way != "desc" {
			return fmt.Errorf("order %.80q is neither asc nor desc", part)
		}
		slices.SortStableFunc(list, func(a, b Object) int {
			c := ordered(a, b, name, folds)
			if way == "desc" {
				return -c
			}
			return c
		})
	}
	return nil
}

// ordered compares two objects by a member: numbers as such, other texts as texts.
func ordered(a, b Object, name string, folds bool) int {
	m, isNumber := a[name].(int)
	if n, ok := b[name].(int); ok && isNumber {
		return m - n
	}
	x, y := Text(a, name), Text(b, name)
	if folds {
		x, y = strings.ToLower(x), strings.ToLower(y)
	}
	return strings.Compare(x, y)
}

// paginate gives a page and its pager.
func paginate(list []Object, q url.Values, self string) ([]Object, Object, error) {
	page, size := 1, pageDefault
	for name, into := range map[string]*int{"page": &page, "pageSize": &size} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return nil, nil, fmt.Errorf("%s is a number from 1, not %.20q", name, text)
			}
			*into = n
		}
	}
	size = min(size, pageMost)
	page = min(page, math.MaxInt/pageMost)
	count := max((len(list)+size-1)/size, 1)
	pager := Object{"page": page, "pageCount": count, "total": len(list), "pageSize": size}
	link := func(n int) string {
		next := url.Values{}
		for k, v := range q {
			next[k] = v
		}
		next.Set("page", strconv.Itoa(n))
		return self + "?" + next.Encode()
	}
	if page < count {
		pager["nextPage"] = link(page + 1)
	}
	if page > 1 {
		pager["prevPage"] = link(page - 1)
	}
	from := min((page-1)*size, len(list))
	return list[from:min(from+size, len(list))], pager, nil
}

// Text gives a member as text, "" where it is none. An object that has no
// displayName is displayed by its name.
func Text(o Object, name string) string {
	value, ok := o[name]
	if !ok && strings.HasPrefix(name, "display") {
		value = o[undisplayed(name)]
	}
	switch v := value.(type) {
	case string:
		return v
	case nil, Object, []any:
		return ""
	}
	return fmt.Sprint(value)
}

// Ref gives a member that refers to another object: its id, or "".
func Ref(o Object, name string) string {
	to, _ := o[name].(Object)
	return Text(to, "id")
}

// Refs gives the ids of the objects that a member refers to.
func Refs(o Object, name string) []string {
	list, _ := o[name].([]any)
	ids := make([]string, 0, len(list))
	for _, e := range list {
		if to, ok := e.(Object); ok {
			ids = append(ids, Text(to, "id"))
		}
	}
	return ids
}

// undisplayed gives the member that is displayed: "name" of displayName.
func undisplayed(name string) string {
	rest := strings.TrimPrefix(name, "display")
	if rest == "" {
		return ""
	}
	return strings.ToLower(rest[:1]) + rest[1:]
}
