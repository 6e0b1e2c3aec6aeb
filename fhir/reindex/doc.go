// Package reindex lets SearchParameter resources take effect: the parameters in
// force follow what is stored, in every process, and what was stored before them
// is indexed anew in the background.
//
// Its door: New, Module and Start. It compares what the index was made by, which
// the database remembers as a fingerprint of each parameter of each type, with
// what is in force. What differs is incomplete: a search by it is told so, and a
// job goes through the resources of its type, a page a transaction, until it is
// complete. The job keeps how far it is, so that another goes on after a crash;
// $reindex tells it to the operator, and lets him ask for more.
package reindex
