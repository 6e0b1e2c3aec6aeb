package query

import (
	"slices"

	"bima/fhir"
)

// glance is how many of its newest resources tell which of several criteria is the
// rarest, where each may be walked.
const glance = 100

// sparseMax is how many rows a criterion may select for a search to begin with
// all of them: collecting and ordering that many costs less than a page does
// that walks past resources which are no match.
const sparseMax = 2000

// A set is a criterion that selects few resources, so that a search begins with
// them and looks the other criteria up. A chain begins with the targets that its
// inner criterion selects.
type set struct {
	criterion fhir.Criterion
	types     []string
	inner     *set             // of a Chain or Has; nil where ids name the others
	either    []branch         // of an Any of several parameters
	rest      []fhir.Criterion // of a Chain or Has: what inner leaves
	texts     []string         // of a Match of parts of texts: the texts that have them
	listed    bool             // whether texts tells that
	exact     bool             // whether each of them surely has one
	size      int64
}

// smallest finds the criterion that selects least, if any selects few.
func (p *Planner) smallest(all []fhir.Criterion, types []string) (at int, best *set, err error) {
	for i, c := range all {
		one, err := p.asSet(c, types)
		if err != nil {
			return 0, nil, err
		}
		if one == nil || best != nil && one.size >= best.size {
			continue
		}
		at, best = i, one
	}
	return at, best, nil
}

// asSet gives a criterion as a set; nil where it is none, or not small.
func (p *Planner) asSet(c fhir.Criterion, types []string) (*set, error) {
	one := &set{criterion: c, types: types}
	var err error
	ok := true
	switch c := c.(type) {
	case fhir.Match:
		ok, err = p.parts(one, c)
	case fhir.Updated, period:
		ok = len(types) > 0
	case span:
		ok = c.selects()
	case fhir.Any:
		if alike(c) {
			ok, err = p.parts(one, c)
		} else {
			one.either, ok, err = p.branches(c, types)
		}
	case fhir.FullText:
		ok, err = p.finds(c, types)
	case fhir.Chain:
		ok, err = p.around(one, c.Where, c.Type)
	case fhir.Has:
		ok, err = p.around(one, c.Where, c.Type)
	default:
		ok = false
	}
	if !ok || err != nil {
		return nil, err
	}
	if _, has := one.criterion.(fhir.Has); has && one.inner != nil {
		one.size = one.inner.size // each of those refers to few, if to any
		return one, nil
	}
	if ok, err := p.counted(one); err != nil || ok {
		if err != nil || one.size > p.reach {
			return nil, err
		}
		return one, nil
	}
	counting := New(p.dialect, p.source)
	counting.about = true
	counting.Add("SELECT count(*) FROM (")
	if err := counting.set(one); err != nil {
		return nil, err
	}
	counting.Add(" LIMIT ", counting.Rows(p.reach+1), ") x")
	if one.size, err = p.source.Count(counting.String(), counting.Args); err != nil || one.size > p.reach {
		return nil, err
	}
	return one, nil
}

// counted counts the newest of what an index holds in the order of the resources, as
// far as they may be few; ok is false for other criteria. How far back so many reach
// tells which of several criteria is the rarest.
func (p *Planner) counted(one *set) (ok bool, err error) {
	m, matches := one.criterion.(fhir.Match)
	if !matches || !orderedBy(m) {
		return false, nil
	}
	numbers, err := p.numbers(one.types, m.Param.Code)
	if err != nil || len(numbers) != 1 {
		return false, err
	}
	b := New(p.dialect, p.source)
	b.Add("SELECT count(*), min(x.rid), max(x.rid) FROM (SELECT t.rid FROM ", tableOf(m.Value), " t WHERE t.part = 0 AND t.sp = ", b.Arg(numbers[0]), " AND ")
	if err := b.values("t", []fhir.Match{m}); err != nil {
		return false, err
	}
	most := p.reach
	if p.rare {
		most = min(most, glance) // walking it costs no more than reading it whole
	}
	b.Add(" ORDER BY t.rid DESC LIMIT ", b.Rows(most+1), ") x")
	found, err := p.source.Values(b.String(), b.Args, 3)
	if err != nil || len(found) != 1 {
		return false, err
	}
	if one.size, ok = found[0][0].(int64); one.size > most {
		one.size = p.reach + 1
	}
	reaches, some := found[0][1].(int64)
	if newest, ends := found[0][2].(int64); some && ends {
		p.glanced = append(p.glanced, glanced{m, newest, reaches})
	}
	if some && (p.rarest == nil || reaches < p.reaches) {
		p.rarest, p.reaches = m, reaches
	}
	return ok, nil
}

// parts finds the texts that have the parts which a criterion asks for, if it asks
// for such; ok is false where it is left alone.
func (p *Planner) parts(one *set, c fhir.Criterion) (ok bool, err error) {
	if !withinTexts(c) {
		return true, nil
	}
	if p.parting == leaveTexts {
		return false, nil
	}
	all := matchesOf(c)
	numbers, err := p.numbers(one.types, all[0].Param.Code)
	if err == nil {
		one.texts, one.listed, one.exact, err = p.holding(all, numbers, vocabularyMax)
	}
	return err == nil && (one.listed || p.parting == readTexts), err
}

// around chooses what a Chain or Has begins with.
func (p *Planner) around(one *set, where fhir.Criterion, typ string) (ok bool, err error) {
	one.rest = conjuncts(where, nil)
	within := *p // what is within another resource is none of those that the search may walk
	within.parting, within.rare = readTexts, false
	at, inner, err := within.smallest(one.rest, typeList(typ))
	if err != nil {
		return false, err
	}
	if inner != nil {
		one.inner, one.rest = inner, without(one.rest, at)
		return true, nil
	}
	for _, c := range one.rest {
		if _, named := c.(fhir.IDs); named {
			return true, nil
		}
	}
	return false, nil
}

func typeList(typ string) []string {
	if typ == "" {
		return nil
	}
	return []string{typ}
}

func without(all []fhir.Criterion, i int) []fhir.Criterion {
	return append(append(make([]fhir.Criterion, 0, len(all)), all[:i]...), all[i+1:]...)
}

// alike reports whether alternatives are values of one parameter in one table.
func alike(all fhir.Any) bool {
	var first fhir.Match
	for i, c := range all {
		m, ok := c.(fhir.Match)
		if !ok || i > 0 && (m.Param != first.Param || tableOf(m.Value) != tableOf(first.Value)) {
			return false
		}
		first = m
	}
	return len(all) > 0
}

// matchesOf gives a Match or alike Any as its alternatives.
func matchesOf(c fhir.Criterion) []fhir.Match {
	switch c := c.(type) {
	case fhir.Match:
		return []fhir.Match{c}
	case fhir.Any:
		out := make([]fhir.Match, 0, len(c))
		for _, one := range c {
			if m, ok := one.(fhir.Match); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}

// set writes the select of a set's row ids.
func (p *Planner) set(one *set) error {
	if one.either != nil {
		return p.union(one.either)
	}
	switch c := one.criterion.(type) {
	case fhir.Chain:
		return p.chainSet(one, c)
	case fhir.Has:
		return p.hasSet(one, c)
	case fhir.FullText:
		return p.textSet(c, one.types)
	case span:
		return p.spanSet(c, one.types)
	case fhir.Updated:
		return p.updatedSet([]fhir.Updated{c}, one.types)
	case period:
		return p.updatedSet(c.all, one.types)
	}
	all := matchesOf(one.criterion)
	table := tableOf(all[0].Value)
	if table == "" {
		return fhir.Errorf(fhir.IssueNotSupported, "", "Values of this kind can't be searched for.")
	}
	numbers, err := p.numbers(one.types, all[0].Param.Code)
	if err != nil {
		return err
	}
	t := p.Alias("t")
	p.Add("SELECT ", p.dialect.unordered(t+".rid"), " AS rid FROM ", table, " ", t, " WHERE ", t, ".part = 0 AND ")
	p.In(t+".sp", numbers)
	p.Add(" AND ")
	if one.listed {
		p.isOneOf(t, one.texts)
		if one.exact {
			return nil
		}
		p.Add(" AND ")
	}
	return p.values(t, all)
}

// chainSet walks from the targets to those that refer to them.
func (p *Planner) chainSet(one *set, c fhir.Chain) error {
	numbers, err := p.numbers(one.types, c.Param.Code)
	if err != nil {
		return err
	}
	r, f := p.Alias("r"), p.Alias("t")
	by := ""
	if one.inner == nil && c.Type != "" && slices.ContainsFunc(one.rest, named) {
		by = p.dialect.byID()
	}
	p.Add("SELECT ", f, ".rid AS rid FROM resource ", r, by, " ", p.dialect.joinInOrder(), " sp_reference ", f, " ON ",
		f, ".part = 0 AND ", f, ".h = ", r, ".fh AND ", f, ".ttyp = ", r, ".typ WHERE ", r, ".part = 0 AND ", r, ".deleted = 0 AND ")
	p.In(f+".sp", numbers)
	if c.Type != "" {
		types, err := p.Types([]string{c.Type})
		if err != nil {
			return err
		}
		typ := r + ".typ"
		if one.inner != nil {
			typ = p.dialect.unindexed(typ)
		}
		p.Add(" AND ")
		p.In(typ, types)
	}
	return p.within(one, row{rid: r + ".rid", alias: r, types: typeList(c.Type)})
}

// named reports whether a criterion names resources by their ids.
func named(c fhir.Criterion) bool {
	_, ok := c.(fhir.IDs)
	return ok
}

// hasSet walks from those that refer to what they refer to.
func (p *Planner) hasSet(one *set, c fhir.Has) error {
	numbers, err := p.numbers(typeList(c.Type), c.Param.Code)
	if err != nil {
		return err
	}
	types, err := p.Types(one.types)
	if err != nil {
		return err
	}
	s, f, r := p.Alias("r"), p.Alias("t"), p.Alias("r")
	p.Add("SELECT ", r, ".rid AS rid FROM ")
	source := row{rid: f + ".rid", types: typeList(c.Type)}
	if one.inner == nil || anyNeedsRow(one.rest) {
		source.rid, source.alias = s+".rid", s
		p.Add("resource ", s, " ", p.dialect.joinInOrder(), " sp_reference ", f, " ON ", f, ".part = 0 AND ", f, ".rid = ", s, ".rid ")
	} else {
		p.Add("sp_reference ", f, p.dialect.byRow("sp_reference"), " ")
	}
	p.Add(p.dialect.joinInOrder(), " resource ", r, " ON ", r, ".part = 0 AND ",
		r, ".typ = ", f, ".ttyp AND ", r, ".fh = ", f, ".h AND ", r, ".deleted = 0 WHERE ", f, ".part = 0 AND ")
	if source.alias != "" {
		p.Add(s, ".part = 0 AND ")
	}
	p.In(f+".sp", numbers)
	if len(types) > 0 {
		p.Add(" AND ")
		p.In(r+".typ", types)
	}
	return p.within(one, source)
}

// within writes what a Chain or Has asks of the resource at its other end.
func (p *Planner) within(one *set, r row) error {
	if one.inner != nil {
		p.Add(" AND ")
		if err := p.dialect.ofFew(p, r.rid, func() error { return p.set(one.inner) }); err != nil {
			return err
		}
	}
	if numbers, err := p.Types(r.types); err != nil {
		return err
	} else if len(r.types) > 0 && r.alias != "" {
		typ := r.alias + ".typ"
		if one.inner != nil {
			typ = p.dialect.unindexed(typ) // begin with what inner selects
		}
		p.Add(" AND ")
		p.In(typ, numbers)
	}
	for _, c := range one.rest {
		p.Add(" AND ")
		if err := p.where(c, r); err != nil {
			return err
		}
	}
	return nil
}
