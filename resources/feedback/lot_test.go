package feedback_test

import (
	"crypto/sha256"
	"encoding/binary"
)

// lot gives the place of a claim between 0 and 1.
func lot(seed, id string) float64 {
	sum := sha256.Sum256([]byte(seed + "|" + id))
	return float64(binary.BigEndian.Uint64(sum[:8])) / (1 << 63) / 2
}
