package codes

import (
	"strings"

	"bima/fhir/path/ucum"
)

// The systems whose codes follow rules instead of a list.
const (
	UCUM      = "http://unitsofmeasure.org"
	MediaType = "urn:ietf:bcp:13"
	Language  = "urn:ietf:bcp:47"
)

// Ruled gives the rule of a system whose codes no list can hold: whether a text
// is a code of it. ok is false for any other system.
func Ruled(system string) (rule func(code string) bool, ok bool) {
	switch system {
	case UCUM:
		return isUnit, true
	case MediaType:
		return isMediaType, true
	case Language:
		return isLanguage, true
	}
	return nil, false
}

func isUnit(code string) bool {
	_, err := ucum.Parse(code)
	return err == nil
}

// isMediaType reports whether a text is type/subtype, with parameters or without.
// Source: RFC 6838 section 4.2, RFC 2045 section 5.1.
func isMediaType(code string) bool {
	name, parameters, more := strings.Cut(code, ";")
	kind, subtype, ok := strings.Cut(strings.TrimSpace(name), "/")
	if !ok || !isToken(kind) || !isToken(subtype) {
		return false
	}
	for more {
		var parameter string
		parameter, parameters, more = strings.Cut(parameters, ";")
		key, value, ok := strings.Cut(strings.TrimSpace(parameter), "=")
		if !ok || !isToken(key) || !isToken(strings.Trim(value, `"`)) {
			return false
		}
	}
	return true
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?=`, s[i]) >= 0 {
			return false
		}
	}
	return s != ""
}

// isLanguage reports whether a text is a well-formed language tag. Which of the
// well-formed ones are registered, it does not know. Source: RFC 5646 section 2.1.
func isLanguage(code string) bool {
	parts := strings.Split(strings.ToLower(code), "-")
	if parts[0] == "x" || parts[0] == "i" {
		return len(parts) > 1 && all(parts[1:], func(p string) bool { return alphanumeric(p, 1, 8) })
	}
	if !letters(parts[0], 2, 8) {
		return false
	}
	rest := parts[1:]
	next := func(fits func(string) bool) bool {
		if len(rest) == 0 || !fits(rest[0]) {
			return false
		}
		rest = rest[1:]
		return true
	}
	if len(parts[0]) <= 3 {
		for range 3 { // extended languages
			if !next(func(p string) bool { return letters(p, 3, 3) }) {
				break
			}
		}
	}
	next(func(p string) bool { return letters(p, 4, 4) })                         // script
	next(func(p string) bool { return letters(p, 2, 2) || digits(p, 3) })         // region
	for next(func(p string) bool { return alphanumeric(p, 5, 8) || isYear(p) }) { // variants
	}
	return extensions(rest)
}

// extensions reports whether subtags are extensions, each a single letter or
// digit with at least one subtag, the private one last.
func extensions(rest []string) bool {
	for len(rest) > 0 {
		single := rest[0]
		if !alphanumeric(single, 1, 1) {
			return false
		}
		rest = rest[1:]
		least, count := 2, 0
		if single == "x" {
			least = 1
		}
		for len(rest) > 0 && alphanumeric(rest[0], least, 8) {
			rest, count = rest[1:], count+1
		}
		if count == 0 {
			return false
		}
	}
	return true
}

func all(parts []string, holds func(string) bool) bool {
	for _, p := range parts {
		if !holds(p) {
			return false
		}
	}
	return true
}

func letters(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

func digits(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "0123456789") == ""
}

func isYear(s string) bool {
	return len(s) == 4 && s[0] >= '0' && s[0] <= '9' && alphanumeric(s, 4, 4)
}

func alphanumeric(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
