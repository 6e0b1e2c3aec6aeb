package adjudication

import "bima/fhir"

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
	amount := portion(t.rest, share.Value, hundredPercent, t.minorUnits())
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
