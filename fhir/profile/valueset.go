package profile

import (
	"sort"
	"strings"
	"sync"

	"bima/fhir"
	"bima/fhir/r4"
)

// A valueSet is one that the Set's definitions hold. Its codes are read when they
// are first asked for.
type valueSet struct {
	body  []byte
	once  sync.Once
	codes map[r4.Coding]bool // by system and code; without displays
	whole bool               // whether these are all of them
}

// codesMax is how many codes of a value set are kept; of a larger one only the
// terminology can tell.
const codesMax = 200_000

// Has reports whether a value set has a code, by the definitions of the Set, R4's
// own lists, and Options.Terminology, in this order; system "" stands for any.
// known is false where none of them can tell.
func (s *Set) Has(canonical, system, code string) (has, known bool) {
	url, _, _ := strings.Cut(canonical, "|")
	if v := s.valueSets[url]; v != nil {
		s.read(v)
		if v.has(system, code) {
			return true, true
		}
		known = v.whole
	}
	if !known {
		has, known = r4.ValueSetHas(url, system, code)
	}
	if !known && !has && s.options.Terminology != nil {
		return s.options.Terminology(canonical, system, code)
	}
	return has, known || has
}

// read reads the codes of a value set. It does not follow imports in a circle:
// those it meets that way are unknown.
func (s *Set) read(v *valueSet) {
	v.once.Do(func() {
		x := &expander{set: s, left: definitionsMax}
		v.codes, v.whole = x.expand(v.body, nil)
	})
}

// An expander reads value sets that import each other, up to a number of them.
type expander struct {
	set  *Set
	left int
}

const definitionsMax = 1000

func (v *valueSet) has(system, code string) bool {
	if system != "" {
		return v.codes[r4.Coding{System: system, Code: code}]
	}
	return v.codes[r4.Coding{Code: code}]
}

// expand reads the codes of a definition, each with its system and without one.
// whole is false where some are not listed here.
func (x *expander) expand(body []byte, around []string) (codes map[r4.Coding]bool, whole bool) {
	codes = map[r4.Coding]bool{}
	doc, err := fhir.Parse(body)
	if x.left--; err != nil || x.left < 0 {
		return codes, false
	}
	defer doc.Release()
	compose := doc.Root().Get("compose")
	if !compose.Get("include").Exists() {
		addConcepts(codes, "", doc.Root().At("expansion", "contains"), "contains", 0)
		return codes, doc.Root().Get("expansion").Exists() && len(codes) < codesMax
	}
	whole = true
	for include := range compose.Get("include").Each() {
		whole = x.include(codes, include, append(around, doc.Root().Get("url").Text())) && whole
	}
	removed := map[r4.Coding]bool{}
	for exclude := range compose.Get("exclude").Each() {
		whole = x.include(removed, exclude, append(around, doc.Root().Get("url").Text())) && whole
	}
	if len(removed) > 0 {
		codes = subtract(codes, removed)
	}
	return codes, whole && len(codes) < codesMax
}

// subtract leaves codes out. A code without a system stays where another system
// has it.
func subtract(codes, removed map[r4.Coding]bool) map[r4.Coding]bool {
	left := map[r4.Coding]bool{}
	for c := range codes {
		if c.System != "" && !removed[c] {
			put(left, c.System, c.Code)
		}
	}
	return left
}

func put(codes map[r4.Coding]bool, system, code string) {
	if len(codes) < codesMax && code != "" {
		codes[r4.Coding{System: strings.Clone(system), Code: strings.Clone(code)}] = true
		codes[r4.Coding{Code: strings.Clone(code)}] = true
	}
}

// include adds the codes that one include or exclude names.
func (x *expander) include(codes map[r4.Coding]bool, n fhir.Node, around []string) (whole bool) {
	system := n.Get("system").Text()
	switch {
	case n.Get("filter").Exists(), system != "" && n.Get("valueSet").Exists(), n.Get("valueSet").Len() > 1:
		return false
	case n.Get("valueSet").Exists():
		return x.imported(codes, n.Get("valueSet").First().Text(), around)
	case n.Get("concept").Exists():
		addConcepts(codes, system, n.Get("concept"), "", 0)
		return true
	}
	doc, err := fhir.Parse(x.set.systems[system])
	if err != nil {
		return false
	}
	defer doc.Release()
	addConcepts(codes, system, doc.Root().Get("concept"), "concept", 0)
	return true
}

// imported adds the codes of another value set.
func (x *expander) imported(codes map[r4.Coding]bool, url string, around []string) (whole bool) {
	url, _, _ = strings.Cut(url, "|")
	for _, outer := range around {
		if outer == url {
			return false
		}
	}
	if v := x.set.valueSets[url]; v != nil && len(around) < pathDepthMax {
		more, whole := x.expand(v.body, around)
		for c := range more {
			if c.System != "" {
				put(codes, c.System, c.Code)
			}
		}
		return whole
	}
	list := r4.ValueSetCodes(url)
	for _, c := range list {
		put(codes, c.System, c.Code)
	}
	return list != nil
}

// addConcepts adds a list of concepts and those below them, in the member within.
func addConcepts(codes map[r4.Coding]bool, system string, list fhir.Node, within string, depth int) {
	for c := range list.Each() {
		of := system
		if of == "" {
			of = c.Get("system").Text()
		}
		if c.Get("abstract").Text() != "true" {
			put(codes, of, c.Get("code").Text())
		}
		if within != "" && depth < pathDepthMax {
			addConcepts(codes, system, c.Get(within), within, depth+1)
		}
	}
}

// someMax is how many codes of a value set a message lists.
const someMax = 12

// some lists the codes of a small value set for a message.
func (s *Set) some(url string) string {
	url, _, _ = strings.Cut(url, "|")
	var list []string
	if v := s.valueSets[url]; v != nil {
		s.read(v)
		for c := range v.codes {
			if c.System == "" {
				list = append(list, c.Code)
			}
		}
	} else {
		for _, c := range r4.ValueSetCodes(url) {
			list = append(list, c.Code)
		}
	}
	if len(list) == 0 || len(list) > someMax {
		return ": use one of its codes (ValueSet/$expand lists them)"
	}
	sort.Strings(list)
	return ": use one of " + strings.Join(list, ", ")
}
