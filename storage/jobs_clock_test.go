package storage_test

import (
	"context"
	"os"
	"testing"
	"time"

	"bima/fhir"
	"bima/storage"
	"bima/storage/storagetest"
)

// A job is done when it is due by the clock of who enqueued it, however far that is
// from the machine's, and whatever clock the database is opened with then.
func TestJobsAreDoneInTimeByAnyClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	databases := map[string]func(testing.TB) string{"sqlite": storagetest.SQLite}
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		databases["postgres"] = storagetest.Postgres
	}
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := database(t)
			for _, c := range []struct {
				name          string
				before, after time.Duration
			}{
				{"ahead", year, year},
				{"behind", -year, -year},
				{"ahead, then behind", year, -year},
				{"behind, then ahead", -year, year},
			} {
				const wait = 1500 * time.Millisecond
				begun := time.Now()
				enqueueAt(t, dsn, c.before, wait)
				if took := workedAfter(t, dsn, c.after, begun); took < wait/2 {
					t.Errorf("%s: the job was done after %s, and not after %s", c.name, took, wait)
				}
			}
		})
	}
}

// by opens a store whose clock goes before the machine's.
func by(t *testing.T, dsn string, ahead time.Duration) *storage.Store {
	t.Helper()
	s, err := storage.Open(context.Background(), dsn, storage.Options{Now: func() time.Time { return time.Now().Add(ahead) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// enqueueAt enqueues a job that is due after a while.
func enqueueAt(t *testing.T, dsn string, ahead, wait time.Duration) {
	t.Helper()
	s := by(t, dsn, ahead)
	defer s.Close()
	if err := s.Update(context.Background(), func(w fhir.Writer) error {
		return w.Enqueue(fhir.Job{Kind: "note", Unique: "one", At: w.Now().Add(wait)})
	}); err != nil {
		t.Fatal(err)
	}
}

// workedAfter works until a job is done, and tells how long after begun that was.
func workedAfter(t *testing.T, dsn string, ahead time.Duration, begun time.Time) time.Duration {
	t.Helper()
	s := by(t, dsn, ahead)
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var took time.Duration
	if err := s.Work(ctx, nil, []fhir.Worker{{Kind: "note", Work: func(context.Context, fhir.Server, []byte) error {
		took = time.Since(begun)
		cancel()
		return nil
	}}}); err != nil {
		t.Errorf("Work: %v", err)
	}
	if took == 0 {
		t.Fatal("the job was not done")
	}
	return took
}
