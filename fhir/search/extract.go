package search

import (
	"time"

	"bima/fhir"
	"bima/fhir/search/route"
	"bima/fhir/search/words"
)

// An extraction is one run over one resource.
type extraction struct {
	*fhir.Index
	zone *time.Location
	base string
	root fhir.Node
	// held are the contained resources by their ids, once one was looked for.
	held map[string]fhir.Node
	// measures is nil where quantities are not wanted in base units.
	measures *measures
	// wholes are parts of composites that are the same at each occurrence.
	wholes map[*plan]*fhir.Index
}

// Extract gives the index rows of a resource of a type R4 knows. It never fails:
// a value that is not as R4 wants it gives no row.
func (r *Registry) Extract(n fhir.Node) *fhir.Index {
	typ := n.Get("resourceType").Text()
	x, ok := r.values(typ, n)
	if ok {
		x.dedupe()
		x.lacks(typ)
		if !r.wordless {
			x.words(n)
		}
	}
	return x.Index
}

// ExtractValues gives what Extract does but for texts and what the resource lacks, and
// a row may come twice: enough to tell where a search would sort it.
func (r *Registry) ExtractValues(n fhir.Node) *fhir.Index {
	x, _ := r.values(n.Get("resourceType").Text(), n)
	return x.Index
}

// values follows the plan of a type.
func (r *Registry) values(typ string, n fhir.Node) (x *extraction, ok bool) {
	x = &extraction{Index: &fhir.Index{}, zone: r.zone, base: r.base, root: n, measures: r.measures}
	plan, ok := r.plans[typ]
	if ok {
		x.walk(plan(), n)
	}
	return x, ok
}

// words adds what the resource has to read: its narrative, and all of it.
func (x *extraction) words(n fhir.Node) {
	narrative := words.Narrative(textOf(n.At("text", "div")))
	x.Texts = make([]fhir.TextRow, 0, 2)
	if narrative != "" {
		x.Texts = append(x.Texts, fhir.TextRow{Param: textParam, Text: narrative})
	}
	if text := words.Content(n, narrative); text != "" {
		x.Texts = append(x.Texts, fhir.TextRow{Param: contentParam, Text: text})
	}
}

// walk follows a plan through an object.
func (x *extraction) walk(p *plan, object fhir.Node) {
	for i := range p.here {
		p.here[i].emit(x, &p.here[i], object)
	}
	for v := object.First(); v.Exists(); v = v.Next() {
		m := p.members[v.Name()]
		if m == nil {
			continue
		}
		if v.Kind() != fhir.KindArray {
			x.value(m, v, 0)
			continue
		}
		at := 0
		for each := v.First(); each.Exists(); each = each.Next() {
			x.value(m, each, at)
			at++
		}
	}
}

// value follows the branches of a member for one of its values, the one at a
// position.
func (x *extraction) value(m *member, n fhir.Node, at int) {
	for _, b := range m.branches {
		if !x.holds(b.where, n, at) {
			continue
		}
		for i := range b.emitters {
			b.emitters[i].emit(x, &b.emitters[i], n)
		}
		if b.next != nil && n.Kind() == fhir.KindObject {
			x.walk(b.next, n)
		}
	}
}

func (x *extraction) holds(where []route.Condition, n fhir.Node, at int) bool {
	for i := range where {
		if !x.condition(&where[i], n, at) {
			return false
		}
	}
	return true
}

func (x *extraction) condition(c *route.Condition, n fhir.Node, at int) bool {
	switch c.Kind {
	case route.Equals:
		return n.Get(c.Name).Text() == c.Text
	case route.RefersTo:
		return x.referredType(n) == c.Name
	case route.Extended:
		for e := range n.Get("extension").Each() {
			if e.Get("url").Text() == c.Text {
				return true
			}
		}
	case route.Position:
		return at == c.At
	case route.OfType:
		return n.Get("resourceType").Text() == c.Name
	}
	return false
}

// dedupe leaves one of each row.
func (x *extraction) dedupe() {
	x.Tokens = distinct(x.Tokens)
	x.Strings = distinct(x.Strings)
	x.References = distinct(x.References)
	x.Dates = distinct(x.Dates)
	x.Numbers = distinct(x.Numbers)
	x.Quantities = distinct(x.Quantities)
	x.URIs = distinct(x.URIs)
	x.Composites = distinct(x.Composites)
	x.Positions = distinct(x.Positions)
}

// pairwiseMax is up to how many rows every pair is compared; a set is faster
// beyond.
const pairwiseMax = 24

func distinct[Row comparable](rows []Row) []Row {
	if len(rows) > pairwiseMax {
		return distinctBySet(rows)
	}
	kept := rows[:0]
next:
	for i := range rows {
		for j := range kept {
			if kept[j] == rows[i] {
				continue next
			}
		}
		kept = append(kept, rows[i])
	}
	return kept
}

func distinctBySet[Row comparable](rows []Row) []Row {
	seen := make(map[Row]struct{}, len(rows))
	kept := rows[:0]
	for _, row := range rows {
		if _, twice := seen[row]; !twice {
			seen[row] = struct{}{}
			kept = append(kept, row)
		}
	}
	return kept
}
