package interaction

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"

	"bima/fhir"
)

// newID makes a logical id: a UUID of version 7, so that ids made later sort
// later and the database appends to its indexes. Source: RFC 9562 section 5.7,
// with the fraction of the millisecond in rand_a (method 3 of section 6.2).
func (e *Engine) newID() string {
	var u [16]byte
	now := e.now()
	ms := now.UnixMilli()
	fraction := uint64(now.Nanosecond()%1_000_000) * 4096 / 1_000_000
	_, _ = rand.Read(u[8:]) // it never fails
	binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16|0x7000|fraction)
	u[8] = u[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:], u[:4])
	hex.Encode(text[9:], u[4:6])
	hex.Encode(text[14:], u[6:8])
	hex.Encode(text[19:], u[8:10])
	hex.Encode(text[24:], u[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

func badID(id string) error {
	return fhir.Errorf(fhir.IssueValue, "", "%.80q can't be a logical id: 1 to 64 letters, digits, '-' and '.'", id)
}

// sameID refuses a body whose id is not the one of the URL. Source: R4
// http#update ("If no id element is provided, or the id disagrees with the id in
// the URL, the server SHALL respond with an HTTP 400 error code").
func sameID(d *draft, k fhir.Key) error {
	switch d.id {
	case k.ID:
		return nil
	case "":
		return fhir.Errorf(fhir.IssueRequired, k.Type+".id", "the body must bear the id of the URL, %q", k.ID)
	}
	return fhir.Errorf(fhir.IssueInvalid, k.Type+".id", "the body's id %q is not the id of the URL, %q", d.id, k.ID)
}
