package claim

import (
	"context"
	"slices"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
)

// uses gives what the ledger notes of a decision: of a preauthorization what it
// reserves while it holds, with a memo of that; of a claim what it used, and what
// of that it consumed of a reservation.
func (d *decider) uses(tx fhir.Tx, p *pending, decision *adjudication.Decision) ([]fhir.Entry, error) {
	entries := decision.Entries
	if p.gathered.Case.Reserves {
		if !d.holds(tx, p, decision) {
			return nil, nil
		}
		entries = append(entries, agreed(p, decision)...)
		return remembered(p.key, append(slices.Clip(entries), p.submitted.entries(p.key)...), entries), nil
	}
	for _, c := range decision.Consumed {
		entries = append(entries, fhir.Entry{
			Account: facts.ConsumedAccount(c.Source), Bucket: facts.Memo(c.Account, c.Bucket, c.Day), Day: c.Day, Value: c.Value,
		})
	}
	return entries, nil
}

// agreed gives the quantities that a preauthorization agrees to.
func agreed(p *pending, decision *adjudication.Decision) []fhir.Entry {
	var entries []fhir.Entry
	for i := range decision.Lines {
		if l := &decision.Lines[i]; l.Denied == "" && l.Eligible() > 0 { // also where the deductible takes all
			asked := &p.gathered.Case.Lines[i]
			entries = append(entries, fhir.Entry{
				Account: adjudication.AgreedAccount(p.key), Bucket: asked.Service.String(), Day: asked.Served.To, Value: int64(l.Quantity),
			})
		}
	}
	return entries
}

// remembered adds to entries of a preauthorization the memo of all that it posts.
func remembered(request fhir.Key, posted, entries []fhir.Entry) []fhir.Entry {
	for _, e := range posted {
		entries = append(entries, fhir.Entry{
			Account: facts.ReservedAccount(request), Bucket: facts.Memo(e.Account, e.Bucket, e.Day), Day: e.Day, Value: e.Value,
		})
	}
	return entries
}

// holds tells on which days what is agreed to may be given, and whether that is
// not over. An answer that is given again keeps its days.
func (d *decider) holds(tx fhir.Tx, p *pending, decision *adjudication.Decision) bool {
	today := d.today(tx)
	asked, ok := adjudication.ReadDay(p.node.Get("created").Text())
	if !ok {
		asked = today
	}
	days, agreed := p.gathered.Case.Holds(decision, asked, today)
	if !agreed {
		return false
	}
	if before := p.earlier.Get("preAuthPeriod"); before.Exists() && p.trigger != p.key {
		days = periodOf(before)
	}
	p.days = &days
	return days.To >= today
}

// reservations gives the names of the locks under which the reservations that a
// claim has to do with change.
func (p *pending) reservations() []string {
	var names []string
	for _, k := range p.touched() {
		names = append(names, k.String())
	}
	return names
}

// touched gives the preauthorizations of which a claim may consume, or did.
func (p *pending) touched() []fhir.Key {
	keys := slices.Clone(p.gathered.Authorised)
	for _, k := range p.left {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	if p.gathered.Case.Reserves && p.renewed {
		keys = append(keys, p.key)
	}
	return keys
}

// leaves gives the preauthorizations that the version before of a claim named.
func (d *decider) leaves(tx fhir.Tx, before *fhir.Resource) ([]fhir.Key, error) {
	if before == nil || !strings.Contains(string(before.Body), `"preAuthRef"`) {
		return nil, nil
	}
	doc, err := fhir.Parse(before.Body)
	if err != nil {
		return nil, err
	}
	return d.facts.Authorizations(tx, doc.Root())
}

// settle brings what preauthorizations count as used to what is left of them,
// without what one claim took; the zero Key leaves none out.
func settle(tx fhir.Tx, requests []fhir.Key, without fhir.Key) error {
	for _, request := range requests {
		sums, err := tx.Tally(fhir.Tally{Accounts: []string{facts.ReservedAccount(request), facts.ConsumedAccount(request)}, Except: without})
		if err != nil {
			return err
		}
		var all, entries []fhir.Entry
		for _, r := range facts.Left(request, reservedOnly(sums, request)) {
			all = append(all, fhir.Entry{Account: r.Account, Bucket: r.Bucket, Day: r.Day, Value: r.Value})
		}
		for _, r := range facts.Left(request, sums) {
			entries = append(entries, fhir.Entry{Account: r.Account, Bucket: r.Bucket, Day: r.Day, Value: r.Value})
		}
		if len(all) == 0 {
			continue // it holds no more
		}
		if err := tx.Post(request, remembered(request, all, entries)); err != nil {
			return err
		}
	}
	return nil
}

// reservedOnly gives what was reserved, without what was consumed of it.
func reservedOnly(sums []fhir.Balance, request fhir.Key) []fhir.Balance {
	return slices.DeleteFunc(slices.Clone(sums), func(b fhir.Balance) bool { return b.Account != facts.ReservedAccount(request) })
}

// restore gives back what a claim that is withdrawn had consumed of a reservation.
// A preauthorization that is withdrawn reserves nothing more.
func (d *decider) restore(tx fhir.Tx, c fhir.Change) error {
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return err
	}
	if doc.Root().Get("use").Text() == "preauthorization" {
		return tx.Lock(c.Key.String())
	}
	return d.giveBack(tx, c.Key, doc.Root())
}

// giveBack takes what a claim used out of the ledger, and leaves what it had
// consumed to the preauthorizations it names.
func (d *decider) giveBack(tx fhir.Tx, claim fhir.Key, n fhir.Node) error {
	if err := d.takeBack(tx, claim, n); err != nil {
		return err
	}
	requests, err := d.facts.Authorizations(tx, n)
	if err != nil {
		return err
	}
	if len(requests) == 0 {
		return tx.Post(claim, nil)
	}
	names := make([]string, len(requests))
	for i, k := range requests {
		names[i] = k.String()
	}
	if err := tx.Lock(names...); err != nil {
		return err
	}
	if err := tx.Post(claim, nil); err != nil {
		return err
	}
	return settle(tx, requests, fhir.Key{})
}

// takeBack takes what a claim used out of what went over to another record of the
// patient, into which that of the claim was merged. It stands under the name of the
// answer, since what the claim itself used does not count when it is decided anew.
func (d *decider) takeBack(tx fhir.Tx, claim fhir.Key, n fhir.Node) error {
	entries, err := d.facts.GoneOver(tx, claim, n)
	if err != nil || len(entries) == 0 {
		return err
	}
	return tx.Post(responseKey(claim), entries)
}

// expiredFor is for how many days after its last one a preauthorization is looked
// at again: what was decided anew meanwhile may reserve once more.
const expiredFor = 7

// expiredPage is how many preauthorizations are looked at in one go.
const expiredPage = 100

// expire frees what preauthorizations kept free whose last day is over.
func (d *decider) expire(ctx context.Context, s fhir.Server, day time.Time) error {
	ends := func(prefix fhir.Prefix, first time.Time) fhir.Criterion {
		return fhir.Match{
			Param: fhir.Param{Code: "authorized", Kind: fhir.ParamDate},
			Value: fhir.DateValue{Prefix: prefix, From: first.UnixMicro(), To: first.AddDate(0, 0, 1).UnixMicro()},
		}
	}
	over := fhir.All{ends(fhir.PrefixEndsBefore, day), ends(fhir.PrefixGreaterEqual, day.AddDate(0, 0, -expiredFor))}
	for after := ""; ; {
		var page *fhir.Page
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{Types: []string{"ClaimResponse"}, Limit: expiredPage, After: after, Where: over})
			return err
		})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			err := s.Commit(ctx, func(tx fhir.Tx) error {
				return d.expired(tx, fhir.Key{Type: "Claim", ID: resource.ID}, adjudication.DayOf(day))
			})
			if err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// expired frees what one kept, if it is over. Its number it keeps, and how much it
// agreed to: claims for its days may come later.
func (d *decider) expired(tx fhir.Tx, request fhir.Key, today adjudication.Day) error {
	if err := tx.Lock(request.String()); err != nil {
		return err
	}
	response, err := fhir.Tree(tx, responseKey(request))
	if err != nil || periodOf(response.Get("preAuthPeriod")).To >= today {
		return err
	}
	sums, err := tx.Tally(fhir.Tally{Accounts: []string{facts.ReservedAccount(request)}})
	if err != nil || len(sums) == 0 {
		return err
	}
	var kept []fhir.Entry
	for _, r := range facts.Left(request, sums) {
		if r.Agreed() || strings.HasPrefix(r.Account, submissionAccount+"|") {
			kept = append(kept, fhir.Entry{Account: r.Account, Bucket: r.Bucket, Day: r.Day, Value: r.Value})
		}
	}
	return tx.Post(request, remembered(request, kept, slices.Clone(kept)))
}
