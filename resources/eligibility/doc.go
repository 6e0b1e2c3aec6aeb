// Package eligibility answers whether, and how far, a person is covered: what a
// CoverageEligibilityRequest means to the scheme.
//
// The answer is there when the request is: it tells for each membership whether
// it is in force, what is left of limits, ceilings and deductibles, until when
// the person waits for a service, and what he would pay for it. It is found by
// the rules that decide claims, and uses up nothing.
package eligibility
