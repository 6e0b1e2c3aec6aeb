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

// insertsMax is how many entries SQLite takes in one statement.
const insertsMax = 16

const (
	deleteEntries = "DELETE FROM ledger WHERE part = 0 AND source = $1"
	insertInto    = "INSERT INTO ledger (part, source, account, bucket, day, value) VALUES "
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
	for some := range slices.Chunk(entries, insertsMax) {
		args := make([]any, 0, 5*len(some))
		for _, e := range some {
			args = append(args, source, index.Stored(e.Account), index.Stored(e.Bucket), e.Day, e.Value)
		}
		if _, err := w.conn.exec(insertInto+strings.Repeat("(0, ?, ?, ?, ?, ?), ", len(some)-1)+"(0, ?, ?, ?, ?, ?)", args...); err != nil {
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

// Tally implements fhir.Reader. What a source has that was made just now need not
// be left out.
func (w *writer) Tally(t fhir.Tally) ([]fhir.Balance, error) {
	if w.seen[t.Except].created && !w.posted[t.Except] {
		t.Except = fhir.Key{}
	}
	return w.reader.Tally(t)
}

// Tally implements fhir.Reader.
func (r *reader) Tally(t fhir.Tally) ([]fhir.Balance, error) {
	var out []fhir.Balance
	for accounts := distinct(t.Accounts); len(accounts) > 0; {
		n := min(len(accounts), tallyMax)
		some, err := r.store.dialect.tally(r, t, accounts[:n])
		if err != nil {
			return nil, err
		}
		out, accounts = append(out, some...), accounts[n:]
	}
	return out, nil
}

// tally implements dialect.
func (d *post) tally(r *reader, t fhir.Tally, accounts []string) ([]fhir.Balance, error) {
	return r.tally(t, accounts)
}

// tally sums entry by entry.
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
	listed(b, accounts)
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

// seeksMax bounds the buckets that are looked up one by one; of more, all entries
// of the accounts are read.
const seeksMax = 64

// A sum is what ledger_sum keeps of one bucket.
type sum struct {
	fhir.Balance
	entries int64
	first   int32 // the earliest day among the entries
}

// A bucket names one of an account.
type bucket struct{ account, name string }

// tally implements dialect: by the sums that are kept, less what a source is left
// out with. Buckets of which only some days are asked for are read entry by entry.
func (d *lite) tally(r *reader, t fhir.Tally, accounts []string) ([]fhir.Balance, error) {
	if t.Apart {
		return r.tally(t, accounts)
	}
	sums, parts, err := r.sums(t, accounts)
	if err != nil {
		return nil, err
	}
	if parts > seeksMax {
		return r.tally(t, accounts)
	}
	own, err := r.ownSums(t.Except)
	if err != nil {
		return nil, err
	}
	out := make([]fhir.Balance, 0, len(sums))
	for _, s := range sums {
		less, has := own[bucket{s.Account, s.Bucket}]
		switch {
		case !s.within(t):
			err = r.some(t, &s)
		case has:
			err = r.less(t.Except, &s, less)
		}
		if err != nil {
			return nil, err
		}
		if s.entries > 0 {
			out = append(out, s.Balance)
		}
	}
	return out, nil
}

// always reports whether a Tally asks for all time.
func always(t fhir.Tally) bool { return t.From == 0 && t.To == 0 }

// within reports whether all entries of a bucket are of days asked for.
func (s *sum) within(t fhir.Tally) bool {
	return always(t) || s.first >= t.From && s.LastDay < t.To
}

// sums reads the sums of accounts, but for buckets no day of which is asked for, and
// tells of how many only some are.
func (r *reader) sums(t fhir.Tally, accounts []string) (list []sum, parts int, _ error) {
	p := r.builder()
	p.Add("SELECT account, bucket, value, last, entries, first FROM ledger_sum WHERE account IN (")
	listed(p, accounts)
	if !always(t) {
		p.Add(" AND last >= ", p.Arg(t.From), " AND first < ", p.Arg(t.To))
	}
	p.Add(" ORDER BY account, bucket")
	rs, err := r.conn.query(p.String(), p.Args...)
	err = each(rs, err, func(rs rows) error {
		var s sum
		err := rs.Scan(&s.Account, &s.Bucket, &s.Value, &s.LastDay, &s.entries, &s.first)
		if !s.within(t) {
			parts++
		}
		list = append(list, s)
		return err
	})
	return list, parts, err
}

// listed writes the accounts of an IN, and its end.
func listed(b *query.Builder, accounts []string) {
	for i, a := range accounts {
		if i > 0 {
			b.Add(", ")
		}
		b.Add(b.Arg(a))
	}
	b.Add(")")
}

// ownSums sums what a source has itself.
func (r *reader) ownSums(source fhir.Key) (map[bucket]sum, error) {
	if source.IsZero() {
		return nil, nil
	}
	own := map[bucket]sum{}
	rs, err := r.conn.query("SELECT account, bucket, sum(value), max(day), count(*) FROM ledger WHERE part = 0 AND source = ? GROUP BY account, bucket", source.String())
	err = each(rs, err, func(rs rows) error {
		var s sum
		err := rs.Scan(&s.Account, &s.Bucket, &s.Value, &s.LastDay, &s.entries)
		own[bucket{s.Account, s.Bucket}] = s
		return err
	})
	return own, err
}

// less takes off a sum what the source has of it.
func (r *reader) less(source fhir.Key, s *sum, own sum) error {
	s.Value -= own.Value
	s.entries -= own.entries
	if s.entries == 0 || own.LastDay < s.LastDay {
		return nil
	}
	rs, err := r.conn.query("SELECT day FROM ledger WHERE part = 0 AND account = ? AND bucket = ? AND source <> ? ORDER BY day DESC LIMIT 1", s.Account, s.Bucket, source.String())
	return each(rs, err, func(rs rows) error { return rs.Scan(&s.LastDay) })
}

// some sums the entries of a bucket that are of days asked for.
func (r *reader) some(t fhir.Tally, s *sum) error {
	const some = "SELECT coalesce(sum(value), 0), coalesce(max(day), 0), count(*) FROM ledger WHERE part = 0 AND account = ? AND bucket = ? AND day >= ? AND day < ? AND source <> ?"
	except := ""
	if !t.Except.IsZero() {
		except = t.Except.String()
	}
	rs, err := r.conn.query(some, s.Account, s.Bucket, t.From, t.To, except)
	return each(rs, err, func(rs rows) error { return rs.Scan(&s.Value, &s.LastDay, &s.entries) })
}
