package rest

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"bima/fhir"
	"bima/fhir/xml"
)

// acceptedBodies names what a body may be, for the message that refuses others.
const acceptedBodies = "application/fhir+json, application/fhir+xml, application/json, application/xml"

// mediaType parts a Content-Type into its type, in lower case, and its
// parameters, in lower case.
func mediaType(contentType string) (media, params string) {
	media, params, _ = strings.Cut(strings.ToLower(contentType), ";")
	return strings.TrimSpace(media), params
}

// isJSON and isXML report whether a media type, in lower case, is one that a
// resource is sent in. Clients that declare nothing are taken to send JSON.
func isJSON(media string) bool {
	switch media {
	case "", "application/fhir+json", "application/json", "application/json+fhir", "text/json":
		return true
	}
	return false
}

func isXML(media string) bool {
	switch media {
	case "application/fhir+xml", "application/xml", "text/xml", "application/xml+fhir":
		return true
	}
	return false
}

// jsonBody reads a body that must be a resource, and gives it as FHIR's JSON.
func (x *exchange) jsonBody() ([]byte, error) {
	media, params := mediaType(x.r.Header.Get("Content-Type"))
	if x.writesBinary() {
		return x.binaryBody(media, params)
	}
	return x.resourceBody(media, params)
}

// resourceBody reads a resource of a media type as FHIR's JSON.
func (x *exchange) resourceBody(media, params string) ([]byte, error) {
	if !isJSON(media) && !isXML(media) {
		return nil, unsupportedMedia(media, acceptedBodies)
	}
	if !versionFits(params) {
		return nil, unsupportedMedia(media+" of that fhirVersion", acceptedBodies+" of fhirVersion 4.0")
	}
	read, err := x.bytes()
	if err != nil {
		return nil, err
	}
	return resourceIn(read, media, params)
}

// resourceIn gives a body that is a resource as FHIR's JSON.
func resourceIn(body []byte, media, params string) ([]byte, error) {
	read, err := recoded(body, params)
	if err != nil || !isXML(media) {
		return read, err
	}
	return xml.ToJSON(read)
}

// unsupportedMedia refuses a body for its type.
func unsupportedMedia(media, accepted string) error {
	return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMediaType, "",
		"the Content-Type %s can't be read here; send one of: %s", media, accepted)
}

// body reads the whole body as UTF-8: it undoes gzip, and recodes Latin-1 where
// the client declares it. The bytes are nobody else's.
func (x *exchange) body(params string) ([]byte, error) {
	read, err := x.bytes()
	if err != nil {
		return nil, err
	}
	return recoded(read, params)
}

// recoded gives a body as UTF-8, by the charset its media type declares.
func recoded(body []byte, params string) ([]byte, error) {
	switch charset, _ := param(params, "charset"); charset {
	case "", "utf-8", "utf8", "us-ascii":
		return body, nil
	case "iso-8859-1", "latin1":
		return fromLatin1(body), nil
	default:
		return nil, unsupportedMedia("charset "+charset, "charset utf-8, charset iso-8859-1")
	}
}

// bytes reads the body within the limits of size and time.
func (x *exchange) bytes() ([]byte, error) { return x.bytesUpTo(x.limits.BodyBytes) }

// bytesUpTo reads a body of up to so many bytes.
func (x *exchange) bytesUpTo(limit int64) ([]byte, error) {
	if x.r.ContentLength > limit {
		x.passOver()
		return nil, tooLong(limit)
	}
	if x.r.Body == nil || x.r.Body == http.NoBody {
		return nil, nil
	}
	// A server without connections to limit, as in tests, can't and need not.
	_ = x.control.SetReadDeadline(time.Now().Add(x.limits.Body))
	defer func() { _ = x.control.SetReadDeadline(time.Time{}) }()
	limited := http.MaxBytesReader(x.w, x.r.Body, limit)
	switch encoding := strings.ToLower(x.r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return readAll(limited, int(x.r.ContentLength), limit)
	case "gzip", "x-gzip":
		return unzip(limited, limit)
	default:
		x.header["Accept-Encoding"] = []string{"gzip"}
		return nil, unsupportedMedia("Content-Encoding "+encoding, "gzip, identity")
	}
}

// What is read of a body that is too long, and how long at most: many clients read
// no answer before they have sent all.
const (
	passOverTimes = 4 // the limit of a body
	passOverTime  = 5 * time.Second
)

// passOver reads the rest of a body that nobody wants.
func (x *exchange) passOver() {
	_ = x.control.SetReadDeadline(time.Now().Add(passOverTime))
	_, _ = io.CopyN(io.Discard, x.r.Body, passOverTimes*x.limits.BodyBytes)
	_ = x.control.SetReadDeadline(time.Time{})
}

// readAll reads up to limit bytes; size is how many are expected, or less than
// one where that is not known.
func readAll(from io.Reader, size int, limit int64) ([]byte, error) {
	const sizeUnknown = 4 << 10
	if size < 1 {
		size = sizeUnknown
	}
	read := make([]byte, 0, size+1)
	for {
		n, err := from.Read(read[len(read):cap(read)])
		read = read[:len(read)+n]
		switch {
		case int64(len(read)) > limit:
			return nil, tooLong(limit)
		case err == io.EOF:
			return read, nil
		case err != nil:
			return nil, brokenBody(err, limit)
		}
		if len(read) == cap(read) {
			read = append(read, 0)[:len(read)]
		}
	}
}

var unzippers sync.Pool

// unzip reads a gzip body; limit holds for what comes out of it too, so that a
// small bomb does not fill the memory.
func unzip(from io.Reader, limit int64) ([]byte, error) {
	z, ok := unzippers.Get().(*gzip.Reader)
	if !ok {
		z = new(gzip.Reader)
	}
	defer unzippers.Put(z)
	if err := z.Reset(from); err != nil {
		return nil, brokenBody(err, limit)
	}
	return readAll(z, 0, limit)
}

// brokenBody tells why a body can't be read to its end.
func brokenBody(err error, limit int64) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLong(limit)
	}
	return fhir.Errorf(fhir.IssueStructure, "", "the body could not be read to its end as its Content-Length, Transfer-Encoding and Content-Encoding declare it: %w", err)
}

func tooLong(limit int64) error {
	return fhir.Errorf(fhir.IssueTooLong, "", "the body is larger than %d bytes, the limit of this server; send several smaller ones", limit)
}

// fromLatin1 recodes ISO-8859-1, whose bytes are the first 256 code points.
func fromLatin1(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for _, c := range text {
		if c < 0x80 {
			out = append(out, c)
			continue
		}
		out = append(out, 0xC0|c>>6, 0x80|c&0x3F)
	}
	return out
}
