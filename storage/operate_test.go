package storage_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bima/fhir"
	"bima/storage"
	"bima/storage/storagetest"
)

// byStatus is a search that reads the index.
var byStatus = fhir.Query{Types: []string{"Claim"}, Limit: 7, Where: fhir.Match{
	Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "active", AnySystem: true},
}}

func search(ctx context.Context, s *storage.Store) error {
	return s.View(ctx, func(r fhir.Reader) error { _, err := r.Search(&byStatus); return err })
}

func TestStatsTellOfJobsPoolsAndSizes(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), context.Background()
			now := time.Now()
			if err := s.Update(ctx, func(w fhir.Writer) error {
				for _, j := range []fhir.Job{{Kind: "a.b"}, {Kind: "a.b"}, {Kind: "c", At: now.Add(time.Hour)}} {
					if err := w.Enqueue(j); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			a := fhir.AsyncRequest{ID: "one", Owner: "asha", State: fhir.AsyncAccepted, Created: now, Expires: now.Add(time.Hour)}
			if err := s.Accept(ctx, a, fhir.Job{Kind: "d"}); err != nil {
				t.Fatal(err)
			}
			stats := s.Stats(ctx)
			for key, want := range map[string]float64{
				`bima_jobs{kind="a.b",state="available"}`: 2, `bima_jobs{kind="c",state="scheduled"}`: 1, `bima_jobs{kind="d",state="available"}`: 1,
				`bima_jobs{kind="e",state="available"}`: 0, `bima_async_requests{state="accepted"}`: 1,
			} {
				if stats[key] != want {
					t.Errorf("%s is %g, want %g of %v", key, stats[key], want, stats)
				}
			}
			if stats["bima_database_bytes"] < 4096 {
				t.Errorf("the database has %g bytes", stats["bima_database_bytes"])
			}
			pool := map[string]string{"sqlite": "read", "postgres": "work"}[name]
			if most := stats[`bima_database_connections_most{pool="`+pool+`"}`]; most < 8 {
				t.Errorf("the pool has %g connections at most: %v", most, stats)
			}
		})
	}
}

func TestStatsTellWhatTheyCan(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := open(t, dsn(t))
			gone, stop := context.WithCancel(context.Background())
			stop()
			if stats := s.Stats(gone); len(stats) == 0 {
				t.Error("without the database there are no figures at all")
			}
		})
	}
}

func TestTheSlowSearchNamesItsRequest(t *testing.T) {
	var log bytes.Buffer
	s, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{
		Log: slog.New(slog.NewTextHandler(&log, nil)), SlowSearch: time.Nanosecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Update(context.Background(), func(w fhir.Writer) error { return writePair(w, "a") }); err != nil {
		t.Fatal(err)
	}
	if err := search(fhir.WithRequest(context.Background(), "the-request"), s); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "request=the-request") {
		t.Errorf("the log says %s", &log)
	}
}

func TestWhatNobodyWaitsForMayTakeLongerOnSQLite(t *testing.T) {
	s, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{StatementTimeout: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := search(context.Background(), s); !fhir.HasIssue(err, fhir.IssueTimeout) {
		t.Errorf("somebody waits: got %v", err)
	}
	if err := search(fhir.Unhurried(context.Background()), s); err != nil {
		t.Errorf("nobody waits: got %v", err)
	}
}

// TestWhatNobodyWaitsForMayTakeLongerOnPostgreSQL holds the table locked until a
// search that somebody waits for has been ended twice: the one that began before
// it and that nobody waits for goes on.
func TestWhatNobodyWaitsForMayTakeLongerOnPostgreSQL(t *testing.T) {
	dsn, ctx := storagetest.Postgres(t), context.Background()
	s, err := storage.Open(ctx, dsn, storage.Options{StatementTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Update(ctx, func(w fhir.Writer) error { return writePair(w, "a") }); err != nil {
		t.Fatal(err)
	}
	lock, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close(ctx) }()
	if _, err := lock.Exec(ctx, "BEGIN; LOCK TABLE resource, history, sp_token IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	patient, cancel := context.WithTimeout(fhir.Unhurried(ctx), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- search(patient, s) }()
	for waiting := 0; waiting == 0; {
		if err := lock.QueryRow(ctx, "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := search(ctx, s); !fhir.HasIssue(err, fhir.IssueTimeout) {
			t.Errorf("somebody waits: got %v", err)
		}
	}
	if _, err := lock.Exec(ctx, "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("nobody waits: got %v", err)
	}
	if err := search(ctx, s); err != nil {
		t.Errorf("the limit of one search stays: %v", err)
	}
}
