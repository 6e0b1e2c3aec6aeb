package storage_test

import (
	"context"
	"testing"
	"time"

	"bima/fhir"
	"bima/storage"
)

// attends has a process attend once, and gives the name of its holder and the context
// of its work.
func attends(t *testing.T, s *storage.Store) (holder string, working context.Context) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	began, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Attend(ctx, func(ctx context.Context, name string) {
			holder, working = name, ctx
			close(began)
			<-ctx.Done()
		}); err != nil && ctx.Err() == nil {
			t.Log("attended until", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	<-began
	return holder, working
}

// takes asks for a Subscriber until a holder has it, or the time is over.
func takes(t *testing.T, s *storage.Store, holder string, patience time.Duration) bool {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		now := time.Now()
		state, err := s.Take(t.Context(), "x", holder, now, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if state != nil {
			return true
		}
	}
	return false
}

// What a process held that has ended is free within seconds; what one holds that lives
// is not, and one that others may think has ended works no more by then.
func TestSubscribersOfAProcessThatIsGoneAreFree(t *testing.T) {
	t.Parallel()
	dsn := databases["postgres"](t)
	one, two := open(t, dsn), open(t, dsn)
	if err := one.Update(t.Context(), func(w fhir.Writer) error { return w.Confide("x", []byte("{}")) }); err != nil {
		t.Fatal(err)
	}
	first, working := attends(t, one)
	second, _ := attends(t, two)
	if !takes(t, one, first, time.Second) {
		t.Fatal("it can't be taken")
	}
	if takes(t, two, second, 8*time.Second) {
		t.Fatal("it was taken from one that lives")
	}
	if err := two.Cut(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if !takes(t, two, second, 20*time.Second) {
		t.Fatal("it was not given free")
	}
	if working.Err() == nil {
		t.Error("two are at it")
	}
}

// Of a holder of an earlier release nobody knows whether it lives.
func TestSubscribersOfAnEarlierReleaseAreKept(t *testing.T) {
	t.Parallel()
	dsn := databases["postgres"](t)
	s := open(t, dsn)
	if err := s.Update(t.Context(), func(w fhir.Writer) error { return w.Confide("x", []byte("{}")) }); err != nil {
		t.Fatal(err)
	}
	if !takes(t, s, "EARLIER", time.Second) {
		t.Fatal("it can't be taken")
	}
	if holder, _ := attends(t, s); takes(t, s, holder, 8*time.Second) {
		t.Fatal("it was taken from one that may live")
	}
}
