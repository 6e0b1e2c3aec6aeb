package rest

import (
	"net/http"
	"strings"
)

// preferences are what a client asks for by Prefer. What we don't know is
// ignored. Source: R4 http#ops, RFC 7240.
type preferences struct {
	answer  string // minimal, representation or OperationOutcome; "" is no wish
	lenient bool   // handling=lenient: unknown search parameters are ignored
}

// preferred reads the Prefer headers. Of contradicting wishes the first counts.
func preferred(h http.Header) preferences {
	var p preferences
	handled := false
	for _, line := range h["Prefer"] {
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			name, value, _ := strings.Cut(part, "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "return":
				if p.answer == "" {
					p.answer = answerNamed(value)
				}
			case "handling":
				if !handled {
					p.lenient, handled = strings.EqualFold(value, "lenient"), true
				}
			}
		}
	}
	return p
}

// answerNamed gives R4's spelling of a return preference, "" for an unknown one.
func answerNamed(value string) string {
	for _, known := range []string{"minimal", "representation", "OperationOutcome"} {
		if strings.EqualFold(value, known) {
			return known
		}
	}
	return ""
}
