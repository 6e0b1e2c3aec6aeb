// Package storagetest holds the contract of fhir.Store as tests that every
// database passes, and makes fresh databases for the tests of other packages.
package storagetest
