package storage

import (
	"context"
	"slices"
	"time"

	"bima/fhir"
	"bima/storage/query"
)

// A conn runs statements within one transaction. Statements are written once for
// both databases, with parameters $1, $2, ….
type conn interface {
	exec(query string, args ...any) (int64, error)
	query(query string, args ...any) (rows, error)
	// search is query for statements whose best plan depends on their values.
	search(query string, args ...any) (rows, error)
}

// rows is what both drivers give.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// each scans every row. It always closes them.
func each(r rows, err error, scan func(r rows) error) error {
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := scan(r); err != nil {
			return err
		}
	}
	return r.Err()
}

// session is one transaction: what reader and writer have in common.
type session struct {
	ctx   context.Context
	store *Store
	conn  conn
	names numbering
	began time.Time // before it saw anything of the database

	building map[query.Name]bool // the parameters whose index is incomplete in what it sees; nil until it asked

	purpose string // of the statements that run, for whoever explains them
}

// numbering gives types and parameters their numbers within a transaction.
type numbering interface {
	// number gives a number that exists, or makes it.
	number(typ, code string) (int32, error)
	// known gives the number where there is one already.
	known(typ, code string) (n int32, ok bool, err error)
	// bearing gives the parameters of a code, of every type.
	bearing(code string) ([]param, error)
	// typeName gives the name of a type.
	typeName(n int32) (string, error)
}

// source lets a query ask what its transaction knows.
type source struct{ *session }

// Known implements query.Source.
func (s source) Known(typ, code string) (int32, bool, error) { return s.names.known(typ, code) }

// Bearing implements query.Source.
func (s source) Bearing(code string) ([]int64, error) {
	all, err := s.names.bearing(code)
	out := make([]int64, 0, len(all))
	for _, p := range all {
		out = append(out, int64(p.number))
	}
	return out, err
}

// Count implements query.Source.
func (s source) Count(statement string, args []any) (n int64, err error) {
	if s.purpose == "" {
		s.purpose = "see whether a criterion selects few"
		defer func() { s.purpose = "" }()
	}
	rs, err := s.conn.search(statement, args...)
	err = each(rs, err, func(rs rows) error { return rs.Scan(&n) })
	return n, err
}

// Values implements query.Source.
func (s source) Values(statement string, args []any, columns int) (found [][]any, err error) {
	if s.purpose == "" {
		s.purpose = "see which values there are"
		defer func() { s.purpose = "" }()
	}
	rs, err := s.conn.search(statement, args...)
	err = each(rs, err, func(rs rows) error {
		values, into := make([]any, columns), make([]any, columns)
		for i := range values {
			into[i] = &values[i]
		}
		err := rs.Scan(into...)
		for i, v := range values {
			if n, short := v.(int32); short {
				values[i] = int64(n)
			}
		}
		found = append(found, values)
		return err
	})
	return found, err
}

// Texts implements query.Source.
func (s source) Texts(statement string, args []any) (texts []string, greatest int64, err error) {
	if s.purpose == "" {
		s.purpose = "see which texts have a part"
		defer func() { s.purpose = "" }()
	}
	rs, err := s.conn.search(statement, args...)
	err = each(rs, err, func(rs rows) error {
		var text string
		var number int64
		err := rs.Scan(&text, &number)
		texts, greatest = append(texts, text), max(greatest, number)
		return err
	})
	return texts, greatest, err
}

// planner writes a statement for this transaction.
func (s *session) planner() *query.Planner { return query.New(s.store.dialect.sql(), source{s}) }

// builder writes a statement of the dialect.
func (s *session) builder() *query.Builder { return query.NewBuilder(s.store.dialect.sql()) }

// keys reads rows of a type's number and an id.
func (s *session) keys(rs rows, err error) ([]fhir.Key, error) {
	var types []int32
	var keys []fhir.Key
	err = each(rs, err, func(rs rows) error {
		var typ int32
		var id string
		err := rs.Scan(&typ, &id)
		types, keys = append(types, typ), append(keys, fhir.Key{ID: id})
		return err
	})
	for i := 0; i < len(keys) && err == nil; i++ {
		keys[i].Type, err = s.names.typeName(types[i])
	}
	return keys, err
}

var _ fhir.Sampler = (*reader)(nil)

// samplesMax bounds the keys of one answer whatever is asked.
const samplesMax = 20_000

// Samples implements fhir.Sampler. The index is in the order of the values, so
// that one walk over it finds where each begins, without reading a resource.
func (r *reader) Samples(types []string, p fhir.Param, limit int) ([]fhir.Key, error) {
	bearing, err := r.names.bearing(p.Code)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, b := range bearing {
		if types == nil || slices.Contains(types, b.typ) {
			numbers = append(numbers, int64(b.number))
		}
	}
	if len(numbers) == 0 || limit <= 0 {
		return nil, nil
	}
	from, value := "sp_token", "t.code, t.sys"
	if p.Kind == fhir.ParamURI {
		from, value = "sp_uri", "t.uri, t.more"
	}
	b := r.builder()
	b.Add("SELECT DISTINCT r.typ, r.fid FROM (SELECT min(t.rid) AS rid FROM ", from, " t WHERE t.part = 0 AND ")
	b.In("t.sp", numbers)
	b.Add(" GROUP BY t.sp, ", value, " LIMIT ", b.Rows(int64(min(limit, samplesMax))), ") s JOIN resource r ON r.part = 0 AND r.rid = s.rid")
	return r.keys(r.conn.search(b.String(), b.Args...))
}
