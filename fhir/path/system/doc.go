// Package system holds the arithmetic of FHIRPath's own types: exact decimals,
// dates and times of partial precision, and quantities with units.
//
// It knows neither FHIR elements nor expressions; package path gives the types
// their operators and functions.
package system
