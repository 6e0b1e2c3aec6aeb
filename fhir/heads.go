package fhir

// A Head names the current version of a resource, without its body.
type Head struct {
	Key
	Version int64
}

// A HeadReader is a Reader that tells which versions a query finds without
// reading their bodies, so that what was made of a body may be kept for as long
// as the version is the current one.
type HeadReader interface {
	// Heads gives the first Limit resources of a query, in its order. After and
	// Total are not asked for.
	Heads(q *Query) ([]Head, error)
}
