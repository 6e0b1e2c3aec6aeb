// Package filter reads the language of the _filter parameter: comparisons of
// search parameters joined by and, or, not and brackets.
//
// Its door: Parse. What the names and operators mean is told by fhir/search, which
// knows the parameters.
//
// Source: R4 search_filter.
package filter
