package nation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bima/fhir"
	"bima/fhir/search"
)

// asking is how many searches are compared with their bare SQL, as far as the time
// goes; BIMA_BENCH_BARE is another number.
const (
	asking     = 60
	askingTime = 5 * time.Second
)

// A bare is one search as the statements it came to.
type bare struct {
	query fhir.Query
	sql   []string
	args  [][]any
	pages int  // of the database's buffers that they touched
	cut   bool // whether they have lists that are explained in part only
}

// ofBare compares the store's searches with the same SQL sent by pgx alone: it
// reports how much of the bare rate the store reaches, and how many pages of 8 KiB
// a search touches, in the middle and at the most.
func ofBare(b *testing.B, f *filled, q question) {
	b.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, f.dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close(ctx)
	// As the store's connections are set.
	if _, err := c.Exec(ctx, "SET plan_cache_mode = force_custom_plan; SET jit = off; SET random_page_cost = 1.1; SET parallel_setup_cost = 20000"); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	most, err := strconv.Atoi(os.Getenv("BIMA_BENCH_BARE"))
	if err != nil {
		most = asking
	}
	var all []bare
	var pages []int
	for until := time.Now().Add(askingTime); len(all) == 0 || len(all) < most && time.Now().Before(until); {
		one := f.statements(b, q, r)
		all, pages = append(all, one), append(pages, one.pages)
	}
	slices.Sort(pages)
	b.ReportMetric(float64(pages[len(pages)/2]), "p50-pages")
	b.ReportMetric(float64(pages[len(pages)-1]), "most-pages")
	alone, ours := time.Duration(0), time.Duration(0)
	for _, one := range all {
		if one.cut {
			continue
		}
		one.run(b, c) // to warm what it prepares
		alone += least(func() { one.run(b, c) })
		ours += least(func() { f.search(b, one.query) })
	}
	if ours > 0 {
		b.ReportMetric(float64(alone)/float64(ours), "of-bare")
	}
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
			one.pages += touched(s.Plan)
			args := make([]any, len(s.Values))
			for i, text := range s.Values {
				if one.cut = one.cut || strings.HasSuffix(text, "…"); one.cut {
					break
				}
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

// touched reads from PostgreSQL's plan how many pages a statement touched.
func touched(plan []string) int {
	for _, line := range plan {
		_, counts, ok := strings.Cut(line, "Buffers: shared ")
		if !ok {
			continue
		}
		total := 0
		for _, field := range strings.Fields(counts) {
			name, count, _ := strings.Cut(field, "=")
			if n, err := strconv.Atoi(count); err == nil && (name == "hit" || name == "read") {
				total += n
			}
		}
		return total
	}
	return 0
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
