package classification

import (
	"io"
	"strings"

	"bima/fhir"
)

// latin1 reads the encodings, besides UTF-8, that such files come in.
func latin1(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "iso-8859-1", "latin1", "us-ascii", "ascii":
		return &latin1Reader{in: in}, nil
	}
	return nil, fhir.Errorf(fhir.IssueNotSupported, "", "the file is in the encoding %.40q; UTF-8 and ISO-8859-1 can be read", label)
}

// A latin1Reader gives ISO-8859-1 as UTF-8.
type latin1Reader struct {
	in   io.Reader
	rest []byte
}

// Read implements io.Reader.
func (l *latin1Reader) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		var raw [4096]byte
		n, err := l.in.Read(raw[:])
		for _, b := range raw[:n] {
			l.rest = append(l.rest, string(rune(b))...)
		}
		if n == 0 {
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
