package interaction

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
	"bima/fhir/r4"
	"bima/fhir/validate"
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
	b = jsontext.AppendString(b, string(issue.Severity))
	b = append(b, `,"code":`...)
	b = jsontext.AppendString(b, string(issue.Code))
	if issue.Detail != "" {
		b = append(b, `,"details":{"coding":[{"system":"`+detailSystem+`","code":`...)
		b = jsontext.AppendString(b, string(issue.Detail))
		b = append(b, `}]}`...)
	}
	if issue.Diagnostics != "" {
		b = append(b, `,"diagnostics":`...)
		b = jsontext.AppendString(b, issue.Diagnostics)
	}
	if issue.Expression != "" {
		b = append(b, `,"expression":[`...)
		b = jsontext.AppendString(b, issue.Expression)
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
	var there fhir.Existing
	switch {
	case errors.As(err, &there):
		return fhir.Errorf(fhir.IssueDuplicate, "", "this is there already as %s; update that one", there.Key).Because(err)
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
		if !issue.OfElement() {
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

// The details by which this package tells apart what one issue type says of
// several things.
const (
	// DetailUnknownType says that a resource type is not R4's: the route is not there.
	DetailUnknownType fhir.Detail = "unknown-resource-type"
	// DetailUnknownOperation says that the server has no such operation there.
	DetailUnknownOperation fhir.Detail = "unknown-operation"
)

// statusOfDetail holds the details that say more about the status than the type
// of the issue they refine.
var statusOfDetail = map[fhir.Detail]int{
	fhir.DetailVersionConflict: http.StatusPreconditionFailed,
	fhir.DetailPrecondition:    http.StatusPreconditionFailed,
	fhir.DetailMediaType:       http.StatusUnsupportedMediaType,
	fhir.DetailNotAcceptable:   http.StatusNotAcceptable,
	fhir.DetailMethod:          http.StatusMethodNotAllowed,
	fhir.DetailUnique:          http.StatusConflict,
	DetailUnknownType:          http.StatusNotFound,
	DetailUnknownOperation:     http.StatusNotFound,
}

// statusOfIssue says for each issue type which status tells a client the same.
// Source: R4 http (the status codes of each interaction); what R4 leaves open is
// chosen so that 4xx means "change the request", 5xx "try again or call us".
var statusOfIssue = map[fhir.IssueType]int{
	fhir.IssueInvalid:         http.StatusBadRequest,
	fhir.IssueStructure:       http.StatusBadRequest,
	fhir.IssueRequired:        http.StatusBadRequest,
	fhir.IssueValue:           http.StatusBadRequest,
	fhir.IssueInvariant:       http.StatusBadRequest,
	fhir.IssueCodeInvalid:     http.StatusBadRequest,
	fhir.IssueExtension:       http.StatusBadRequest,
	fhir.IssueNotSupported:    http.StatusBadRequest,
	fhir.IssueSecurity:        http.StatusForbidden,
	fhir.IssueForbidden:       http.StatusForbidden,
	fhir.IssueSuppressed:      http.StatusForbidden,
	fhir.IssueLogin:           http.StatusUnauthorized,
	fhir.IssueUnknown:         http.StatusUnauthorized,
	fhir.IssueExpired:         http.StatusUnauthorized,
	fhir.IssueNotFound:        http.StatusNotFound,
	fhir.IssueDeleted:         http.StatusGone,
	fhir.IssueConflict:        http.StatusConflict,
	fhir.IssueDuplicate:       http.StatusConflict,
	fhir.IssueMultipleMatches: http.StatusPreconditionFailed,
	fhir.IssueProcessing:      http.StatusUnprocessableEntity,
	fhir.IssueBusinessRule:    http.StatusUnprocessableEntity,
	fhir.IssueTooLong:         http.StatusRequestEntityTooLarge,
	fhir.IssueTooCostly:       http.StatusRequestEntityTooLarge,
	fhir.IssueThrottled:       http.StatusTooManyRequests,
	fhir.IssueTransient:       http.StatusServiceUnavailable,
	fhir.IssueLockError:       http.StatusServiceUnavailable,
	fhir.IssueNoStore:         http.StatusServiceUnavailable,
	fhir.IssueIncomplete:      http.StatusServiceUnavailable,
	fhir.IssueTimeout:         http.StatusServiceUnavailable,
	fhir.IssueException:       http.StatusInternalServerError,
}

// Status gives the HTTP status that says the same as err: that of its first
// error, by its detail or else its type. No error is 200, and what is no Outcome
// is 500.
func Status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	for _, issue := range fhir.OutcomeOf(err).Issues {
		if issue.Severity != fhir.SeverityError && issue.Severity != fhir.SeverityFatal {
			continue
		}
		if status, ok := statusOfDetail[issue.Detail]; ok {
			return status
		}
		if status, ok := statusOfIssue[issue.Code]; ok {
			return status
		}
		break
	}
	return http.StatusInternalServerError
}

// holding adds to a refusal over a business identifier what the modules tell of
// who bears it. It reads in a transaction of its own, which begins no sooner than
// that of who won has ended.
func (e *Engine) holding(ctx context.Context, err error) error {
	var taken fhir.Taken
	var o *fhir.Outcome
	if len(e.holders) == 0 || !errors.As(err, &taken) || !errors.As(err, &o) {
		return err
	}
	told := &fhir.Outcome{}
	failure := e.store.Update(ctx, func(r fhir.Writer) error {
		told.Issues = slices.Clone(o.Issues)
		for _, h := range e.holders {
			if h.Type != taken.Identifier.Type {
				continue
			}
			sentence, err := h.Tell(r, taken)
			if err != nil {
				return err
			}
			if sentence != "" {
				told.Issues[0].Diagnostics += " " + sentence
			}
		}
		return nil
	})
	if failure != nil {
		return err // the refusal itself stands
	}
	return told.Because(err)
}

func hasDetail(err error, d fhir.Detail) bool {
	return err != nil && slices.ContainsFunc(fhir.OutcomeOf(err).Issues, func(i fhir.Issue) bool { return i.Detail == d })
}

// apart parts what makes a batch invalid among its entries, for an operation that
// takes or refuses each by itself. What is not of one entry's resource refuses the
// whole, by the error that is given.
func apart(body []byte, whole error) (*fhir.Resource, map[int]error, error) {
	doc, err := fhir.Parse(body)
	if err != nil || !isBatch(doc.Root()) {
		return nil, nil, whole
	}
	issues := fhir.OutcomeOf(whole).Issues
	of, i := map[int][]fhir.Issue{}, 0
	for entry := range doc.Root().Get("entry").Each() {
		at := fmt.Sprintf("Bundle.entry[%d].resource", i)
		for _, issue := range issues {
			rest, inside := strings.CutPrefix(issue.Expression, at)
			if !inside {
				continue
			}
			if typ := entry.At("resource", "resourceType").Text(); r4.IsResource(typ) {
				issue.Expression = typ + rest
			}
			of[i] = append(of[i], issue)
		}
		i++
	}
	parted, invalid := 0, map[int]error{}
	for at, list := range of {
		parted += len(list)
		if err := refused(list); err != nil {
			invalid[at] = err
		}
	}
	if parted < len(issues) || len(issues) >= validate.IssuesMax {
		return nil, nil, whole
	}
	return &fhir.Resource{Key: fhir.Key{Type: "Bundle", ID: doc.Root().Get("id").Text()}, Body: body}, invalid, nil
}

func isBatch(n fhir.Node) bool {
	return n.Get("resourceType").Text() == "Bundle" && n.Get("type").Text() == string(fhir.BundleBatch)
}
