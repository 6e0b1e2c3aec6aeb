package coverage

import (
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A credit is the membership that another continues without a gap: one of the
// policy it renews, or of the same product, from which the person comes. The zero
// credit is that of a person who was not covered the day before.
type credit struct {
	membership
	through time.Time // when the policy of that membership would have ended
	since   string    // the first day in force of that policy
}

// carries finds what a membership that begins on a day continues.
func (p *policy) carries(r fhir.Reader, m membership, start string, all []membership) (credit, error) {
	first, err := fhir.ParseDateTime(start)
	if err != nil {
		return credit{}, nil
	}
	from := first.Interval(time.UTC).From
	for _, old := range all {
		if old.key == m.key || !old.inForce || old.period.From.IsZero() || !old.period.From.Before(from) || gap(old.period, from) {
			continue
		}
		same, err := p.sameProduct(r, m, old)
		if err != nil {
			return credit{}, err
		}
		if !same {
			continue
		}
		contract, err := fhir.Tree(r, old.contract)
		if err != nil {
			return credit{}, err
		}
		c := credit{membership: old}
		if contract.Exists() {
			c.through, c.since = policyOf(contract).agreed.To, contract.At("applies", "start").Text()
		}
		return c, nil
	}
	return credit{}, nil
}

// sameProduct reports whether an old membership was of the policy that is
// renewed, whatever its plan, or of the same product: the same plan, another
// version of it, or one that converts to it.
func (p *policy) sameProduct(r fhir.Reader, m, old membership) (bool, error) {
	switch {
	case old.contract == m.contract && !m.contract.IsZero(), old.contract == p.predecessor && !p.predecessor.IsZero(),
		old.plan == m.plan && !m.plan.IsZero():
		return true, nil
	case old.plan.IsZero() || m.plan.IsZero():
		return false, nil
	}
	before, err := fhir.Tree(r, old.plan)
	if err != nil {
		return false, err
	}
	now, err := fhir.Tree(r, m.plan)
	if err != nil {
		return false, err
	}
	number := now.Identifier(profiles.IdentifierProduct)
	converts := r4.Target(before.Extension(profiles.ExtensionOpenIMISConversion).Get("valueReference"))
	return number != "" && number == before.Identifier(profiles.IdentifierProduct) || converts == m.plan, nil
}

// gap reports whether a day lies between an old period and the first day of a
// new one.
func gap(old fhir.Interval, first time.Time) bool {
	return !old.To.IsZero() && old.To.Before(first)
}

// waitingFrom gives the day waiting periods count from: that of the membership
// continued, else the first day of the new one.
func (c credit) waitingFrom(start string) string {
	if c.key.IsZero() {
		return start[:min(len(start), len(time.DateOnly))]
	}
	from := c.node.Extension(profiles.ExtensionCoverageWaitingFrom).Get("valueDate").Text()
	if from == "" {
		from = c.node.At("period", "start").Text()
	}
	return from[:min(len(from), len(time.DateOnly))]
}

// movesOn reports whether a membership that begins on a day leaves the policy of
// the one it continues before its end, as when a family splits. A policy that was
// over, or went on to its end, leaves nothing behind.
func (c credit) movesOn(m membership, start fhir.DateTime) bool {
	return !c.key.IsZero() && !c.contract.IsZero() && c.contract != m.contract && !c.through.IsZero() && start.Interval(time.UTC).From.Before(c.through)
}

// carryUse lets what a person has used follow him who moves on: amounts stand in
// the account of his new membership as of its first day, and what is counted for
// the person himself counts since the year of the old policy began.
func (c credit) carryUse(tx fhir.Tx, e *fhir.Edit, m membership, start string) error {
	from, err := fhir.ParseDateTime(start)
	if err != nil || !c.movesOn(m, from) {
		return nil
	}
	if since := c.useFrom(from.First); since != "" {
		e.SetExtension(m.node, profiles.ExtensionCoverageUseFrom, "valueDate", quote(since))
	}
	used, err := tx.Tally(fhir.Tally{Accounts: []string{account(c.membership)}})
	if err != nil || len(used) == 0 {
		return err
	}
	var entries []fhir.Entry
	for _, u := range used {
		entries = append(entries, fhir.Entry{Account: account(m), Bucket: u.Bucket, Day: adjudication.DayOf(from.First), Value: u.Value})
	}
	return tx.Post(m.key, entries)
}

// useFrom gives the first day of the year of the policy left in which a day lies:
// the one the old membership counted from itself, or an anniversary of the
// policy's first day in force.
func (c credit) useFrom(day time.Time) string {
	if before := c.node.Extension(profiles.ExtensionCoverageUseFrom).Get("valueDate").Text(); before != "" {
		return before
	}
	first, err := fhir.ParseDate(c.since)
	if err != nil {
		return ""
	}
	since := first.First
	for next := since.AddDate(1, 0, 0); !next.After(day); next = since.AddDate(1, 0, 0) {
		since = next
	}
	return since.Format(time.DateOnly)
}

// account gives the ledger account of a person in a policy; see
// adjudication.Policy.Member.
func account(m membership) string { return m.contract.String() + "|" + m.person.String() }
