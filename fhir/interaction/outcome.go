package interaction

import (
	"context"
	"errors"
	"strings"

	"bima/fhir"
)

// detailSystem is the CodeSystem of fhir.Detail codes.
const detailSystem = "https://bima.example/fhir/CodeSystem/issue-detail"

// OutcomeJSON writes an OperationOutcome. No issues at all become one of
// information that all went well, since R4 wants at least one.
func OutcomeJSON(issues []fhir.Issue) []byte {
	if len(issues) == 0 {
		issues = []fhir.Issue{{
			Severity: fhir.SeverityInformation, Code: fhir.IssueInformational,
			Diagnostics: "All went well.",
		}}
	}
	b := append(make([]byte, 0, 64+256*len(issues)), `{"resourceType":"OperationOutcome","issue":[`...)
	for i, issue := range issues {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendIssue(b, issue)
	}
	return append(b, `]}`...)
}

func appendIssue(b []byte, issue fhir.Issue) []byte {
	b = append(b, `{"severity":`...)
	b = appendString(b, string(issue.Severity))
	b = append(b, `,"code":`...)
	b = appendString(b, string(issue.Code))
	if issue.Detail != "" {
		b = append(b, `,"details":{"coding":[{"system":"`+detailSystem+`","code":`...)
		b = appendString(b, string(issue.Detail))
		b = append(b, `}]}`...)
	}
	if issue.Diagnostics != "" {
		b = append(b, `,"diagnostics":`...)
		b = appendString(b, issue.Diagnostics)
	}
	if issue.Expression != "" {
		b = append(b, `,"expression":[`...)
		b = appendString(b, issue.Expression)
		b = append(b, ']')
	}
	return append(b, '}')
}

// outcome makes any error one the client may see: what is no Outcome becomes a
// timeout or an exception, with its cause kept for the log.
func outcome(err error) error {
	if err == nil {
		return nil
	}
	var o *fhir.Outcome
	if errors.As(err, &o) {
		return o
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fhir.Errorf(fhir.IssueTimeout, "", "this took longer than the server allows; ask for less, or again later").Because(err)
	case errors.Is(err, context.Canceled):
		return fhir.Errorf(fhir.IssueTransient, "", "the request was given up before it was done").Because(err)
	}
	return fhir.OutcomeOf(err)
}

// within says of each finding about a resource where in a larger one it stands:
// "Claim.item[0]" within "Bundle.entry[3].resource" is
// "Bundle.entry[3].resource.item[0]". A finding about no element is about whole.
func within(issues []fhir.Issue, path, whole string) []fhir.Issue {
	moved := make([]fhir.Issue, len(issues))
	for i, issue := range issues {
		if issue.Expression == "" {
			issue.Expression = whole
		} else {
			end := strings.IndexAny(issue.Expression, ".[")
			if end < 0 {
				end = len(issue.Expression)
			}
			issue.Expression = path + issue.Expression[end:]
		}
		moved[i] = issue
	}
	return moved
}

// refused gives the issues as an error when one of them is an error.
func refused(issues []fhir.Issue) error {
	if !fhir.Failed(issues) {
		return nil
	}
	return &fhir.Outcome{Issues: issues}
}
