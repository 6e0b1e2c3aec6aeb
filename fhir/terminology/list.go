package terminology

import (
	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// visitsMax bounds the codes one request looks at to list a value set.
const visitsMax = 3_000_000

// listsMax bounds how many value sets one request lists, each as often as it is
// taken in: what a few small ones take in of each other has no other bound.
const listsMax = 10_000

// A taker is given the members of a value set one by one; false ends the listing.
type taker func(member) bool

// members gives all codes of a value set, each once, in the order of its compose
// and of its code systems. It comes from the cache where nothing has changed.
func (q *scope) members(h *held) ([]member, error) {
	all, err := q.kept("members", h, func() (any, int, error) {
		var all []member
		err := q.list(h.set, func(m member) bool {
			all = append(all, m)
			return true
		})
		return all, len(all) * memberBytes, err
	})
	if err != nil {
		return nil, err
	}
	return all.([]member), nil
}

// memberBytes is the memory of one member, whose texts are its system's.
const memberBytes = 80

// list gives the codes of a value set to take.
func (q *scope) list(v *valueSet, take taker) error {
	if err := q.enter(v); err != nil {
		return err
	}
	defer q.leave(v)
	if q.lists++; q.lists > listsMax {
		return fhir.Errorf(fhir.IssueTooCostly, "ValueSet.compose", "value sets take in each other more than %d times", listsMax)
	}
	var seen map[[2]string]bool
	if len(v.include) > 1 {
		seen = map[[2]string]bool{}
	}
	going := true
	for _, p := range v.include {
		var problem error
		err := q.listPart(p, func(m member) bool {
			going, problem = q.admit(v, m, seen, take)
			return going && problem == nil
		})
		if err != nil || problem != nil || !going {
			return firstOf(err, problem)
		}
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// admit gives a code to take, unless it was given before or is excluded.
func (q *scope) admit(v *valueSet, m member, seen map[[2]string]bool, take taker) (going bool, err error) {
	if q.visits++; q.visits > visitsMax {
		return false, fhir.Errorf(fhir.IssueTooCostly, "ValueSet.compose", "listing %.200s looks at more than %d codes", v.url, visitsMax)
	}
	if v.activeOnly && m.inactive() {
		return true, nil
	}
	if seen != nil {
		key := [2]string{m.system, m.code()}
		if seen[key] {
			return true, nil
		}
		seen[key] = true
	}
	if len(v.exclude) > 0 {
		_, excluded, err := q.any(v.exclude, coded{system: m.system, code: m.code()})
		if err != nil || excluded {
			return err == nil, err
		}
	}
	return take(m), nil
}

// listPart lists one include: what its own selection gives, or without one the
// first of the value sets it takes in, as far as the other value sets have it.
func (q *scope) listPart(p *part, take taker) error {
	imports := make([]*valueSet, 0, len(p.imports))
	for _, url := range p.imports {
		v, err := q.valueSet(url)
		if err != nil {
			return err
		}
		imports = append(imports, v.set)
	}
	var problem error
	within := func(others []*valueSet) taker {
		return func(m member) bool {
			for _, v := range others {
				_, has, err := q.has(v, coded{system: m.system, code: m.code()})
				if err != nil {
					problem = err
					return false
				}
				if !has {
					return true
				}
			}
			return take(m)
		}
	}
	var err error
	switch {
	case p.system != "":
		err = q.listOwn(p, within(imports))
	case len(imports) > 0:
		err = q.list(imports[0], within(imports[1:]))
	}
	return firstOf(err, problem)
}

// listOwn lists what the system, listing and filters of a part give.
func (q *scope) listOwn(p *part, take taker) error {
	sys, err := q.systemOf(p, p.version)
	if err != nil {
		return err
	}
	if p.listed != nil {
		q.listNamed(p, sys, take)
		return nil
	}
	if sys == nil {
		return notHeld(p.system)
	}
	return q.listFiltered(p, sys, take)
}

// listNamed lists the codes a part names. Those that a whole code system does
// not have are none.
func (q *scope) listNamed(p *part, sys *codes.System, take taker) {
	for _, l := range p.listed {
		m := member{system: p.system, version: p.version, listed: l}
		if sys != nil {
			concept, found := sys.Find(l.code)
			if !found && sys.Whole() && !p.frozen {
				continue
			}
			if found {
				m.concept, m.version = concept, sys.Version
			}
		}
		if !take(m) {
			return
		}
	}
}

// listFiltered lists the concepts of a system that pass all filters. It walks the
// one of them that looks at the fewest.
func (q *scope) listFiltered(p *part, sys *codes.System, take taker) error {
	var tests []*codes.Selection
	for _, f := range p.filters {
		selection, err := sys.Select(f)
		if err != nil {
			return err
		}
		tests = append(tests, selection)
		if last := len(tests) - 1; selection.Narrow() && !tests[0].Narrow() {
			tests[0], tests[last] = tests[last], tests[0]
		}
	}
	walked := sys.All()
	if len(tests) > 0 {
		walked, tests = tests[0].All(), tests[1:]
	}
next:
	for c := range walked {
		for _, t := range tests {
			if !t.Has(c) {
				if q.visits++; q.visits > visitsMax {
					break next
				}
				continue next
			}
		}
		if !take(member{system: sys.URL, version: sys.Version, concept: c}) {
			break
		}
	}
	return nil
}
