package query

import (
	"fmt"

	"bima/fhir"
	"bima/storage/index"
)

// criteriaMax bounds the criteria of one query: a statement with more takes
// longer to plan than to run.
const criteriaMax = 1000

// A Source is the transaction that a query is written for.
type Source interface {
	// Known gives the number of a type, where code is "", or of one of its
	// parameters; none where there is none yet.
	Known(typ, code string) (n int32, ok bool, err error)
	// Bearing gives the numbers of the parameters of a code, of every type.
	Bearing(code string) ([]int64, error)
	// Count runs a statement that gives one number.
	Count(statement string, args []any) (int64, error)
	// Values runs a statement that gives so many columns.
	Values(statement string, args []any, columns int) ([][]any, error)
	// Texts runs a statement that gives texts, each with a number, and gives the
	// greatest of these.
	Texts(statement string, args []any) (texts []string, greatest int64, err error)
}

// parting is what is done to see whether few texts have a part.
type parting int

const (
	readTexts  parting = iota // read all, where there are too many different ones
	listTexts                 // go through the different ones
	leaveTexts                // nothing
)

// A Planner writes a query's criteria as SQL.
type Planner struct {
	*Builder
	source Source
	count  int
	apart  bool // look each row up by itself, whatever the database thinks

	reach int64 // how many rows a criterion may select to begin with it
	about bool  // a count may be too great

	rare    bool           // that the rarest is looked for, not what is few
	rarest  fhir.Criterion // of those counted whose index is in the order of the resources
	reaches int64          // how far back the newest of it reach
	glanced []glanced      // all of those
	parting
}

// New gives a Planner with an empty statement.
func New(d Dialect, s Source) *Planner {
	return &Planner{Builder: NewBuilder(d), source: s, reach: sparseMax}
}

// A row is what a criterion is about: the SQL of a row id, and the alias of its
// row in resource, "" where the statement has not joined that.
type row struct {
	rid, alias string
	types      []string // none means any
}

// needsRow reports whether a criterion looks at the resource's row itself.
func needsRow(c fhir.Criterion) bool {
	switch c := c.(type) {
	case fhir.All:
		return anyNeedsRow(c)
	case fhir.Any:
		return anyNeedsRow(c)
	case fhir.Not:
		return needsRow(c.Criterion)
	case fhir.IDs, fhir.Updated, period, fhir.Has, fhir.Of:
		return true
	case span:
		return c.column.Everywhere()
	}
	return false
}

func anyNeedsRow(all []fhir.Criterion) bool {
	for _, c := range all {
		if needsRow(c) {
			return true
		}
	}
	return false
}

// where writes a condition on the row.
func (p *Planner) where(c fhir.Criterion, r row) error {
	if p.count++; p.count > criteriaMax {
		return fhir.Errorf(fhir.IssueTooCostly, "", "The search has more than %d criteria; ask in several searches.", criteriaMax)
	}
	switch c := c.(type) {
	case nil:
		p.Add("1 = 1")
	case fhir.All:
		return p.list(c, r, " AND ", "1 = 1")
	case fhir.Any:
		return p.any(c, r)
	case fhir.Not:
		p.Add("NOT (")
		err := p.where(c.Criterion, r)
		p.Add(")")
		return err
	case fhir.Match:
		return p.matches([]fhir.Match{c}, r)
	case fhir.FullText:
		return p.fullText(c, r)
	case fhir.Present:
		return p.present(c, r)
	case span:
		return p.spanned(c, r)
	case fhir.Chain:
		return p.chain(c, r)
	case fhir.Has:
		return p.has(c, r)
	case fhir.Of:
		return p.of(c, r)
	case fhir.IDs:
		p.ids(c, r)
	case among:
		return p.isAmong(c, r)
	case targets:
		return p.refers(c, r)
	case period:
		return p.instants(r.alias+".updated", c.all)
	case fhir.Updated:
		return p.instant(r.alias+".updated", fhir.DateValue(c))
	default:
		return fmt.Errorf("no SQL for %T", c)
	}
	return nil
}

// of writes that the row is of one of the types, and a criterion by their
// parameters.
func (p *Planner) of(c fhir.Of, r row) error {
	numbers, err := p.Types(c.Types)
	if err != nil {
		return err
	}
	p.Add("(")
	p.In(r.alias+".typ", numbers)
	p.Add(" AND ")
	r.types = c.Types
	err = p.where(c.Where, r)
	p.Add(")")
	return err
}

func (p *Planner) list(all []fhir.Criterion, r row, glue, none string) error {
	if len(all) == 0 {
		p.Add(none)
		return nil
	}
	return p.joined(len(all), glue, func(i int) error { return p.where(all[i], r) })
}

// any writes alternatives. Those that match one parameter in one table share a
// look-up: an OR-list of codes is one IN. So do those that lead to others; see way.
func (p *Planner) any(all fhir.Any, r row) error {
	type place struct{ param, table string }
	groups := map[place][]fhir.Match{}
	var order []place
	var rest []fhir.Criterion
	for _, c := range all {
		m, ok := c.(fhir.Match)
		if !ok {
			rest = append(rest, c)
			continue
		}
		at := place{m.Param.Code, tableOf(m.Value)}
		if _, ok := groups[at]; !ok {
			order = append(order, at)
		}
		groups[at] = append(groups[at], m)
	}
	rest, led := ways(rest)
	if len(order)+len(rest)+len(led) == 0 {
		p.Add("1 = 0")
		return nil
	}
	return p.joined(len(order)+len(rest)+len(led), " OR ", func(i int) error {
		switch {
		case i < len(order):
			return p.matches(groups[order[i]], r)
		case i < len(order)+len(rest):
			return p.where(rest[i-len(order)], r)
		}
		return p.leads(led[i-len(order)-len(rest)], r)
	})
}

// numbers gives the registry's numbers of a parameter for the types; none where
// no resource ever had a value.
func (p *Planner) numbers(types []string, code string) ([]int64, error) {
	var out []int64
	if len(types) == 0 {
		return p.source.Bearing(code)
	}
	for _, typ := range types {
		n, ok, err := p.source.Known(typ, code)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, int64(n))
		}
	}
	return out, nil
}

// matches writes that one value of a parameter compares with one of the values,
// which are all for the same table.
func (p *Planner) matches(all []fhir.Match, r row) error {
	numbers, err := p.numbers(r.types, all[0].Param.Code)
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		p.Add("1 = 0")
		return nil
	}
	return p.exists(r, tableOf(all[0].Value), !pointed(all), func(t string) error {
		p.In(t+".sp", numbers)
		p.Add(" AND ")
		return p.values(t, all)
	})
}

// pointed reports whether an index finds the row of each value at one point.
func pointed(all []fhir.Match) bool {
	for _, m := range all {
		if !orderedBy(m) {
			return false
		}
	}
	return true
}

// exists writes a look-up of the row in an index table; byRow says that it goes
// by the row's id and then compares.
func (p *Planner) exists(r row, table string, byRow bool, where func(alias string) error) error {
	if table == "" {
		return fhir.Errorf(fhir.IssueNotSupported, "", "Values of this kind can't be searched for.")
	}
	t := p.Alias("t")
	if p.apart && byRow {
		p.Add("EXISTS (SELECT 1 FROM (SELECT * FROM ", table, " WHERE part = 0 AND rid = ", r.rid, " OFFSET 0) ", t, " WHERE ")
	} else {
		p.Add("EXISTS (SELECT 1 FROM ", table, " ", t)
		if byRow {
			p.Add(p.dialect.byRow(table))
		}
		p.Add(" WHERE ", t, ".part = 0 AND ", t, ".rid = ", r.rid, " AND ")
	}
	err := where(t)
	p.end()
	return err
}

// end ends a look-up. PostgreSQL makes no join of one that has an offset.
func (p *Planner) end() {
	if p.apart {
		p.Add(" OFFSET 0")
	}
	p.Add(")")
}

func (p *Planner) present(c fhir.Present, r row) error {
	numbers, err := p.numbers(r.types, c.Param.Code)
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		p.Add("1 = 0")
		return nil
	}
	return p.exists(r, tableOfKind(c.Param.Kind), true, func(t string) error {
		p.In(t+".sp", numbers)
		return nil
	})
}

// ids writes the condition of _id.
func (p *Planner) ids(c fhir.IDs, r row) {
	hashes := make([]int64, 0, len(c))
	for _, id := range c {
		hashes = append(hashes, index.Hash(id))
	}
	p.In(r.alias+".fh", hashes)
}

// chain writes that the row refers to a resource on which a criterion holds.
func (p *Planner) chain(c fhir.Chain, r row) error {
	numbers, err := p.numbers(r.types, c.Param.Code)
	if err != nil {
		return err
	}
	target := row{alias: p.Alias("r")}
	if c.Type != "" {
		target.types = []string{c.Type}
	}
	target.rid = target.alias + ".rid"
	types, err := p.Types(target.types)
	if err != nil {
		return err
	}
	if len(numbers) == 0 || c.Type != "" && len(types) == 0 {
		p.Add("1 = 0")
		return nil
	}
	return p.exists(r, "sp_reference", true, func(t string) error {
		p.In(t+".sp", numbers)
		if len(types) > 0 {
			p.Add(" AND ")
			p.In(t+".ttyp", types)
		}
		p.Add(" AND EXISTS (SELECT 1 FROM resource ", target.alias, " WHERE ", target.alias, ".part = 0 AND ",
			target.alias, ".typ = ", t, ".ttyp AND ", target.alias, ".fh = ", t, ".h AND ", target.alias, ".deleted = 0 AND ")
		err := p.where(c.Where, target)
		p.Add(")")
		return err
	})
}

// has writes that a resource on which a criterion holds refers to the row.
func (p *Planner) has(c fhir.Has, r row) error {
	var types []string
	if c.Type != "" {
		types = []string{c.Type}
	}
	numbers, err := p.numbers(types, c.Param.Code)
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		p.Add("1 = 0")
		return nil
	}
	source := row{alias: p.Alias("r"), types: types}
	source.rid = source.alias + ".rid"
	t := p.Alias("t")
	p.Add("EXISTS (SELECT 1 FROM sp_reference ", t)
	if needsRow(c.Where) {
		p.Add(" JOIN resource ", source.alias, " ON ", source.alias, ".part = 0 AND ", source.rid, " = ", t, ".rid")
	} else {
		source.rid, source.alias = t+".rid", ""
	}
	p.Add(" WHERE ", t, ".part = 0 AND ", t, ".h = ", r.alias, ".fh AND ", t, ".ttyp = ", r.alias, ".typ AND ")
	p.In(t+".sp", numbers)
	p.Add(" AND ")
	err = p.where(c.Where, source)
	p.end()
	return err
}

// Types gives the numbers of those types that any resource is of.
func (p *Planner) Types(types []string) ([]int64, error) {
	var out []int64
	for _, typ := range types {
		n, ok, err := p.source.Known(typ, "")
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, int64(n))
		}
	}
	return out, nil
}
