package storage

import (
	"strconv"
	"strings"
)

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
