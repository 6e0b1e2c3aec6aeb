// Package adjudication decides what the scheme pays for a claim.
//
// It is a pure function: no clock, no database, no configuration. The same Case
// always gives the same Decision, so a decision can be explained, replayed and
// compared years later.
//
// A Case goes line by line through the stages of the pipeline, once for each
// policy that may cover the line. A stage may only lower a line, and each
// lowering says in which stage, why, and who bears it:
//
//	benefit = submitted − Σ adjustments
//
// What earlier claims used of deductibles, ceilings and counts comes in as
// Case.Used; Tallies says which sums a Case needs, and Decision.Entries what the
// claim adds to them.
package adjudication
