// Package stored lets profiles take effect that are stored as StructureDefinitions:
// resources are held against them as against those built in, in every process on
// the database.
//
// Its door: New and NewCodes, Module, Start and Watch. The Profiles it makes are
// fhir.Profiles; the Codes tell a profile.Set of value sets that are stored.
// They keep in memory what profiles are compiled from, by the stored versions, so
// that holding a resource against them asks the database nothing. What is built in
// or comes with a package counts before what is stored.
package stored
