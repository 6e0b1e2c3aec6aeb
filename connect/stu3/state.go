package stu3

import (
	"cmp"
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// The states that a claim has for these clients, and their numbers. Source:
// openIMIS, claim states 1, 2, 4, 8 and 16.
var stateNumbers = map[string]string{"rejected": "1", "entered": "2", "checked": "4", "processed": "8", "valuated": "16"}

// stateOf says how far a claim is, as Claim/$inquire does; the outcome of R4 alone
// does not say it.
func stateOf(claim, response fhir.Node) string {
	if claim.Get("status").Text() != "active" || !response.Exists() {
		return "entered"
	}
	switch response.Get("outcome").Text() {
	case "queued":
		return "checked"
	case "error":
		return "rejected"
	}
	for item := range response.Get("item").Each() {
		if _, ok := step(item, "approved-quantity"); !ok {
			continue
		}
		if response.Get("outcome").Text() == "partial" {
			return "processed"
		}
		return "valuated"
	}
	return "rejected"
}

// step finds one step of the adjudication of a line, by the code of its category.
func step(item fhir.Node, code string) (fhir.Node, bool) {
	for a := range item.Get("adjudication").Each() {
		for c := range a.At("category", "coding").Each() {
			if c.Get("code").Text() == code {
				return a, true
			}
		}
	}
	return fhir.Node{}, false
}

// rejection gives openIMIS's number of why a line is lowered, our own code where it
// has none, and the reason in words.
func rejection(item fhir.Node) (number string, words []string) {
	own := ""
	for a := range item.Get("adjudication").Each() {
		reason := a.Get("reason")
		if number == "" {
			number = reason.Code(profiles.SystemOpenIMISRejection)
		}
		if own == "" {
			own = reason.Get("coding").First().Get("code").Text()
		}
		if text := reason.Get("text").Text(); text != "" && !slices.Contains(words, text) {
			words = append(words, text)
		}
	}
	return cmp.Or(number, own), words
}
