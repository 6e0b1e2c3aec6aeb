// Package path evaluates FHIRPath 2.0 with the additions of FHIR R4 on trees of
// fhir.Node.
//
// Its door: Compile an expression once, then Evaluate, Append or Bool it as often
// as needed, from many goroutines. Evaluation never changes the tree, asks no
// network and no database; what it can't know by itself (other resources, value
// sets, profiles, the time) comes in by Context. Sources:
// https://hl7.org/fhirpath/N1 and R4 fhirpath.html.
package path
