package measure

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles/indicator"
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
type result struct{ units, reports int }

// refresh counts what has changed since the last time, and stores the reports that
// are others.
func (c *counter) refresh(ctx context.Context, s fhir.Server) (result, error) {
	return c.restateAll(ctx, s, c.changed)
}

// turnsMax is how often the same is counted again since others did so meanwhile.
const turnsMax = 20

// restateAll counts what find tells of and says how far all is counted then. When
// others have done so at the same time, what was stored here may be older than what
// they stored: then it is found and counted again.
func (c *counter) restateAll(ctx context.Context, s fhir.Server, find func(fhir.Reader, progress) (*changes, progress, error)) (result, error) {
	done := result{}
	stored := map[unit]map[month]bool{}
	for range turnsMax {
		var from, to progress
		var what *changes
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			if from, err = readProgress(r); err != nil {
				return err
			}
			what, to, err = find(r, from)
			return err
		})
		if err != nil {
			return done, err
		}
		what.also(stored)
		if err := c.define(ctx, s); err != nil {
			return done, err
		}
		some, err := c.restate(ctx, s, what)
		done = result{some.units, done.reports + some.reports}
		if err != nil || to == from && len(what.units) == 0 {
			return done, err
		}
		stored = what.units
		if ok, err := to.follow(ctx, s, from); err != nil || ok {
			return done, err
		}
	}
	return done, fhir.Errorf(fhir.IssueConflict, "", "the indicators are being counted by others again and again; ask once more when they have done")
}

// changed finds what must be counted anew.
func (c *counter) changed(r fhir.Reader, from progress) (*changes, progress, error) {
	scheme, err := c.scheme(r)
	if err != nil {
		return nil, from, err
	}
	today := adjudication.DayOf(c.Now().In(c.Zone))
	what := &changes{scheme: scheme, open: c.openMonths(today), units: map[unit]map[month]bool{}}
	to := progress{month: monthOf(today), scheme: scheme.fingerprint(), turn: from.turn}
	seen := 0
	for _, typ := range watched {
		last, n, err := what.since(r, typ, from.done, changesMax-seen)
		if err != nil {
			return nil, from, err
		}
		to.done, seen = max(to.done, last), seen+n
	}
	to.done = max(to.done, from.done)
	switch {
	case from.done == 0:
		err = what.everything(r, wholeYears(what.open))
	case to.scheme != from.scheme || to.month != from.month || seen >= changesMax:
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

// since marks what the versions of a type bear on that were stored after a moment,
// and gives the moment of the last and how many there were. From 0 on, or beyond a
// number, it only gives these.
func (c *changes) since(r fhir.Reader, typ string, after int64, most int) (last int64, n int, err error) {
	q := fhir.HistoryQuery{Type: typ, Since: after + 1, Limit: changePage}
	if after == 0 {
		q.Limit = 1
	}
	for {
		page, err := r.History(&q)
		if err != nil {
			return last, n, err
		}
		for _, v := range page.Resources {
			last = max(last, v.Updated.UnixMicro())
			n++
			if after == 0 || n >= most {
				continue
			}
			if err := c.version(r, v); err != nil {
				return last, n, err
			}
		}
		if q.After = page.Next; q.After == "" || after == 0 || n >= most {
			return last, n, nil
		}
	}
}

// restate counts units anew, some at a time, and stores the reports that are
// others: of the months, and of their quarters and years.
func (c *counter) restate(ctx context.Context, s fhir.Server, what *changes) (result, error) {
	group, ctx := errgroup.WithContext(ctx)
	waiting := make(chan unit)
	group.Go(func() error {
		defer close(waiting)
		for u := range what.units {
			select {
			case waiting <- u:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	var reports atomic.Int64
	for range min(len(what.units), runtime.GOMAXPROCS(0)) {
		scheme := *what.scheme
		scheme.persons = map[fhir.Key]person{}
		group.Go(func() error {
			for u := range waiting {
				n, err := scheme.renew(ctx, s, u, what.months(u))
				if err != nil {
					return err
				}
				reports.Add(int64(n))
			}
			return nil
		})
	}
	err := group.Wait()
	return result{len(what.units), int(reports.Load())}, err
}

// renew counts a unit anew and stores the reports that are others; it gives how
// many.
func (s *scheme) renew(ctx context.Context, server fhir.Server, u unit, months []month) (n int, err error) {
	var reports []*fhir.Resource
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		reports, err = s.restated(r, u, months, s.Now())
		return err
	})
	if err != nil {
		return 0, err
	}
	return store(ctx, server, reports)
}

// store stores reports, and gives how many.
func store(ctx context.Context, s fhir.Server, reports []*fhir.Resource) (n int, err error) {
	for some := range slices.Chunk(reports, reportPage) {
		err := s.Commit(ctx, func(tx fhir.Tx) error {
			for _, report := range some {
				if _, err := tx.Update(report, 0); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(some)
	}
	return n, nil
}

// restated gives the reports of a unit that are others now.
func (s *scheme) restated(r fhir.Reader, u unit, months []month, now time.Time) (reports []*fhir.Resource, err error) {
	set, _ := s.pkg.DataSet(u.set)
	b, err := s.count(r, u, months)
	if err != nil {
		return nil, err
	}
	add := func(p indicator.Period, numbers sheet) error {
		of := subject{set, u.place, p}
		before, there, err := s.tells(r, of)
		if err != nil || !there && len(numbers) == 0 {
			return err
		}
		body := s.report(of, numbers, before.cells, now)
		doc, err := fhir.Parse(body)
		if err != nil {
			return err
		}
		if !there || !bytes.Equal(doc.Root().Get("group").Raw(), before.group) {
			reports = append(reports, &fhir.Resource{Key: of.key(), Body: body})
		}
		return nil
	}
	longer := map[indicator.Period]bool{}
	for m, numbers := range b {
		p := m.period()
		longer[p.Quarter()], longer[p.YearOf()] = true, true
		if err := add(p, numbers); err != nil {
			return nil, err
		}
	}
	for p := range longer {
		numbers, err := s.longer(r, u, p, b, adjudication.DayOf(now.In(s.Zone)))
		if err == nil {
			err = add(p, numbers)
		}
		if err != nil {
			return nil, err
		}
	}
	return reports, nil
}

// longer gives the numbers of a quarter or year from those of its months so far:
// the ones just counted, the others as they are stored, or counted where numbers
// of them are hidden.
func (s *scheme) longer(r fhir.Reader, u unit, p indicator.Period, b book, today adjudication.Day) (sheet, error) {
	set, _ := s.pkg.DataSet(u.set)
	var sheets []sheet
	first := monthAt(p)
	for m := first; m < first+month(p.Months) && m <= max(monthOf(today), latest(b)); m++ {
		numbers, counted := b[m]
		if !counted {
			told, there, err := s.tells(r, subject{set, u.place, m.period()})
			if err != nil {
				return nil, err
			}
			if numbers = told.numbers; there && told.hidden {
				again, err := s.count(r, u, []month{m})
				if err != nil {
					return nil, err
				}
				numbers = again[m]
			}
		}
		sheets = append(sheets, numbers)
	}
	return sum(sheets, s.stock), nil
}

func latest(b book) (last month) {
	for m := range b {
		last = max(last, m)
	}
	return last
}

func (s *scheme) stock(element string) bool {
	e, _ := s.pkg.Element(element)
	return e.Stock
}
