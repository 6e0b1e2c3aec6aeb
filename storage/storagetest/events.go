package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

// events holds a store to fhir.EventStore and to what a Writer records.
func events(t *testing.T, open func(t *testing.T) fhir.Store) {
	store := open(t)
	t.Run("are numbered without gaps in the order of the commits", func(t *testing.T) { eventNumbers(t, store) })
	t.Run("are told by one at a time", func(t *testing.T) { eventLeases(t, store) })
	t.Run("keep a secret until they are dismissed", func(t *testing.T) { eventSecrets(t, store) })
}

func record(store fhir.Store, events ...fhir.Event) error {
	return store.Update(context.Background(), func(w fhir.Writer) error { return w.Record(events) })
}

func eventOf(subscription, id string, version int64) fhir.Event {
	return fhir.Event{
		Subscription: subscription, Kind: fhir.EventUpdate, Key: fhir.Key{Type: "Claim", ID: id}, Version: version,
		At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
	}
}

// eventNumbers has many write at once, of which some change their minds.
func eventNumbers(t *testing.T, store fhir.Store) {
	const writers, each = 8, 5
	given := errors.New("changed my mind")
	var group sync.WaitGroup
	for n := range writers {
		group.Go(func() {
			for i := range each {
				err := store.Update(context.Background(), func(w fhir.Writer) error {
					if err := w.Record([]fhir.Event{eventOf("b", fmt.Sprint(n), int64(i)), eventOf("a", fmt.Sprint(n), int64(i)), eventOf("b", fmt.Sprint(n), 100+int64(i))}); err != nil {
						return err
					}
					if i == 2 {
						return given
					}
					return nil
				})
				if err != nil && !(i == 2 && errors.Is(err, given)) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	events := store.(fhir.EventStore)
	for id, want := range map[string]int{"a": writers * (each - 1), "b": 2 * writers * (each - 1)} {
		got, err := events.Events(t.Context(), id, 1, 1000, 1000)
		if err != nil || len(got) != want {
			t.Fatalf("%s has %d events, want %d: %v", id, len(got), want, err)
		}
		last := map[string]int64{}
		for i, e := range got {
			if e.Number != int64(i+1) {
				t.Errorf("event %d of %s has the number %d", i+1, id, e.Number)
			}
			if before, ok := last[e.Key.ID]; ok && before%100 > e.Version%100 {
				t.Errorf("of %s version %d comes after %d", e.Key, e.Version, before)
			}
			last[e.Key.ID] = e.Version
		}
	}
	some, err := events.Events(t.Context(), "a", 2, 30, 2)
	if err != nil || len(some) != 2 || some[0].Number != 2 {
		t.Errorf("events 2 to 3: %v, %v", some, err)
	}
}

func eventLeases(t *testing.T, store fhir.Store) {
	events, ctx := store.(fhir.EventStore), t.Context()
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	if err := record(store, eventOf("lease", "1", 1), eventOf("lease", "1", 2)); err != nil {
		t.Fatal(err)
	}
	awaits := func(at time.Time, want bool) {
		t.Helper()
		ids, err := events.Awaiting(ctx, at, 100)
		got := false
		for _, id := range ids {
			got = got || id == "lease"
		}
		if got != want || err != nil {
			t.Errorf("awaits at %s: %t, %v", at, got, err)
		}
	}
	take := func(holder string, at time.Time) *fhir.Subscriber {
		t.Helper()
		s, err := events.Take(ctx, "lease", holder, at, at.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	awaits(now, true)
	s := take("one", now)
	if want := (&fhir.Subscriber{ID: "lease", Last: 2}); cmp.Diff(want, s) != "" {
		t.Fatal(cmp.Diff(want, s))
	}
	if take("two", now.Add(time.Second)) != nil || take("one", now.Add(time.Second)) == nil {
		t.Error("two hold it, or its holder does not")
	}
	awaits(now.Add(time.Second), false)
	s.Done, s.Failures, s.Since, s.Due, s.Spoken, s.Problem = 1, 2, now, now.Add(time.Hour), now.Add(time.Second), "HTTP 503"
	if held, err := events.Told(ctx, *s, "two", true); held || err != nil {
		t.Errorf("who does not hold it may write: %v", err)
	}
	if held, err := events.Told(ctx, *s, "one", true); !held || err != nil {
		t.Errorf("its holder may not write: %v", err)
	}
	if all, err := events.Subscribers(ctx, []string{"lease", "nobody"}); err != nil || len(all) != 1 || cmp.Diff(*s, all[0]) != "" {
		t.Errorf("of lease and nobody there are %+v, %v", all, err)
	}
	got, err := events.Subscriber(ctx, "lease")
	if diff := cmp.Diff(s, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	awaits(now.Add(time.Minute), false) // it is not due
	awaits(now.Add(time.Hour), true)
	if take("three", now.Add(time.Hour)) == nil || take("four", now.Add(2*time.Hour)) == nil {
		t.Error("nobody can take what another gave free, or held for too long")
	}
	if held, err := events.Told(ctx, *s, "three", true); held || err != nil {
		t.Errorf("who held it for too long may write: %v", err)
	}
	if n, err := events.ForgetEvents(ctx, now); n != 1 || err != nil {
		t.Errorf("forgot %d events, want the one that was told: %v", n, err)
	}
	s.Done = 2
	if _, err := events.Told(ctx, *s, "four", true); err != nil {
		t.Fatal(err)
	}
	awaits(now.Add(3*time.Hour), false)
	if take("five", now.Add(4*time.Hour)) == nil || take("six", now.Add(4*time.Hour)) != nil {
		t.Error("five can't hold it alone")
	}
	if err := events.FreeAll(ctx); err != nil {
		t.Fatal(err)
	}
	if take("six", now.Add(4*time.Hour)) == nil {
		t.Error("nobody can take what was abandoned")
	}
}

func eventSecrets(t *testing.T, store fhir.Store) {
	events, ctx := store.(fhir.EventStore), t.Context()
	tell := func(secret string) {
		t.Helper()
		err := store.Update(ctx, func(w fhir.Writer) error { return w.Confide("quiet", []byte(secret)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	tell("first")
	if err := record(store, eventOf("quiet", "1", 1)); err != nil {
		t.Fatal(err)
	}
	tell("second")
	s, err := events.Subscriber(ctx, "quiet")
	if err != nil || string(s.Secret) != "second" || s.Last != 1 {
		t.Errorf("got %+v, %v", s, err)
	}
	if err := store.Update(ctx, func(w fhir.Writer) error { return w.Dismiss("quiet") }); err != nil {
		t.Fatal(err)
	}
	if s, err := events.Subscriber(ctx, "quiet"); s != nil || err != nil {
		t.Errorf("dismissed, it is %+v, %v", s, err)
	}
	if list, err := events.Events(ctx, "quiet", 1, 10, 10); len(list) != 0 || err != nil {
		t.Errorf("dismissed, it has %v, %v", list, err)
	}
}
