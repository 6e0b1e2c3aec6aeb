// Package simulation decides the claims of a period once more under other rules,
// without writing anything: a changed product, other prices. It answers what a
// change would have cost, and whose claims it would have touched.
//
// Claims are decided in the order in which they were, each by adjudication itself
// over the facts there are. What earlier claims used is counted in a ledger in
// memory, which begins with what the stored one held when the first claim of the
// period was decided.
//
// Under the rules that are in force nothing may differ: Question.Run without a
// plan and without tariffs checks that.
package simulation
