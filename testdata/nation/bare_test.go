package nation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bima/fhir"
	"bima/fhir/search"
)

// asking is how many searches are compared with their bare SQL.
const asking = 60

// A bare is one search as the statements it came to.
type bare struct {
	query fhir.Query
	sql   []string
	args  [][]any
}

// ofBare compares the store's searches with the same SQL sent by pgx alone: it
// gives how much of the bare rate the store reaches.
func ofBare(b *testing.B, f *filled, dsn string, q question) float64 {
	b.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "SET plan_cache_mode = force_custom_plan"); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	all := make([]bare, asking)
	for i := range all {
		all[i] = f.statements(b, q, r)
	}
	alone, ours := time.Duration(0), time.Duration(0)
	for round := range 2 {
		for _, one := range all {
			began := time.Now()
			one.run(b, c)
			between := time.Now()
			f.search(b, one.query)
			if round > 0 { // the first round warms both
				alone, ours = alone+between.Sub(began), ours+time.Since(between)
			}
		}
	}
	return float64(alone) / float64(ours)
}

func (f *filled) search(b *testing.B, q fhir.Query) {
	err := f.store.View(context.Background(), func(r fhir.Reader) error {
		_, err := r.Search(&q)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// statements asks the store how it runs a search.
func (f *filled) statements(b *testing.B, q question, r *rand.Rand) bare {
	typ, text := q.ask(f, r)
	request, err := f.registry.Parse(typ, text, search.ParseOptions{})
	if err != nil {
		b.Fatal(err)
	}
	one := bare{query: request.Query}
	err = f.store.View(context.Background(), func(r fhir.Reader) error {
		_, plan, err := r.(fhir.Explainer).Explain(&request.Query)
		if err != nil {
			return err
		}
		for _, s := range plan.Statements {
			args := make([]any, len(s.Values))
			for i, text := range s.Values {
				if args[i], err = argument(text); err != nil {
					return err
				}
			}
			one.sql, one.args = append(one.sql, s.SQL), append(one.args, args)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return one
}

// argument reads a value as an explanation writes it.
func argument(text string) (any, error) {
	switch {
	case strings.HasPrefix(text, `"`):
		return strconv.Unquote(text)
	case strings.HasPrefix(text, "["):
		numbers := []int64{}
		for _, field := range strings.Fields(strings.Trim(text, "[]")) {
			n, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, n)
		}
		return numbers, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, nil
	}
	if truth, err := strconv.ParseBool(text); err == nil {
		return truth, nil
	}
	return nil, fmt.Errorf("the value %q of an explanation is of no kind that is known", text)
}

// run sends the statements and reads what they answer, in one snapshot as the
// store does.
func (one bare) run(b *testing.B, c *pgx.Conn) {
	ctx := context.Background()
	tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		b.Fatal(err)
	}
	for i, sql := range one.sql {
		rows, err := tx.Query(ctx, sql, one.args[i]...)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			if _, err := rows.Values(); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		b.Fatal(err)
	}
}
