// Package sampling reviews a sample of a facility's claims instead of all of them,
// and takes what the reviews took off the sample off the other claims too, once a
// second person approves.
//
// Its door is Module. A sample is a List of Claims, each of the sample or of the
// rest; the sampled ones are reviewed by Tasks of the review's kind. When the last
// of these has ended, the rate of the deduction is known and a Task asks for
// approval. Approved, each claim of the rest gets a review of its own that takes the
// rate off; refused, each of them is reviewed by a person.
package sampling
