package subscription

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"bima/fhir"
)

// batch bounds the events that are delivered before it is noted that they were:
// as many may be told twice after a power cut.
const batch = 100

// never is when those are due that nobody is to call.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// serve tells one Subscription what waits, as long as it answers and nobody else
// is at it. It gives when the next attempt is due, zero where none is.
func (h *Hub) serve(ctx context.Context, id string) (next time.Time) {
	for ctx.Err() == nil {
		more, next, err := h.round(ctx, id)
		if err != nil && ctx.Err() == nil {
			h.log.Warn("a Subscription can't be told", "id", id, "error", err, "cause", errors.Unwrap(err))
		}
		if err != nil || !more {
			return next
		}
	}
	return time.Time{}
}

// round delivers a batch. It reports whether more may wait, or when the next
// attempt is due.
func (h *Hub) round(ctx context.Context, id string) (more bool, next time.Time, err error) {
	now := h.now()
	state, err := h.store.Take(ctx, id, h.holder, now, now.Add(h.lease))
	if err != nil || state == nil {
		return false, next, err
	}
	h.heard(state)
	s, events, err := h.due(ctx, id, state)
	if err == nil && s != nil && s.channel == kindSocket {
		return false, next, h.signal(ctx, s, state)
	}
	if err != nil || s == nil {
		_, freed := h.store.Told(context.WithoutCancel(ctx), *state, h.holder, true)
		return false, next, errors.Join(err, freed)
	}
	done, err := h.deliver(ctx, s, state, events)
	told, problem := len(done.troubles), done.problem
	if err != nil || told == 0 && problem == nil && len(events) > 0 {
		// It is our own fault, or the process was asked to stop: no attempt was made.
		_, freed := h.store.Told(context.WithoutCancel(ctx), *state, h.holder, true)
		return false, next, errors.Join(err, freed)
	}
	if told > 0 {
		state.Done = events[told-1].Number
	}
	more = problem == nil && (len(events) == batch || told < len(events)) && ctx.Err() == nil
	switch {
	case len(events) > 0:
		h.judge(state, told, problem)
	case h.silent(s, now):
		h.beat(ctx, s, state)
	}
	if s.channel == kindMail && told > 0 && problem == nil && !more {
		state.Due = h.now().Add(h.settings.MailPause).UTC().Truncate(time.Microsecond)
	}
	h.speaking(s, state)
	// The process may be asked to stop; what was delivered is noted all the same.
	ctx = context.WithoutCancel(ctx)
	if held, err := h.store.Told(ctx, *state, h.holder, !more); err != nil || !held {
		return false, next, err
	}
	if len(events) > 0 {
		err = h.record(ctx, s, state, events, done)
	}
	if err == nil && problem == nil && !more {
		more, err = h.came(ctx, state)
	}
	return more, state.Due, err
}

// due gives the Subscription when it is to be called, and what it is to be told.
func (h *Hub) due(ctx context.Context, id string, state *fhir.Subscriber) (*subscription, []fhir.Event, error) {
	s, err := h.ready(ctx, id, state)
	if err != nil || s == nil || s.channel == kindSocket || h.now().Before(state.Due) {
		return s, nil, err
	}
	events, err := h.store.Events(ctx, id, state.Done+1, math.MaxInt64, batch)
	if err == nil && len(events) == 0 {
		state.Done = state.Last // those that wait were told long ago, and are forgotten
	}
	return s, events, err
}

// came reports whether something was recorded while a batch was delivered: its
// commit found this one still under way.
func (h *Hub) came(ctx context.Context, state *fhir.Subscriber) (bool, error) {
	now, err := h.store.Subscriber(ctx, state.ID)
	if err != nil || now == nil {
		return false, err
	}
	return now.Last > state.Done && !h.now().Before(now.Due), nil
}

// ready gives the Subscription when it is to be called: one that was asked for
// becomes active first. Of one that is off nothing is due until it is asked for
// again.
func (h *Hub) ready(ctx context.Context, id string, state *fhir.Subscriber) (*subscription, error) {
	s := h.roll.Load().byID[id]
	switch {
	case s == nil || s.parked:
		return nil, h.rest(ctx, id, state)
	case s.ended(h.now()) && state.Waiting() == 0:
		return nil, h.restate(ctx, s, "off")
	case s.status != "requested":
		return s, nil
	case state.Due.Before(never) && h.now().Before(state.Due):
		h.sleep(id, s.version, state.Due)
		return nil, nil // never was meant while it was off
	}
	if err := h.greet(ctx, s, state); err != nil {
		if ctx.Err() != nil {
			return nil, nil
		}
		h.judge(state, 0, err)
		return nil, h.complain(ctx, s, state, err)
	}
	h.speaking(s, state)
	state.Failures, state.Since, state.Due, state.Problem = 0, time.Time{}, time.Time{}, ""
	if err := h.restate(ctx, s, "active"); err != nil {
		return nil, err
	}
	return h.roll.Load().byID[id], nil
}

// greet asks an endpoint whether it can be told, where one is asked.
func (h *Hub) greet(ctx context.Context, s *subscription, state *fhir.Subscriber) error {
	switch {
	case s.scheme != "":
		return h.greetSender(ctx, s, state)
	case s.topic != nil && s.channel == kindHook:
		return h.shake(ctx, s, state)
	}
	return nil
}

// rest sets that nobody is to call a Subscription that is not in force, unless it
// has come into force and this process does not know yet.
func (h *Hub) rest(ctx context.Context, id string, state *fhir.Subscriber) error {
	state.Due = never
	return h.server.View(ctx, func(r fhir.Reader) error {
		resource, err := r.Read(fhir.Key{Type: "Subscription", ID: id})
		if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
			return nil
		}
		if err != nil {
			return err
		}
		doc, err := fhir.Parse(resource.Body)
		if err == nil && slices.Contains(inForce, doc.Root().Get("status").Text()) {
			state.Due = h.now().Add(settleTime)
		}
		return err
	})
}

// judge sets what follows from an attempt.
func (h *Hub) judge(state *fhir.Subscriber, told int, problem error) {
	if told > 0 || problem == nil {
		state.Failures, state.Since, state.Due, state.Problem = 0, time.Time{}, time.Time{}, ""
	}
	if problem == nil {
		return
	}
	if state.Failures == 0 {
		state.Since = h.now().UTC().Truncate(time.Microsecond)
	}
	state.Failures++
	pause := h.settings.Backoff(state.Failures)
	// A fifth either way, so that those who failed together do not come again together.
	pause += time.Duration((rand.Float64() - 0.5) * 0.4 * float64(pause))
	state.Due, state.Problem = h.now().Add(pause).UTC().Truncate(time.Microsecond), problem.Error()
}

// A report is what became of events.
type report struct {
	troubles []string // of each that was told; "" where it was taken without any
	problem  error    // why the next one was not
}

// deliver tells of events in their order, until one fails. The error is of what
// the server reads of its own.
func (h *Hub) deliver(ctx context.Context, s *subscription, state *fhir.Subscriber, events []fhir.Event) (done report, err error) {
	kept, err := s2secret(state.Secret)
	if err != nil {
		return done, err
	}
	versions, release, err := h.held(ctx, s, events)
	if err != nil {
		return done, err
	}
	defer release()
	events = events[:len(versions)]
	end := h.now().Add(slice)
	for told := 0; told < len(events) && ctx.Err() == nil && h.now().Before(end); told = len(done.troubles) {
		n := min(s.together(), len(events)-told)
		trouble, err := h.tell(ctx, s, kept, state, events[told:told+n], versions[told:told+n])
		if err != nil {
			if ctx.Err() == nil {
				done.problem = err
			}
			return done, nil
		}
		for range n {
			done.troubles = append(done.troubles, trouble)
		}
	}
	return done, nil
}

// tell makes one call: of one resource, or of a Bundle of several.
func (h *Hub) tell(ctx context.Context, s *subscription, kept secret, state *fhir.Subscriber, events []fhir.Event, versions []*fhir.Resource) (trouble string, err error) {
	switch {
	case s.channel == kindMail:
		return "", h.mail(ctx, s, state, events, versions)
	case s.scheme != "":
		return h.sendTo(ctx, s, kept, events[0], versions[0])
	case s.topic == nil:
		return "", h.call(ctx, s, kept, events[0], versions[0])
	}
	last := max(state.Last, events[len(events)-1].Number)
	return "", h.notify(ctx, s, kept, events[0], notification{kind: "event-notification", status: s.status, last: last, events: events, versions: versions})
}

// versions reads what the events are of, nil for what was deleted, purged, or is not
// sent. It stops before what would be too much to hold, and reads one in any case.
func (h *Hub) versions(ctx context.Context, s *subscription, events []fhir.Event) ([]*fhir.Resource, error) {
	if !s.reads() {
		return make([]*fhir.Resource, len(events)), nil
	}
	var found []*fhir.Resource
	err := h.store.View(ctx, func(r fhir.Reader) error {
		left := heldMax
		for _, e := range events {
			v, err := r.ReadVersion(e.Key, e.Version)
			gone := fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && v.Deleted
			if err != nil && !gone {
				return err
			}
			if gone {
				v = nil
			} else if left -= len(v.Body); left < 0 && len(found) > 0 {
				return nil
			}
			found = append(found, v)
		}
		return nil
	})
	return found, err
}

// reads reports whether a subscription is sent versions.
func (s *subscription) reads() bool {
	if s.scheme != "" || s.topic == nil {
		return s.scheme != "" || s.payload != ""
	}
	return s.topic.content == contentFull
}

// heldMax bounds the bytes of the versions that are held to tell one Subscription,
// unless one alone is longer; then largeMost hold such a one at a time.
const (
	heldMax   = 256 << 10
	largeMost = 32
)

// held gives the versions of the first of some events. Who holds a large one has a
// place among those who may, which done gives back; who finds none in half a slice has
// no versions, and comes again: while he waited longer, another process could take over.
func (h *Hub) held(ctx context.Context, s *subscription, events []fhir.Event) (versions []*fhir.Resource, done func(), err error) {
	versions, err = h.versions(ctx, s, events)
	done = func() {}
	if err != nil || len(versions) == 0 || versions[0] == nil || len(versions[0].Body) <= heldMax {
		return versions, done, err
	}
	versions = nil // not held while it waits
	wait := time.NewTimer(slice / 2)
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil, done, nil
	case h.large <- struct{}{}:
	case <-ctx.Done():
		return nil, done, ctx.Err()
	}
	done = func() { <-h.large }
	if versions, err = h.versions(ctx, s, events[:1]); err != nil {
		done()
		done = func() {}
	}
	return versions, done, err
}
