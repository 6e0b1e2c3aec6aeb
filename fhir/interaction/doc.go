// Package interaction performs the FHIR interactions: read, create, update,
// patch, delete, their conditional forms, history, search, bundles and
// operations. Its door is Engine, which is the only writer of the house: every
// change, from a client or from a module, goes through one function that asks
// whether the caller may, whether the resource is valid and whether the rules of
// the modules allow it, and commits it together with what the modules do about
// it, or not at all.
//
// It speaks no HTTP: what it refuses is a fhir.Outcome, and Status tells the
// transport which status code says the same.
package interaction
