// Package scheme is the demo scheme: one fictional district as FHIR Bundles,
// embedded, in the order to load them.
//
// Its door is Files. The Bundles beside it are written by the program in
// generate; README.md says who is who and works one claim by hand.
package scheme
