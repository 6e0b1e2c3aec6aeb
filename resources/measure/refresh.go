package measure

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"bima/adjudication"
	"bima/fhir"
)

const (
	// changePage is how many versions are looked at at a time, changesMax how many
	// at all before all is counted anew instead.
	changePage = 500
	changesMax = 100_000
	// reportPage is how many reports are written in one transaction.
	reportPage = 50
)

// daily brings all reports up to date. While an index is made that it asks for, the
// other work of the day does not wait for it: the next day finds what was left.
func (c *counter) daily(ctx context.Context, s fhir.Server, _ time.Time) error {
	_, err := c.refresh(fhir.Unhurried(ctx), s)
	if fhir.HasIssue(err, fhir.IssueIncomplete) {
		return nil
	}
	return err
}

// A result is what a count came to.
type result struct{ units, reports, again int }

// refresh counts what has changed since the last time, and stores the reports that
// are others.
func (c *counter) refresh(ctx context.Context, s fhir.Server) (result, error) {
	return c.restateAll(ctx, s, true, c.changed)
}

// turnsMax is how often the same is counted again since others did so meanwhile.
const turnsMax = 20

// A finding tells what is to be counted by a moment, and how far all is counted then.
type finding func(r fhir.Reader, from progress, at time.Time) (*changes, progress, error)

// restateAll counts what find tells of and says how far all is counted then. When
// others have done so at the same time, what was counted here may be older than what
// they stored: then it is found and counted again. keeps tells that what is counted
// is by the progress that is said.
func (c *counter) restateAll(ctx context.Context, s fhir.Server, keeps bool, find finding) (result, error) {
	done, last := result{}, error(nil)
	stored := map[unit]map[month]bool{}
	for range turnsMax {
		at, err := moment(ctx, s)
		if err != nil {
			return done, err
		}
		p := &pass{keeps: keeps}
		err = s.View(ctx, func(r fhir.Reader) (err error) {
			if err := settle(r); err != nil {
				return err
			}
			if p.from, err = readProgress(r); err != nil {
				return err
			}
			p.what, p.to, err = find(r, p.from, at)
			return err
		})
		if last = err; fhir.HasIssue(err, fhir.IssueTransient) && ctx.Err() == nil {
			continue // a large write is under way, and was waited for in vain
		}
		if err != nil {
			return done, err
		}
		p.what.also(stored)
		if err := c.define(ctx, s); err != nil {
			return done, err
		}
		some, everybody, err := c.restate(ctx, s, p.what)
		done = result{units: some.units, reports: done.reports + some.reports}
		if err != nil {
			return done, err
		}
		stored = p.what.units
		p.census = everybody
		some, err = c.facilities(ctx, s, p)
		done = result{units: done.units + some.units, reports: done.reports + some.reports}
		if last = err; !fhir.HasIssue(err, fhir.IssueConflict) {
			return done, err
		}
	}
	return done, last
}

// changed finds what must be counted anew.
func (c *counter) changed(r fhir.Reader, from progress, at time.Time) (*changes, progress, error) {
	scheme, err := c.scheme(r)
	if err != nil {
		return nil, from, err
	}
	today := adjudication.DayOf(c.Now().In(c.Zone))
	what := &changes{scheme: scheme, open: c.openMonths(today), units: map[unit]map[month]bool{}}
	s := &search{from: from, until: at.UnixMicro(), most: changesMax, types: watched}
	all, err := s.run(r)
	if err != nil {
		return nil, from, err
	}
	to := progress{done: s.until, later: s.later, month: monthOf(today), scheme: scheme.fingerprint()}
	if to.purged, err = purged(r); err != nil {
		return nil, from, err
	}
	switch {
	case from.done == 0:
		return what, to, what.everything(r, wholeYears(what.open))
	case to.scheme != from.scheme || to.month != from.month || to.purged != from.purged || !all:
		return what, to, what.everything(r, what.open)
	}
	err = what.apply(r, s.found)
	if errors.Is(err, errForgotten) || errors.Is(err, errMany) {
		err = what.everything(r, what.open)
	}
	return what, to, err
}

// wholeYears gives months with those before them of the first one's year: at first
// they are counted, too, since quarters and years are made of them.
func wholeYears(open []month) []month {
	var list []month
	for m := open[0] / 12 * 12; m <= open[len(open)-1]; m++ {
		list = append(list, m)
	}
	return list
}

// restate counts units other than facilities anew and stores the reports that are
// others: of the months, and of their quarters and years. Where it went through all
// persons it gives what it knows of them.
func (c *counter) restate(ctx context.Context, s fhir.Server, what *changes) (done result, everybody *census, err error) {
	var books map[unit]book
	if what.goesThrough() {
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			books, everybody, err = what.apart().everybody(ctx, r, what.residing())
			return err
		})
		if err != nil {
			return done, nil, err
		}
	}
	units := what.residing()
	waiting := make(chan unit, len(units))
	for u := range units {
		waiting <- u
	}
	close(waiting)
	group, ctx := errgroup.WithContext(ctx)
	var reports atomic.Int64
	for range min(len(units), runtime.GOMAXPROCS(0)) {
		scheme := what.apart()
		group.Go(func() error {
			for u := range waiting {
				n, err := scheme.renew(ctx, s, u, units[u], books)
				if err != nil {
					return err
				}
				reports.Add(int64(n))
			}
			return nil
		})
	}
	err = group.Wait()
	return result{units: len(units), reports: int(reports.Load())}, everybody, err
}

// renew stores the reports of a unit that are others, and gives how many. The unit is
// counted anew where books has it not.
func (s *scheme) renew(ctx context.Context, server fhir.Server, u unit, months []month, books map[unit]book) (n int, err error) {
	var list []revision
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		b, counted := books[u]
		if !counted {
			b, err = s.count(r, u, months)
		}
		if err == nil {
			list, err = s.revisions(r, u, b, false)
		}
		return err
	})
	for some := range slices.Chunk(list, reportPage) {
		if err == nil {
			err = server.Commit(ctx, func(tx fhir.Tx) error { return store(tx, some) })
		}
		n += len(some)
	}
	return n, err
}
