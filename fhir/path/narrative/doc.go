// Package narrative checks the XHTML of Narrative.div for FHIRPath's htmlChecks().
//
// Its doors: Valid and ValidWithin. They check what R4's invariants txt-1 and
// txt-2 ask for: known tags and attributes only, no scripts, something to read or
// see. Source: R4 narrative.html.
package narrative
