// Package conformance tells what the server can do, in each form in which
// somebody asks: the CapabilityStatement, the TerminologyCapabilities, the
// OpenAPI document, and the definitions of operations, search parameters,
// profiles and code systems that can be read and searched like any resource.
//
// Its doors are Documents and Library. All is computed from the Facts of the
// engine, so nothing is told that is not there. It answers no request and knows
// no HTTP.
package conformance
