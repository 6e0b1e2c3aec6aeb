package terms

import (
	"bima/adjudication"
	"bima/fhir"
)

// Extension gives the extension of a URL on a node; of several the first.
func Extension(n fhir.Node, url string) fhir.Node {
	for e := range n.Get("extension").Each() {
		if e.Get("url").Text() == url {
			return e
		}
	}
	return fhir.Node{}
}

// Extensions ranges over all extensions of a URL.
func Extensions(n fhir.Node, url string) []fhir.Node {
	var found []fhir.Node
	for e := range n.Get("extension").Each() {
		if e.Get("url").Text() == url {
			found = append(found, e)
		}
	}
	return found
}

// Codings gives the codes of a CodeableConcept; a lone Coding counts as one.
func Codings(concept fhir.Node) []adjudication.Code {
	if concept.Get("code").Exists() {
		return []adjudication.Code{{System: concept.Get("system").Text(), Code: concept.Get("code").Text()}}
	}
	var codes []adjudication.Code
	for c := range concept.Get("coding").Each() {
		codes = append(codes, adjudication.Code{System: c.Get("system").Text(), Code: c.Get("code").Text()})
	}
	return codes
}

// CodeOf gives the code that a CodeableConcept has in a system, "" if none.
func CodeOf(concept fhir.Node, system string) string {
	for _, c := range Codings(concept) {
		if c.System == system {
			return c.Code
		}
	}
	return ""
}

// Amount reads a number as ten-thousandths. What has more decimals, or is too
// large for any sum of money, is no amount.
func Amount(n fhir.Node) (fhir.Amount, bool) {
	a, err := fhir.ParseAmount(n.Text())
	return a, err == nil && n.Kind() == fhir.KindNumber && a <= AmountMax && a >= -AmountMax
}

// AmountMax is the largest amount a claim or plan may name: ten billion units, so
// that the sum of the largest claim that a request can hold still fits.
const AmountMax = fhir.Amount(10_000_000_000) * 10_000
