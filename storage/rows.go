package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"bima/fhir"
)

// The rows of the index tables, as written: part and rid are left out.
type (
	tokenRow struct {
		sp        int32
		code, sys int64
		txt       string
	}
	stringRow struct {
		sp         int32
		norm, more string
		exact      int64
	}
	dateRow struct {
		sp     int32
		lo, hi int64
	}
	numberRow struct {
		sp     int32
		lo, hi float64
	}
	quantityRow struct {
		sp              int32
		lo, hi          float64
		sys, code, unit int64
	}
	referenceRow struct {
		sp   int32
		h    int64
		ttyp int32
	}
	uriRow struct {
		sp        int32
		uri, more string
	}
	compositeRow struct {
		sp                       int32
		code1, sys1, code2, sys2 int64
		lo, hi                   float64
		txt                      string
	}
	uniqueRow struct {
		typ         int32
		h           int64
		name, value string
	}
)

// indexRows is an Index as its tables hold it.
type indexRows struct {
	tokens     []tokenRow
	strings    []stringRow
	dates      []dateRow
	numbers    []numberRow
	quantities []quantityRow
	references []referenceRow
	uris       []uriRow
	composites []compositeRow
	uniques    []uniqueRow
}

// textKeyBytes is how much of a text is key: PostgreSQL's B-tree takes 2,704
// bytes a row at most. What is longer is kept whole beside it.
const textKeyBytes = 400

// cut gives the part of a text that is key, and the whole where that is not all.
func cut(s string) (key, whole string) {
	if len(s) <= textKeyBytes {
		return s, ""
	}
	end := textKeyBytes
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end], s
}

// tokenTextBytes is how much of a code is kept to sort by.
const tokenTextBytes = 64

func tokenText(code string) string {
	if len(code) <= tokenTextBytes {
		return code
	}
	end := tokenTextBytes
	for end > 0 && !utf8.RuneStart(code[end]) {
		end--
	}
	return code[:end]
}

// rowsOf turns an Index into rows. number gives the parameter's number in the
// registry; the first failure ends it.
func rowsOf(typ string, x *fhir.Index, number func(typ, code string) (int32, error)) (*indexRows, error) {
	out := &indexRows{}
	if x == nil {
		return out, nil
	}
	b := rowBuilder{typ: typ, number: number}
	b.texts(x, out)
	b.ranges(x, out)
	b.links(x, out)
	for _, r := range x.Composites {
		out.composites = append(out.composites, compositeRow{
			sp: b.sp(r.Param), code1: hash64(r.First.Code), sys1: hash64(r.First.System),
			code2: hash64(r.Second.Code), sys2: hash64(r.Second.System), lo: r.Low, hi: r.High, txt: clip(r.Text),
		})
	}
	for _, u := range x.Unique {
		out.uniques = append(out.uniques, uniqueRow{typ: b.sp2(u.Type), h: hashPair(u.Name, u.Value), name: stored(u.Name), value: stored(u.Value)})
	}
	return out, b.err
}

func clip(s string) string { key, _ := cut(stored(s)); return key }

type rowBuilder struct {
	typ    string
	number func(typ, code string) (int32, error)
	err    error
}

func (b *rowBuilder) sp(code string) int32 {
	if b.err != nil {
		return 0
	}
	n, err := b.number(b.typ, code)
	b.err = err
	return n
}

func (b *rowBuilder) texts(x *fhir.Index, out *indexRows) {
	out.tokens = make([]tokenRow, 0, len(x.Tokens))
	for _, r := range x.Tokens {
		out.tokens = append(out.tokens, tokenRow{
			sp: b.sp(r.Param), code: hash64(r.Code), sys: hash64(r.System), txt: tokenText(stored(r.Code)),
		})
	}
	out.strings = make([]stringRow, 0, len(x.Strings))
	for _, r := range x.Strings {
		norm, more := cut(stored(r.Normal))
		out.strings = append(out.strings, stringRow{sp: b.sp(r.Param), norm: norm, more: more, exact: hash64(r.Exact)})
	}
	for _, r := range x.URIs {
		uri, more := cut(stored(r.URI))
		out.uris = append(out.uris, uriRow{sp: b.sp(r.Param), uri: uri, more: more})
	}
}

func (b *rowBuilder) ranges(x *fhir.Index, out *indexRows) {
	for _, r := range x.Dates {
		out.dates = append(out.dates, dateRow{sp: b.sp(r.Param), lo: r.From, hi: r.To})
	}
	for _, r := range x.Numbers {
		out.numbers = append(out.numbers, numberRow{sp: b.sp(r.Param), lo: r.Low, hi: r.High})
	}
	for _, r := range x.Quantities {
		out.quantities = append(out.quantities, quantityRow{
			sp: b.sp(r.Param), lo: r.Low, hi: r.High, sys: hash64(r.System), code: hash64(r.Code), unit: hash64(r.Unit),
		})
	}
}

func (b *rowBuilder) links(x *fhir.Index, out *indexRows) {
	out.references = make([]referenceRow, 0, len(x.References))
	for _, r := range x.References {
		row := referenceRow{sp: b.sp(r.Param)}
		if r.Key.ID != "" {
			row.ttyp, row.h = b.sp2(r.Key.Type), hash64(r.Key.ID)
		} else {
			row.h = hash64(r.URL)
		}
		out.references = append(out.references, row)
	}
}

// sp2 gives the number of a resource type.
func (b *rowBuilder) sp2(typ string) int32 {
	if b.err != nil {
		return 0
	}
	n, err := b.number(typ, "")
	b.err = err
	return n
}

// difference gives what is only in after, and what is only in before. Rows of an
// index are few, so a map is made only where there are many.
func difference[T comparable](before, after []T) (added, gone []T) {
	return only(after, before), only(before, after)
}

// only gives the distinct members of a that b lacks.
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

// idCounterBits is the room for ids made in one millisecond: four million.
const idCounterBits = 22

// idEpochMillis is 2020-01-01T00:00:00Z. Counting from there, ids last to 2089.
const idEpochMillis = 1577836800000

// idSource makes row ids that grow with time. Two processes may in theory make
// the same id; the primary key then refuses it and the transaction runs again.
type idSource struct{ counter atomic.Uint32 }

func newIDSource() *idSource {
	s := &idSource{}
	s.counter.Store(rand.Uint32())
	return s
}

// next gives an id of the time, greater than the ones before it of the same
// millisecond, but for the one in four million where the counter begins anew.
func (s *idSource) next(at time.Time) int64 {
	n := int64(s.counter.Add(1)) & (1<<idCounterBits - 1)
	return idAt(at) | n
}

// idAt gives the lowest id of a millisecond.
func idAt(at time.Time) int64 { return (at.UnixMilli() - idEpochMillis) << idCounterBits }

// idFrom gives the lowest id of a time in microseconds since 1970. Times ids have
// no room for give the least and greatest of them.
func idFrom(micros int64) int64 {
	const last = 1<<(63-idCounterBits) - 1
	millis := (micros+999)/1000 - idEpochMillis
	return min(max(millis, -last), last) << idCounterBits
}

// idTime gives the millisecond an id was made for.
func idTime(id int64) time.Time {
	return time.UnixMilli(id>>idCounterBits + idEpochMillis).UTC()
}

// hash64 gives 64 bits of SHA-256. It is no plain checksum, because whoever may
// write resources could otherwise choose codes and ids that collide.
func hash64(s string) int64 {
	var sum [sha256.Size]byte
	if len(s) <= 128 {
		var short [128]byte
		sum = sha256.Sum256(short[:copy(short[:], s)])
	} else {
		sum = sha256.Sum256([]byte(s))
	}
	return int64(binary.LittleEndian.Uint64(sum[:8]))
}

// hashPair hashes two texts so that no other two give the same bytes.
func hashPair(a, b string) int64 {
	h := sha256.New()
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(a)))
	h.Write(length[:])
	h.Write([]byte(a))
	h.Write([]byte(b))
	return int64(binary.LittleEndian.Uint64(h.Sum(nil)))
}
