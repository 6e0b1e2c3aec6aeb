package query

import (
	"fmt"
	"strconv"
	"strings"
)

// A Dialect is what differs between the SQL of the two databases.
type Dialect interface {
	// byRow names the index that finds the rows of one resource, where the
	// database would choose another.
	byRow(table string) string
	// plans reports whether the database orders look-ups by its statistics.
	plans() bool
	// joinInOrder is a join whose left side is walked first.
	joinInOrder() string
	// inMany writes "column IN (…)" for many values.
	inMany(b *Builder, column string, values []int64)
	// inSet writes "column IN (…)" for a select that does not depend on the row: the
	// database makes a set of it once and looks each row's value up.
	inSet(p *Planner, column string, write func() error) error
	// ofFew is the same where what is asked for begins with the set, which is small,
	// and each of its rows is looked up.
	ofFew(p *Planner, column string, write func() error) error
	// byType is what follows resource and its alias where the rows of one type are
	// walked in their order.
	byType() string
	// byTime is the same where they are walked in the order of their times.
	byTime() string
	// byID is what follows resource and its alias where the rows of known ids are
	// looked up.
	byID() string
	// unindexed is a column that the database shall not choose an index by.
	unindexed(column string) string
	// unordered is a column whose order the database shall not choose an index for.
	unordered(column string) string
	// wordSyntax is how words of a text are asked for.
	wordSyntax() wordSyntax
	// hasWords writes that the text of a row has words.
	hasWords(b *Planner, param string, numbers []int64, rid, words string)
	// withWords selects the row ids of the types whose text has words.
	withWords(b *Builder, param string, numbers, types []int64, words string)
	// firstOfEach writes the first rows of each run, in the order of first, and of all;
	// more writes what else holds for a row.
	firstOfEach(p *Planner, r *runs, first string, more func(t string) error) error
	// inAll writes the row ids, in an order, that all of some sides have, and the end of
	// the statement.
	inAll(p *Planner, all []side, order, end string) error
	// inGroups writes the page of what is found in groups, one after the other.
	inGroups(p *Planner, q *Search, c SortColumn, groups []Group) error
	// byWords reports whether texts with words come in the order of their rows, so
	// that a walk may end with the page.
	byWords() bool
}

// SQLite is the Dialect of SQLite, Postgres that of PostgreSQL.
type (
	SQLite   struct{}
	Postgres struct{}
)

func (SQLite) byRow(table string) string { return " INDEXED BY " + table + "_rid" }

// byID implements Dialect. Without statistics SQLite takes the rows of a part for so
// few that it goes through all of them rather than look several ids up.
func (SQLite) byID() string   { return " INDEXED BY resource_id" }
func (Postgres) byID() string { return "" }

// byType implements Dialect. SQLite would go through the resources of all types
// where it needs more of a row than the index has.
func (SQLite) byType() string   { return " INDEXED BY resource_type" }
func (Postgres) byType() string { return "" }

// byTime implements Dialect.
func (SQLite) byTime() string   { return " INDEXED BY resource_updated" }
func (Postgres) byTime() string { return "" }

// ByID gives what follows resource and its alias in a statement that looks rows up
// by their type and the hashes of their ids.
func (b *Builder) ByID() string { return b.dialect.byID() }

// unindexed implements Dialect. SQLite has no statistics to choose by.
func (SQLite) unindexed(column string) string   { return "+" + column }
func (SQLite) unordered(column string) string   { return "+" + column }
func (Postgres) unindexed(column string) string { return column }
func (Postgres) unordered(column string) string { return column + " + 0" }

func (SQLite) plans() bool   { return false }
func (SQLite) byWords() bool { return true }

// joinInOrder implements Dialect. SQLite never reorders a CROSS JOIN.
func (SQLite) joinInOrder() string { return "CROSS JOIN" }

func (SQLite) inMany(b *Builder, column string, values []int64) {
	b.Add(column, " IN (SELECT value FROM json_each(", b.Arg(intList(values)), "))")
}

// inSet implements Dialect. By an index SQLite would seek every value of the set for
// every row.
func (SQLite) inSet(p *Planner, column string, write func() error) error {
	p.Add("+", column, " IN (")
	err := write()
	p.Add(")")
	return err
}

// inSet implements Dialect. PostgreSQL makes no join of what is one alternative of
// several.
func (Postgres) inSet(p *Planner, column string, write func() error) error {
	p.Add("(", column, " IN (")
	err := write()
	p.Add(") OR 1 = 0)")
	return err
}

// ofFew implements Dialect.
func (SQLite) ofFew(p *Planner, column string, write func() error) error {
	p.Add(column, " IN (")
	err := write()
	p.Add(")")
	return err
}

// ofFew implements Dialect. Where PostgreSQL takes the set for a great one it reads
// the whole of an index to compare with it; an array it takes for a short one.
func (Postgres) ofFew(p *Planner, column string, write func() error) error {
	p.Add(column, " = ANY(ARRAY(")
	err := write()
	p.Add("))")
	return err
}

func (Postgres) byRow(string) string { return "" }
func (Postgres) plans() bool         { return true }
func (Postgres) byWords() bool       { return false }

// joinInOrder implements Dialect. PostgreSQL knows better from its statistics.
func (Postgres) joinInOrder() string { return "JOIN" }

func (Postgres) inMany(b *Builder, column string, values []int64) {
	b.Add(column, " = ANY(", b.Arg(values), "::int8[])")
}

// A Builder writes one statement with its parameters.
type Builder struct {
	strings.Builder
	Args    []any
	dialect Dialect
	aliases int
}

// Add writes parts of the statement.
func (b *Builder) Add(parts ...string) {
	for _, p := range parts {
		b.WriteString(p)
	}
}

// Arg adds a parameter and gives its name, "$3".
func (b *Builder) Arg(v any) string {
	b.Args = append(b.Args, v)
	return "$" + strconv.Itoa(len(b.Args))
}

// Rows gives a number of rows as it is written: SQLite prepares a statement anew
// whenever a LIMIT is bound, which takes longer than most searches.
func (b *Builder) Rows(n int64) string { return strconv.FormatInt(n, 10) }

// Alias gives a table name that no other part of the statement has.
func (b *Builder) Alias(letter string) string {
	b.aliases++
	return letter + strconv.Itoa(b.aliases)
}

// inList is how many values are written one by one; more go as one list.
const inList = 16

// In writes "column IN (…)" for any number of values; none never holds.
func (b *Builder) In(column string, values []int64) {
	switch {
	case len(values) == 0:
		b.Add("1 = 0")
	case len(values) == 1:
		b.Add(column, " = ", b.Arg(values[0]))
	case len(values) <= inList:
		b.Add(column, " IN (")
		for i, v := range values {
			if i > 0 {
				b.Add(", ")
			}
			b.Add(b.Arg(v))
		}
		b.Add(")")
	default:
		b.dialect.inMany(b, column, values)
	}
}

// NewBuilder gives an empty statement.
func NewBuilder(d Dialect) *Builder { return &Builder{dialect: d} }

// intList gives JSON of numbers, as SQLite's json_each takes it.
func intList(all []int64) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, n := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%d", n)
	}
	b.WriteByte(']')
	return b.String()
}

// joinedMax is how many conditions are joined side by side. SQLite refuses a
// statement whose expressions are nested 1,000 deep, and each condition that is
// joined to others nests those one deeper.
const joinedMax = 400

// joined writes n conditions between brackets, in groups where there are many.
func (b *Builder) joined(n int, glue string, write func(i int) error) error {
	b.Add("(")
	for i := range n {
		switch {
		case n <= joinedMax || i%joinedMax != 0:
			if i > 0 {
				b.Add(glue)
			}
		case i == 0:
			b.Add("(")
		default:
			b.Add(")", glue, "(")
		}
		if err := write(i); err != nil {
			return err
		}
	}
	if n > joinedMax {
		b.Add(")")
	}
	b.Add(")")
	return nil
}
