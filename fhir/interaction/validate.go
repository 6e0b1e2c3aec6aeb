package interaction

import (
	"context"
	"fmt"

	"bima/fhir"
	"bima/fhir/validate"
)

const validateCode = "validate"

// validate answers $validate: an OperationOutcome with all findings, and status
// 200 whatever they are. The resource comes as the parameter "resource" or as the
// body itself; on a stored resource without one that one is looked at. mode
// "delete" asks only whether there is something to delete. Source: R4
// resource-operation-validate.
func (e *Engine) validate(ctx context.Context, _ fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	q, err := validationOf(in)
	if err != nil {
		return nil, err
	}
	if on.ID != "" && (q.body == nil || q.mode == "delete") {
		stored, err := e.Read(ctx, on)
		if err != nil {
			return nil, err
		}
		if q.mode == "delete" {
			return findings(nil), nil
		}
		q.body = stored.Body
	}
	if q.body == nil {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$validate needs a parameter named resource that holds the resource to look at")
	}
	doc, issues := validate.Resource(q.body, validate.Options{Type: on.Type})
	if doc != nil && on.ID != "" && q.mode != "create" {
		d := &draft{typ: on.Type, id: doc.Root().Get("id").Text()}
		if err := sameID(d, on); err != nil {
			issues = append(issues, fhir.OutcomeOf(err).Issues...)
		}
	}
	if q.profile != "" {
		issues = append(issues, fhir.Issue{
			Severity: fhir.SeverityWarning, Code: fhir.IssueNotSupported,
			Diagnostics: fmt.Sprintf("the resource was held against FHIR R4 itself; the profile %.200q is not known here", q.profile),
		})
	}
	return findings(issues), nil
}

// findings answers with an OperationOutcome.
func findings(issues []fhir.Issue) *fhir.Response {
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "OperationOutcome"}, Body: OutcomeJSON(issues)}}
}

// A validation is what $validate is asked.
type validation struct {
	body          []byte
	mode, profile string
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
			q.profile = value
		}
	}
	switch q.mode {
	case "", "create", "update", "delete", "profile":
		return q, nil
	}
	return q, fhir.Errorf(fhir.IssueCodeInvalid, "Parameters.parameter", "mode must be create, update, delete or profile, not %.40q", q.mode)
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
