package query

import (
	"fmt"
	"strings"

	"bima/fhir"
	"bima/storage/index"
)

// A listing asks for the different values of a parameter between two bounds, in the
// order of an index.
type listing struct {
	table    string
	key      []string // the columns of the index
	sp       int64
	from, to string // conditions on the columns, with their AND
	match    fhir.Value
	most     int
}

// listing gives how to list the values that a value compares with; ok is false
// where no index bounds them.
func (p *Planner) listing(v fhir.Value, sp int64) (l listing, ok bool) {
	switch v := v.(type) {
	case fhir.StringValue:
		prefix := index.Stored(v.Text)
		if _, whole := index.Cut(prefix); v.Mode != fhir.StringStarts || whole != "" {
			return l, false
		}
		l = listing{table: "sp_string", key: []string{"norm"}, from: " AND norm >= " + p.Arg(prefix)}
		if end, ok := after(prefix); ok {
			l.to = " AND norm < " + p.Arg(end)
		}
	case fhir.DateValue:
		if l, ok = p.dates(v); !ok {
			return l, false
		}
		l.table, l.match = "sp_date", v
	case fhir.NumberValue:
		if l, ok = p.figures(v); !ok {
			return l, false
		}
		l.table, l.match = "sp_number", v
	default:
		return l, false
	}
	l.sp = sp
	return l, true
}

var (
	byBegin = []string{"lo", "hi"}
	byEnd   = []string{"hi", "lo"}
)

// dates bounds the intervals that compare with a date; see interval.
func (p *Planner) dates(v fhir.DateValue) (listing, bool) {
	switch v.Prefix {
	case fhir.PrefixEqual, "":
		return listing{key: byBegin, from: " AND lo >= " + p.Arg(v.From), to: " AND lo <= " + p.Arg(v.To)}, true
	case fhir.PrefixGreater:
		return listing{key: byEnd, from: " AND hi > " + p.Arg(v.To)}, true
	case fhir.PrefixGreaterEqual:
		return listing{key: byEnd, from: " AND hi > " + p.Arg(v.From)}, true
	case fhir.PrefixLess:
		return listing{key: byBegin, to: " AND lo < " + p.Arg(v.From)}, true
	case fhir.PrefixLessEqual:
		return listing{key: byBegin, to: " AND lo < " + p.Arg(v.To)}, true
	case fhir.PrefixStartsAfter:
		return listing{key: byBegin, from: " AND lo >= " + p.Arg(v.To)}, true
	case fhir.PrefixEndsBefore:
		return listing{key: byEnd, to: " AND hi <= " + p.Arg(v.From)}, true
	}
	return listing{}, false
}

// figures bounds the intervals that compare with a number; see number.
func (p *Planner) figures(v fhir.NumberValue) (listing, bool) {
	switch v.Prefix {
	case fhir.PrefixEqual, "":
		return listing{key: byBegin, from: " AND lo >= " + p.Arg(v.Low), to: " AND lo <= " + p.Arg(v.High)}, true
	case fhir.PrefixGreater:
		return listing{key: byEnd, from: " AND hi > " + p.Arg(v.Value)}, true
	case fhir.PrefixGreaterEqual:
		return listing{key: byEnd, from: " AND hi >= " + p.Arg(v.Value)}, true
	case fhir.PrefixLess:
		return listing{key: byBegin, to: " AND lo < " + p.Arg(v.Value)}, true
	case fhir.PrefixLessEqual:
		return listing{key: byBegin, to: " AND lo <= " + p.Arg(v.Value)}, true
	case fhir.PrefixStartsAfter:
		return listing{key: byBegin, from: " AND lo > " + p.Arg(v.Value)}, true
	case fhir.PrefixEndsBefore:
		return listing{key: byEnd, to: " AND hi < " + p.Arg(v.Value)}, true
	}
	return listing{}, false
}

// enumerated gives the values of a listing as runs; nil where there are too many. It
// goes from value to value along the index.
func (p *Planner) enumerated(l listing) (*runs, error) {
	b := &Planner{Builder: &Builder{dialect: p.dialect, Args: p.Args}, source: p.source}
	p.Args = nil
	key, seen := strings.Join(l.key, ", "), "v."+strings.Join(l.key, ", v.")
	beyond := " AND " + key + " > " + seen
	if len(l.key) > 1 {
		// SQLite looks up no value that has an affinity of its own, and begins with
		// what is equal: the greatest row id ends that.
		beyond = " AND (" + key + ", rid) > (+v." + strings.Join(l.key, ", +v.") + ", " + lastRow + ")"
	}
	sp, most := b.Arg(l.sp), b.Rows(int64(l.most))
	next := func(beyond string) {
		for _, column := range l.key {
			b.Add("(SELECT ", column, " FROM ", l.table, " WHERE part = 0 AND sp = ", sp, beyond, l.to, " ORDER BY ", key, " LIMIT 1), ")
		}
	}
	b.Add("WITH RECURSIVE v(", key, ", n) AS (SELECT ")
	next(l.from)
	b.Add("1 UNION ALL SELECT ")
	next(beyond)
	b.Add("v.n + 1 FROM v WHERE v.", l.key[0], " IS NOT NULL AND v.n <= ", most, ") SELECT v.n, ", seen, " FROM v WHERE v.", l.key[0], " IS NOT NULL")
	if l.match != nil {
		b.Add(" AND (v.n > ", most, " OR ")
		if err := b.value("v", l.match); err != nil {
			return nil, err
		}
		b.Add(")")
	}
	found, err := p.source.Values(b.String(), b.Args, 1+len(l.key))
	if err != nil {
		return nil, err
	}
	r := &runs{table: l.table, columns: append([]string{"sp"}, l.key...)}
	for _, row := range found {
		if n, ok := row[0].(int64); !ok || n > int64(l.most) {
			return nil, nil
		}
		r.values = append(r.values, append([]any{l.sp}, row[1:]...))
	}
	return r, nil
}

// lastRow is greater than the row id of any resource.
const lastRow = "9223372036854775807"

// typed casts a parameter to the type that its column has.
func typed(v any) string {
	switch v.(type) {
	case int64:
		return "::int8"
	case float64:
		return "::float8"
	case string:
		return `::text COLLATE "C"`
	}
	return fmt.Sprintf("::%T", v)
}
