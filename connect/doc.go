// Package connect is where other systems are spoken with in their own tongues.
//
// A façade answers clients that were written for another server: it is an
// http.Handler below a path of its own, which translates each request into R4
// requests to [base] and their answers back (Gate). It holds no rules and stores
// nothing itself: what is stored is clean R4, through the one door that everybody
// uses, in the name of the caller.
//
// The other way round, a subscription.Sender tells another system of changes, in
// the calls that it understands.
package connect
