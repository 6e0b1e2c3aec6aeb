package cash

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// A drawer is what one transaction does with officers' cash.
type drawer struct {
	tx      fhir.Tx
	touched []till
}

// A till is an officer's cash in a currency: whether it grew, and whether
// something was taken out of it.
type till struct {
	officer  fhir.Key
	currency string
	more     bool
	less     bool
}

// react counts what officers hold, and holds it against what they may.
func react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	d := &drawer{tx: tx}
	if err := d.lock(changes); err != nil {
		return err
	}
	for _, c := range changes {
		if err := d.count(c); err != nil {
			return err
		}
	}
	for _, t := range d.touched {
		if err := d.check(t); err != nil {
			return err
		}
	}
	return nil
}

// both gives a change's movement before and after; what is not there is zero.
func both(c fhir.Change) (before, after movement, err error) {
	if c.Before != nil {
		old, err := parse(c.Before)
		if err != nil {
			return before, after, err
		}
		before = movementOf(c.Key, old)
	}
	if c.After != nil {
		after = movementOf(c.Key, c.Node)
	}
	return before, after, nil
}

// lock takes the locks of all officers whose cash the changes are about.
func (d *drawer) lock(changes []fhir.Change) error {
	var names []string
	for _, c := range changes {
		before, after, err := both(c)
		if err != nil {
			return err
		}
		for _, m := range []movement{before, after} {
			if !m.officer.IsZero() && (m.cash || m.direction == "deposit") {
				names = append(names, heldBy(m.officer))
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return d.tx.Lock(names...)
}

// count writes what a movement is in the ledger, where that has changed.
func (d *drawer) count(c fhir.Change) error {
	before, after, err := both(c)
	if err != nil {
		return err
	}
	if after.direction == "deposit" && after.node.Get("status").Text() == "active" && !after.node.Get("detail").Exists() {
		if after, err = d.match(before, after); err != nil {
			return err
		}
	}
	was, is := before.entries(), after.entries()
	if slices.Equal(was, is) {
		return nil
	}
	for _, entries := range [][]fhir.Entry{was, is} {
		for _, e := range entries {
			if officer, held := strings.CutPrefix(e.Account, "cash|"); held {
				d.touch(officer, e.Bucket, sum(is, e) > sum(was, e), sum(is, e) < sum(was, e))
			}
		}
	}
	return d.tx.Post(c.Key, is)
}

// sum adds up the entries of the same account and bucket.
func sum(entries []fhir.Entry, of fhir.Entry) (value int64) {
	for _, e := range entries {
		if e.Account == of.Account && e.Bucket == of.Bucket {
			value += e.Value
		}
	}
	return value
}

func (d *drawer) touch(officer, currency string, more, less bool) {
	typ, id, _ := strings.Cut(officer, "/")
	k := fhir.Key{Type: typ, ID: id}
	i := slices.IndexFunc(d.touched, func(t till) bool { return t.officer == k && t.currency == currency })
	if i < 0 {
		d.touched = append(d.touched, till{officer: k, currency: currency})
		i = len(d.touched) - 1
	}
	d.touched[i].more, d.touched[i].less = d.touched[i].more || more, d.touched[i].less || less
}

// check refuses more cash than an officer may hold, and to take out of a payment
// what is not there.
func (d *drawer) check(t till) error {
	if t.less {
		if err := d.checkOpen(t); err != nil {
			return err
		}
	}
	if !t.more {
		return nil
	}
	role, err := fhir.Tree(d.tx, t.officer)
	if err != nil {
		return err
	}
	limit, limited := limitOf(role, t.currency)
	if !limited {
		return nil
	}
	held, err := held(d.tx, t.officer, t.currency)
	if err != nil || held <= limit {
		return err
	}
	return refuse("PaymentNotice.amount", "with this %s would hold %s %s in cash and may hold %s: bring cash to the bank first (a PaymentReconciliation of direction deposit), or have it paid another way",
		t.officer, held, t.currency, limit)
}

// checkOpen refuses where of one payment more was brought or given back than was
// taken.
func (d *drawer) checkOpen(t till) error {
	open, err := payments(d.tx, t.officer)
	if err != nil {
		return err
	}
	for _, p := range open {
		if p.currency == t.currency && p.left < 0 {
			return refuse("PaymentReconciliation.detail", "%s would have brought or given back %s %s more of %s than he took in cash; a payment that is in the bank is taken back as misposted, or refunded",
				t.officer, -p.left, p.currency, p.key)
		}
	}
	return nil
}

// limitOf gives how much cash of a currency an officer may hold.
func limitOf(role fhir.Node, currency string) (limit fhir.Amount, limited bool) {
	for e := range role.Get("extension").Each() {
		if e.Get("url").Text() != profiles.ExtensionCashLimit || e.At("valueMoney", "currency").Text() != currency {
			continue
		}
		if a, ok := amountOf(e.Get("valueMoney")); ok && (!limited || a < limit) {
			limit, limited = a, true
		}
	}
	return limit, limited
}

// held gives what an officer holds in a currency.
func held(r fhir.Reader, officer fhir.Key, currency string) (fhir.Amount, error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{heldBy(officer)}})
	for _, b := range balances {
		if b.Bucket == currency {
			return fhir.Amount(b.Value), err
		}
	}
	return 0, err
}

// A payment is what an officer still holds of one.
type payment struct {
	key      fhir.Key
	currency string
	day      int32
	left     fhir.Amount
}

// payments gives the payments of which an officer holds something, or of which
// too much is gone, the oldest first.
func payments(r fhir.Reader, officer fhir.Key) ([]payment, error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{openOf(officer)}})
	if err != nil {
		return nil, err
	}
	var list []payment
	for _, b := range balances {
		currency, id, _ := strings.Cut(b.Bucket, "|")
		if b.Value != 0 {
			list = append(list, payment{fhir.Key{Type: "PaymentReconciliation", ID: id}, currency, b.LastDay, fhir.Amount(b.Value)})
		}
	}
	slices.SortFunc(list, func(a, b payment) int {
		return cmp.Or(cmp.Compare(a.day, b.day), strings.Compare(a.key.ID, b.key.ID))
	})
	return list, nil
}
