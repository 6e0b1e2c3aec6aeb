package rest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// compressBytesMin is from how many bytes an answer is compressed: what fits one
// packet of Ethernet gains nothing.
const compressBytesMin = 1400

// answerCompressed writes the answer as gzip. It is compressed as a whole first:
// then its length is known, and no client sees half of it.
func (x *exchange) answerCompressed(status int, body []byte) {
	z := zippers.Get().(*zipper)
	defer z.giveBack()
	z.out.Reset()
	z.in.Reset(&z.out)
	// Writing to memory does not fail.
	_, _ = z.in.Write(body)
	_ = z.in.Close()
	x.set("Content-Encoding", "gzip")
	x.set("Content-Length", strconv.Itoa(z.out.Len()))
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		x.written, _ = x.w.Write(z.out.Bytes())
	}
}

// A zipper is a compressor with the memory it writes to.
type zipper struct {
	in  *gzip.Writer
	out bytes.Buffer
}

var zippers = sync.Pool{New: func() any {
	// The level is one that exists, so this does not fail.
	in, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return &zipper{in: in}
}}

// zipperBytesMax is the largest memory kept for the next answer.
const zipperBytesMax = 1 << 20

func (z *zipper) giveBack() {
	if z.out.Cap() <= zipperBytesMax {
		zippers.Put(z)
	}
}

// acceptsGzip reports whether the client names gzip, and not with q=0.
func acceptsGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		if line == "gzip" {
			return true
		}
		for part := range strings.SplitSeq(strings.ToLower(line), ",") {
			coding, params, _ := strings.Cut(part, ";")
			if strings.TrimSpace(coding) == "gzip" && quality(params) > 0 {
				return true
			}
		}
	}
	return false
}
