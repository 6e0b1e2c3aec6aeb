package reindex

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"bima/fhir"
)

// job has the tasks done. One waits at a time, whoever asks.
var job = fhir.Job{Kind: "reindex", Unique: "reindex"}

const (
	// sliceTime is how long one job works before it lets another go on, so that a
	// server that stops waits no longer for it.
	sliceTime = 2 * time.Second
	// followTime is how long other processes may index by the parameters they had
	// before: two looks of Watch and what was under way at the second.
	followTime = 3 * time.Second
	// underWay is how long before a task was asked for a transaction may have begun
	// that is committed after it.
	underWay = time.Minute
	// awaitPause is between two looks whether they have ended, and awaitMax how long
	// after a task was asked for they are waited for.
	awaitPause = 50 * time.Millisecond
	awaitMax   = 10 * time.Minute
)

// errTaken ends a worker that was silent for so long that another took over.
var errTaken = errors.New("another process has taken over the reindexing")

// work does tasks for a while, unless a job of this process is at it: of two, one
// would note its progress in the task that the other has come to. Who finds another
// process at work leaves it to it; Watch goes on where that falls silent.
func (x *Indexer) work(ctx context.Context, _ fhir.Server, _ []byte) error {
	if err := x.refresh(ctx, changing); err != nil {
		return err
	}
	if !x.working.TryLock() {
		return nil // that job looks for more when it has ended
	}
	err := x.slice(ctx)
	x.working.Unlock()
	if err != nil {
		return err
	}
	s, err := x.state(ctx)
	if err != nil || len(s.Tasks) == 0 || !x.mayHold(s) {
		return err
	}
	return x.wake(ctx)
}

// slice does tasks for the time of one job.
func (x *Indexer) slice(ctx context.Context) error {
	held := false
	err := x.amend(ctx, func(s *state) error {
		if held = len(s.Tasks) > 0 && x.mayHold(s); held {
			s.Holder, s.Beat = x.holder, time.Now()
		}
		return nil
	})
	if err != nil || !held {
		return err
	}
	for end := time.Now().Add(sliceTime); time.Now().Before(end); {
		more, err := x.step(ctx)
		switch {
		case errors.Is(err, errTaken):
			return nil
		case err != nil || !more:
			return err
		}
	}
	return nil
}

// mayHold reports whether no other process is at work. Of one that is alone no
// other can be.
func (x *Indexer) mayHold(s *state) bool {
	return s.Holder == x.holder || x.alone || !s.held(time.Now())
}

// step does a page of the first task. It reports whether there is more to do.
func (x *Indexer) step(ctx context.Context) (more bool, _ error) {
	s, err := x.state(ctx)
	if err != nil || len(s.Tasks) == 0 {
		return false, err
	}
	t := s.Tasks[0]
	page := fhir.ReindexPage{Type: t.Type, Codes: t.Codes, From: t.Position}
	if t.Last {
		page.Since = t.Since
	}
	if t.Total == nil {
		if err := x.measure(ctx, t.Type); err != nil {
			return false, err
		}
	}
	done, err := x.store.Reindex(ctx, page, x.engine.Index)
	if err != nil {
		return false, err
	}
	switch {
	case done.Next != 0:
		return true, x.note(ctx, func(s *state, t *task) {
			t.Position = done.Next
			if !t.Last {
				t.Found += int64(done.Found)
				s.count(done)
			}
		})
	case !t.Last:
		if err := x.follow(ctx, t); err != nil {
			return false, err
		}
		return true, x.await(ctx, t)
	}
	return true, x.finish(ctx, t)
}

// note writes down how far the first task is, and that this process is at work.
func (x *Indexer) note(ctx context.Context, change func(*state, *task)) error {
	return x.amend(ctx, func(s *state) error {
		if s.Holder != x.holder || len(s.Tasks) == 0 {
			return errTaken
		}
		s.Beat = time.Now()
		change(s, s.Tasks[0])
		return nil
	})
}

// measure counts the resources of the first task.
func (x *Indexer) measure(ctx context.Context, typ string) error {
	var total int64
	err := x.store.View(ctx, func(r fhir.Reader) error {
		page, err := r.Search(&fhir.Query{Types: []string{typ}, Total: fhir.TotalEstimate})
		if err == nil && page.Total != nil {
			total = *page.Total
		}
		return err
	})
	if err != nil {
		return err
	}
	return x.note(ctx, func(_ *state, t *task) { t.Total = &total })
}

// follow waits until no other process indexes by the parameters it had before
// the task was asked for.
func (x *Indexer) follow(ctx context.Context, t *task) error {
	if x.alone {
		return nil
	}
	wait := time.NewTimer(time.Until(t.Asked.Add(followTime)))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits a little for the transactions that were under way when all processes
// had followed: those that began to write before then may have indexed by the
// parameters there were, and nothing shows it before they commit. Later ones look
// once more at their end. When they have ended, the task goes through what was
// written meanwhile.
func (x *Indexer) await(ctx context.Context, t *task) error {
	writers, err := x.store.Writing(ctx, t.Await)
	if err != nil {
		return err
	}
	if len(writers) == 0 || time.Since(t.Asked) > awaitMax {
		if len(writers) > 0 && len(t.Await) > 0 { // else they began long after all had followed
			x.log.Warn("transactions that write take so long that they are not waited for; what they wrote may be missing in the index until $reindex", "type", t.Type, "codes", t.Codes)
		}
		return x.note(ctx, func(_ *state, t *task) { t.Last, t.Await, t.Position = true, nil, 0 })
	}
	wait := time.NewTimer(awaitPause)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return x.note(ctx, func(_ *state, t *task) { t.Await = writers })
}

// finish tells that what a task made is complete, as far as it is still in force
// and no later task makes it again; then the task goes. In this order a crash
// leaves a task to be finished again, and nothing incomplete that is not told.
func (x *Indexer) finish(ctx context.Context, t *task) error {
	s, err := x.state(ctx)
	if err != nil {
		return err
	}
	wanted := x.inForce.Load().prints()
	complete, over := fingerprints{}, []string{}
	for _, code := range slices.Sorted(maps.Keys(t.Prints)) {
		if slices.ContainsFunc(s.Tasks[1:], func(later *task) bool { return later.Type == t.Type && later.Prints[code] != "" }) {
			continue
		}
		over = append(over, code)
		if wanted[t.Type][code] == t.Prints[code] {
			complete.set(t.Type, code, t.Prints[code])
		}
	}
	if len(complete) > 0 {
		if err := amendNote(ctx, x.store, printNote, func(f *fingerprints) error {
			for code, print := range complete[t.Type] {
				f.set(t.Type, code, print)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if len(over) > 0 {
		if err := x.store.Building(ctx, t.Type, over, false); err != nil {
			return err
		}
	}
	return x.note(ctx, func(s *state, _ *task) {
		s.Tasks = s.Tasks[1:]
		if len(s.Tasks) == 0 {
			s.Tasks, s.Holder, s.Ended = nil, "", time.Now().UTC()
			x.log.Info("the index is complete", "found", s.Counts.Found, "changed", s.Counts.Changed, "failed", s.Counts.Failed)
		}
	})
}
