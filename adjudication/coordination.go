package adjudication

import (
	"slices"

	"bima/fhir"
)

// A PolicyPart is what one of several policies pays of a line.
type PolicyPart struct {
	Policy  int // index into Case.Policies
	Benefit fhir.Amount
}

// coordination leaves to others what they have paid: insurers that are none of the
// scheme's, and the policies that were asked before this one. It comes after the
// cuts to the price and before the sharing of costs, so that a policy that comes
// second recognises the line as if it were the only one, and pays of it by its own
// rules what is left to the member. Together they never pay more than the line.
//
// What other insurers say that they have paid of the claim counts for its lines as
// they are decided, for each up to what is recognised of it, so that it and the
// benefits are never more than that. What they say of a line counts for that line
// alone: beyond what is recognised of it, it was paid for that and nothing else.
func coordination(t *trial) {
	own := min(t.line.OtherPaid, t.rest)
	t.pooled = min(t.pool, t.rest-own)
	t.cut(own+t.pooled, ReasonOtherPayer, BearerOther)
	if t.before != nil {
		t.lowerTo(min(t.rest-t.before.rest, t.before.out.MemberLiability()), ReasonOtherPayer, BearerOther)
	}
}

// coordinate asks the policies after the first that pays for what it left to the
// member, those whose plans pay for it.
func (d *decider) coordinate(first *trial, order []int) {
	for _, p := range order {
		if first.out.Relative || first.out.MemberLiability() == 0 {
			return
		}
		if plan := d.Policies[p].Plan; plan == nil || !plan.Coordinates {
			continue
		}
		t := d.tryAfter(first, p)
		if t.out.Denied != "" || t.rest == 0 || t.out.Relative {
			first.refuse(t)
			continue
		}
		first.join(t)
	}
}

// tryAfter tries a policy for what another left of a line. What that takes of money
// that both give over a lifetime counts.
func (d *decider) tryAfter(first *trial, p int) *trial {
	before := len(d.taken)
	for _, s := range first.spends {
		if s.money {
			d.push(s)
		}
	}
	t := newTrial(d, first.line, p)
	t.before = first
	t.run()
	d.drop(before)
	return t
}

// join adds to a line what another policy pays of it: the member bears so much
// less, of what was left to him last first.
func (t *trial) join(next *trial) {
	if len(t.out.Paid) == 0 {
		t.out.Paid, t.alone = []PolicyPart{{t.out.Policy, t.rest}}, len(t.spends)
	}
	t.out.Paid = append(t.out.Paid, PolicyPart{next.out.Policy, next.rest})
	rest := next.rest
	for i := len(t.out.Adjustments) - 1; i >= 0; i-- {
		if a := &t.out.Adjustments[i]; a.Bearer == BearerMember {
			n := min(rest, a.Amount)
			a.Amount -= n
			rest -= n
		}
	}
	t.out.Adjustments = slices.DeleteFunc(t.out.Adjustments, func(a Adjustment) bool { return a.Amount == 0 })
	t.rest += next.rest
	counted := t.spends
	for _, s := range next.spends {
		if s.money || !slices.ContainsFunc(counted, func(have spend) bool {
			return have.account == s.account && have.bucket == s.bucket
		}) {
			t.spends = append(t.spends, s)
		}
	}
	t.joined = append(t.joined, next)
}

// noteJoined says which ceilings the policies used up that pay after the first.
func (d *decider) noteJoined(first *trial) {
	before := len(d.taken)
	for _, s := range first.spends[:first.alone] {
		d.push(s)
	}
	for _, t := range first.joined {
		d.note(t)
		first.out.Notes = append(first.out.Notes, t.out.Notes...)
	}
	d.drop(before)
}
