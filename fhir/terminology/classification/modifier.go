package classification

import (
	"slices"

	"bima/fhir"
)

// rows gives the classes and what modifiers make of them.
func (c *clamlReader) rows() ([]row, error) {
	known := make(map[string]*clamlClass, len(c.classes))
	children := map[string]int{}
	for _, k := range c.classes {
		known[k.code] = k
		if len(k.above) > 0 {
			children[k.above[0]]++
		}
	}
	var out []row
	for _, k := range c.classes {
		r := row{
			code: k.code, display: k.display, definition: k.definition, kind: k.kind, usage: k.usage,
			groups: k.kind == "chapter" || k.kind == "block", where: k.where,
		}
		if len(k.above) > 0 {
			r.parent = k.above[0]
		}
		out = append(out, r)
		if children[k.code] > 0 || r.groups {
			continue
		}
		var err error
		if out, err = c.modified(out, r, c.applying(k, known), known); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// applying gives the modifiers that hold for a class: its own and those of the
// classes above it, but for those it excludes.
func (c *clamlReader) applying(k *clamlClass, known map[string]*clamlClass) []clamlModifiedBy {
	var out []clamlModifiedBy
	excluded := slices.Clone(k.excluded)
	for range fileDepthMax {
		for _, m := range k.modifiedBy {
			taken := slices.ContainsFunc(out, func(o clamlModifiedBy) bool { return o.code == m.code })
			if !taken && !slices.Contains(excluded, m.code) {
				out = append(out, m)
			}
		}
		if len(k.above) == 0 || known[k.above[0]] == nil {
			break
		}
		k = known[k.above[0]]
		excluded = append(excluded, k.excluded...)
	}
	slices.SortStableFunc(out, func(a, b clamlModifiedBy) int { return a.position - b.position })
	return out
}

// modified adds the codes that modifiers make of a class, each modifier below
// what the one before it made. A code that is a class itself is left as it is.
func (c *clamlReader) modified(out []row, r row, by []clamlModifiedBy, known map[string]*clamlClass) ([]row, error) {
	if len(by) == 0 {
		return out, nil
	}
	var err error
	for _, m := range c.modifiers[by[0].code] {
		if by[0].some && !slices.Contains(by[0].valid, m.code) || known[r.code+m.code] != nil {
			continue
		}
		made := row{code: r.code + m.code, display: joined(r.display, m.display), parent: r.code, kind: r.kind, where: r.where}
		if len(out) >= fileCodesMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the file's modifiers make more than %d codes", fileCodesMax)
		}
		if out, err = c.modified(append(out, made), made, by[1:], known); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func joined(display, more string) string {
	if display == "" || more == "" {
		return display + more
	}
	return display + ": " + more
}
