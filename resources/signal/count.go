package signal

import (
	"context"
	"errors"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/signal/figures"
	"bima/adjudication/signal/visit"
	"bima/fhir"
)

// A keeper counts claims, and compares what was counted.
type keeper struct {
	facts *facts.Facts
	zone  *time.Location
}

// countPage is how many versions of claims are counted in one transaction.
const countPage = 200

// daily counts the versions of claims that were stored since the last time and
// before the day, and compares anew. It goes on where it was stopped.
func (k *keeper) daily(ctx context.Context, s fhir.Server, day time.Time) error {
	ctx = fhir.Unhurried(ctx)
	for {
		done, err := k.step(ctx, s, day)
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	return k.compare(ctx, s, adjudication.DayOf(day.In(k.zone)))
}

// errOvertaken ends a step of which another process has done the work.
var errOvertaken = errors.New("another process counts too")

// step counts one page, the newest versions first, and keeps how far it came with
// what it counted. It reads before it writes, so that no lock is held meanwhile.
func (k *keeper) step(ctx context.Context, s fhir.Server, day time.Time) (done bool, err error) {
	var from, to progress
	delta := figures.Delta{}
	err = s.View(ctx, func(r fhir.Reader) (err error) {
		if from, err = readProgress(r); err != nil {
			return err
		}
		to, err = k.count(r, from, day, delta)
		return err
	})
	if err != nil || to == from {
		return true, err
	}
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock(accountProgress); err != nil {
			return err
		}
		now, err := readProgress(tx)
		if err != nil {
			return err
		}
		if now != from {
			return errOvertaken
		}
		if err := delta.Post(tx, adjudication.DayOf(day.In(k.zone))); err != nil {
			return err
		}
		return to.post(tx)
	})
	if errors.Is(err, errOvertaken) {
		return false, nil
	}
	return to.cursor == "", err
}

// count counts one page of versions after those that are counted.
func (k *keeper) count(r fhir.Reader, p progress, day time.Time, delta figures.Delta) (progress, error) {
	page, err := r.History(&fhir.HistoryQuery{Type: "Claim", Since: p.done + 1, After: p.cursor, Limit: countPage})
	if err != nil {
		return p, err
	}
	for _, v := range page.Resources {
		if !v.Updated.Before(day) {
			continue
		}
		p.target = max(p.target, v.Updated.UnixMicro())
		if err := k.version(r, v, delta); err != nil {
			return p, err
		}
	}
	if p.cursor = page.Next; p.cursor == "" {
		p.done, p.target = max(p.done, p.target), 0
	}
	return p, nil
}

// version counts a version of a claim, and takes away what the one before it
// counted for.
func (k *keeper) version(r fhir.Reader, v *fhir.Resource, delta figures.Delta) error {
	if err := k.add(r, v, delta, 1); err != nil || v.Version == 1 {
		return err
	}
	before, err := r.ReadVersion(v.Key, v.Version-1)
	if fhir.HasIssue(err, fhir.IssueNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return k.add(r, before, delta, -1)
}

func (k *keeper) add(r fhir.Reader, v *fhir.Resource, delta figures.Delta, sign int64) error {
	if v.Deleted {
		return nil
	}
	doc, err := fhir.Parse(v.Body)
	if err != nil {
		return err
	}
	defer doc.Release()
	entries, err := figures.Count(doc.Root(), func(v visit.Visit) (p figures.Parties, err error) {
		provider, _, err := k.facts.Resolve(r, doc.Root(), v.Provider, "Organization", "PractitionerRole", "Practitioner")
		if err != nil {
			return p, err
		}
		if p.Facility, err = figures.Employer(r, provider); err != nil {
			return p, err
		}
		p.Practitioners, err = figures.Treaters(r, &v)
		return p, err
	})
	delta.Add(entries, sign)
	return err
}

// A progress is how far the counting is: all versions up to done are counted, and
// while a cursor is there all from target back to it.
type progress struct {
	done, target int64 // microseconds since 1970
	cursor       string
}

const (
	accountProgress = "figures-progress"
	bucketDone      = "done"
	bucketTarget    = "target"
	bucketCursor    = "cursor|"
)

func readProgress(r fhir.Reader) (p progress, err error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{accountProgress}})
	for _, b := range balances {
		cursor, is := strings.CutPrefix(b.Bucket, bucketCursor)
		switch {
		case is:
			p.cursor = cursor
		case b.Bucket == bucketDone:
			p.done = b.Value
		case b.Bucket == bucketTarget:
			p.target = b.Value
		}
	}
	return p, err
}

func (p progress) post(tx fhir.Tx) error {
	entries := []fhir.Entry{{Account: accountProgress, Bucket: bucketDone, Value: p.done}, {Account: accountProgress, Bucket: bucketTarget, Value: p.target}}
	if p.cursor != "" {
		entries = append(entries, fhir.Entry{Account: accountProgress, Bucket: bucketCursor + p.cursor, Value: 1})
	}
	return tx.Post(fhir.Key{Type: "Basic", ID: accountProgress}, entries)
}
