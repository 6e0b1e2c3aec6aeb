package storage_test

import (
	"context"
	"testing"
	"time"

	"bima/fhir"
	"bima/storage"
)

// enqueue has a job wait.
func enqueue(t *testing.T, s *storage.Store, args string) {
	t.Helper()
	if err := s.Update(t.Context(), func(w fhir.Writer) error { return w.Enqueue(fhir.Job{Kind: "note", Args: []byte(args)}) }); err != nil {
		t.Fatal(err)
	}
}

// works gives the arguments of the jobs that a process does.
func works(t *testing.T, s *storage.Store) <-chan string {
	t.Helper()
	done := make(chan string, 10)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- s.Work(ctx, nil, []fhir.Worker{{Kind: "note", Work: func(_ context.Context, _ fhir.Server, args []byte) error {
			done <- string(args)
			return nil
		}}})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return done
}

// next gives the next of what comes.
func next(t *testing.T, done <-chan string) string {
	t.Helper()
	select {
	case args := <-done:
		return args
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is done")
		return ""
	}
}

func TestJobsOfAProcessThatIsGoneAreDoneByAnother(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := open(t, dsn(t))
			enqueue(t, s, `"left"`)
			if err := s.Abandon(t.Context(), "bima-gone"); err != nil {
				t.Fatal(err)
			}
			if got := next(t, works(t, s)); got != `"left"` {
				t.Errorf("did %s", got)
			}
		})
	}
}

func TestJobsOfAProcessThatLivesAreLeftToIt(t *testing.T) {
	s := open(t, databases["postgres"](t))
	over, err := s.Alive(t.Context(), "bima-alive")
	if err != nil {
		t.Fatal(err)
	}
	defer over()
	enqueue(t, s, `"its own"`)
	if err := s.Abandon(t.Context(), "bima-alive"); err != nil {
		t.Fatal(err)
	}
	done := works(t, s)
	enqueue(t, s, `"new"`)
	if got := next(t, done); got != `"new"` {
		t.Errorf("did %s", got)
	}
	select {
	case got := <-done:
		t.Errorf("did %s too", got)
	default:
	}
}
