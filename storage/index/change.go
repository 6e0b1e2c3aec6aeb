package index

import (
	"errors"

	"bima/fhir"
)

// A Change is what differs between the rows of two versions of a resource.
type Change struct {
	tokens     change[tokenRow]
	strings    change[stringRow]
	dates      change[dateRow]
	numbers    change[numberRow]
	quantities change[quantityRow]
	references change[referenceRow]
	uris       change[uriRow]
	composites change[compositeRow]
	positions  change[positionRow]
	texts      []textChange
	uniques    change[uniqueRow]
}

type change[T comparable] struct{ added, gone []T }

func changed[T comparable](before, after []T) change[T] {
	return change[T]{only(after, before), only(before, after)}
}

// Between gives what differs.
func Between(before, after *Rows) Change {
	return Change{
		tokens:     changed(before.tokens, after.tokens),
		strings:    changed(before.strings, after.strings),
		dates:      changed(before.dates, after.dates),
		numbers:    changed(before.numbers, after.numbers),
		quantities: changed(before.quantities, after.quantities),
		references: changed(before.references, after.references),
		uris:       changed(before.uris, after.uris),
		composites: changed(before.composites, after.composites),
		positions:  changed(before.positions, after.positions),
		texts:      textChanges(before, after),
		uniques:    changed(before.uniques, after.uniques),
	}
}

// Taken gives the business identifiers that the later version is the first to
// bear.
func (c *Change) Taken(typ string) []fhir.UniqueKey {
	out := make([]fhir.UniqueKey, 0, len(c.uniques.added))
	for _, u := range c.uniques.added {
		out = append(out, fhir.UniqueKey{Type: typ, Name: u.name, Value: u.value})
	}
	return out
}

// An Exec runs a statement and gives how many rows it touched.
type Exec func(statement string, args ...any) (int64, error)

// Delete deletes on SQLite, one by one, what the later version lacks.
func (c *Change) Delete(exec Exec, rid int64) error {
	return errors.Join(
		tokenTable.deleteLite(exec, rid, c.tokens.gone),
		stringTable.deleteLite(exec, rid, c.strings.gone),
		dateTable.deleteLite(exec, rid, c.dates.gone),
		numberTable.deleteLite(exec, rid, c.numbers.gone),
		quantityTable.deleteLite(exec, rid, c.quantities.gone),
		referenceTable.deleteLite(exec, rid, c.references.gone),
		uriTable.deleteLite(exec, rid, c.uris.gone),
		compositeTable.deleteLite(exec, rid, c.composites.gone),
		positionTable.deleteLite(exec, rid, c.positions.gone),
		uniqueTable.deleteLite(exec, rid, c.uniques.gone),
	)
}

// Insert inserts on SQLite what the earlier version lacked, and writes the texts
// that differ. It reports whether
// the business identifiers were free, and inserts nothing else where not.
func (c *Change) Insert(exec Exec, rid int64) (free bool, err error) {
	counted, err := uniqueTable.insertLite(exec, rid, c.uniques.added)
	if err != nil || counted < int64(len(c.uniques.added)) {
		return false, err
	}
	return true, errors.Join(
		inserted(tokenTable.insertLite(exec, rid, c.tokens.added)),
		inserted(stringTable.insertLite(exec, rid, c.strings.added)),
		inserted(dateTable.insertLite(exec, rid, c.dates.added)),
		inserted(numberTable.insertLite(exec, rid, c.numbers.added)),
		inserted(quantityTable.insertLite(exec, rid, c.quantities.added)),
		inserted(referenceTable.insertLite(exec, rid, c.references.added)),
		inserted(uriTable.insertLite(exec, rid, c.uris.added)),
		inserted(compositeTable.insertLite(exec, rid, c.composites.added)),
		inserted(positionTable.insertLite(exec, rid, c.positions.added)),
		c.writeTexts(exec, rid),
	)
}

func inserted(_ int64, err error) error { return err }

// Uniques gives how many business identifiers are added, by the last statement
// that QueueUniques adds.
func (c *Change) Uniques() int { return len(c.uniques.added) }

// QueueUniques adds PostgreSQL's statements for the business identifiers: what
// goes, then what comes. Strict ones fail where an identifier is taken, the
// others then touch fewer rows.
func (c *Change) QueueUniques(add func(statement string, args ...any), rid int64, strict bool) {
	queue(add, uniqueTable, rid, c.uniques, strict)
}

// Queue adds PostgreSQL's statements for all other tables.
func (c *Change) Queue(add func(statement string, args ...any), rid int64) {
	queue(add, tokenTable, rid, c.tokens, true)
	queue(add, stringTable, rid, c.strings, true)
	queue(add, dateTable, rid, c.dates, true)
	queue(add, numberTable, rid, c.numbers, true)
	queue(add, quantityTable, rid, c.quantities, true)
	queue(add, referenceTable, rid, c.references, true)
	queue(add, uriTable, rid, c.uris, true)
	queue(add, compositeTable, rid, c.composites, true)
	queue(add, positionTable, rid, c.positions, true)
	c.queueTexts(add, rid)
}

// queue adds the statements of one table.
func queue[T comparable](add func(statement string, args ...any), t *table[T], rid int64, c change[T], strict bool) {
	if len(c.gone) > 0 {
		add(t.postDelete, t.arrays(rid, c.gone)...)
	}
	if len(c.added) == 0 {
		return
	}
	insert := t.postInsert
	if strict {
		insert = t.postStrict
	}
	add(insert, t.arrays(rid, c.added)...)
}

// only gives the distinct members of a that b lacks. Rows of an index are few, so
// a map is made only where there are many.
func only[T comparable](a, b []T) []T {
	if len(a) == 0 {
		return nil
	}
	const few = 24
	if len(a)+len(b) <= few {
		return onlyFew(a, b)
	}
	seen := make(map[T]struct{}, len(a)+len(b))
	for _, v := range b {
		seen[v] = struct{}{}
	}
	out := make([]T, 0, len(a))
	for _, v := range a {
		if _, ok := seen[v]; !ok {
			seen[v] = struct{}{}
			out = append(out, v)
		}
	}
	return out
}

func onlyFew[T comparable](a, b []T) []T {
	out := make([]T, 0, len(a))
	for i, v := range a {
		if !holds(b, v) && !holds(a[:i], v) {
			out = append(out, v)
		}
	}
	return out
}

func holds[T comparable](all []T, v T) bool {
	for _, w := range all {
		if w == v {
			return true
		}
	}
	return false
}
