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
// belongs to another search, is refused and not misread. It holds nothing but
// values the client has seen and is no secret.
type Cursor struct {
	Hash   uint64
	Bound  int64 // the newest row id when the first page was made
	RID    int64 // of the last row seen; 0 is the first page
	Back   bool
	Values []any // of the sort keys: nil, int64, float64 or string
}

// cursorVersion changes with the form of cursors.
const cursorVersion = 1

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
	if err != nil || len(b) < cursorHead+checksumBytes || b[0] != cursorVersion {
		return c, bad
	}
	b, sum := b[:len(b)-checksumBytes], b[len(b)-checksumBytes:]
	if string(checksum(b)) != string(sum) {
		return c, bad
	}
	c.Back = b[1] == 1
	c.Hash = binary.BigEndian.Uint64(b[2:])
	c.Bound = int64(binary.BigEndian.Uint64(b[10:]))
	c.RID = int64(binary.BigEndian.Uint64(b[18:]))
	if c.Hash != hash {
		return c, bad
	}
	for b = b[cursorHead:]; len(b) > 0; {
		var v any
		if v, b, err = cursorValue(b); err != nil {
			return c, bad.Because(err)
		}
		c.Values = append(c.Values, v)
	}
	return c, nil
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
