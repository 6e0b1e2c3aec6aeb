package interaction

import (
	"context"

	"bima/fhir"
)

var errNotYet = fhir.Errorf(fhir.IssueNotSupported, "", "not supported yet")

func (e *Engine) mount([]fhir.Module) error                { return nil }
func capabilityStatement(Config, *Engine) ([]byte, string) { return nil, "" }

// Operation implements fhir.Server.
func (e *Engine) Operation(ctx context.Context, code string, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	return nil, errNotYet
}

// Call is an operation over HTTP.
func (e *Engine) Call(ctx context.Context, code string, on fhir.Key, query string, body []byte, get bool) (*fhir.Response, error) {
	return nil, errNotYet
}

// Capabilities gives the CapabilityStatement and its ETag.
func (e *Engine) Capabilities() (body []byte, etag string) { return nil, "" }
