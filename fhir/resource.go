package fhir

import "time"

// A Key names a resource within the scheme: its type and its logical id.
// Source: R4 http#general ("[type]/[id]").
type Key struct {
	Type string // a resource type, such as "Claim"
	ID   string // 1 to 64 characters of [A-Za-z0-9.-]
}

// String gives the relative reference form, "Claim/c-1001".
func (k Key) String() string { return k.Type + "/" + k.ID }

// IsZero reports whether the key names nothing.
func (k Key) IsZero() bool { return k == Key{} }

// idLengthMax is the longest logical id. Source: R4 datatypes#id.
const idLengthMax = 64

// ValidID reports whether s may be a logical id: 1 to 64 characters of
// letters, digits, '-' and '.'. Source: R4 datatypes#id.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > idLengthMax {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}

// A Method is the interaction that made a version. Its values are HTTP's
// methods, as Bundle.entry.request.method of a history wants them.
type Method string

// The methods that make versions.
const (
	MethodCreate Method = "POST"
	MethodUpdate Method = "PUT"
	MethodPatch  Method = "PATCH"
	MethodDelete Method = "DELETE"
)

// A Resource is one version of one resource. Body is the JSON exactly as
// stored, with id, meta.versionId and meta.lastUpdated written in; it is shared
// by everyone who holds the version, so nobody writes to it. The Body of a
// deletion is nil.
type Resource struct {
	Key
	Version int64     // meta.versionId, from 1
	Updated time.Time // meta.lastUpdated, UTC, milliseconds
	Deleted bool
	Method  Method // the interaction that made this version
	Body    []byte
}
