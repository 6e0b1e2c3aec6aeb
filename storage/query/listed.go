package query

import "bima/fhir"

// listMax is how many resources a search reads the numbers of, to look others up
// among them instead of looking at each one's index.
const listMax = 10_000

// rows is that a resource is one of those with the row ids.
type rows struct {
	fhir.Present // makes it a Criterion
	ids          []int64
}

// targets is that a parameter refers to one of the resources of a type that have
// the ids, by their hashes.
type targets struct {
	fhir.Present // its Param refers
	typ          string
	hashes       []int64
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
		hashes, ok, err := p.targets(chain)
		if err != nil {
			return err
		}
		if ok {
			all[i], some = targets{Present: fhir.Present{Param: chain.Param}, typ: chain.Type, hashes: hashes}, true
		}
	}
	if some {
		asked := *q.Query
		asked.Where, q.Query = fhir.All(all), &asked
	}
	return nil
}

// targets gives the hashes of the ids of what a chain leads to; ok is false where
// that is too much, or can't be begun with.
func (p *Planner) targets(c fhir.Chain) (hashes []int64, ok bool, err error) {
	types := typeList(c.Type)
	rest := conjuncts(c.Where, nil)
	within := New(p.dialect, p.source)
	within.reach, within.parting = listMax, listTexts
	at, inner, err := within.smallest(rest, types)
	if err != nil || inner == nil {
		return nil, false, err
	}
	b := New(p.dialect, p.source)
	r := b.Alias("r")
	b.Add("SELECT ", r, ".fh FROM resource ", r, " WHERE ", r, ".part = 0 AND ", r, ".deleted = 0")
	one := &set{inner: inner, rest: without(rest, at)}
	if err := b.within(one, row{rid: r + ".rid", alias: r, types: types}); err != nil {
		return nil, false, err
	}
	b.Add(" LIMIT ", b.Arg(int64(listMax+1)))
	hashes, err = p.source.Numbers(b.String(), b.Args)
	return hashes, len(hashes) <= listMax, err
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
	if len(numbers) == 0 || len(c.hashes) == 0 {
		p.Add("1 = 0")
		return nil
	}
	return p.exists(r, "sp_reference", true, func(t string) error {
		p.In(t+".sp", numbers)
		p.Add(" AND ")
		p.In(t+".ttyp", types)
		p.Add(" AND ")
		p.dialect.inListed(p.Builder, t+".h", c.hashes)
		return nil
	})
}

// listedSpan gives the search with the resources of its span by their row ids,
// where they are not too many: a walk along another key then looks for each among
// them.
func (p *Planner) listedSpan(q *Search) error {
	all := conjuncts(q.Where, nil)
	_, one := spans(all, q.Types)
	if one == nil {
		return nil
	}
	b := New(p.dialect, p.source)
	b.about = true // which of them the span really has is left to the search
	if err := b.set(one); err != nil {
		return err
	}
	b.Add(" LIMIT ", b.Arg(int64(listMax+1)))
	ids, err := p.source.Numbers(b.String(), b.Args)
	if err != nil || len(ids) > listMax {
		return err
	}
	asked := *q.Query
	asked.Where, q.Query = append(fhir.All{rows{ids: ids}}, all...), &asked
	return nil
}
