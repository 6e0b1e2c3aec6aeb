package claim

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"bima/fhir"
)

// batchMax bounds how many claims one $submit takes.
const batchMax = 500

type (
	batchJSON struct {
		ResourceType string      `json:"resourceType"`
		Type         string      `json:"type"`
		Entry        []entryJSON `json:"entry"`
	}
	entryJSON struct {
		FullURL  string          `json:"fullUrl,omitempty"`
		Resource json.RawMessage `json:"resource,omitempty"`
		Response statusJSON      `json:"response"`
	}
	statusJSON struct {
		Status   string          `json:"status"`
		Location string          `json:"location,omitempty"`
		Outcome  json.RawMessage `json:"outcome,omitempty"`
	}
)

// many submits the claims of a batch, each in a transaction of its own, in their
// order: who comes first has what is left of a limit. Each is answered by itself.
func (f *desk) many(ctx context.Context, s fhir.Server, batch fhir.Node) (*fhir.Response, error) {
	if n := batch.Get("entry").Len(); n > batchMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "Bundle.entry", "submit %d claims at a time at most, not %d", batchMax, n)
	}
	out := batchJSON{ResourceType: "Bundle", Type: "batch-response", Entry: []entryJSON{}}
	i := -1
	for e := range batch.Get("entry").Each() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if i++; fhir.Screened(ctx, i) != nil {
			out.Entry = append(out.Entry, refusal(fhir.Screened(ctx, i)))
			continue
		}
		out.Entry = append(out.Entry, f.one(ctx, s, e.Get("resource")))
	}
	body, err := json.Marshal(out)
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: body}}, err
}

// one submits a claim of a batch.
func (f *desk) one(ctx context.Context, s fhir.Server, claim fhir.Node) entryJSON {
	if typ := claim.Get("resourceType").Text(); typ != "Claim" {
		return refusal(fhir.Errorf(fhir.IssueInvalid, "Bundle.entry.resource", "a batch of Claim/$submit holds Claims, not a %.60q", typ))
	}
	if err := checkSubmitted(claim); err != nil {
		return refusal(err)
	}
	response, known, err := decision(ctx, s, claim.Raw())
	if err != nil {
		return refusal(err)
	}
	e := entryJSON{Resource: response.Body, Response: statusJSON{Status: "201 Created", Location: "Claim/" + response.ID}}
	if known {
		e.Response.Status = "200 OK"
	}
	if f.base != "" {
		e.FullURL = f.base + "/" + response.Key.String()
	}
	return e
}

// refusals are the statuses of refusals; any other is 400.
var refusals = map[fhir.IssueType]string{
	fhir.IssueBusinessRule: "422 Unprocessable Entity", fhir.IssueProcessing: "422 Unprocessable Entity",
	fhir.IssueConflict: "409 Conflict", fhir.IssueDuplicate: "409 Conflict", fhir.IssueForbidden: "403 Forbidden",
	fhir.IssueNotFound: "404 Not Found", fhir.IssueException: "500 Internal Server Error",
	fhir.IssueTransient: "503 Service Unavailable", fhir.IssueTimeout: "503 Service Unavailable",
}

// refusal answers a claim that was not taken.
func refusal(err error) entryJSON {
	issues := fhir.OutcomeOf(err).Issues
	list := make([]findingJSON, len(issues))
	for i, issue := range issues {
		list[i] = findingJSON{Severity: string(issue.Severity), Code: string(issue.Code), Diagnostics: issue.Diagnostics}
		if issue.Expression != "" {
			list[i].Expression = []string{issue.Expression}
		}
	}
	body, failed := json.Marshal(struct {
		ResourceType string        `json:"resourceType"`
		Issue        []findingJSON `json:"issue"`
	}{"OperationOutcome", list})
	if failed != nil {
		panic("an OperationOutcome is always JSON: " + failed.Error())
	}
	status := refusals[issues[0].Code]
	if status == "" {
		status = "400 Bad Request"
	}
	return entryJSON{Response: statusJSON{Status: status, Outcome: body}}
}

type findingJSON struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Diagnostics string   `json:"diagnostics,omitempty"`
	Expression  []string `json:"expression,omitempty"`
}

// sorted gives the keys of claims by their ids, which is the order of their making
// where the server made them.
func sorted(claims map[fhir.Key]fhir.Node) []fhir.Key {
	return slices.SortedFunc(maps.Keys(claims), func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) })
}
