// Package claim is what a Claim means to the scheme: it is decided in the
// transaction that stores it, and its ClaimResponse is there when the answer to
// the submission is.
//
// A claim is never refused for a business reason: an unknown patient, a service
// that is not covered or a used-up ceiling are told in the ClaimResponse. What
// must not happen twice, the same claim of the same facility by the same
// submitter, is refused as a duplicate; Claim/$submit answers it with the
// decision made the first time.
package claim
