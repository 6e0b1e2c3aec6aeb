package search

import (
	"bima/fhir"
	"bima/fhir/r4"
)

// Define reads a SearchParameter resource: one parameter for each of its bases,
// for Registry.With. It fails with an Outcome of IssueInvalid when the resource
// is none, or has no code or base. Source: R4 searchparameter.
func Define(n fhir.Node) ([]*r4.SearchParam, error) {
	code, kind := n.Get("code").Text(), n.Get("type").Text()
	if n.Get("resourceType").Text() != "SearchParameter" || code == "" || n.Get("base").Len() == 0 {
		return nil, fhir.Errorf(fhir.IssueInvalid, "SearchParameter.code", "a SearchParameter needs a code and a base to be searched by")
	}
	var targets []string
	for target := range n.Get("target").All() {
		targets = append(targets, target.Text())
	}
	var components []r4.Component
	for c := range n.Get("component").All() {
		components = append(components, r4.Component{Definition: c.Get("definition").Text(), Expression: c.Get("expression").Text()})
	}
	var params []*r4.SearchParam
	for base := range n.Get("base").All() {
		params = append(params, &r4.SearchParam{
			Code: code, Base: base.Text(), Kind: kind, URL: n.Get("url").Text(),
			Expression: n.Get("expression").Text(), Targets: targets, Components: components,
		})
	}
	return params, nil
}
