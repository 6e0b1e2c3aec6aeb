package query

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"

	"bima/fhir"
)

// A Cursor says where a page begins: behind a row in the order of its query. It
// carries a checksum and the hash of the query, so that what was cut short, or
// belongs to another search, is refused and not misread. It holds what a resource
// on the client's page was sorted by at the first one, and is no secret.
type Cursor struct {
	Hash   uint64
	Bound  int64 // the newest row id when the first page was made
	RID    int64 // of the last row seen; 0 is the first page
	Back   bool
	Values []any // of the sort keys: nil, int64, float64 or string

	// Firm has later pages keep to the sort keys as the first page saw them; Bound
	// then is the newest version too. Writers are PostgreSQL's numbers of the
	// transactions that were under way: what they wrote may be older than Bound, and
	// the first page did not see it.
	Firm    bool
	Writers []int64
}

// The forms of cursors: firmVersion has writers.
const (
	cursorVersion = 1
	firmVersion   = 2
)

const (
	cursorNull byte = iota
	cursorInt
	cursorFloat
	cursorString
)

// String gives the cursor in the form a URL takes unchanged.
func (c Cursor) String() string {
	b := []byte{cursorVersion, 0}
	if c.Back {
		b[1] = 1
	}
	b = binary.BigEndian.AppendUint64(b, c.Hash)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Bound))
	b = binary.BigEndian.AppendUint64(b, uint64(c.RID))
	if c.Firm {
		b[0] = firmVersion
		b = binary.AppendUvarint(b, uint64(len(c.Writers)))
		for _, w := range c.Writers {
			b = binary.AppendUvarint(b, uint64(w))
		}
	}
	for _, v := range c.Values {
		switch v := v.(type) {
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, cursorInt), uint64(v))
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, cursorFloat), math.Float64bits(v))
		case string:
			b = binary.AppendUvarint(append(b, cursorString), uint64(len(v)))
			b = append(b, v...)
		default:
			b = append(b, cursorNull)
		}
	}
	return base64.RawURLEncoding.EncodeToString(append(b, checksum(b)...))
}

// behind writes that a row is behind the search's cursor, and within its bound. What
// the cursor says of that is not said twice: of two such limits SQLite seeks the first,
// so that it would go from the bound through all pages before, to come to this one.
func (p *Planner) behind(q *Search, rid string) {
	c := q.Cursor
	if c.RID == 0 || c.Back || c.RID > c.Bound {
		p.bounded(q, rid)
	}
	if c.RID != 0 {
		p.Add(" AND ", rid, compare(!c.Back), p.Arg(c.RID))
	}
}

// bounded writes that a row is within the search's bound.
func (p *Planner) bounded(q *Search, rid string) {
	if q.Cursor.Bound != 0 {
		p.Add(" AND ", rid, " <= ", p.Arg(q.Cursor.Bound))
	}
}

func checksum(b []byte) []byte {
	sum := sha256.Sum256(append([]byte("bima cursor "), b...))
	return sum[:checksumBytes]
}

const (
	checksumBytes = 8
	cursorHead    = 2 + 3*8
)

// BadCursor is the Outcome for a cursor that is not of this search.
func BadCursor() *fhir.Outcome {
	return fhir.Errorf(fhir.IssueValue, "", "The page cursor is not one this server gave out for this search; begin at the first page.")
}

// ParseCursor reads a cursor of the query with the hash.
func ParseCursor(text string, hash uint64) (c Cursor, _ error) {
	bad := BadCursor()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < cursorHead+checksumBytes || b[0] != cursorVersion && b[0] != firmVersion {
		return c, bad
	}
	b, sum := b[:len(b)-checksumBytes], b[len(b)-checksumBytes:]
	if string(checksum(b)) != string(sum) {
		return c, bad
	}
	c.Firm, c.Back = b[0] == firmVersion, b[1] == 1
	c.Hash = binary.BigEndian.Uint64(b[2:])
	c.Bound = int64(binary.BigEndian.Uint64(b[10:]))
	c.RID = int64(binary.BigEndian.Uint64(b[18:]))
	if c.Hash != hash {
		return c, bad
	}
	b = b[cursorHead:]
	if c.Firm {
		if c.Writers, b, err = cursorWriters(b); err != nil {
			return c, bad.Because(err)
		}
	}
	for len(b) > 0 {
		var v any
		if v, b, err = cursorValue(b); err != nil {
			return c, bad.Because(err)
		}
		c.Values = append(c.Values, v)
	}
	return c, nil
}

func cursorWriters(b []byte) (writers []int64, rest []byte, err error) {
	count, size := binary.Uvarint(b)
	for ; size > 0 && count > 0; count-- {
		b = b[size:]
		var w uint64
		w, size = binary.Uvarint(b)
		writers = append(writers, int64(w))
	}
	if size <= 0 {
		return nil, nil, fmt.Errorf("a cursor's writers are cut short")
	}
	return writers, b[size:], nil
}

func cursorValue(b []byte) (v any, rest []byte, err error) {
	kind, b := b[0], b[1:]
	switch {
	case kind == cursorNull:
		return nil, b, nil
	case kind == cursorInt && len(b) >= 8:
		return int64(binary.BigEndian.Uint64(b)), b[8:], nil
	case kind == cursorFloat && len(b) >= 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b)), b[8:], nil
	case kind == cursorString:
		n, size := binary.Uvarint(b)
		if size > 0 && n <= uint64(len(b)-size) {
			return string(b[size : size+int(n)]), b[size+int(n):], nil
		}
	}
	return nil, nil, fmt.Errorf("a cursor value of kind %d", kind)
}

// OldestFirst reports whether a query comes from the oldest on: it then is searched as
// the way back from the end of another is, and its way back as the other's way on.
func OldestFirst(q *fhir.Query) bool { return q.Oldest && len(q.Sort) == 0 }

// Hash tells queries apart by what they search and how they sort; the size
// of the page may change from one to the next.
func Hash(q *fhir.Query) uint64 {
	text := fmt.Sprintf("search %q %#v %#v", q.Types, settled(q.Where), q.Sort)
	if OldestFirst(q) {
		text += " oldest"
	}
	return TextHash(text)
}

// TextHash gives 64 bits of a text's SHA-256.
func TextHash(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:])
}

// settled gives a criterion with the middle of each approximate date in place of
// its margins, which widen with the time that passes from page to page.
func settled(c fhir.Criterion) fhir.Criterion {
	switch c := c.(type) {
	case fhir.All:
		return fhir.All(settledEach(c))
	case fhir.Any:
		return fhir.Any(settledEach(c))
	case fhir.Not:
		c.Criterion = settled(c.Criterion)
		return c
	case fhir.Chain:
		c.Where = settled(c.Where)
		return c
	case fhir.Has:
		c.Where = settled(c.Where)
		return c
	case fhir.Of:
		c.Where = settled(c.Where)
		return c
	case fhir.Match:
		c.Value = settledValue(c.Value)
		return c
	case fhir.Updated:
		return fhir.Updated(settledDate(fhir.DateValue(c)))
	}
	return c
}

func settledEach(list []fhir.Criterion) []fhir.Criterion {
	out := make([]fhir.Criterion, len(list))
	for i, c := range list {
		out[i] = settled(c)
	}
	return out
}

func settledValue(v fhir.Value) fhir.Value {
	switch v := v.(type) {
	case fhir.DateValue:
		return settledDate(v)
	case fhir.CompositeValue:
		v.Second = settledValue(v.Second)
		return v
	case fhir.OccurrenceValue:
		parts := make([]fhir.Value, len(v.Parts))
		for i, part := range v.Parts {
			parts[i] = settledValue(part)
		}
		return fhir.OccurrenceValue{Parts: parts}
	}
	return v
}

func settledDate(v fhir.DateValue) fhir.DateValue {
	if v.Prefix == fhir.PrefixApproximate {
		v.From, v.To = v.From/2+v.To/2, 0
	}
	return v
}
