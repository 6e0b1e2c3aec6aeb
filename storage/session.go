package storage

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"
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

// stored makes a text fit for a database: PostgreSQL takes neither NUL nor what
// is not UTF-8.
func stored(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// A builder writes one statement with its parameters.
type builder struct {
	strings.Builder
	args    []any
	dialect dialect
	aliases int
}

func (b *builder) write(parts ...string) {
	for _, p := range parts {
		b.WriteString(p)
	}
}

// arg adds a parameter and gives its name, "$3".
func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// alias gives a table name that no other part of the statement has.
func (b *builder) alias(letter string) string {
	b.aliases++
	return letter + strconv.Itoa(b.aliases)
}

// inList is how many values are written one by one; more go as one list.
const inList = 16

// in writes "column IN (…)" for any number of values; none never holds.
func (b *builder) in(column string, values []int64) {
	switch {
	case len(values) == 0:
		b.write("1 = 0")
	case len(values) == 1:
		b.write(column, " = ", b.arg(values[0]))
	case len(values) <= inList:
		b.write(column, " IN (")
		for i, v := range values {
			if i > 0 {
				b.write(", ")
			}
			b.write(b.arg(v))
		}
		b.write(")")
	default:
		b.dialect.inMany(b, column, values)
	}
}
