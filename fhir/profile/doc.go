// Package profile holds resources against profiles: R4 StructureDefinitions that
// ask more than R4 itself does.
//
// Its door: New makes a Set of definitions, Set.Check gives what of a resource
// does not meet one of them, ReadPackage reads the definitions of a package, and
// Set.JSONSchema writes a profile as a JSON Schema. A profile is compiled once,
// when it is first asked for, into a plan that holds only what it adds to R4; the
// walk over a resource asks nothing else, and costs no memory where all is well.
//
// It says nothing of what R4 itself asks: that is found by fhir/validate. It asks
// no other server; what it can't know, such as a value set nobody lists, it says
// as a warning.
package profile
