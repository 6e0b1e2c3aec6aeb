// Package syntax reads FHIRPath text into a tree.
//
// Its door: Parse. The tree knows nothing of FHIR types or of data; names are
// given a meaning by package path. It follows the grammar of the normative
// release: https://hl7.org/fhirpath/N1/grammar.html.
package syntax
