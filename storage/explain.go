package storage

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
)

// A ran is one statement that a watched session ran.
type ran struct {
	purpose string
	sql     string
	args    []any
	rows    int64
	took    time.Duration
	plan    []string // where it is known already
}

// A watch is a connection that notes what a search runs on it.
type watch struct {
	conn
	session *session
	ran     []*ran
}

// watched lets run work on a connection that notes its statements.
func (s *session) watched(run func() error) ([]*ran, error) {
	w := &watch{conn: s.conn, session: s}
	s.conn = w
	defer func() { s.conn = w.conn }()
	err := run()
	return w.ran, err
}

// search implements conn.
func (w *watch) search(query string, args ...any) (rows, error) {
	one := &ran{purpose: w.session.purpose, sql: query, args: args}
	w.ran = append(w.ran, one)
	start := time.Now()
	r, err := w.conn.search(query, args...)
	one.took = time.Since(start)
	if err != nil {
		return nil, err
	}
	return &watchedRows{rows: r, ran: one, start: start}, nil
}

type watchedRows struct {
	rows
	ran   *ran
	start time.Time
}

// Next implements rows.
func (r *watchedRows) Next() bool {
	ok := r.rows.Next()
	if ok {
		r.ran.rows++
	}
	r.ran.took = time.Since(r.start)
	return ok
}

// Explain implements fhir.Explainer. On PostgreSQL each statement runs twice, the
// second time measured by the database itself.
func (r *reader) Explain(q *fhir.Query) (*fhir.Page, *fhir.Plan, error) {
	var page *fhir.Page
	all, err := r.watched(func() (err error) {
		page, err = r.search(q)
		return err
	})
	if err != nil {
		r.warn(all, err)
		return nil, nil, err
	}
	plan := &fhir.Plan{}
	for _, one := range all {
		lines, err := r.store.dialect.explain(r.conn, one, true)
		if err != nil {
			return nil, nil, err
		}
		one.plan = lines
		values := make([]string, 0, len(one.args))
		for _, v := range one.args {
			values = append(values, valueText(v))
		}
		plan.Statements = append(plan.Statements, fhir.PlannedStatement{
			Purpose: one.purpose, SQL: one.sql, Values: values, Plan: lines, Rows: one.rows, Took: one.took,
		})
	}
	r.warn(all, nil)
	return page, plan, nil
}

// warn logs the statement that took longest of a search that was slow, where that
// is asked for, without its values, which may be personal, and with its plan where
// that is to be had.
func (r *reader) warn(all []*ran, failed error) {
	var took time.Duration
	var worst *ran
	for _, one := range all {
		took += one.took
		if worst == nil || one.took > worst.took {
			worst = one
		}
	}
	if r.store.slow == 0 || took < r.store.slow || worst == nil {
		return
	}
	if failed == nil && worst.plan == nil {
		worst.plan, failed = r.store.dialect.explain(r.conn, worst, false)
	}
	plan := literals.ReplaceAllString(strings.Join(worst.plan, "\n"), "?")
	r.store.log.Warn("slow search", "request", fhir.RequestOf(r.ctx), "took", took, "statements", len(all), "for", worst.purpose, "sql", worst.sql,
		"rows", worst.rows, "statement took", worst.took, "plan", plan, "error", failed)
}

// literals finds the values that PostgreSQL writes into a plan.
var literals = regexp.MustCompile(`'(?:[^']|'')*'(?:::[a-z ]+(?:\[\])?)?`)

// valueTextMax bounds how much of one value is told, in bytes.
const valueTextMax = 1000

// valueText gives a parameter as text, long lists cut.
func valueText(v any) string {
	text := ""
	switch v := v.(type) {
	case string:
		text = strconv.Quote(v)
	case []byte:
		text = hex.EncodeToString(v)
	default:
		text = fmt.Sprint(v)
	}
	if len(text) > valueTextMax {
		text = strings.ToValidUTF8(text[:valueTextMax], "") + "…"
	}
	return text
}

// explain implements dialect.
func (d *lite) explain(c conn, one *ran, _ bool) (lines []string, _ error) {
	depth := map[int64]int{}
	rs, err := c.search("EXPLAIN QUERY PLAN "+one.sql, one.args...)
	err = each(rs, err, func(rs rows) error {
		var id, parent, unused int64
		var detail string
		err := rs.Scan(&id, &parent, &unused, &detail)
		depth[id] = depth[parent] + 1
		lines = append(lines, strings.Repeat("  ", depth[parent])+detail)
		return err
	})
	return lines, err
}

// explain implements dialect.
func (d *post) explain(c conn, one *ran, run bool) (lines []string, _ error) {
	how := "EXPLAIN "
	if run {
		how = "EXPLAIN (ANALYZE, BUFFERS) "
	}
	rs, err := c.search(how+one.sql, one.args...)
	err = each(rs, err, func(rs rows) error {
		var line string
		err := rs.Scan(&line)
		lines = append(lines, line)
		return err
	})
	return lines, err
}

var (
	_ fhir.Explainer = (*reader)(nil)
	_ fhir.Referrers = (*reader)(nil)

	_ fhir.ManyReferrers = (*reader)(nil)
	_ fhir.Purger        = (*writer)(nil)
)
