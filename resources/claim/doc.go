// Package claim is what a Claim means to the scheme: it is decided in the
// transaction that stores it, and its ClaimResponse is there when the answer to
// the submission is.
//
// A claim is never refused for a business reason: an unknown patient, a service
// that is not covered or a used-up ceiling are told in the ClaimResponse. What
// must not happen twice is the same claim of the same facility by the same
// submitter: sent once more it is answered with the claim that is there, by
// Claim/$submit with its decision. In a transaction, where other entries may
// count on a new claim, it is refused as a duplicate; put under an id of the
// client's own it is kept and denied as one.
package claim
