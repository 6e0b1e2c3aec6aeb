package index

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// Hash gives 64 bits of SHA-256. It is no plain checksum, because whoever may
// write resources could otherwise choose codes and ids that collide.
func Hash(s string) int64 {
	var sum [sha256.Size]byte
	if len(s) <= 128 {
		var short [128]byte
		sum = sha256.Sum256(short[:copy(short[:], s)])
	} else {
		sum = sha256.Sum256([]byte(s))
	}
	return int64(binary.LittleEndian.Uint64(sum[:8]))
}

// HashPair hashes two texts so that no other two give the same bytes.
func HashPair(a, b string) int64 {
	h := sha256.New()
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(a)))
	h.Write(length[:])
	h.Write([]byte(a))
	h.Write([]byte(b))
	return int64(binary.LittleEndian.Uint64(h.Sum(nil)))
}

// TextKeyBytes is how much of a text is key: PostgreSQL's B-tree takes 2,704
// bytes a row at most. What is longer is kept whole beside it.
const TextKeyBytes = 400

// Cut gives the part of a text that is key, and the whole where that is not all.
func Cut(s string) (key, whole string) {
	if len(s) <= TextKeyBytes {
		return s, ""
	}
	end := TextKeyBytes
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end], s
}

// TokenText gives what of a code is kept to sort by.
func TokenText(code string) string { return tokenText(Stored(code)) }

// TokenTextBytes is how much of a code is kept to sort by.
const TokenTextBytes = 64

func tokenText(code string) string {
	if len(code) <= TokenTextBytes {
		return code
	}
	end := TokenTextBytes
	for end > 0 && !utf8.RuneStart(code[end]) {
		end--
	}
	return code[:end]
}

// Clip gives the part of a text that is key.
func Clip(s string) string { key, _ := Cut(Stored(s)); return key }

// Stored makes a text fit for a database: PostgreSQL takes neither NUL nor what
// is not UTF-8.
func Stored(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
