package employer

import (
	"context"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// cover lets the cover of employees follow a declaration: it ends of those who
// left, or are in a plan no more, and where the contract says so begins of those
// who are declared.
func (d *declaration) cover(tx fhir.Tx) error {
	if d.latest {
		if err := d.endOfLeavers(tx); err != nil {
			return err
		}
	}
	if !d.contract.declared || !d.contract.is(stateReady, stateActive) {
		return nil
	}
	if err := d.settings.inForce(tx, d.contract); err != nil {
		return err
	}
	fresh, err := billedOf(tx, d.contract.key)
	if err != nil {
		return err
	}
	return d.contract.ensure(tx, fresh, d.month, 0)
}

// endOfLeavers ends the cover of who is declared no more on the last day of the
// month before, and of who leaves this month on his last day. Who is in another plan
// of the same product now stays covered, under that.
func (d *declaration) endOfLeavers(tx fhir.Tx) error {
	all, err := d.coversFromNow(tx)
	if err != nil {
		return err
	}
	leaves := map[fhir.Key]day{}
	for _, r := range d.reading.rows {
		if r.to != 0 {
			leaves[r.person] = r.to
		}
	}
	for _, c := range all {
		last, leaving := leaves[c.person]
		if !leaving {
			last = lastDay
		}
		now := d.planOf(c)
		switch {
		case now == nil:
			err = c.end(tx, d.month.before().last)
		case now.code != c.plan && c.contract == d.contract.key && c.to >= d.month.first:
			err = d.contract.move(tx, c, now, d.month.first, last)
		case leaving:
			err = c.end(tx, last)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// planOf gives the plan of a cover's product that the person is declared under; nil
// where there is none.
func (d *declaration) planOf(c *cover) *plan {
	for _, p := range d.reading.plans {
		if _, declared := d.asks[entry{c.person, p.code}]; declared && p.product == c.product {
			return p
		}
	}
	return nil
}

// coversFromNow gives the cover under the contract, and under what follows it as
// far as nothing has been declared of that.
func (d *declaration) coversFromNow(tx fhir.Tx) ([]*cover, error) {
	all, err := d.contract.covers(tx)
	c := d.contract
	for range amendmentsMax {
		if err != nil || !c.is(stateAmended, stateRenewed) {
			break
		}
		if c, err = c.successor(tx); err != nil || c == nil {
			break
		}
		bills, err := billedOf(tx, c.key)
		if err != nil {
			return nil, err
		}
		if _, declared := bills.last(); declared {
			break
		}
		more, err := c.covers(tx)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, err
}

// paid does what follows from the payment of an Invoice: where all of its month
// are paid, the contract comes into force and those declared are covered; where
// nothing is overdue any more, a suspended one goes on.
func (s Settings) paid(ctx context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, change := range changes {
		if change.After == nil || !isBill(change.Node) || change.Node.Get("status").Text() != "balanced" {
			continue
		}
		b := billOf(change.Key, change.Node)
		c, err := s.under(tx, r4.Target(change.Node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference")))
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		if err := s.settled(tx, c, b.month); err != nil {
			return err
		}
	}
	return nil
}

// settled looks whether a month is paid, and nothing is overdue.
func (s Settings) settled(tx fhir.Tx, c *contract, m month) error {
	all, err := billedOf(tx, c.key)
	if err != nil {
		return err
	}
	if err := s.goOn(tx, c, all); err != nil {
		return err
	}
	bills := all.of(m)
	if slices.ContainsFunc(bills, func(b *bill) bool { return b.status != "balanced" }) || len(bills) == 0 {
		return nil
	}
	if c.is(stateReady) {
		if err := s.inForce(tx, c); err != nil {
			return err
		}
	}
	since, err := lateSince(tx, c, bills)
	if err != nil {
		return err
	}
	return c.ensure(tx, all, m, since)
}

// goOn lets cover go on that was suspended for what one contract owes, where that
// owes nothing any more: under itself, and under what follows it.
func (s Settings) goOn(tx fhir.Tx, c *contract, all *billed) error {
	if all.behind(c, s.today(tx.Now())) {
		return nil
	}
	if err := c.lift(tx, all); err != nil {
		return err
	}
	now, err := s.inUse(tx, c)
	if err != nil || now == nil || now == c {
		return err
	}
	if all, err = billedOf(tx, now.key); err != nil || all.behind(now, s.today(tx.Now())) {
		return err
	}
	return now.lift(tx, all)
}

// lift takes a suspension away as if it had never been: what was owed for those
// days is paid. A contract that was suspended to its end stays over.
func (c *contract) lift(tx fhir.Tx, all *billed) error {
	if !c.is(stateSuspended) && !c.node.Extension(profiles.ExtensionContractSuspension).Exists() {
		return nil
	}
	state, status := c.state, c.node.Get("status").Text()
	if c.is(stateSuspended) {
		state, status = stateActive, "resolved"
	}
	list := []rawJSON{datatype.JSON(extension{URL: profiles.ExtensionPolicyState, ValueCode: state})}
	for e := range c.node.Get("extension").Each() {
		if url := e.Get("url").Text(); url != profiles.ExtensionContractSuspension && url != profiles.ExtensionPolicyState {
			list = append(list, rawJSON(e.Raw()))
		}
	}
	e := fhir.NewEdit(c.node.Document())
	e.Set(c.node, "extension", datatype.JSON(list))
	e.Set(c.node, "status", datatype.JSON(status))
	stored, err := tx.Update(&fhir.Resource{Key: c.key, Body: e.Bytes()}, 0)
	if err != nil {
		return err
	}
	c.state = state
	if c.node, err = parse(stored); err != nil {
		return err
	}
	if last, ok := all.last(); ok && c.declared && c.is(stateActive) {
		return c.ensure(tx, all, last, 0)
	}
	return nil
}

// inForce brings a contract into force that waits for it, and marks the one that it
// renews.
func (s Settings) inForce(tx fhir.Tx, c *contract) error {
	if !c.is(stateReady) {
		return nil
	}
	if err := c.become(tx, stateActive, nil); err != nil || c.predecessor.IsZero() {
		return err
	}
	before, err := s.under(tx, c.predecessor)
	if err != nil || before == nil || !before.is(stateActive, stateExpired, stateSuspended) {
		return err
	}
	return before.become(tx, stateRenewed, nil)
}

// lateSince gives the day from which those are covered whose month was paid after
// its grace: that of the last payment; 0 where it was paid in time.
func lateSince(r fhir.Reader, c *contract, bills []*bill) (day, error) {
	last := ""
	for _, b := range bills {
		err := each(r, "PaymentNotice", refers("request", b.key), func(_ fhir.Key, n fhir.Node) error {
			if n.Get("status").Text() == "active" {
				last = max(last, n.Get("paymentDate").Text())
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	paid, known := adjudication.ReadDay(last)
	if !known || paid <= bills[0].due+day(c.grace) {
		return 0, nil
	}
	return paid, nil
}

// ensure covers those who were declared of a month and are not covered yet, from
// its first day, the day they began to work, or since when it was paid late. Of the
// last month declared it moves those who are covered by another plan of the product.
func (c *contract) ensure(tx fhir.Tx, all *billed, m month, since day) error {
	plans, err := c.plans(tx)
	if err != nil {
		return err
	}
	staff, err := staffOf(tx, c.employer)
	if err != nil {
		return err
	}
	covers, err := c.covers(tx)
	if err != nil {
		return err
	}
	last, _ := all.last()
	for _, at := range all.declared(m) {
		i := slices.IndexFunc(plans, func(p *plan) bool { return p.code == at.plan })
		if i < 0 {
			continue
		}
		if now := coveredBy(covers, at.person, plans[i], m.first); now != nil {
			if now.plan != at.plan && m == last {
				err = c.move(tx, now, plans[i], m.first, lastDay)
			}
			if err != nil {
				return err
			}
			continue
		}
		from, until := staff.days(at.person, m)
		b := beginning{contract: c, plan: plans[i], person: at.person, from: max(m.first, c.start, from, since), to: min(c.end, until)}
		if _, err := b.begin(tx); err != nil {
			return err
		}
	}
	return nil
}

// declared gives who is declared of a month, in a fixed order, so that locks are
// taken in it.
func (b *billed) declared(m month) []entry {
	var list []entry
	for at, sum := range b.asked[m] {
		if sum.total() > 0 {
			list = append(list, at)
		}
	}
	slices.SortFunc(list, func(x, y entry) int {
		return strings.Compare(x.person.ID+"|"+x.plan, y.person.ID+"|"+y.plan)
	})
	return list
}

// days gives the first and last day on which a person worked, as far as they are
// known and concern a month.
func (s *staff) days(person fhir.Key, m month) (from, until day) {
	until = lastDay
	for _, e := range s.members {
		if e.person != person {
			continue
		}
		if began, ok := adjudication.ReadDay(e.from); ok && began <= m.last {
			from = began
		}
		until = lastDay
		if ended, ok := adjudication.ReadDay(e.until); ok && ended >= m.first {
			until = ended
		}
	}
	return from, until
}

// behind reports whether a month is owed beyond its grace, or was not declared so
// long after its end.
func (b *billed) behind(c *contract, today day) bool {
	for _, one := range b.bills {
		if one.status == "issued" && one.left > 0 && one.due+day(c.grace) < today {
			return true
		}
	}
	next := monthOf(c.start)
	if last, ok := b.last(); ok {
		next = last.next()
	}
	return next.first <= c.end && next.last+day(c.due+c.grace) < today
}
