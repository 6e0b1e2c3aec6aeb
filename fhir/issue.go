package fhir

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An IssueType says what kind of finding an Issue is. Source: R4
// valueset-issue-type (required binding of OperationOutcome.issue.code).
type IssueType string

// The issue types of R4.
const (
	IssueInvalid         IssueType = "invalid"          // content does not meet the specification
	IssueStructure       IssueType = "structure"        // wrong JSON shape, unknown element
	IssueRequired        IssueType = "required"         // a required element is missing
	IssueValue           IssueType = "value"            // a value is not of its type or not allowed
	IssueInvariant       IssueType = "invariant"        // a constraint of the definition is not met
	IssueSecurity        IssueType = "security"         // a question of security
	IssueLogin           IssueType = "login"            // no or wrong credentials
	IssueUnknown         IssueType = "unknown"          // the user is not known
	IssueExpired         IssueType = "expired"          // the session is over
	IssueForbidden       IssueType = "forbidden"        // the caller may not do this
	IssueSuppressed      IssueType = "suppressed"       // something was left out for privacy
	IssueProcessing      IssueType = "processing"       // processing failed
	IssueNotSupported    IssueType = "not-supported"    // this server does not do that
	IssueDuplicate       IssueType = "duplicate"        // a resource of the same identity is there already
	IssueMultipleMatches IssueType = "multiple-matches" // criteria that must match one match several
	IssueNotFound        IssueType = "not-found"        // what was named is not there
	IssueDeleted         IssueType = "deleted"          // what was named has been deleted
	IssueTooLong         IssueType = "too-long"         // larger than a limit of this server
	IssueCodeInvalid     IssueType = "code-invalid"     // a code is not in its value set
	IssueExtension       IssueType = "extension"        // an extension is unknown or misplaced
	IssueTooCostly       IssueType = "too-costly"       // more work than this server does at once
	IssueBusinessRule    IssueType = "business-rule"    // a rule of the scheme forbids it
	IssueConflict        IssueType = "conflict"         // somebody else changed it meanwhile
	IssueTransient       IssueType = "transient"        // may succeed when tried again
	IssueLockError       IssueType = "lock-error"       // a lock could not be had
	IssueNoStore         IssueType = "no-store"         // the database is not available
	IssueException       IssueType = "exception"        // an unexpected internal error
	IssueTimeout         IssueType = "timeout"          // took longer than this server allows
	IssueIncomplete      IssueType = "incomplete"       // the answer is not all there is
	IssueThrottled       IssueType = "throttled"        // too many requests
	IssueInformational   IssueType = "informational"    // no problem, only news
)

// A Severity is how bad an Issue is. Source: R4 valueset-issue-severity.
type Severity string

// The severities of R4.
const (
	SeverityFatal       Severity = "fatal"
	SeverityError       Severity = "error"
	SeverityWarning     Severity = "warning"
	SeverityInformation Severity = "information"
)

// A Detail is the machine-readable rule behind an Issue, finer than its type:
// a code of Bima's issue-detail CodeSystem ("version-conflict"), or the key of
// the invariant that failed ("per-1").
type Detail string

// The details that the transport or a module distinguishes.
const (
	DetailVersionConflict Detail = "version-conflict"       // If-Match names another version
	DetailPrecondition    Detail = "precondition-failed"    // If-None-Match, a conditional with several matches
	DetailMediaType       Detail = "unsupported-media-type" // the body is in a format we don't read
	DetailNotAcceptable   Detail = "not-acceptable"         // no format the client accepts
	DetailMethod          Detail = "method-not-allowed"     // the route exists, the method does not
	DetailUnique          Detail = "business-identifier"    // the business identifier belongs to another resource
)

// An Issue is one finding about a request. Source: R4 OperationOutcome.issue.
type Issue struct {
	Severity    Severity
	Code        IssueType
	Detail      Detail // "" where the type says enough
	Expression  string // FHIRPath of the element, "Claim.item[0].net", or a parameter, "http._count"; "" where none is at fault
	Diagnostics string // one sentence a person can act on
}

// An Outcome is an OperationOutcome that travels as a Go error. The client sees
// its issues; the cause is logged, never sent.
type Outcome struct {
	Issues []Issue
	cause  error
}

// Errorf makes an Outcome of one error. A %w in format keeps the cause for the
// log; its text is not shown to the client.
func Errorf(code IssueType, expression, format string, args ...any) *Outcome {
	return newOutcome(Issue{Severity: SeverityError, Code: code, Expression: expression}, format, args)
}

// Detailf is Errorf with a machine-readable detail.
func Detailf(code IssueType, detail Detail, expression, format string, args ...any) *Outcome {
	return newOutcome(Issue{Severity: SeverityError, Code: code, Detail: detail, Expression: expression}, format, args)
}

func newOutcome(issue Issue, format string, args []any) *Outcome {
	var cause error
	shown := make([]any, len(args))
	for i, a := range args {
		shown[i] = a
		if err, ok := a.(error); ok && cause == nil && strings.Contains(format, "%w") {
			cause, shown[i] = err, withheld{}
		}
	}
	issue.Diagnostics = strings.TrimSuffix(fmt.Sprintf(strings.ReplaceAll(format, "%w", "%v"), shown...), ": ")
	return &Outcome{Issues: []Issue{issue}, cause: cause}
}

// withheld stands where a cause would have been printed.
type withheld struct{}

// String prints nothing: causes are for the log.
func (withheld) String() string { return "" }

// Because attaches the cause that the log shows and the client does not.
func (o *Outcome) Because(err error) *Outcome {
	return &Outcome{Issues: o.Issues, cause: err}
}

// OfParameter gives an error in which each issue that names no element names a
// parameter of the request: "http." and its name. Source: R4 OperationOutcome
// (issue.location).
func OfParameter(name string, err error) error {
	var o *Outcome
	if !errors.As(err, &o) {
		return err
	}
	name = strings.ToValidUTF8(name, "\uFFFD")
	if runes := []rune(name); len(runes) > parameterShown {
		name = string(runes[:parameterShown])
	}
	issues := slices.Clone(o.Issues)
	for i := range issues {
		if issues[i].Expression == "" {
			issues[i].Expression = parameterExpression + name
		}
	}
	return &Outcome{Issues: issues, cause: o.cause}
}

// parameterShown is how much of a parameter's name is told.
const parameterShown = 100

const parameterExpression = "http."

// OfElement reports whether the issue names an element, not a parameter.
func (i Issue) OfElement() bool {
	return i.Expression != "" && !strings.HasPrefix(i.Expression, parameterExpression)
}

// Error gives all issues on one line; it holds nothing the client may not see.
func (o *Outcome) Error() string {
	parts := make([]string, len(o.Issues))
	for i, issue := range o.Issues {
		parts[i] = issue.String()
	}
	return strings.Join(parts, "; ")
}

// String gives "required Claim.patient: the element is missing".
func (i Issue) String() string {
	if i.Expression == "" {
		return fmt.Sprintf("%s: %s", i.Code, i.Diagnostics)
	}
	return fmt.Sprintf("%s %s: %s", i.Code, i.Expression, i.Diagnostics)
}

// Unwrap gives the cause, for the log.
func (o *Outcome) Unwrap() error { return o.cause }

// Failed reports whether any issue is an error.
func (o *Outcome) Failed() bool { return Failed(o.Issues) }

// Failed reports whether any of the issues is an error or fatal.
func Failed(issues []Issue) bool {
	for _, i := range issues {
		if i.Severity == SeverityError || i.Severity == SeverityFatal {
			return true
		}
	}
	return false
}

// OutcomeOf gives the Outcome within err. What is no Outcome becomes an
// exception that tells the client nothing but that it happened.
func OutcomeOf(err error) *Outcome {
	var o *Outcome
	if errors.As(err, &o) {
		return o
	}
	return Errorf(IssueException, "", "The server failed to do this; the request id in the answer's X-Request-Id leads its operator to the cause.").Because(err)
}

// HasIssue reports whether err is an Outcome whose first issue is of the type.
func HasIssue(err error, code IssueType) bool {
	var o *Outcome
	return errors.As(err, &o) && len(o.Issues) > 0 && o.Issues[0].Code == code
}

// An Existing is the error of a Rule or Reaction that finds the write it is asked
// about done before: what was to be created is there already, as Key. A create
// then answers with that resource and makes none. Any other write is refused
// with it, so wrap it in an Outcome that tells a person what to do:
// Errorf(IssueDuplicate, …).Because(Existing{Key: k}).
type Existing struct{ Key Key }

// Error names the resource that is there.
func (e Existing) Error() string { return e.Key.String() + " is there already" }

// A Taken is the cause of an Outcome of DetailUnique: the business identifier
// belongs to another resource.
type Taken struct {
	Identifier UniqueKey
	By         Key
}

// Error names the identifier and who bears it.
func (t Taken) Error() string { return t.Identifier.Value + " belongs to " + t.By.String() }
