package fhir

// A BundleType is the purpose of a Bundle. Source: R4 valueset-bundle-type.
type BundleType string

// The types of bundles the server reads or writes.
const (
	BundleTransaction         BundleType = "transaction"
	BundleTransactionResponse BundleType = "transaction-response"
	BundleBatch               BundleType = "batch"
	BundleBatchResponse       BundleType = "batch-response"
	BundleSearchset           BundleType = "searchset"
	BundleHistory             BundleType = "history"
	BundleCollection          BundleType = "collection"
	BundleMessage             BundleType = "message"
)

// A BundleEntry is one entry of a Bundle that the server writes.
type BundleEntry struct {
	FullURL  string
	Resource []byte // JSON as stored; nil where there is none
	Search   string // match, include or outcome, in a searchset
	Request  *BundleRequest
	Response *BundleResponse
}

// A BundleRequest is entry.request.
type BundleRequest struct {
	Method Method
	URL    string
}

// A BundleResponse is entry.response.
type BundleResponse struct {
	Status       string // "201 Created"
	Location     string
	ETag         string // W/"1"
	LastModified string // an instant
	Outcome      []byte // an OperationOutcome as JSON, or nil
}
