package storage

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"sync"
)

// bodyZipBytes is the size from which SQLite bodies are stored compressed.
// Below it the page they save costs less than the time they take to inflate on
// every read. PostgreSQL compresses by itself (lz4).
const bodyZipBytes = 6 << 10

// How a body is stored, as history.zip says.
const (
	zipNone  int64 = 0
	zipFlate int64 = 1
)

var flateWriters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		panic("flate refuses its own constant: " + err.Error())
	}
	return w
}}

// pack compresses a body where it pays.
func pack(body []byte) (zip int64, packed []byte) {
	if len(body) < bodyZipBytes {
		return zipNone, body
	}
	var out bytes.Buffer
	out.Grow(len(body) / 3)
	w := flateWriters.Get().(*flate.Writer)
	defer flateWriters.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return zipNone, body
	}
	if err := w.Close(); err != nil || out.Len() > len(body)*3/4 {
		return zipNone, body
	}
	return zipFlate, out.Bytes()
}

// unpack gives the body as it was given to Put.
func unpack(zip int64, packed []byte) ([]byte, error) {
	switch zip {
	case zipNone:
		return packed, nil
	case zipFlate:
		return io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	}
	return nil, fmt.Errorf("the body is stored in an unknown form %d", zip)
}
