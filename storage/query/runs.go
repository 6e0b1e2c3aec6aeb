package query

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/storage/index"
)

// What is looked at to take a criterion apart into runs: so many of them at most,
// fewer where others are to be looked up too, and so many different texts.
const (
	runsMax        = 40
	runsAmongMax   = 12
	runsVocabulary = 400
)

// runSize is how many rows of runs a search looks up by its other criteria.
const runSize = 64

// Runs are the rows of an index table that a criterion selects, parted by their
// value. Those of one value lie in the order of their resources, so that the newest
// page is among the first few of each, however many resources there are.
type runs struct {
	table   string
	columns []string       // that hold the value; the parameter's number is first
	values  [][]any        // of each run
	match   []fhir.Match   // that a row is compared with again; nil where its value tells
	besides fhir.Criterion // that holds for the resource too; nil for none
	first   *span          // whose first value a row has; nil for any
}

// InRuns reports whether a search finds its page in few runs of an index. Where it
// asks for more than one criterion the others are looked up, see AmongRuns; what
// selects few is better begun with, so many says that each selects many.
func (p *Planner) InRuns(q *Search, many bool) (ok bool, err error) {
	all := conjuncts(q.Where, nil)
	if len(q.Types) != 1 || len(all) == 0 || !allLookedUp(all) {
		return false, nil
	}
	most := runsMax
	if len(all) > 1 {
		most = runsAmongMax
	}
	within := slices.ContainsFunc(all, ofOneValue)
	if many != (len(all) > 1) && !within {
		return false, nil
	}
	for i, c := range all {
		if within && !ofOneValue(c) {
			continue
		}
		q.runs, err = p.runsOf(c, q.Types, most)
		if err != nil || q.runs != nil {
			q.others = without(all, i)
			return err == nil, err
		}
	}
	return false, nil
}

// BeginsWithMany reports whether a search begins with more than a look at runs takes.
func (q *Search) BeginsWithMany() bool { return q.begin != nil && q.begin.set.size > 2*runSize }

// Nowhere reports whether there is no run at all, so that nothing is found.
func (q *Search) Nowhere() bool { return len(q.runs.values) == 0 }

// Alone reports whether the runs of a search tell all that it finds.
func (q *Search) Alone() bool { return len(q.others) == 0 }

// allLookedUp reports whether criteria are such that one look-up in an index tells
// whether each holds.
func allLookedUp(all []fhir.Criterion) bool {
	for _, c := range all {
		switch c := c.(type) {
		case fhir.Match, fhir.Present, span:
		case fhir.Any:
			if !alike(c) {
				return false
			}
		case fhir.Not:
			if !allLookedUp([]fhir.Criterion{c.Criterion}) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// runsOf takes a criterion apart; nil where it has too many runs, or none that an
// index holds.
func (p *Planner) runsOf(c fhir.Criterion, types []string, most int) (*runs, error) {
	switch c := c.(type) {
	case span:
		return c.runs(), nil
	case fhir.Not:
		return p.runsWithout(c, types, most)
	case fhir.Match, fhir.Any:
		all := matchesOf(c)
		numbers, err := p.numbers(types, all[0].Param.Code)
		if err != nil || len(numbers) != 1 {
			return nil, err
		}
		if withinTexts(c) {
			return p.runsOfParts(all, numbers, most)
		}
		if len(all) > 1 {
			return p.runsOfEach(all, numbers[0], most)
		}
		l, ok := p.listing(all[0].Value, numbers[0])
		if !ok {
			return nil, nil
		}
		l.most = most
		return p.enumerated(l)
	}
	return nil, nil
}

// ofOneValue reports whether a criterion is a span of one value that is one run.
func ofOneValue(c fhir.Criterion) bool {
	s, ok := c.(span)
	return ok && s.runs() != nil
}

// runs gives a span of one text.
func (s span) runs() *runs {
	if s.is == nil || s.column.table != "sp_string" && s.column.table != "sp_uri" || len(s.column.numbers) != 1 {
		return nil
	}
	return &runs{
		table: s.column.table, columns: []string{"sp", s.column.column}, values: [][]any{{s.column.numbers[0], s.is}}, first: &s,
	}
}

// runsOfParts gives the texts that have one of the parts, where the parameter has
// few different ones.
func (p *Planner) runsOfParts(all []fhir.Match, numbers []int64, most int) (*runs, error) {
	texts, ok, exact, err := p.holding(all, numbers, runsVocabulary)
	if err != nil || !ok || len(texts) > most {
		return nil, err
	}
	r := &runs{table: "sp_string", columns: []string{"sp", "norm"}}
	if !exact {
		r.match = all
	}
	for _, text := range texts {
		r.values = append(r.values, []any{numbers[0], text})
	}
	return r, nil
}

// runsOfEach gives alternatives that are one value each.
func (p *Planner) runsOfEach(all []fhir.Match, sp int64, most int) (*runs, error) {
	if len(all) > most || !pointed(all) {
		return nil, nil
	}
	r := &runs{table: tableOf(all[0].Value)}
	for _, m := range all {
		columns, values, err := p.point(m.Value)
		columns = append([]string{"sp"}, columns...)
		if err != nil || len(columns) == 1 || r.columns != nil && !slices.Equal(columns, r.columns) {
			return nil, err
		}
		r.columns = columns
		row := append([]any{sp}, values...)
		if !slices.ContainsFunc(r.values, func(other []any) bool { return slices.Equal(other, row) }) {
			r.values = append(r.values, row)
		}
	}
	return r, nil
}

// point gives the columns that a value is in, and what they hold; none for a value
// that no run is of.
func (p *Planner) point(v fhir.Value) (columns []string, values []any, err error) {
	switch v := v.(type) {
	case fhir.TokenValue:
		if v.AnySystem {
			return []string{"code"}, []any{index.Hash(v.Code)}, nil
		}
		return []string{"code", "sys"}, []any{index.Hash(v.Code), index.Hash(v.System)}, nil
	case fhir.StringValue:
		return []string{"exact"}, []any{index.Hash(v.Text)}, nil
	case fhir.ReferenceValue:
		if v.Key.ID == "" {
			return []string{"h", "ttyp"}, []any{index.Hash(v.URL), int64(0)}, nil
		}
		n, ok, err := p.source.Known(v.Key.Type, "")
		if !ok {
			n = -1
		}
		return []string{"h", "ttyp"}, []any{index.Hash(v.Key.ID), int64(n)}, err
	}
	return nil, nil, nil
}

// runsWithout gives the resources that lack some codes as those that have another
// or none, where the index keeps which have none.
func (p *Planner) runsWithout(c fhir.Not, types []string, most int) (*runs, error) {
	either, some := c.Criterion.(fhir.Any)
	if _, one := c.Criterion.(fhir.Match); !one && !(some && alike(either)) || c.Absent == "" {
		return nil, nil
	}
	all := matchesOf(c.Criterion)
	codes, ok := plainCodes(all)
	numbers, err := p.numbers(types, all[0].Param.Code)
	if err != nil || !ok || len(numbers) != 1 {
		return nil, err
	}
	// One that is told by a text alone has neither a code nor is without.
	if worded, err := p.numbers(types, all[0].Param.Code+":text"); err != nil || len(worded) > 0 {
		return nil, err
	}
	r, err := p.enumerated(listing{table: "sp_token", key: []string{"code"}, sp: numbers[0], most: most})
	if err != nil || r == nil {
		return nil, err
	}
	r.values = slices.DeleteFunc(r.values, func(row []any) bool {
		code, ok := row[1].(int64)
		return ok && slices.Contains(codes, code)
	})
	none, err := p.numbers(types, c.Absent)
	if err != nil {
		return nil, err
	}
	if len(none) == 1 {
		r.values = append(r.values, []any{none[0], index.Hash(absenceCode)})
	}
	r.besides = c
	return r, nil
}

// absenceCode is the code of the rows that tell of an absence.
const absenceCode = "true"

// Runs writes a selection of the first rows of the runs, in which a resource may
// come several times.
func (p *Planner) Runs(q *Search) error { return p.merged(q, int64(q.Fetch)) }

// AmongRuns writes a selection of those that the query finds among the first rows
// of its runs.
func (p *Planner) AmongRuns(q *Search) error {
	p.apart = p.dialect.plans()
	if q.Whole() {
		return p.alongRun(q)
	}
	p.Add("SELECT DISTINCT d.rid AS rid FROM (")
	if err := p.merged(q, runSize); err != nil {
		return err
	}
	p.Add(") d")
	return p.lookedUp(q, "1 = 1")
}

// Whole reports whether a search goes along one run as far as its page takes.
func (q *Search) Whole() bool { return q.runs.first != nil }

// alongRun writes a selection of those that the query finds in its one run.
func (p *Planner) alongRun(q *Search) error {
	p.Add("SELECT DISTINCT d.rid AS rid FROM ", q.runs.table, " d")
	r := p.looked(q)
	p.Add(" WHERE d.part = 0")
	for i, column := range q.runs.columns {
		p.Add(" AND d.", column, " = ", p.Arg(q.runs.values[0][i]))
	}
	if err := p.ofRun(q, "d"); err != nil {
		return err
	}
	return p.page(q, r)
}

// lookedUp writes that the other criteria hold for a row of d, and the page.
func (p *Planner) lookedUp(q *Search, own string) error {
	r := p.looked(q)
	p.Add(" WHERE ", own)
	return p.page(q, r)
}

// looked gives the row d, joined to its resource where the other criteria need that.
func (p *Planner) looked(q *Search) row {
	r := row{rid: "d.rid", types: q.Types}
	if anyNeedsRow(q.others) {
		r.alias = "r"
		p.Add(" ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = d.rid")
	}
	return r
}

// page writes that the other criteria hold for a row, and the page.
func (p *Planner) page(q *Search, r row) error {
	for _, c := range q.others {
		p.Add(" AND ")
		if err := p.where(c, r); err != nil {
			return err
		}
	}
	p.Add(" ORDER BY d.rid", direction(!q.Cursor.Back), " LIMIT ", p.Rows(int64(q.Max+1)))
	return nil
}

// merged writes the first rows of all runs.
func (p *Planner) merged(q *Search, size int64) error {
	p.apart = p.dialect.plans()
	return p.dialect.firstOfEach(p, q.runs, " ORDER BY rid"+direction(!q.Cursor.Back)+" LIMIT "+p.Rows(size), func(t string) error { return p.ofRun(q, t) })
}

// ofRun writes what else holds for a row of a run.
func (p *Planner) ofRun(q *Search, t string) error {
	p.behind(q, t+".rid")
	if q.runs.first != nil {
		p.Add(" AND ")
		p.first(q.runs.first.column, q.runs.first.down, t)
	}
	if q.runs.match != nil {
		p.Add(" AND ")
		if err := p.values(t, q.runs.match); err != nil {
			return err
		}
	}
	if q.runs.besides == nil {
		return nil
	}
	p.Add(" AND ")
	return p.where(q.runs.besides, row{rid: t + ".rid", types: q.Types})
}

// firstOfEach implements Dialect: each run is one part of a union.
func (SQLite) firstOfEach(p *Planner, r *runs, first string, more func(t string) error) error {
	for i, values := range r.values {
		if i > 0 {
			p.Add(" UNION ALL ")
		}
		t := p.Alias("t")
		p.Add("SELECT rid FROM (SELECT ", t, ".rid AS rid FROM ", r.table, " ", t, " WHERE ", t, ".part = 0")
		for j, v := range values {
			p.Add(" AND ", t, ".", r.columns[j], " = ", p.Arg(v))
		}
		if err := more(t); err != nil {
			return err
		}
		p.Add(first, ")")
	}
	p.Add(first)
	return nil
}

// firstOfEach implements Dialect: a union of many parts takes longer to plan than
// to run, so the runs are a list.
func (Postgres) firstOfEach(p *Planner, r *runs, first string, more func(t string) error) error {
	t, v := p.Alias("t"), p.Alias("v")
	p.Add("SELECT e.rid FROM (VALUES ")
	for i, values := range r.values {
		if i > 0 {
			p.Add(", ")
		}
		p.Add("(")
		for j, one := range values {
			if j > 0 {
				p.Add(", ")
			}
			p.Add(p.Arg(one), typed(one))
		}
		p.Add(")")
	}
	p.Add(") ", v, "(", strings.Join(r.columns, ", "), ") CROSS JOIN LATERAL (SELECT ", t, ".rid FROM ", r.table, " ", t, " WHERE ", t, ".part = 0")
	for _, column := range r.columns {
		p.Add(" AND ", t, ".", column, " = ", v, ".", column)
	}
	if err := more(t); err != nil {
		return err
	}
	p.Add(first, ") e", first)
	return nil
}
