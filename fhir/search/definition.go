package search

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// Limits of one SearchParameter.
const (
	basesMax      = 200
	expressionMax = 8 << 10 // bytes
	componentsMax = 10
	codeMax       = 64 // bytes
)

// Define reads a SearchParameter resource: one parameter for each of its bases,
// for Registry.With. It gives none where the resource is not active, or is R4's
// own definition of a parameter, which a Registry has already. It fails with an
// Outcome that names the element: of IssueInvalid where the definition is wrong,
// of IssueNotSupported where this server can't search by it.
// Source: R4 searchparameter.
func Define(n fhir.Node) ([]*r4.SearchParam, error) {
	if n.Get("resourceType").Text() != "SearchParameter" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "SearchParameter", "the resource is no SearchParameter")
	}
	d := r4.SearchParam{
		Code: n.Get("code").Text(), Kind: n.Get("type").Text(), URL: n.Get("url").Text(),
		Expression: strings.TrimSpace(n.Get("expression").Text()),
	}
	if n.Get("status").Text() != "active" || isOfficial(d.URL) {
		return nil, nil
	}
	if err := checkDefinition(n, &d); err != nil {
		return nil, err
	}
	for target := range n.Get("target").Each() {
		if !r4.IsResource(target.Text()) {
			return nil, fhir.Errorf(fhir.IssueInvalid, "SearchParameter.target", "%.40q is no resource type", target.Text())
		}
		d.Targets = append(d.Targets, target.Text())
	}
	for c := range n.Get("component").Each() {
		d.Components = append(d.Components, r4.Component{Definition: c.Get("definition").Text(), Expression: c.Get("expression").Text()})
	}
	if err := checkComponents(&d); err != nil {
		return nil, err
	}
	var params []*r4.SearchParam
	for base := range n.Get("base").Each() {
		one := d
		one.Base = base.Text()
		if !r4.IsResource(one.Base) && one.Base != "Resource" && one.Base != "DomainResource" {
			return nil, fhir.Errorf(fhir.IssueInvalid, "SearchParameter.base", "%.40q is no resource type", one.Base)
		}
		params = append(params, &one)
	}
	return params, nil
}

// isOfficial reports whether a URL is that of a parameter R4 defines.
func isOfficial(url string) bool {
	return slices.ContainsFunc(r4.SearchParams(), func(p *r4.SearchParam) bool { return p.URL == url })
}

// checkDefinition checks what does not depend on the base.
func checkDefinition(n fhir.Node, d *r4.SearchParam) error {
	usage := n.Get("xpathUsage").Text()
	switch bases := n.Get("base").Len(); {
	case !isCode(d.Code):
		return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.code",
			"%.80q can't be a parameter's name: it needs a letter, then letters, digits and hyphens, %d at most", d.Code, codeMax)
	case d.URL == "":
		return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.url", "a SearchParameter needs a url")
	case bases == 0 || bases > basesMax:
		return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.base", "a SearchParameter has 1 to %d bases, not %d", basesMax, bases)
	case kindsByName[d.Kind] == 0:
		return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.type", "%.40q is no type of search parameters", d.Kind)
	case d.Kind == "special":
		return fhir.Errorf(fhir.IssueNotSupported, "SearchParameter.type", "a special parameter needs a program of its own")
	case usage != "" && usage != "normal":
		return fhir.Errorf(fhir.IssueNotSupported, "SearchParameter.xpathUsage", "values are used as they stand (normal), not %.40q", usage)
	case d.Expression == "":
		return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.expression", "without an expression nothing can be found")
	case len(d.Expression) > expressionMax:
		return fhir.Errorf(fhir.IssueTooLong, "SearchParameter.expression", "the expression is longer than %d bytes", expressionMax)
	}
	return nil
}

// isCode reports whether a code may name a parameter: points, colons and leading
// underscores have meanings of their own in queries.
func isCode(code string) bool {
	if code == "" || len(code) > codeMax {
		return false
	}
	for i := range len(code) {
		c := code[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}

func checkComponents(d *r4.SearchParam) error {
	if d.Kind != "composite" {
		if len(d.Components) > 0 {
			return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.component", "only a composite has components")
		}
		return nil
	}
	if len(d.Components) < 2 || len(d.Components) > componentsMax {
		return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.component", "a composite has 2 components or more")
	}
	for _, c := range d.Components {
		if c.Definition == "" || c.Expression == "" || len(c.Expression) > expressionMax {
			return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.component", "a component needs a definition and an expression")
		}
	}
	return nil
}
