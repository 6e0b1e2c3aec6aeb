package validate

import (
	"sync"

	"bima/fhir/path"
	"bima/fhir/r4"
)

// A plan is a type made ready for the walk: each member name leads in a few
// nanoseconds to all that must be checked about it.
type plan struct {
	typ        *r4.Type
	rule       rule
	members    []member
	slots      []uint16 // by hash of the name: 1 + the index of the first member
	required   set      // elements that must be there
	invariants []*invariant
}

// A member is one JSON member name of a type.
type member struct {
	json     string
	next     uint16 // 1 + the index of the next member of the same hash
	element  *r4.Element
	typ      *r4.Type
	many     bool
	format   format // of a primitive; formatNone of all others
	plan     *plan  // of a complex type; nil of primitives and of resources
	targets  []string
	codes    *codes // of a required binding, or nil
	rule     rule   // of the member's type
	checks   []*invariant
	contains bool // DomainResource.contained
}

// A rule says what else the definition asks of a type, natively checked.
type rule uint8

const (
	ruleNone rule = iota
	ruleResource
	ruleExtension
	ruleReference
	ruleCoding
	ruleConcept
	ruleQuantity
)

// A set holds elements of one type by Element.Index. The largest type of R4,
// ElementDefinition, has fewer than 64; resources with all they inherit too.
type set [2]uint64

func (s *set) add(i int)     { s[i>>6&1] |= 1 << (i & 63) }
func (s set) has(i int) bool { return s[i>>6&1]&(1<<(i&63)) != 0 }

func (s set) without(t set) set   { return set{s[0] &^ t[0], s[1] &^ t[1]} }
func (s set) with(t set) set      { return set{s[0] | t[0], s[1] | t[1]} }
func (s set) isEmpty() bool       { return s[0]|s[1] == 0 }
func (s set) disjoint(t set) bool { return s[0]&t[0]|s[1]&t[1] == 0 }

// plans holds the plans of every type that a resource can hold, made together
// on first use because types lead to each other.
var plans = sync.OnceValue(func() map[*r4.Type]*plan {
	c := newCompiler()
	c.plan(r4.Lookup("Element"))
	c.plan(r4.Lookup("Resource"))
	for _, name := range r4.Resources() {
		c.plan(r4.Lookup(name))
	}
	return c.plans
})

// planOf gives the plan of a type: a stored one, or for a type no resource
// reaches, such as an abstract one, one made now.
func planOf(t *r4.Type) *plan {
	if p := plans()[t]; p != nil {
		return p
	}
	return newCompiler().plan(t)
}

// A compiler makes plans; each value set and expression is made once.
type compiler struct {
	plans       map[*r4.Type]*plan
	codes       map[string]*codes
	expressions map[string]*path.Expression
}

func newCompiler() *compiler {
	return &compiler{plans: map[*r4.Type]*plan{}, codes: map[string]*codes{}, expressions: map[string]*path.Expression{}}
}

func (c *compiler) plan(t *r4.Type) *plan {
	if p := c.plans[t]; p != nil {
		return p
	}
	p := &plan{typ: t, rule: ruleOf(t)}
	c.plans[t] = p
	for _, e := range t.Elements {
		if e.Min > 0 {
			p.required.add(e.Index)
		}
		for i := range e.Types {
			p.members = append(p.members, c.member(e, &e.Types[i]))
		}
	}
	p.index()
	p.invariants = c.list(t, t.Constraints)
	return p
}

func (c *compiler) member(e *r4.Element, et *r4.ElementType) member {
	m := member{
		json: et.JSON, element: e, typ: et.Type, many: e.Max == r4.Unbounded,
		targets: et.Targets, rule: ruleOf(et.Type),
		checks: c.list(et.Type, e.Constraints),
	}
	switch {
	case et.Type.Kind == r4.KindPrimitive:
		m.format = formats[et.Type.Name]
	case m.rule == ruleResource:
		m.contains = e.Name == "contained"
	default:
		m.plan = c.plan(et.Type)
	}
	if e.Binding != nil && e.Binding.Strength == "required" {
		m.codes = c.valueSet(e.Binding.ValueSet)
	}
	return m
}

// ruleOf gives the rule of a type.
func ruleOf(t *r4.Type) rule {
	switch {
	case t.Kind == r4.KindResource:
		return ruleResource
	case t.Name == "Extension":
		return ruleExtension
	case t.Name == "Reference":
		return ruleReference
	case t.Name == "Coding":
		return ruleCoding
	case t.Name == "CodeableConcept":
		return ruleConcept
	case t.Is("Quantity"):
		return ruleQuantity
	}
	return ruleNone
}

// index fills the hash table: at most half full, chained by member.next.
func (p *plan) index() {
	size := 4
	for size < 2*len(p.members) {
		size *= 2
	}
	p.slots = make([]uint16, size)
	for i := range p.members {
		m := &p.members[i]
		slot := &p.slots[hash(m.json)&uint32(size-1)]
		m.next, *slot = *slot, uint16(i+1)
	}
}

// hash looks at three bytes and the length: enough to part the few names of a
// type, and much cheaper than all bytes.
func hash(name string) uint32 {
	n := len(name)
	if n == 0 {
		return 0
	}
	return uint32(n)*7 + uint32(name[0])*31 + uint32(name[n/2])*131 + uint32(name[n-1])*17
}

// find gives the member of a name, nil if the type has none.
func (p *plan) find(name string) *member {
	i := p.slots[hash(name)&uint32(len(p.slots)-1)]
	for i != 0 {
		m := &p.members[i-1]
		if m.json == name {
			return m
		}
		i = m.next
	}
	return nil
}
