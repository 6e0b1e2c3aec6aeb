package terms

import (
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// Sets are the services of value sets, by their canonical URLs as products name them.
type Sets map[string][]adjudication.Code

// ServiceSets gives the canonical URLs of the value sets of services that entries of an
// InsurancePlan are about, each once.
func ServiceSets(n fhir.Node) []string {
	var urls []string
	add := func(benefit fhir.Node) {
		if e := Extension(benefit, profiles.ExtensionServiceSet); e.Exists() && !slices.Contains(urls, e.Get("valueCanonical").Text()) {
			urls = append(urls, e.Get("valueCanonical").Text())
		}
	}
	for coverage := range n.Get("coverage").Each() {
		for benefit := range coverage.Get("benefit").Each() {
			add(benefit)
		}
	}
	for plan := range n.Get("plan").Each() {
		for cost := range plan.Get("specificCost").Each() {
			for benefit := range cost.Get("benefit").Each() {
				add(benefit)
			}
		}
	}
	return urls
}

// ServicesOf gives the services of a ValueSet that lists them one by one, in its
// definition or its expansion. It fails with the element that says them otherwise: what
// a whole code system or a filter holds depends on more than the ValueSet.
func ServicesOf(set fhir.Node) ([]adjudication.Code, error) {
	var codes []adjudication.Code
	for i, include := range Indexed(set.At("compose", "include")) {
		at := fmt.Sprintf("ValueSet.compose.include[%d]", i)
		if include.Get("valueSet").Exists() || include.Get("filter").Exists() || !include.Get("concept").Exists() {
			return expanded(set, at)
		}
		codes = append(codes, listed(include)...)
	}
	for i, exclude := range Indexed(set.At("compose", "exclude")) {
		if exclude.Get("valueSet").Exists() || exclude.Get("filter").Exists() || !exclude.Get("concept").Exists() {
			return expanded(set, fmt.Sprintf("ValueSet.compose.exclude[%d]", i))
		}
		without := listed(exclude)
		codes = slices.DeleteFunc(codes, func(c adjudication.Code) bool { return slices.Contains(without, c) })
	}
	if len(codes) == 0 {
		return expanded(set, "ValueSet.compose")
	}
	return codes, nil
}

func listed(part fhir.Node) (codes []adjudication.Code) {
	for concept := range part.Get("concept").Each() {
		codes = append(codes, adjudication.Code{System: part.Get("system").Text(), Code: concept.Get("code").Text()})
	}
	return codes
}

// expanded gives the services of the expansion that is stored with a ValueSet.
func expanded(set fhir.Node, at string) ([]adjudication.Code, error) {
	var codes []adjudication.Code
	for contained := range set.At("expansion", "contains").Each() {
		if code := contained.Get("code").Text(); code != "" {
			codes = append(codes, adjudication.Code{System: contained.Get("system").Text(), Code: code})
		}
	}
	if len(codes) == 0 {
		return nil, fhir.Errorf(fhir.IssueBusinessRule, at, "a set of services lists them one by one, as concepts or in its expansion")
	}
	return codes, nil
}

// set finds the Cover of a set of services, which an entry may have words for. A
// compiler that was given no sets leaves them empty.
func (c *planCompiler) set(words fhir.Node, url, at string) (target, bool) {
	services, known := c.sets[url]
	if url == "" || c.sets != nil && !known {
		c.wrong(at+".extension('"+profiles.ExtensionServiceSet+"')", "there is no ValueSet %.200q in use; store the set of services first", url)
		return target{}, false
	}
	if c.found[url] == nil {
		if c.found == nil {
			c.found, c.plan.Sets = map[string]*adjudication.Cover{}, map[adjudication.Code][]*adjudication.Cover{}
		}
		c.found[url] = &adjudication.Cover{}
		c.plan.Listed = append(c.plan.Listed, adjudication.ServiceSet{URL: url, Name: named(words), Cover: c.found[url]})
		for _, service := range services {
			if !slices.Contains(c.plan.Sets[service], c.found[url]) {
				c.plan.Sets[service] = append(c.plan.Sets[service], c.found[url])
			}
		}
	}
	return target{cover: c.found[url], name: url}, true
}

// named gives a concept in words: its text, else what its first code that has words
// is called.
func named(concept fhir.Node) string {
	if text := concept.Get("text").Text(); text != "" {
		return text
	}
	for coding := range concept.Get("coding").Each() {
		if display := coding.Get("display").Text(); display != "" {
			return display
		}
	}
	return ""
}
