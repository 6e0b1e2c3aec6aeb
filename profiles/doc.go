// Package profiles holds the definitions Bima is built from: its own code
// systems, extensions, search parameters and operations, written as FSH in
// input/fsh (one file a resource), compiled by compile.sh and embedded here as
// JSON, with the URLs they are known by.
//
// Its door is Definitions. It imports nothing and decides nothing: what a rule
// means is in resources and adjudication, how R4 itself is shaped in r4.
package profiles
