package chargeitem

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// partsMax bounds what a package is made of.
const partsMax = 200

// A part is a service or drug in a package.
type part struct {
	system, code string
	at           string
}

// checkPackage holds a package against itself: how it is priced, and what it is
// made of, each once and some of it. A definition without the extension is a
// single service. Source: openIMIS, package types S, P and F.
func checkPackage(definition fhir.Node, priced bool) error {
	all := packages(definition)
	if len(all) == 0 {
		return nil
	}
	const at = "ChargeItemDefinition.extension('" + profiles.ExtensionServicePackage + "')"
	if len(all) > 1 {
		return refuse(at, "a package says once what it is made of; make one of the %d", len(all))
	}
	switch pricing := all[0].Extension("pricing").Get("valueCode").Text(); {
	case pricing != "itemised" && pricing != "fixed":
		return refuse(at, "a package is itemised or fixed, not %.40q; a single service has no such extension", pricing)
	case pricing == "fixed" && !priced:
		return refuse("ChargeItemDefinition.propertyGroup", "a fixed package is paid by its own price; put it on a price list, or make it itemised")
	}
	parts := partsOf(definition)
	if len(parts) == 0 || len(parts) > partsMax {
		return refuse(at, "a package is made of 1 to %d services and drugs; this has %d", partsMax, len(parts))
	}
	own := codesOf(definition)
	for i, p := range parts {
		quantity, err := fhir.ParseAmount(partNodes(definition)[i].Extension("quantity").Get("valueDecimal").Text())
		same := func(other part) bool { return other.system == p.system && other.code == p.code }
		switch {
		case p.code == "":
			return refuse(p.at, "a part of a package names its service or drug by a Coding with a code")
		case err != nil || quantity <= 0:
			return refuse(p.at, "how much of %.60s is in the package is a number above 0, with at most four decimals", p.code)
		case slices.ContainsFunc(own, same):
			return refuse(p.at, "the package would be a part of itself; take it out")
		case slices.ContainsFunc(parts[:i], same):
			return refuse(p.at, "%.60s is in the package already; add the quantities", p.code)
		}
	}
	return nil
}

// packages gives the extensions that say what a package is made of.
func packages(definition fhir.Node) []fhir.Node {
	return extensions(definition, profiles.ExtensionServicePackage)
}

func extensions(n fhir.Node, url string) []fhir.Node {
	var list []fhir.Node
	for e := range n.Get("extension").Each() {
		if e.Get("url").Text() == url {
			list = append(list, e)
		}
	}
	return list
}

// partNodes gives the parts of a package as they are written.
func partNodes(definition fhir.Node) []fhir.Node {
	return extensions(definition.Extension(profiles.ExtensionServicePackage), "part")
}

func partsOf(definition fhir.Node) []part {
	var parts []part
	for i, n := range partNodes(definition) {
		service := n.Extension("service").Get("valueCoding")
		parts = append(parts, part{
			service.Get("system").Text(), service.Get("code").Text(),
			fmt.Sprintf("ChargeItemDefinition.extension('%s').extension[%d]", profiles.ExtensionServicePackage, place(definition, i)),
		})
	}
	return parts
}

// place gives where a part stands among the members of the extension.
func place(definition fhir.Node, nth int) int {
	at := 0
	for e := range definition.Extension(profiles.ExtensionServicePackage).Get("extension").Each() {
		if e.Get("url").Text() == "part" {
			if nth == 0 {
				return at
			}
			nth--
		}
		at++
	}
	return at
}

// codesOf gives the codes a definition is found by.
func codesOf(definition fhir.Node) []part {
	var codes []part
	for coding := range definition.At("code", "coding").Each() {
		codes = append(codes, part{system: coding.Get("system").Text(), code: coding.Get("code").Text()})
	}
	return codes
}
