// Package storage keeps every version of every resource, the index that search
// finds them by, the ledger of use, accounts and jobs, in SQLite or PostgreSQL.
// Its door is Open; a *Store is a fhir.Store.
//
// One logical schema serves both databases:
//
//	registry     small numbers for resource types and search parameters
//	resource     one row a resource: identity and current version
//	history      every version with its body, deletions included; only added to
//	sp_*         the index, one narrow table a kind of parameter
//	uniq_key     business identifiers that only one resource may bear
//	ledger       how much of a bucket each source took
//	account      users of HTTP Basic and API clients
//	job_wait     unique jobs that wait; the jobs themselves are River's
//
// A rid is the row id of a resource, a vid that of a version: both are
// milliseconds since 2020 shifted by 22 bits, plus a counter. A resource's rid is
// the vid of its first version and never changes, so "newest first" is rid
// descending, history is vid descending, and an update writes only the index rows
// that changed. Every key begins with part, the scheme, which is 0 today.
//
// Codes, systems, ids and identifiers are indexed by 64 bits of SHA-256: nobody
// can make two values collide that search would then confuse, and where a chance
// collision would matter the text is kept and compared.
//
// The package never looks into a body and knows nothing of FHIR's types but their
// names.
package storage
