// Package pattern compiles the regular expressions of FHIRPath's matches(),
// matchesFull() and replaceMatches().
//
// Its door: Compile and Replace. It uses Go's RE2, which runs in time linear in
// the text, so that no pattern can hang an evaluation; look-around and
// back-references are therefore not understood.
package pattern
