package interaction

import (
	"net/http"

	"bima/fhir"
)

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
