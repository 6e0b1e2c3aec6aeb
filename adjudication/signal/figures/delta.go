package figures

import (
	"cmp"
	"maps"
	"slices"

	"bima/adjudication"
	"bima/fhir"
)

// A Delta is what changes in the sums: entries by account and month, summed.
type Delta map[place]map[cell]int64

// A place is one source of entries.
type place struct {
	account string
	month   adjudication.Day
}

type cell struct {
	bucket string
	day    adjudication.Day
}

// Add adds entries, or takes them away with a sign of -1.
func (d Delta) Add(entries []fhir.Entry, sign int64) {
	for _, e := range entries {
		p := place{e.Account, monthOf(e.Day)}
		if d[p] == nil {
			d[p] = map[cell]int64{}
		}
		d[p][cell{e.Bucket, e.Day}] += sign * e.Value
	}
}

// source names the ledger source of a place.
func (p place) source() fhir.Key {
	return fhir.Key{Type: "Basic", ID: p.account + "|" + adjudication.WriteDay(p.month)}
}

// monthsKept is for how many months before the current one figures are kept.
const monthsKept = 12

// Post changes the sums in the ledger. What is of months before those that are
// kept on a day is dropped, with the month that is no longer kept of each account
// that changes.
func (d Delta) Post(tx fhir.Tx, today adjudication.Day) error {
	oldest := after(monthOf(today), -monthsKept)
	places := slices.Collect(maps.Keys(d))
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.month, b.month))
	})
	for i, p := range places {
		if p.month >= oldest {
			if err := d.post(tx, p); err != nil {
				return err
			}
		}
		if i == 0 || places[i-1].account != p.account {
			if err := tx.Post(place{p.account, after(oldest, -1)}.source(), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// post changes the sums of one place.
func (d Delta) post(tx fhir.Tx, p place) error {
	sums := maps.Clone(d[p])
	have, err := tx.Tally(fhir.Tally{Accounts: []string{p.account}, From: p.month, To: after(p.month, 1), Apart: true})
	if err != nil {
		return err
	}
	for _, b := range have {
		sums[cell{b.Bucket, b.LastDay}] += b.Value
	}
	entries := make([]fhir.Entry, 0, len(sums))
	for c, value := range sums {
		if value != 0 {
			entries = append(entries, fhir.Entry{Account: p.account, Bucket: c.bucket, Day: c.day, Value: value})
		}
	}
	slices.SortFunc(entries, func(a, b fhir.Entry) int {
		return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Day, b.Day))
	})
	return tx.Post(p.source(), entries)
}
