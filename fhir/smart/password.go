package smart

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"bima/fhir"
)

// The cost of one hash: 19 MiB, two passes, one lane. Source: OWASP's minimum
// for argon2id; a district's small server checks some twenty logins a second.
const (
	argonMemoryKiB = 19 * 1024
	argonPasses    = 2
	argonLanes     = 1
	argonKeyBytes  = 32
	argonSaltBytes = 16
)

// PasswordLengthMin is the shortest password Hash takes, in bytes.
// Source: NIST SP 800-63B section 5.1.1.2 asks for 8; secrets of systems that
// nobody types can be longer, and people's should be.
const PasswordLengthMin = 12

// passwordLengthMax bounds what a caller can make us hash.
const passwordLengthMax = 1024

// Hash gives the argon2id hash of a password in PHC string form, with a fresh
// salt. It fails with an Outcome of IssueValue when the password is too short or
// too long.
func Hash(password string) (string, error) {
	if len(password) < PasswordLengthMin || len(password) > passwordLengthMax {
		return "", fhir.Errorf(fhir.IssueValue, "", "a password needs %d to %d characters", PasswordLengthMin, passwordLengthMax)
	}
	salt := make([]byte, argonSaltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("reading random bytes for a salt: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemoryKiB, argonLanes, argonKeyBytes)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemoryKiB, argonPasses, argonLanes, encode(salt), encode(key)), nil
}

// Verify reports whether the password is the one that was hashed. A hash that is
// not in argon2id's PHC form matches nothing.
func Verify(hash, password string) bool {
	p, ok := parsePHC(hash)
	if !ok || len(password) > passwordLengthMax {
		return false
	}
	got := argon2.IDKey([]byte(password), p.salt, p.passes, p.memoryKiB, p.lanes, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(got, p.key) == 1
}

// phc is a parsed PHC string.
type phc struct {
	memoryKiB, passes uint32
	lanes             uint8
	salt, key         []byte
}

// parsePHC reads $argon2id$v=19$m=…,t=…,p=…$salt$key, with bounds on the cost so
// that a forged hash can't stop the server.
func parsePHC(s string) (p phc, ok bool) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memoryKiB, &p.passes, &p.lanes); err != nil {
		return p, false
	}
	if p.memoryKiB == 0 || p.memoryKiB > 1<<20 || p.passes == 0 || p.passes > 16 || p.lanes == 0 {
		return p, false
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, false
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(p.key) < argonKeyBytes {
		return p, false
	}
	return p, true
}
