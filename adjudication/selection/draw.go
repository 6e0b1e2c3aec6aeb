package selection

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"bima/fhir"
)

// Drawn reports whether a claim is among a random share, in ten-thousandths of a
// percent. Anybody can work it out again: the first eight bytes of SHA-256 over
// seed, "|" and the claim's logical id, as a big-endian number, are a fraction of
// 2^64; a claim is drawn when that fraction is less than the share.
func Drawn(seed, id string, percent fhir.Amount) bool {
	sum := sha256.Sum256([]byte(seed + "|" + id))
	place, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:8]), whole)
	return int64(place) < int64(percent)
}
