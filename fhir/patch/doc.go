// Package patch changes resources by those forms of patch that need no XML:
// JSON Patch (RFC 6902), JSON Merge Patch (RFC 7396) and FHIRPath Patch, each
// read once and then applied to a resource as it is stored.
//
// What can't be read as a patch is an Outcome of IssueInvalid and its kin; what
// can be read but does not fit the resource is one of IssueProcessing that names
// the operation and the place. Whether the result is a valid resource is for the
// caller to ask.
package patch

// A Patch gives what it makes of a resource, both as JSON. The resource is left
// as it is. It is safe for concurrent use.
type Patch func(resource []byte) ([]byte, error)

// Limits bound the work of one patch.
type Limits struct {
	Operations int // how many operations it may have
	CopyBytes  int // how many bytes the copy operations of a JSON Patch may add
}

// workMax bounds the bytes that are read while a FHIRPath Patch is applied: each
// of its operations reads the resource as the one before left it.
const workMax = 1 << 30
