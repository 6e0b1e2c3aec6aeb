package interaction

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/interaction/integrity"
	"bima/fhir/r4"
	"bima/fhir/validate"
)

const validateCode = "validate"

// validateOperation is $validate, on each type and on each resource.
func (e *Engine) validateOperation() fhir.Operation {
	return fhir.Operation{
		Code: validateCode, Types: r4.Resources(), Type: true, Instance: true,
		Definition: "http://hl7.org/fhir/OperationDefinition/Resource-validate",
		Handle:     e.validate,
	}
}

// claims gives what of a resource does not meet the profiles that it claims in
// meta.profile, as far as they are known here.
func (e *Engine) claims(n fhir.Node) []fhir.Issue {
	if e.profiles == nil || e.claimed == ClaimedIgnore {
		return nil
	}
	check := e.profiles.Check
	if c, ok := e.profiles.(fhir.ClaimProfiles); ok {
		check = c.CheckClaim
	}
	var issues []fhir.Issue
	for profile := range n.Get("meta").Get("profile").Each() {
		found, known := check(n, profile.Text())
		if !known {
			continue
		}
		for _, issue := range found {
			if e.claimed == ClaimedWarn && fhir.Failed([]fhir.Issue{issue}) {
				issue.Severity = fhir.SeverityWarning
			}
			issues = append(issues, issue)
		}
	}
	return issues
}

// validate answers $validate: an OperationOutcome with all findings, and status
// 200 whatever they are. The resource comes as the parameter "resource" or as the
// body itself; on a stored resource without one that one is looked at. mode
// "delete" asks only whether the stored resource could be deleted. Source: R4
// resource-operation-validate.
func (e *Engine) validate(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	q, err := validationOf(in)
	if err != nil {
		return nil, err
	}
	if on.ID != "" && (q.body == nil || q.mode == "delete") {
		var orphaned []integrity.Violation
		var stored *fhir.Resource
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			if stored, err = readOn(r, on); err == nil && q.mode == "delete" && e.integrity != nil {
				orphaned, err = e.integrity.Orphaned(r, []fhir.Key{on})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if q.mode == "delete" {
			var issues []fhir.Issue
			for _, v := range orphaned {
				issues = append(issues, v.Issue)
			}
			return findings(issues), nil
		}
		q.body = stored.Body
	}
	if q.body == nil {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$validate needs a parameter named resource that holds the resource to look at")
	}
	return findings(e.findings(q, on)), nil
}

// findings gives all that is wrong with a resource.
func (e *Engine) findings(q validation, on fhir.Key) []fhir.Issue {
	doc, issues := validate.Resource(q.body, validate.Options{Type: on.Type})
	if doc == nil {
		return issues
	}
	n := doc.Root()
	if on.ID != "" && q.mode != "create" {
		d := &draft{typ: on.Type, id: n.Get("id").Text()}
		if err := sameID(d, on); err != nil {
			issues = append(issues, fhir.OutcomeOf(err).Issues...)
		}
	}
	if !fhir.Failed(issues) {
		issues = append(issues, e.examined(n)...)
	}
	claimed := []string{}
	for p := range n.Get("meta").Get("profile").Each() {
		claimed = append(claimed, p.Text())
	}
	asked := slices.Concat(q.profiles, claimed)
	slices.Sort(asked)
	for _, profile := range slices.Compact(asked) {
		issues = append(issues, e.profiled(n, profile, slices.Contains(q.profiles, profile))...)
	}
	return issues
}

// examined tells what would come of storing a StructureDefinition.
func (e *Engine) examined(n fhir.Node) []fhir.Issue {
	x, ok := e.profiles.(fhir.ProfileExaminer)
	if !ok || n.Get("resourceType").Text() != "StructureDefinition" {
		return nil
	}
	return x.Examine(n)
}

// profiled holds a resource against one profile. That one is not known is an error
// where somebody asked for it, who else took the answer for a yes; what a resource
// claims may be for others.
func (e *Engine) profiled(n fhir.Node, profile string, asked bool) []fhir.Issue {
	if e.profiles != nil {
		if issues, known := e.profiles.Check(n, profile); known {
			return issues
		}
	}
	issue := fhir.Issue{
		Severity: fhir.SeverityWarning, Code: fhir.IssueNotSupported,
		Diagnostics: fmt.Sprintf("the profile %.200q is not known here, so the resource was not held against it%s", profile, e.wayIn(profile)),
	}
	if asked {
		issue.Severity, issue.Code = fhir.SeverityError, fhir.IssueNotFound
	}
	return []fhir.Issue{issue}
}

// wayIn tells how a profile that is not known becomes so.
func (e *Engine) wayIn(profile string) string {
	x, ok := e.profiles.(fhir.ProfileExaminer)
	if !ok {
		return ""
	}
	if others := x.Versions(profile); len(others) > 0 {
		return fmt.Sprintf("; known are its versions %.200q: ask for one of them, or store the StructureDefinition of that one", others)
	}
	return "; store its StructureDefinition (PUT [base]/StructureDefinition/[id]), or have the server start with a package that holds it (--package)"
}

// findings answers with an OperationOutcome.
func findings(issues []fhir.Issue) *fhir.Response {
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "OperationOutcome"}, Body: OutcomeJSON(issues)}}
}

// A validation is what $validate is asked.
type validation struct {
	body     []byte
	mode     string
	profiles []string
}

// validationOf reads the input of $validate.
func validationOf(in *fhir.Resource) (q validation, err error) {
	if in == nil {
		return q, nil
	}
	if in.Type != "Parameters" {
		q.body = in.Body
		return q, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return q, err
	}
	for p := range doc.Root().Get("parameter").Each() {
		switch value := firstText(p, "valueCode", "valueUri", "valueCanonical", "valueString"); p.Get("name").Text() {
		case "resource":
			if r := p.Get("resource"); r.Exists() {
				q.body = r.Raw()
			}
		case "mode":
			q.mode = value
		case "profile":
			if value != "" {
				q.profiles = append(q.profiles, value)
			}
		}
	}
	switch q.mode {
	case "", "create", "update", "delete", "profile":
		return q, nil
	}
	return q, fhir.Errorf(fhir.IssueCodeInvalid, "Parameters.parameter", "mode must be create, update, delete or profile, not %.40q", q.mode)
}

// validationInput gives the input of $validate when the resource is the body and mode
// or profile stand in the query, as clients send it.
func validationInput(query string, body []byte) (*fhir.Resource, error) {
	in, err := unchecked(body)
	if err != nil || query == "" || in.Type == "Parameters" {
		return in, err
	}
	parameters, err := parametersOf(query)
	if err != nil {
		return nil, err
	}
	head, had := bytes.CutSuffix(parameters.Body, []byte(`]}`))
	if !had {
		return in, nil
	}
	parameters.Body = slices.Concat(head, []byte(`,{"name":"resource","resource":`), body, []byte(`}]}`))
	return parameters, nil
}

// firstText gives the text of the first of the members that is there.
func firstText(n fhir.Node, names ...string) string {
	for _, name := range names {
		if m := n.Get(name); m.Exists() {
			return m.Text()
		}
	}
	return ""
}
