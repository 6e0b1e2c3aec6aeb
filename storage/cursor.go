package storage

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"

	"bima/fhir"
)

// A cursor says where a page begins: behind a row in the order of its query. It
// carries a checksum and the hash of the query, so that what was cut short, or
// belongs to another search, is refused and not misread. It holds nothing but
// values the client has seen and is no secret.
type cursor struct {
	hash   uint64
	bound  int64 // the newest row id when the first page was made
	rid    int64 // of the last row seen; 0 is the first page
	back   bool
	values []any // of the sort keys: nil, int64, float64 or string
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
func (c cursor) String() string {
	b := []byte{cursorVersion, 0}
	if c.back {
		b[1] = 1
	}
	b = binary.BigEndian.AppendUint64(b, c.hash)
	b = binary.BigEndian.AppendUint64(b, uint64(c.bound))
	b = binary.BigEndian.AppendUint64(b, uint64(c.rid))
	for _, v := range c.values {
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

func checksum(b []byte) []byte {
	sum := sha256.Sum256(append([]byte("bima cursor "), b...))
	return sum[:checksumBytes]
}

const (
	checksumBytes = 8
	cursorHead    = 2 + 3*8
)

func badCursor() *fhir.Outcome {
	return fhir.Errorf(fhir.IssueValue, "", "The page cursor is not one this server gave out for this search; begin at the first page.")
}

// parseCursor reads a cursor of the query with the hash.
func parseCursor(text string, hash uint64) (c cursor, _ error) {
	bad := badCursor()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < cursorHead+checksumBytes || b[0] != cursorVersion {
		return c, bad
	}
	b, sum := b[:len(b)-checksumBytes], b[len(b)-checksumBytes:]
	if string(checksum(b)) != string(sum) {
		return c, bad
	}
	c.back = b[1] == 1
	c.hash = binary.BigEndian.Uint64(b[2:])
	c.bound = int64(binary.BigEndian.Uint64(b[10:]))
	c.rid = int64(binary.BigEndian.Uint64(b[18:]))
	if c.hash != hash {
		return c, bad
	}
	for b = b[cursorHead:]; len(b) > 0; {
		var v any
		if v, b, err = cursorValue(b); err != nil {
			return c, bad.Because(err)
		}
		c.values = append(c.values, v)
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

// queryHash tells queries apart by what they search and how they sort; the size
// of the page may change from one to the next.
func queryHash(q *fhir.Query) uint64 {
	return textHash(fmt.Sprintf("search %q %#v %#v", q.Types, q.Where, q.Sort))
}

func textHash(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:])
}
