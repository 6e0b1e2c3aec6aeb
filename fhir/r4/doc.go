// Package r4 is the schema of HL7 FHIR R4 (4.0.1): the types with their
// elements, bindings, invariants, search parameters and compartments, read once
// from the compact facts of profiles/r4.
//
// Its door: Lookup a Type by name, walk its Elements; SearchParams,
// Compartments, ValueSetHas. Everything it gives is immutable and shared.
//
// What a Type inherits it has: Elements and Constraints begin with those of its
// Base, so nobody needs to walk up. The invariants of a backbone element, such as
// those R4 states on Questionnaire.item, are its Type's, so that a content
// reference to it has them too; Element.Constraints are those of other elements.
// A primitive type has no Elements, but Member and Element know "id" and
// "extension", which the object of its underscored member may hold.
package r4
