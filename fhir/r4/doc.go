// Package r4 is the schema of HL7 FHIR R4 (4.0.1): the types with their
// elements, bindings, invariants, search parameters and compartments, read once
// from the compact facts of profiles/r4.
//
// Its door: Lookup a Type by name, walk its Elements; SearchParams,
// Compartments, ValueSetHas. Everything it gives is immutable and shared.
package r4
