package query

import (
	"fmt"
	"slices"

	"bima/fhir"
)

// branchesMax bounds the look-ups of a union.
const branchesMax = 50

// A branch is one look-up of a union: the rows that compare with a value by any
// of the parameters, or the resources of the types that have the ids.
type branch struct {
	numbers []int64 // of the parameters, or of the types
	match   fhir.Match
	ids     fhir.IDs
}

// A union is alternatives that an index finds at one point each. What is to be of
// one value, by whatever parameter of whatever type, is one look-up: a whole
// compartment is one, and one more for its owner.
type union struct {
	p      *Planner
	places map[string]int // of values among the branches
	all    []branch
}

// branches takes alternatives apart; ok tells whether they are a union.
func (p *Planner) branches(c fhir.Any, types []string) (out []branch, ok bool, err error) {
	u := union{p: p, places: map[string]int{}, all: []branch{}}
	ok, err = u.add(c, types)
	return u.all, ok && err == nil && len(u.all) <= branchesMax, err
}

// add adds a criterion; ok tells whether an index finds what it selects.
func (u *union) add(c fhir.Criterion, types []string) (ok bool, err error) {
	switch c := c.(type) {
	case fhir.Any:
		for _, one := range c {
			if ok, err = u.add(one, types); err != nil || !ok {
				return false, err
			}
		}
		return true, nil
	case fhir.Of:
		asked := types
		types = slices.DeleteFunc(slices.Clone(c.Types), func(typ string) bool {
			return len(asked) > 0 && !slices.Contains(asked, typ)
		})
		if len(types) == 0 {
			return true, nil
		}
		return u.add(c.Where, types)
	case fhir.IDs:
		numbers, err := u.p.Types(types)
		u.all = append(u.all, branch{numbers: numbers, ids: c})
		return len(types) > 0, err
	case fhir.Match:
		return orderedBy(c), u.match(c, types)
	}
	return false, nil
}

// match adds the numbers of a parameter to the look-up of its value.
func (u *union) match(m fhir.Match, types []string) error {
	numbers, err := u.p.numbers(types, m.Param.Code)
	if err != nil || len(numbers) == 0 {
		return err
	}
	value := fmt.Sprintf("%#v", m.Value)
	at, again := u.places[value]
	if !again {
		at = len(u.all)
		u.places[value] = at
		u.all = append(u.all, branch{match: m})
	}
	for _, n := range numbers {
		if !slices.Contains(u.all[at].numbers, n) {
			u.all[at].numbers = append(u.all[at].numbers, n)
		}
	}
	return nil
}

// union writes the select of the row ids of all branches.
func (p *Planner) union(all []branch) error {
	if len(all) == 0 {
		p.Add("SELECT rid FROM resource WHERE 1 = 0")
		return nil
	}
	for i, one := range all {
		if i > 0 {
			p.Add(" UNION ALL ")
		}
		t := p.Alias("t")
		if one.ids != nil {
			p.Add("SELECT ", t, ".rid AS rid FROM resource ", t, " WHERE ", t, ".part = 0 AND ", t, ".deleted = 0 AND ")
			p.In(t+".typ", one.numbers)
			p.Add(" AND ")
			p.ids(one.ids, row{alias: t})
			continue
		}
		p.Add("SELECT ", p.dialect.unordered(t+".rid"), " AS rid FROM ", tableOf(one.match.Value), " ", t, " WHERE ", t, ".part = 0 AND ")
		p.In(t+".sp", one.numbers)
		p.Add(" AND ")
		if err := p.values(t, []fhir.Match{one.match}); err != nil {
			return err
		}
	}
	return nil
}
