package house

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"bima/adjudication"
	"bima/fhir"
)

// A schedule works each day of the scheme once: what the modules do daily, soon
// after the day begins by the scheme's clock and zone. Days that were missed are
// worked first, the earliest before the next.
//
// Which day was the last is kept in the ledger, so that all processes of a
// database agree on it: begun, when its job was put in the queue, and done.
type schedule struct {
	server fhir.Server
	daily  []fhir.Daily
	zone   *time.Location
	now    func() time.Time
	log    *slog.Logger
}

const (
	// jobDay is the kind of the one job of a day.
	jobDay = "scheme-day"
	// dayAccount is the ledger account of the days.
	dayAccount = "scheme-day"
	// daysMax bounds how many days are caught up at once: ten years.
	daysMax = 3_660
	// lookEvery is how often a process looks whether a day has begun.
	lookEvery = time.Minute
)

// A bucket is one of the two days that are kept.
type bucket string

const (
	begun bucket = "begun"
	done  bucket = "done"
)

func (b bucket) source() fhir.Key { return fhir.Key{Type: "Basic", ID: dayAccount + "-" + string(b)} }

// last gives the last day of a bucket, or false where there was none.
func (b bucket) last(r fhir.Reader) (day adjudication.Day, ok bool, err error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{dayAccount}})
	for _, balance := range balances {
		if balance.Bucket == string(b) {
			day, ok = balance.LastDay, true
		}
	}
	return day, ok, err
}

// note keeps the last day of a bucket.
func (b bucket) note(tx fhir.Tx, day adjudication.Day) error {
	return tx.Post(b.source(), []fhir.Entry{{Account: dayAccount, Bucket: string(b), Day: day, Value: 1}})
}

// today gives the day by the scheme's clock.
func (s *schedule) today() adjudication.Day { return adjudication.DayOf(s.now().In(s.zone)) }

// first gives the first moment of a day.
func (s *schedule) first(day adjudication.Day) time.Time {
	y, m, d := adjudication.Date(day).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.zone)
}

// watch puts the job of each day in the queue when the day begins, until ctx
// ends.
func (s *schedule) watch(ctx context.Context) error {
	for {
		if err := s.announce(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("the work of the day could not be queued; it is tried again", "error", err)
		}
		left := s.first(s.today() + 1).Sub(s.now())
		timer := time.NewTimer(max(time.Millisecond, min(left, lookEvery)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// A dayJob is the argument of a job.
type dayJob struct {
	Day string `json:"day"` // to be worked, after those before it
}

// announce puts the job of today in the queue, unless some process has.
func (s *schedule) announce(ctx context.Context) error {
	return s.server.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock(dayAccount); err != nil {
			return err
		}
		today := s.today()
		last, ok, err := begun.last(tx)
		if err != nil || ok && last >= today {
			return err
		}
		if err := begun.note(tx, today); err != nil {
			return err
		}
		day := adjudication.Date(today).Format(time.DateOnly)
		args, err := json.Marshal(dayJob{day})
		if err != nil {
			return err
		}
		return tx.Enqueue(fhir.Job{Kind: jobDay, Args: args, Unique: day})
	})
}

// worker does the jobs of days.
func (s *schedule) worker() fhir.Worker {
	return fhir.Worker{Kind: jobDay, Work: func(ctx context.Context, _ fhir.Server, args []byte) error {
		var job dayJob
		if err := json.Unmarshal(args, &job); err != nil {
			return err
		}
		day, err := time.Parse(time.DateOnly, job.Day)
		if err != nil {
			return err
		}
		_, err = s.through(ctx, adjudication.DayOf(day), nil)
		return err
	}}
}

// through works all days up to one that have not been, in order; of a database
// that never worked a day only that one. It tells of each work that is done,
// unless told is nil, and gives how many days it worked.
func (s *schedule) through(ctx context.Context, to adjudication.Day, told func(day adjudication.Day, work string) error) (days int, err error) {
	from := to
	err = s.server.View(ctx, func(r fhir.Reader) error {
		last, ok, err := done.last(r)
		if ok {
			from = last + 1
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	if to-from > daysMax {
		return 0, fmt.Errorf("the last day worked is %s, more than %d days before %s: work up to a day between first", adjudication.Date(from-1).Format(time.DateOnly), daysMax, adjudication.Date(to).Format(time.DateOnly))
	}
	for day := from; day <= to; day++ {
		if err := s.day(ctx, day, told); err != nil {
			return days, err
		}
		days++
	}
	return days, nil
}

// day does all work of one day and keeps that it was.
func (s *schedule) day(ctx context.Context, day adjudication.Day, told func(day adjudication.Day, work string) error) error {
	for _, d := range s.daily {
		if err := d.Work(ctx, s.server, s.first(day)); err != nil {
			return fmt.Errorf("%s on %s: %w", d.Name, adjudication.Date(day).Format(time.DateOnly), err)
		}
		if told != nil {
			if err := told(day, d.Name); err != nil {
				return err
			}
		}
	}
	return s.server.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock(dayAccount); err != nil {
			return err
		}
		last, ok, err := done.last(tx)
		if err != nil || ok && last >= day {
			return err
		}
		return done.note(tx, day)
	})
}

// Days works all days of the scheme up to one by hand, as the server does when
// they come; see fhir.Daily. It tells of each work with the keys of what it
// changed, unless told is nil, and gives how many days it worked.
func (h *House) Days(ctx context.Context, to time.Time, told func(day, work string, changed []fhir.Key) error) (days int, err error) {
	ctx = fhir.WithCaller(ctx, fhir.System())
	if told == nil {
		return h.schedule.through(ctx, adjudication.DayOf(to), nil)
	}
	var since int64
	look := func() (changed []fhir.Key, err error) {
		changed, since, err = changes(ctx, h.Engine, since)
		return changed, err
	}
	if _, err := look(); err != nil {
		return 0, err
	}
	return h.schedule.through(ctx, adjudication.DayOf(to), func(day adjudication.Day, work string) error {
		changed, err := look()
		if err != nil {
			return err
		}
		return told(adjudication.Date(day).Format(time.DateOnly), work, changed)
	})
}

// changesPage is how many versions are looked at at a time.
const changesPage = 500

// changes gives what was written after a moment, each resource once and the
// first before the next, and the moment of the last version there is. From 0 on
// it gives only that moment.
func changes(ctx context.Context, s fhir.Server, since int64) (changed []fhir.Key, last int64, err error) {
	last = since
	err = s.View(ctx, func(r fhir.Reader) error {
		q := fhir.HistoryQuery{Limit: changesPage, Since: since + 1}
		if since == 0 {
			q.Limit = 1
		}
		for {
			page, err := r.History(&q)
			if err != nil {
				return err
			}
			for _, v := range page.Resources {
				last = max(last, v.Updated.UnixMicro())
				changed = append(changed, v.Key)
			}
			if q.After = page.Next; q.After == "" || since == 0 {
				return nil
			}
		}
	})
	if since == 0 {
		return nil, last, err
	}
	return oldestFirst(changed), last, err
}

// oldestFirst turns a list of versions, the newest first, into one of resources.
func oldestFirst(list []fhir.Key) []fhir.Key {
	var once []fhir.Key
	seen := map[fhir.Key]bool{}
	for i := len(list) - 1; i >= 0; i-- {
		if !seen[list[i]] {
			seen[list[i]] = true
			once = append(once, list[i])
		}
	}
	return once
}

// newSchedule makes the schedule of what the modules do daily.
func newSchedule(c *core, p Plan) *schedule {
	s := &schedule{server: c.engine, daily: c.daily, zone: p.Zone, now: p.Now, log: p.Log}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}
