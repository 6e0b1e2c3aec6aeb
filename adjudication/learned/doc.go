// Package learned gives a second opinion on a claim: how likely a reviewer would
// cut or reject it, learned from the claims that the scheme's own reviewers have
// decided.
//
// The opinion is advice on which claims to look at first. It never lowers or
// rejects a line. It comes from a model that is stored as a Library, is off until
// an operator makes that Library active, and says of each claim which features
// made the score what it is. The model is a logistic regression: a sum of
// weights, so that the contributions are exactly what the score is made of.
//
// Floating-point numbers are for scores only; no money is computed here.
package learned
