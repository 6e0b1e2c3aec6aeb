package dhis2test

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// periodType gives the type of a period, "Monthly"; "" where it is none that this
// DHIS2 reads.
func periodType(p string) string {
	layouts := []struct{ layout, kind string }{{"2006", "Yearly"}, {"200601", "Monthly"}, {"20060102", "Daily"}}
	for _, l := range layouts {
		if t, err := time.Parse(l.layout, p); err == nil && t.Format(l.layout) == p {
			return l.kind
		}
	}
	var year, n int
	if k, _ := fmt.Sscanf(p, "%4dQ%1d", &year, &n); k == 2 && len(p) == 6 && n >= 1 && n <= 4 {
		return "Quarterly"
	}
	if k, _ := fmt.Sscanf(p, "%4dS%1d", &year, &n); k == 2 && len(p) == 6 && n >= 1 && n <= 2 {
		return "SixMonthly"
	}
	if k, _ := fmt.Sscanf(p, "%4dW%d", &year, &n); k == 2 && n >= 1 && n <= 53 {
		return "Weekly"
	}
	return ""
}

// periodStart gives the first moment of a period, of a quarter, half or week that
// of its year.
func periodStart(p string) time.Time {
	for _, layout := range []string{"2006", "200601", "20060102"} {
		if t, err := time.Parse(layout, p); err == nil {
			return t
		}
	}
	t, _ := time.Parse("2006", p[:min(4, len(p))])
	return t
}

// validFor reports whether a text is a value of a type.
func validFor(kind, text string) bool {
	if text == "" || strings.TrimSpace(text) != text {
		return false
	}
	whole := strings.Trim(text, "0123456789") == "" && (text == "0" || text[0] != '0')
	switch kind {
	case "INTEGER_ZERO_OR_POSITIVE":
		return whole
	case "INTEGER_POSITIVE":
		return whole && text != "0"
	case "INTEGER":
		digits := strings.TrimPrefix(text, "-")
		return digits != "" && strings.Trim(digits, "0123456789") == ""
	case "NUMBER", "":
		_, ok := new(big.Rat).SetString(text)
		return ok && !strings.ContainsAny(text, "/ _xXpP")
	}
	return true
}
