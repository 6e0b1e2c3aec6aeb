// Package searchtest makes, for every search parameter, a resource that has a
// value of it, a query that finds the resource and one that does not. The
// resources have nothing else, so they are no valid ones: they are for what
// indexes and searches, not for what validates.
//
// Its door: Cases. For tests only.
package searchtest
