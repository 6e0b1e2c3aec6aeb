package storage

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"bima/fhir"
	"bima/storage/index"
	"bima/storage/query"
)

// tallyMax bounds the accounts of one statement.
const tallyMax = 200

// Post implements fhir.Writer.
func (w *writer) Post(source fhir.Key, entries []fhir.Entry) error {
	if w.failed != nil {
		return w.failed
	}
	return w.fail(w.store.dialect.post(w, source.String(), entries, w.uses(source)))
}

const (
	deleteEntries = "DELETE FROM ledger WHERE part = 0 AND source = $1"
	insertEntry   = "INSERT INTO ledger (part, source, account, bucket, day, value) VALUES (0, $1, $2, $3, $4, $5)"
	insertEntries = "INSERT INTO ledger (part, source, account, bucket, day, value) " +
		"SELECT 0, $1, u.* FROM unnest($2::text[], $3::text[], $4::int4[], $5::int8[]) u"
)

// post implements dialect.
func (d *lite) post(w *writer, source string, entries []fhir.Entry, replace bool) error {
	if replace {
		if _, err := w.conn.exec(deleteEntries, source); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if _, err := w.conn.exec(insertEntry, source, index.Stored(e.Account), index.Stored(e.Bucket), e.Day, e.Value); err != nil {
			return err
		}
	}
	return nil
}

// post implements dialect: both statements in one round trip.
func (d *post) post(w *writer, source string, entries []fhir.Entry, replace bool) error {
	n := len(entries)
	if n == 0 && !replace {
		return nil
	}
	accounts, buckets, days, values := make([]string, n), make([]string, n), make([]int32, n), make([]int64, n)
	for i, e := range entries {
		accounts[i], buckets[i], days[i], values[i] = index.Stored(e.Account), index.Stored(e.Bucket), e.Day, e.Value
	}
	return w.conn.(*postConn).wait(0, func(b *pgx.Batch) {
		if replace {
			b.Queue(deleteEntries, source)
		}
		if n > 0 {
			b.Queue(insertEntries, source, accounts, buckets, days, values)
		}
	})
}

// Tally implements fhir.Reader.
func (r *reader) Tally(t fhir.Tally) ([]fhir.Balance, error) {
	var out []fhir.Balance
	for accounts := distinct(t.Accounts); len(accounts) > 0; {
		n := min(len(accounts), tallyMax)
		some, err := r.tally(t, accounts[:n])
		if err != nil {
			return nil, err
		}
		out, accounts = append(out, some...), accounts[n:]
	}
	return out, nil
}

func (r *reader) tally(t fhir.Tally, accounts []string) (out []fhir.Balance, _ error) {
	p := r.builder()
	// PostgreSQL sums int8 as numeric; the cast fails where the sum no longer fits.
	apart := ""
	if t.Apart {
		apart = ", source, day"
	}
	p.Add("SELECT account, bucket, CAST(sum(value) AS BIGINT), max(day)", apart, " FROM ")
	r.store.dialect.entries(p, accounts, func() {
		if t.From != 0 || t.To != 0 {
			p.Add(" AND day >= ", p.Arg(t.From), " AND day < ", p.Arg(t.To))
		}
		if !t.Except.IsZero() {
			p.Add(" AND source <> ", p.Arg(t.Except.String()))
		}
	})
	p.Add(" GROUP BY account, bucket", apart, " ORDER BY account, bucket", apart)
	rs, err := r.conn.query(p.String(), p.Args...)
	err = each(rs, err, func(rs rows) error {
		var b fhir.Balance
		fields := []any{&b.Account, &b.Bucket, &b.Value, &b.LastDay}
		var source string
		if t.Apart {
			fields = append(fields, &source, &b.LastDay)
		}
		err := rs.Scan(fields...)
		b.Source.Type, b.Source.ID, _ = strings.Cut(source, "/")
		out = append(out, b)
		return err
	})
	return out, err
}

// distinct gives accounts as they are stored, each once.
func distinct(accounts []string) []string {
	out := make([]string, 0, len(accounts))
	for _, a := range accounts {
		if a = index.Stored(a); !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// entries implements dialect.
func (d *lite) entries(b *query.Builder, accounts []string, conditions func()) {
	b.Add("ledger WHERE part = 0 AND account IN (")
	for i, a := range accounts {
		if i > 0 {
			b.Add(", ")
		}
		b.Add(b.Arg(a))
	}
	b.Add(")")
	conditions()
}

// entries implements dialect. Each account is looked up by the index whatever the
// statistics say: before there are any, all entries would be read instead, which
// are one page then and thousands before the next statistics.
func (d *post) entries(b *query.Builder, accounts []string, conditions func()) {
	b.Add("unnest(", b.Arg(accounts), "::text[]) a (name) CROSS JOIN LATERAL (SELECT * FROM ledger WHERE part = 0 AND account = a.name")
	conditions()
	b.Add(" OFFSET 0) e")
}
