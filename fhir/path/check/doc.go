// Package check finds mistakes in FHIRPath that only show once the type of the
// input is known.
//
// Its door: Tree. It follows the types of elements through an expression and
// stops following where they can't be known, so what it finds is a mistake for
// sure, and not every mistake is found.
package check
