// Package codes holds code systems in a form that answers at once: is this a
// code, what is it called, what is above and below it, does it pass the filter
// of a value set. It knows nothing of where code systems are kept.
//
// A System is compiled once from the JSON of a CodeSystem and never changes.
// Seventy thousand concepts take some ten megabytes and a tenth of a second.
package codes
