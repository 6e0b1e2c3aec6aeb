package search

import (
	"slices"
	"strings"

	"bima/fhir"
)

// splitEscaped parts a value at separators that no backslash stands before. The
// parts keep their backslashes. Source: R4 search#escaping.
func splitEscaped(value string, separator byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, value[start:i])
			start = i + 1
		}
	}
	return append(parts, value[start:])
}

// unescape takes the backslashes off that escape a comma, dollar, bar or
// backslash; any other stands for itself.
func unescape(value string) string {
	if !strings.Contains(value, `\`) {
		return value
	}
	var out strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) && strings.IndexByte(`,$|\`, value[i+1]) >= 0 {
			i++
		}
		out.WriteByte(value[i])
	}
	return out.String()
}

// prefixes are those of R4. Source: R4 search#prefix.
var prefixes = []fhir.Prefix{
	fhir.PrefixEqual, fhir.PrefixNotEqual, fhir.PrefixLess, fhir.PrefixGreater, fhir.PrefixLessEqual,
	fhir.PrefixGreaterEqual, fhir.PrefixStartsAfter, fhir.PrefixEndsBefore, fhir.PrefixApproximate,
}

// cutPrefix takes a comparison prefix off a value, "eq" where there is none.
// Source: R4 search#prefix.
func cutPrefix(value string) (fhir.Prefix, string) {
	if len(value) > 2 {
		if p := fhir.Prefix(value[:2]); slices.Contains(prefixes, p) {
			return p, value[2:]
		}
	}
	return fhir.PrefixEqual, value
}
