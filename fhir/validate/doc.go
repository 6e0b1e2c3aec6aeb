// Package validate finds everything that is wrong with a FHIR R4 resource.
//
// Its door is Resource: bytes in, a parsed Document and all findings out, each
// with the FHIRPath of its element and a sentence that says what was found, what
// is allowed and the way out. One pass over the tree, driven by the tables of
// fhir/r4, checks shape, cardinality, formats, codes, references, narrative and
// invariants; a resource without findings costs no memory beyond its tree.
//
// It never changes what it checks, asks no other server, and knows no profiles.
package validate
