// Package match evaluates criteria over the index rows of one resource in memory,
// as a Store does over those of many: for contained resources and subscriptions.
//
// Its door: Criterion.
//
// Source: R4 search.
package match
