package words

import (
	"slices"
	"strings"

	"bima/fhir"
)

// Has reports whether the words of a text match: all terms of one of the
// alternatives. Words are compared by their Normal form.
func Has(text string, alternatives [][]fhir.TextTerm) bool {
	all := folded(Split(text))
	return slices.ContainsFunc(alternatives, func(terms []fhir.TextTerm) bool {
		return !slices.ContainsFunc(terms, func(t fhir.TextTerm) bool {
			return hasTerm(all, folded(t.Words), t.Prefix) == t.Not
		})
	})
}

func folded(all []string) []string {
	out := make([]string, 0, len(all))
	for _, w := range all {
		out = append(out, strings.Fields(Normal(w))...)
	}
	return out
}

// hasTerm reports whether a phrase is among the words; with prefix the last of
// its words may go on.
func hasTerm(all, phrase []string, prefix bool) bool {
	if len(phrase) == 0 {
		return false
	}
	last := len(phrase) - 1
	for i := 0; i+last < len(all); i++ {
		if !slices.Equal(all[i:i+last], phrase[:last]) {
			continue
		}
		if w := all[i+last]; w == phrase[last] || prefix && strings.HasPrefix(w, phrase[last]) {
			return true
		}
	}
	return false
}
