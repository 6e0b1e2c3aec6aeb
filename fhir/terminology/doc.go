// Package terminology knows code systems, value sets and concept maps: those of
// R4 itself, those Bima defines, and those that are stored. It lists and checks
// codes, looks them up and translates them, as R4's operations and for searches,
// FHIRPath and validation.
//
// A canonical URL means, in this order, a resource that came with the request
// (a parameter), a stored one, one of the definitions given to New, one of R4.
// Without a version it is the newest that is active, else the newest draft, else
// the newest of all. What is made of a stored resource is kept as long as the
// store says that it is the current version, so nothing stale is ever answered.
//
// The hierarchy of a code system counts as "is-a" whatever hierarchyMeaning says:
// classifications such as ICD-10 are searched by it (:below).
//
// What no server of this size holds (SNOMED CT, LOINC) can be stored; until it is,
// a question about it is answered as one that can't be, never by a guess. UCUM,
// language tags and media types follow rules and are checked by them.
package terminology
