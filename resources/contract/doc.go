// Package contract makes policies and leads them through their lives: what a
// family or a person is offered under a plan, for which period, at what price;
// when it comes into force by a decision, is suspended, renewed, cancelled and
// expires. openIMIS's policy is a Contract, a person's membership a Coverage, and
// what is due an Invoice.
//
// Its door is Module. What memberships follow from their policy's state is
// coverage's, what follows from a payment is payment's.
package contract
