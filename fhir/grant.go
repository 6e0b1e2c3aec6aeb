package fhir

import (
	"strings"
)

// An Access is a set of what scopes grant on a resource type. Source: SMART App
// Launch 2.2, scopes for requesting FHIR resources.
type Access uint8

// What scopes grant.
const (
	AccessCreate Access = 1 << iota // c: create
	AccessRead                      // r: read, vread, the history of a resource
	AccessUpdate                    // u: update, also one that creates; patch
	AccessDelete                    // d: delete
	AccessSearch                    // s: search, the history of a type or of all
)

// accessLetters are the letters of scopes, in the order they are written in.
const accessLetters = "cruds"

// String gives the letters of the access, "rs".
func (a Access) String() string {
	var b strings.Builder
	for i := range accessLetters {
		if a&(1<<i) != 0 {
			b.WriteByte(accessLetters[i])
		}
	}
	return b.String()
}

// A Grant is what the scopes of a token leave to its bearer of what his roles
// allow. A nil Grant leaves all of it.
type Grant struct {
	text  string // the scopes, as they are written
	level string // "system" or "user", of the first
	every Access // on all types
	of    map[string]Access
}

// ParseGrant reads the scopes of a token, system/Claim.read and system/*.cruds
// alike. What is no scope for resources, such as openid, says nothing here; where
// there is no other the Grant is nil. It fails with an Outcome of IssueForbidden
// for scopes that nobody here could keep to: those of one patient, and those
// narrowed by search parameters.
func ParseGrant(scopes string) (*Grant, error) {
	var g *Grant
	for scope := range strings.FieldsSeq(scopes) {
		level, rest, _ := strings.Cut(scope, "/")
		if level != "system" && level != "user" && level != "patient" {
			continue
		}
		if level == "patient" {
			return nil, badScope(scope, "this server knows no patient that a token is for; ask for system/ or user/ scopes")
		}
		if strings.Contains(rest, "?") {
			return nil, badScope(scope, "this server can't keep to scopes narrowed by search parameters; ask for the scope without them")
		}
		typ, letters, _ := strings.Cut(rest, ".")
		access, ok := accessOf(letters)
		if !ok || typ != "*" && !typeName(typ) {
			return nil, badScope(scope, "it is not of the form system/Claim.rs, system/Claim.read or system/*.cruds")
		}
		if g == nil {
			g = &Grant{level: level, of: map[string]Access{}}
		} else {
			g.text += " "
		}
		g.text += scope
		if typ == "*" {
			g.every |= access
		} else {
			g.of[typ] |= access
		}
	}
	return g, nil
}

// accessOf reads the part of a scope after the full stop: of version 1 or 2.
func accessOf(letters string) (a Access, ok bool) {
	switch letters {
	case "read":
		return AccessRead | AccessSearch, true
	case "write":
		return AccessCreate | AccessUpdate | AccessDelete, true
	case "*":
		return AccessCreate | AccessRead | AccessUpdate | AccessDelete | AccessSearch, true
	}
	for _, letter := range letters {
		i := strings.IndexRune(accessLetters, letter)
		if i < 0 || a>>i != 0 {
			return 0, false // no letter, twice, or not in its order
		}
		a |= 1 << i
	}
	return a, letters != ""
}

// typeName reports whether a text looks like the name of a resource type.
func typeName(text string) bool {
	for i, c := range text {
		if upper := c >= 'A' && c <= 'Z'; !upper && (i == 0 || c < 'a' || c > 'z') {
			return false
		}
	}
	return text != ""
}

func badScope(scope, why string) error {
	return Errorf(IssueForbidden, "", "the scope %.100q is not supported: %s", scope, why)
}

// May reports whether the scopes grant an access on a type; "" is all types.
func (g *Grant) May(a Access, typ string) bool {
	return g == nil || (g.every|g.of[typ])&a == a
}

// Need fails with an Outcome of IssueForbidden that names the scope that is
// missing, unless May holds.
func (g *Grant) Need(a Access, typ string) error {
	if g.May(a, typ) {
		return nil
	}
	if typ == "" {
		typ = "*"
	}
	return Errorf(IssueForbidden, "", "the token has not the scope %s/%s.%s, which this needs; its scopes are %.300s", g.level, typ, a, g.text)
}

// Without gives the Grant less some accesses, nil where nothing is left; of a nil
// Grant it is nil, too.
func (g *Grant) Without(a Access) *Grant {
	if g == nil {
		return nil
	}
	var kept []string
	for scope := range strings.FieldsSeq(g.text) {
		path, letters, _ := strings.Cut(scope, ".")
		had, _ := accessOf(letters)
		switch left := had &^ a; left {
		case 0:
		case had:
			kept = append(kept, scope)
		default:
			kept = append(kept, path+"."+left.String())
		}
	}
	less, err := ParseGrant(strings.Join(kept, " "))
	if err != nil {
		return nil // they were read before
	}
	return less
}

// Types gives the types that the scopes name, in no order.
func (g *Grant) Types() []string {
	if g == nil {
		return nil
	}
	types := make([]string, 0, len(g.of))
	for typ := range g.of {
		types = append(types, typ)
	}
	return types
}

// String gives the scopes as a token names them; "" of a nil Grant.
func (g *Grant) String() string {
	if g == nil {
		return ""
	}
	return g.text
}

// MarshalText gives the scopes.
func (g *Grant) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads scopes.
func (g *Grant) UnmarshalText(text []byte) error {
	read, err := ParseGrant(string(text))
	if err == nil && read == nil {
		// A Grant that was kept without scopes grants nothing.
		read = &Grant{level: "system"}
	}
	if err == nil {
		*g = *read
	}
	return err
}

// A Veil keeps from some callers what they must not see, in whatever way they ask
// for it: to them it is as if it were not there.
type Veil struct {
	// Types are those of which Hides may hide something: what is of no such type is
	// not asked about.
	Types []string
	// Over reports whether anything may be hidden from a caller. It is asked at each
	// request and reads nothing, so that it costs the others nothing.
	Over func(c Caller) bool
	// Hides gives what is hidden from such a caller now; an empty Hidden hides nothing.
	Hides func(r Reader, c Caller) (Hidden, error)
}

// A Seer is a Tx that tells what a Veil hides from its caller.
type Seer interface {
	// IsHidden reports whether a resource is there and hidden from the caller, also
	// within an operation and where the server acts on what he wrote.
	IsHidden(k Key) (bool, error)
}

// IsHidden asks a Reader that is a Seer; no other hides anything.
func IsHidden(r Reader, k Key) (bool, error) {
	seer, ok := r.(Seer)
	if !ok {
		return false, nil
	}
	return seer.IsHidden(k)
}

// Hidden says which resources are hidden, by their type: those on which the
// criterion holds. It is made of All, Any, Not, Match, Chain and Has to a type.
type Hidden map[string]Criterion
