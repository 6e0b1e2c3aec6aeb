package subscription

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"bima/fhir"
)

const (
	// flights bounds the endpoints that are being called, and failing those of
	// them that failed before, so that many that are dead leave room for the rest.
	flights = 512
	failing = 256
	// slice is how long one Subscription is told before it is noted how far.
	slice = 10 * time.Second
)

// newHolder names a process among those that deliver.
func newHolder() string { return rand.Text() }

// Work tells subscribers what they are to be told until ctx ends, and then ends
// the calls under way.
func (h *Hub) Work(ctx context.Context) error {
	ctx = own(ctx)
	if h.alone { // what is held is held by nobody who lives
		if err := h.store.FreeAll(ctx); err != nil && ctx.Err() == nil {
			h.log.Warn("what a process that has ended held is not given free before its time", "error", err, "cause", errors.Unwrap(err))
		}
	}
	defer h.sockets.close()
	for ctx.Err() == nil {
		err := h.store.Attend(ctx, func(ctx context.Context, holder string) {
			h.holder = holder
			h.attend(ctx)
		})
		if ctx.Err() != nil {
			return nil
		}
		h.log.Warn("the database was lost, and the calls under way are ended", "error", err, "cause", errors.Unwrap(err))
		select {
		case <-ctx.Done():
		case <-time.After(followPause):
		}
	}
	return nil
}

// attend tells subscribers for as long as this process is known to live.
func (h *Hub) attend(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	tick := time.NewTicker(followPause)
	defer tick.Stop()
	for last := (time.Time{}); ; {
		// Without the reading of the monotonic clock, which is never put back.
		if now := h.now().Round(0); last.IsZero() || now.Before(last.Add(-followPause)) {
			if err := h.hasten(ctx); err != nil && ctx.Err() == nil {
				h.log.Warn("what waits longer than it is to can't be read", "error", err, "cause", errors.Unwrap(err))
			}
		}
		last = h.now().Round(0)
		if err := h.look(ctx, &group); err != nil && ctx.Err() == nil {
			h.log.Warn("what subscribers are to be told can't be read", "error", err, "cause", errors.Unwrap(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-tick.C:
			if err := h.follow(ctx); err != nil && !h.alone && ctx.Err() == nil {
				h.log.Warn("Subscriptions that changed can't be read", "error", err, "cause", errors.Unwrap(err))
			}
		}
	}
}

// look begins to tell those who have something to be told, or are to become
// active.
func (h *Hub) look(ctx context.Context, group *sync.WaitGroup) error {
	r := h.roll.Load()
	if r.empty() {
		return nil
	}
	now := h.now()
	ids, err := h.store.Awaiting(ctx, now, flights)
	if err != nil {
		return err
	}
	bound, problem := h.bindings(ctx)
	ids = append(ids, bound...)
	for _, s := range r.watched {
		if s.ended(now) && !s.parked || s.status == "requested" && !h.napping(s, now) || h.silent(s, now) {
			ids = append(ids, s.id)
		}
	}
	for _, id := range ids {
		if h.settled(r.byID[id], now) && h.depart(id, r.byID[id]) {
			group.Go(func() {
				next := h.serve(ctx, id)
				h.land(id, next)
			})
		}
	}
	return problem
}

// hasten has those called whose next attempt is further off than any pause is: the
// clock was put back since it was set.
func (h *Hub) hasten(ctx context.Context) error {
	failing := []string{}
	for id, s := range h.roll.Load().byID {
		if s.status == "error" || s.status == "requested" {
			failing = append(failing, id)
		}
	}
	if len(failing) == 0 {
		return nil
	}
	states, err := h.store.Subscribers(ctx, failing)
	for _, state := range states {
		now := h.now()
		if pause := h.settings.Backoff(state.Failures); state.Failures == 0 || !state.Due.After(now.Add(pause+pause/4)) || !state.Due.Before(never) {
			continue
		}
		holder := newHolder() // so that it leaves what this process is at
		held, one := h.store.Take(ctx, state.ID, holder, now, now.Add(h.lease))
		if one == nil && held != nil {
			held.Due = now.UTC().Truncate(time.Microsecond)
			_, one = h.store.Told(ctx, *held, holder, true)
		}
		err = errors.Join(err, one)
		h.sleep(state.ID, 0, time.Time{})
	}
	return err
}

// settled reports whether every process knows of a Subscription, so that none
// commits a change without telling it.
func (h *Hub) settled(s *subscription, now time.Time) bool {
	return s == nil || s.status != "requested" || h.alone || now.Sub(s.learned) >= settleTime
}

// depart takes a place among the calls under way; false where there is none, or
// the Subscription has one.
func (h *Hub) depart(id string, s *subscription) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	bad := 0
	for _, failed := range h.flight {
		if failed {
			bad++
		}
	}
	failed := s != nil && s.status == "error"
	if _, under := h.flight[id]; under || len(h.flight) >= flights || failed && bad >= failing {
		return false
	}
	h.flight[id] = failed
	return true
}

// land gives the place back, to somebody who found none. An attempt that is due
// sooner than Work looks by itself has it look then.
func (h *Hub) land(id string, next time.Time) {
	h.mu.Lock()
	full := len(h.flight) >= flights
	delete(h.flight, id)
	h.mu.Unlock()
	if full {
		h.rouse()
	}
	if pause := next.Sub(h.now()); !next.IsZero() && pause < followPause {
		time.AfterFunc(pause, h.rouse)
	}
}

// silent reports whether a subscriber that wants heartbeats has heard nothing for
// as long as that.
func (h *Hub) silent(s *subscription, now time.Time) bool {
	if s.topic == nil || s.topic.heartbeat == 0 || s.status != "active" {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return now.Sub(h.spoken[s.id]) >= s.topic.heartbeat
}

// A nap is until when a version of a Subscription that was asked for need not be
// looked at.
type nap struct {
	version int64
	until   time.Time
}

// napping reports whether a Subscription that was asked for waits for its next
// attempt.
func (h *Hub) napping(s *subscription, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	one, ok := h.asleep[s.id]
	return ok && one.version == s.version && now.Before(one.until)
}

// sleep lets a version wait.
func (h *Hub) sleep(id string, version int64, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if version == 0 {
		delete(h.asleep, id)
		return
	}
	h.asleep[id] = nap{version, until}
}

// heard notes when a subscriber was called by whichever process.
func (h *Hub) heard(state *fhir.Subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spoken[state.ID].Before(state.Spoken) {
		h.spoken[state.ID] = state.Spoken
	}
}

// speaking keeps when a subscriber that wants heartbeats was called.
func (h *Hub) speaking(s *subscription, state *fhir.Subscriber) {
	if s.topic == nil || s.topic.heartbeat == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	state.Spoken = h.spoken[s.id].UTC().Truncate(time.Microsecond)
}

// speak notes that a subscriber was called.
func (h *Hub) speak(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spoken[s.id] = h.now()
}
