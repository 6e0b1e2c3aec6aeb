// Package claim is what a Claim means to the scheme: it is decided in the
// transaction that stores it, and its ClaimResponse is there when the answer to
// the submission is.
//
// A claim is never refused for a business reason: an unknown patient, a service
// that is not covered or a used-up ceiling are told in the ClaimResponse. What
// must not happen twice is the same claim of the same facility by the same
// submitter: sent once more it is answered with the claim that is there, by
// Claim/$submit with its decision; put under an id of the client's own it is kept
// and denied as a duplicate.
//
// After the first decision a claim may be cancelled, corrected, decided anew or
// appealed against, each by an operation that leaves a record of who asked, and
// members are told of decisions by a job.
package claim
