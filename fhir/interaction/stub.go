package interaction

import (
	"context"

	"bima/fhir"
)

var errNotYet = fhir.Errorf(fhir.IssueNotSupported, "", "not supported yet")

func (e *Engine) mount([]fhir.Module) error { return nil }
func capabilityStatement(Config, *Engine) ([]byte, string) { return nil, "" }

// View implements fhir.Server.
func (e *Engine) View(ctx context.Context, read func(fhir.Reader) error) error { return errNotYet }

// Commit implements fhir.Server.
func (e *Engine) Commit(ctx context.Context, write func(fhir.Tx) error) error { return errNotYet }

// Operation implements fhir.Server.
func (e *Engine) Operation(ctx context.Context, code string, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	return nil, errNotYet
}

// Read gives the current version. Of a deleted resource it gives the deletion along with an
// Outcome of IssueDeleted.
func (e *Engine) Read(ctx context.Context, k fhir.Key) (*fhir.Resource, error) { return nil, errNotYet }

// ReadVersion gives one version.
func (e *Engine) ReadVersion(ctx context.Context, k fhir.Key, version string) (*fhir.Resource, error) {
	return nil, errNotYet
}

// Create is POST [base]/Type.
func (e *Engine) Create(ctx context.Context, typ string, w Write) (*Result, error) { return nil, errNotYet }

// Update is PUT [base]/Type/id.
func (e *Engine) Update(ctx context.Context, k fhir.Key, w Write) (*Result, error) { return nil, errNotYet }

// UpdateConditional is PUT [base]/Type?criteria.
func (e *Engine) UpdateConditional(ctx context.Context, typ, criteria string, w Write) (*Result, error) {
	return nil, errNotYet
}

// Patch is PATCH [base]/Type/id.
func (e *Engine) Patch(ctx context.Context, k fhir.Key, mediaType string, w Write) (*Result, error) {
	return nil, errNotYet
}

// PatchConditional is PATCH [base]/Type?criteria.
func (e *Engine) PatchConditional(ctx context.Context, typ, criteria, mediaType string, w Write) (*Result, error) {
	return nil, errNotYet
}

// Delete is DELETE [base]/Type/id.
func (e *Engine) Delete(ctx context.Context, k fhir.Key, ifMatch string) (*Result, error) {
	return nil, errNotYet
}

// DeleteConditional is DELETE [base]/Type?criteria; it gives how many were deleted.
func (e *Engine) DeleteConditional(ctx context.Context, typ, criteria string) (int, error) {
	return 0, errNotYet
}

// Search gives a searchset Bundle.
func (e *Engine) Search(ctx context.Context, typ, rawQuery string, o SearchOptions) ([]byte, error) {
	return nil, errNotYet
}

// History gives a history Bundle.
func (e *Engine) History(ctx context.Context, k fhir.Key, rawQuery string) ([]byte, error) {
	return nil, errNotYet
}

// Bundle is POST [base].
func (e *Engine) Bundle(ctx context.Context, body []byte, o BundleOptions) ([]byte, error) {
	return nil, errNotYet
}

// Call is an operation over HTTP.
func (e *Engine) Call(ctx context.Context, code string, on fhir.Key, query string, body []byte, get bool) (*fhir.Response, error) {
	return nil, errNotYet
}

// Capabilities gives the CapabilityStatement and its ETag.
func (e *Engine) Capabilities() (body []byte, etag string) { return nil, "" }

// Elements applies _summary and _elements to one resource.
func (e *Engine) Elements(body []byte, summary string, elements []string) []byte { return body }

// OutcomeJSON writes an OperationOutcome.
func OutcomeJSON(issues []fhir.Issue) []byte { return nil }

// Status gives the HTTP status that says the same as err.
func Status(err error) int { return 500 }
