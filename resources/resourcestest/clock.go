package resourcestest

import (
	"context"
	"sync"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/storage"
)

// A Clock shows the time that a test has set. It is safe for concurrent use.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Set puts the clock to a moment, "2026-01-31T08:00:00+03:00"; a day is its noon
// in UTC.
func (c *Clock) Set(t testing.TB, moment string) {
	t.Helper()
	layout := time.RFC3339
	if len(moment) == len(time.DateOnly) {
		layout, moment = time.DateTime, moment+" 12:00:00"
	}
	at, err := time.Parse(layout, moment)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Now gives the time set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Timed makes a World on a database whose time is a Clock's.
func Timed(t testing.TB, dsn string, clock *Clock, modules ...fhir.Module) *World {
	t.Helper()
	store, err := storage.Open(context.Background(), dsn, storage.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	engine, err := house.Engine(context.Background(), store, house.Plan{Base: Base, CheckOwn: true, Now: clock.Now}, modules...)
	if err != nil {
		t.Fatal(err)
	}
	return &World{Engine: engine, ctx: fhir.WithCaller(context.Background(), fhir.Developer()), t: t}
}
