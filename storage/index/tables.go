package index

import (
	"strconv"
	"strings"
)

// A table is an index table, once for both databases: rows of T, all of one
// resource, are inserted and deleted by statements made from its columns.
type table[T comparable] struct {
	name    string
	columns []column[T]
	// liteInsert holds SQLite's statements for 1, 2, 4 and 8 rows: more rows a
	// statement gain nothing. One that fails leaves its first rows to the savepoint
	// it runs in: to take them back by itself it would keep a journal, and going to
	// its end costs the more the longer the transaction is.
	liteInsert [4]string
	liteDelete string
	// postInsert, postStrict and postDelete take rid and then an array a column.
	postInsert string
	postStrict string // fails where postInsert leaves out what is taken
	postDelete string
}

// A column is one column of a table besides part and rid.
type column[T any] struct {
	name, postgres string
	value          func(*T) any
	array          func([]T) any
}

func col[T, V any](name, postgres string, get func(*T) V) column[T] {
	return column[T]{
		name: name, postgres: postgres,
		value: func(r *T) any { return get(r) },
		array: func(rows []T) any {
			out := make([]V, len(rows))
			for i := range rows {
				out[i] = get(&rows[i])
			}
			return out
		},
	}
}

func newTable[T comparable](name string, columns ...column[T]) *table[T] {
	t := &table[T]{name: name, columns: columns}
	names := make([]string, len(columns))
	arrays := make([]string, len(columns))
	lite := make([]string, len(columns))
	post := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
		arrays[i] = "$" + strconv.Itoa(i+2) + "::" + c.postgres + "[]"
		lite[i] = c.name + " = $" + strconv.Itoa(i+2)
		post[i] = "t." + c.name + " = u." + c.name
	}
	list := strings.Join(names, ", ")
	into := "INTO " + name + " (part, rid, " + list + ") "
	for i := range t.liteInsert {
		t.liteInsert[i] = "INSERT OR FAIL " + into + "VALUES " + tuples(1<<i, len(columns)) + onConflict(name)
	}
	t.liteDelete = "DELETE FROM " + name + " WHERE part = 0 AND rid = $1 AND " + strings.Join(lite, " AND ")
	from := "unnest(" + strings.Join(arrays, ", ") + ") AS u(" + list + ")"
	t.postStrict = "INSERT " + into + "SELECT 0, $1::int8, " + list + " FROM " + from
	t.postInsert = t.postStrict + onConflict(name)
	t.postDelete = "DELETE FROM " + name + " t USING " + from + " WHERE t.part = 0 AND t.rid = $1 AND " + strings.Join(post, " AND ")
	return t
}

// onConflict lets a business identifier that is taken be told by the count of
// rows, which leaves the transaction usable on PostgreSQL.
func onConflict(table string) string {
	if table == "uniq_key" {
		return " ON CONFLICT DO NOTHING"
	}
	return ""
}

// tuples gives "(0, $1, $2), (0, $3, $4)": rid and the columns of each row.
func tuples(rows, columns int) string {
	var b strings.Builder
	n := 0
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(0")
		for range columns + 1 {
			n++
			b.WriteString(", $" + strconv.Itoa(n))
		}
		b.WriteString(")")
	}
	return b.String()
}

// insertLite inserts rows in as few statements as pay, and counts them.
func (t *table[T]) insertLite(exec Exec, rid int64, all []T) (int64, error) {
	var args [8 * 10]any
	var count int64
	for len(all) > 0 {
		size, n := len(t.liteInsert)-1, 1<<(len(t.liteInsert)-1)
		for n > len(all) {
			size, n = size-1, n/2
		}
		list := args[:0]
		for i := range all[:n] {
			list = append(list, rid)
			for _, c := range t.columns {
				list = append(list, c.value(&all[i]))
			}
		}
		affected, err := exec(t.liteInsert[size], list...)
		if err != nil {
			return count, err
		}
		count, all = count+affected, all[n:]
	}
	return count, nil
}

func (t *table[T]) deleteLite(exec Exec, rid int64, all []T) error {
	var args [10]any
	for i := range all {
		list := append(args[:0], rid)
		for _, c := range t.columns {
			list = append(list, c.value(&all[i]))
		}
		if _, err := exec(t.liteDelete, list...); err != nil {
			return err
		}
	}
	return nil
}

// arrays gives the parameters of postInsert and postDelete.
func (t *table[T]) arrays(rid int64, all []T) []any {
	args := make([]any, 0, len(t.columns)+1)
	args = append(args, rid)
	for _, c := range t.columns {
		args = append(args, c.array(all))
	}
	return args
}

// The index tables.
var (
	tokenTable = newTable("sp_token",
		col("sp", "int4", func(r *tokenRow) int32 { return r.sp }),
		col("code", "int8", func(r *tokenRow) int64 { return r.code }),
		col("sys", "int8", func(r *tokenRow) int64 { return r.sys }),
		col("txt", "text", func(r *tokenRow) string { return r.txt }))
	stringTable = newTable("sp_string",
		col("sp", "int4", func(r *stringRow) int32 { return r.sp }),
		col("norm", "text", func(r *stringRow) string { return r.norm }),
		col("exact", "int8", func(r *stringRow) int64 { return r.exact }),
		col("more", "text", func(r *stringRow) string { return r.more }))
	dateTable = newTable("sp_date",
		col("sp", "int4", func(r *dateRow) int32 { return r.sp }),
		col("lo", "int8", func(r *dateRow) int64 { return r.lo }),
		col("hi", "int8", func(r *dateRow) int64 { return r.hi }))
	numberTable = newTable("sp_number",
		col("sp", "int4", func(r *numberRow) int32 { return r.sp }),
		col("lo", "float8", func(r *numberRow) float64 { return r.lo }),
		col("hi", "float8", func(r *numberRow) float64 { return r.hi }))
	quantityTable = newTable("sp_quantity",
		col("sp", "int4", func(r *quantityRow) int32 { return r.sp }),
		col("lo", "float8", func(r *quantityRow) float64 { return r.lo }),
		col("hi", "float8", func(r *quantityRow) float64 { return r.hi }),
		col("sys", "int8", func(r *quantityRow) int64 { return r.sys }),
		col("code", "int8", func(r *quantityRow) int64 { return r.code }),
		col("unit", "int8", func(r *quantityRow) int64 { return r.unit }))
	referenceTable = newTable("sp_reference",
		col("sp", "int4", func(r *referenceRow) int32 { return r.sp }),
		col("h", "int8", func(r *referenceRow) int64 { return r.h }),
		col("ttyp", "int4", func(r *referenceRow) int32 { return r.ttyp }))
	uriTable = newTable("sp_uri",
		col("sp", "int4", func(r *uriRow) int32 { return r.sp }),
		col("uri", "text", func(r *uriRow) string { return r.uri }),
		col("more", "text", func(r *uriRow) string { return r.more }))
	compositeTable = newTable("sp_composite",
		col("sp", "int4", func(r *compositeRow) int32 { return r.sp }),
		col("code1", "int8", func(r *compositeRow) int64 { return r.code1 }),
		col("sys1", "int8", func(r *compositeRow) int64 { return r.sys1 }),
		col("code2", "int8", func(r *compositeRow) int64 { return r.code2 }),
		col("sys2", "int8", func(r *compositeRow) int64 { return r.sys2 }),
		col("lo", "float8", func(r *compositeRow) float64 { return r.lo }),
		col("hi", "float8", func(r *compositeRow) float64 { return r.hi }),
		col("txt", "text", func(r *compositeRow) string { return r.txt }))
	positionTable = newTable("sp_position",
		col("sp", "int4", func(r *positionRow) int32 { return r.sp }),
		col("x", "float8", func(r *positionRow) float64 { return r.x }),
		col("y", "float8", func(r *positionRow) float64 { return r.y }),
		col("z", "float8", func(r *positionRow) float64 { return r.z }))
	uniqueTable = newTable("uniq_key",
		col("typ", "int4", func(r *uniqueRow) int32 { return r.typ }),
		col("h", "int8", func(r *uniqueRow) int64 { return r.h }),
		col("name", "text", func(r *uniqueRow) string { return r.name }),
		col("value", "text", func(r *uniqueRow) string { return r.value }))
)

// Tables names all tables that hold rows of a resource's index.
var Tables = []string{
	"sp_token", "sp_string", "sp_date", "sp_number", "sp_quantity",
	"sp_reference", "sp_uri", "sp_composite", "sp_position", "uniq_key",
}

// WipeSQLite and WipePostgres are statements that delete all rows of the resource
// whose row id is $1. The first of them deletes its texts.
var (
	WipeSQLite   = wipe(LateDelete)
	WipePostgres = wipe("DELETE FROM sp_text WHERE part = 0 AND rid = $1")
)

func wipe(texts string) []string {
	out := []string{texts}
	for _, t := range Tables {
		out = append(out, "DELETE FROM "+t+" WHERE part = 0 AND rid = $1")
	}
	return out
}
