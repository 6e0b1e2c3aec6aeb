package adjudication

import "bima/fhir"

// What the member bears himself: deductible, percentage and fixed amount.

// deductible lets the member bear the first part of the costs. Where a plan has
// several (per treatment, per member, per policy) the first that is used up ends
// it: "500 a treatment, at most 5,000 a year". One for in- or out-patient care
// replaces the general one.
func deductible(t *trial) {
	limits := t.deductibles()
	if len(limits) == 0 {
		return
	}
	least, amount := limits[0], largest
	for _, l := range limits {
		if left := t.left(l, false); left < amount {
			least, amount = l, left
		}
	}
	before := t.rest
	t.cut(amount, deductibleReason(least), BearerMember)
	for _, l := range limits {
		t.take(l, before-t.rest, false)
	}
}

// deductibles gives the deductibles that hold for the line: of the most specific
// Cover that has one, those under the most specific condition.
func (t *trial) deductibles() []*Limit {
	for _, c := range t.covers {
		found, most := t.found[:0], 0
		for i := range c.Deductibles {
			n, ok := t.holds(c.Deductibles[i].When)
			switch {
			case !ok || n < most:
				continue
			case n > most:
				found, most = found[:0], n
			}
			found = append(found, &c.Deductibles[i])
		}
		if t.found = found; len(found) > 0 {
			return found
		}
	}
	return nil
}

func deductibleReason(l *Limit) Reason {
	switch l.Scope {
	case ScopeTreatment:
		return ReasonDeductibleTreatment
	case ScopeIndividual:
		return ReasonDeductibleInsuree
	}
	return ReasonDeductiblePolicy
}

// hundredPercent is 100 % in ten-thousandths of a percent.
const hundredPercent fhir.Amount = 100 * one

// coinsurance lets the member bear the plan's percentage, up to its maximum for
// a service. HL7's copay-percent is the patient's share; openIMIS's percentage
// is the scheme's, 100 less it.
func coinsurance(t *trial) {
	share := t.term(func(c *Cover) []Term { return c.Shares })
	if share == nil {
		return
	}
	t.out.Share, t.out.HasShare = share.Value, true
	amount := portion(t.rest, share.Value, hundredPercent, t.decimals)
	if most := t.term(func(c *Cover) []Term { return c.ShareMaximum }); most != nil {
		amount = min(amount, most.Value)
	}
	t.cut(amount, ReasonCoinsurance, BearerMember)
}

// copay lets the member bear a fixed amount: for each line, each unit, or once
// for the treatment.
func copay(t *trial) {
	c := pick(t, func(c *Cover) []Copay { return c.Copays }, func(c *Copay) When { return c.When })
	if c == nil {
		return
	}
	amount := c.Amount
	switch c.Per {
	case PerUnit:
		amount = t.times(amount, t.out.Quantity)
	case PerTreatment:
		amount -= t.usedHere(t.policy.Account, copayBucket, Window{})
	}
	before := t.rest
	t.cut(amount, ReasonCopay, BearerMember)
	if c.Per == PerTreatment {
		t.spend(spend{account: t.policy.Account, bucket: copayBucket, day: t.day(), value: before - t.rest, claimOnly: true})
	}
}

// copayBucket counts, within a claim, what was paid of a copay per treatment.
const copayBucket = "copay"
