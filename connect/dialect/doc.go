// Package dialect is what façades of FHIR's dialects share: trees of JSON that are
// changed and written again with their decimals as they were (Object), and finding
// who or what a client means by the names that its own system has (Finder).
package dialect
