package query

import "bima/fhir"

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

// listedSpan gives the search with the resources of its span as a set, where they
// are not too many: a walk along another key then looks for each among them.
func (p *Planner) listedSpan(q *Search) error {
	all := conjuncts(q.Where, nil)
	within := New(p.dialect, p.source)
	within.reach = listMax
	for _, c := range all {
		s, ok := c.(span)
		if !ok || !s.selects() {
			continue
		}
		one, err := within.asSet(s, q.Types)
		if err != nil || one == nil {
			return err
		}
		asked := *q.Query
		asked.Where, q.Query = append(fhir.All{among{set: one}}, all...), &asked
		return nil
	}
	return nil
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
