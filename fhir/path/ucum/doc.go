// Package ucum converts between units of measure.
//
// Its door: Parse, Convert, Product and Quotient. It knows the units of the
// Unified Code for Units of Measure (https://ucum.org) that health records use,
// with exact factors, prefixes and compound units such as "mg/dL" or "kg.m/s2".
// Units on a logarithmic scale are not known to it.
package ucum
