// Package signal looks for what is unusual in a claim: signs of error or fraud,
// each with its reason in figures.
//
// A Report is advice for the person who reviews a claim and for the choice of
// claims to review. It never lowers or rejects a line: a signal is a question to
// ask, not an answer. Its score is the plain sum of the points of its signals.
//
// What is looked at is the claim, who is concerned by it, the person's other
// claims of the same weeks, and figures that a daily job keeps of the facilities
// and practitioners (see package figures). No history is read.
package signal
