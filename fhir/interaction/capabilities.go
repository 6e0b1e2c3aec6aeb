package interaction

import (
	"bima/fhir"
	"bima/fhir/conformance"
)

// Capabilities gives the CapabilityStatement, computed from what is loaded, and
// its entity tag, which stays the same as long as the abilities do.
// Source: R4 capabilitystatement.
func (e *Engine) Capabilities() (body []byte, etag string) {
	// There always is a statement of everything.
	d, _ := e.documents.Capabilities(conformance.ModeFull)
	return d.Body, d.ETag
}

// Conformance gives the documents that tell what the server can do.
func (e *Engine) Conformance() *conformance.Documents { return e.documents }

// facts gives all that the server says of itself.
func (e *Engine) facts(c Config) conformance.Facts {
	f := c.Conformance
	f.Base, f.Software, f.Version, f.Security = e.base, c.Software, c.Version, c.Security
	f.Parameters, f.DeleteMultiple, f.Date = e.search, e.limits.DeleteMatches > 1, e.now()
	var offered []fhir.Operation
	for _, operations := range e.operations {
		offered = append(offered, operations...)
	}
	f.Operations, f.Integrity = offered, e.integrity != nil
	if f.PatchFormats == nil {
		f.PatchFormats = PatchTypes()
	}
	return f
}
