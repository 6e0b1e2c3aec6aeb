package query

import (
	"reflect"
	"slices"

	"bima/fhir"
)

// listMax is how many resources a search reads first, to look others up among them
// instead of looking at each one's index.
const listMax = 10_000

// among is that a resource is one of a set.
type among struct {
	fhir.Present // makes it a Criterion
	set          *set
}

// targets is that a parameter refers to one of the resources of a type that a set
// and the rest of a chain's criteria select.
type targets struct {
	fhir.Present // its Param refers
	typ          string
	set          *set // its inner selects them
}

// listed gives the search with its chains led back to what they refer to, where
// that is not too much: a walk then looks at one reference of each resource, and
// not at what that leads to.
func (p *Planner) listed(q *Search) error {
	all := conjuncts(q.Where, nil)
	some := false
	for i, c := range all {
		chain, ok := c.(fhir.Chain)
		if !ok || chain.Type == "" {
			continue
		}
		rest := conjuncts(chain.Where, nil)
		within := New(p.dialect, p.source)
		within.reach, within.parting = listMax, listTexts
		at, inner, err := within.smallest(rest, typeList(chain.Type))
		if err != nil {
			return err
		}
		if inner != nil {
			all[i], some = targets{
				Present: fhir.Present{Param: chain.Param}, typ: chain.Type, set: &set{inner: inner, rest: without(rest, at)},
			}, true
		}
	}
	if some {
		asked := *q.Query
		asked.Where, q.Query = fhir.All(all), &asked
	}
	return nil
}

// refers writes that the row refers to one of the targets.
func (p *Planner) refers(c targets, r row) error {
	numbers, err := p.numbers(r.types, c.Param.Code)
	if err != nil {
		return err
	}
	types, err := p.Types(typeList(c.typ))
	if err != nil {
		return err
	}
	if len(numbers) == 0 || len(types) == 0 {
		p.Add("1 = 0")
		return nil
	}
	return p.exists(r, "sp_reference", true, func(t string) error {
		p.In(t+".sp", numbers)
		p.Add(" AND ")
		p.In(t+".ttyp", types)
		p.Add(" AND ")
		return p.dialect.inSet(p, t+".h", func() error {
			target := p.Alias("r")
			p.Add("SELECT ", target, ".fh FROM resource ", target, " WHERE ", target, ".part = 0 AND ", target, ".deleted = 0")
			return p.within(c.set, row{rid: target + ".rid", alias: target, types: typeList(c.typ)})
		})
	})
}

// isAmong writes that the row is of the set, or of a little more: which of them the
// span really has is left to the search.
func (p *Planner) isAmong(c among, r row) error {
	return p.dialect.inSet(p, r.rid, func() error {
		about := p.about
		p.about = true
		err := p.set(c.set)
		p.about = about
		return err
	})
}

// A way is alternatives that lead to other resources by the same parameters: one
// look at the references of a resource tells of all of them. A database takes longer
// to plan a hundred look-ups than to do them.
type way struct {
	codes []string     // of the parameters
	to    []fhir.Chain // whose own parameters don't count
}

// ways takes chains out of alternatives, as far as there are several that go together.
func ways(all []fhir.Criterion) (rest []fhir.Criterion, out []way) {
	for _, c := range all {
		chain, ok := c.(fhir.Chain)
		if !ok || chain.Type == "" {
			rest = append(rest, c)
			continue
		}
		at := slices.IndexFunc(out, func(w way) bool { return w.codes[0] == chain.Param.Code })
		if at < 0 {
			at, out = len(out), append(out, way{codes: []string{chain.Param.Code}})
		}
		out[at].to = append(out[at].to, chain)
	}
	var joined []way
	for _, w := range out {
		at := slices.IndexFunc(joined, func(other way) bool { return slices.EqualFunc(other.to, w.to, sameEnd) })
		if at < 0 {
			joined = append(joined, w)
		} else {
			joined[at].codes = append(joined[at].codes, w.codes...)
		}
	}
	return rest, joined
}

// sameEnd reports whether chains lead to the same resources.
func sameEnd(a, b fhir.Chain) bool { return a.Type == b.Type && reflect.DeepEqual(a.Where, b.Where) }

// leads writes that the row refers, by one of the parameters of a way, to a resource
// that it leads to.
func (p *Planner) leads(w way, r row) error {
	if len(w.codes) == 1 && len(w.to) == 1 {
		return p.where(w.to[0], r)
	}
	var numbers, types []int64
	for _, code := range w.codes {
		some, err := p.numbers(r.types, code)
		if err != nil {
			return err
		}
		numbers = append(numbers, some...)
	}
	var to []fhir.Chain
	for _, chain := range w.to {
		some, err := p.Types([]string{chain.Type})
		if err != nil {
			return err
		}
		if len(some) > 0 {
			types, to = append(types, some[0]), append(to, chain)
		}
	}
	if len(numbers) == 0 || len(to) == 0 {
		p.Add("1 = 0")
		return nil
	}
	target := p.Alias("r")
	return p.exists(r, "sp_reference", true, func(t string) error {
		p.In(t+".sp", numbers)
		p.Add(" AND ")
		p.In(t+".ttyp", slices.Compact(slices.Sorted(slices.Values(types))))
		p.Add(" AND EXISTS (SELECT 1 FROM resource ", target, " WHERE ", target, ".part = 0 AND ",
			target, ".typ = ", t, ".ttyp AND ", target, ".fh = ", t, ".h AND ", target, ".deleted = 0 AND ")
		err := p.joined(len(to), " OR ", func(i int) error {
			p.Add("(", t, ".ttyp = ", p.Arg(types[i]), " AND ")
			err := p.where(to[i].Where, row{rid: target + ".rid", alias: target, types: typeList(to[i].Type)})
			p.Add(")")
			return err
		})
		p.Add(")")
		return err
	})
}
