package fhir

// A Head names the current version of a resource, without its body.
type Head struct {
	Key
	// Stamp differs between any two versions there ever were, also where one was
	// rolled back or its id was forgotten and used again.
	Stamp int64
}

// A HeadReader is a Reader that tells which versions a query finds without
// reading their bodies, so that what was made of a body may be kept for as long
// as the version is the current one.
type HeadReader interface {
	// Heads gives the first Limit resources of a query, the newest first; Sort,
	// After and Total are not looked at.
	Heads(q *Query) ([]Head, error)
}
