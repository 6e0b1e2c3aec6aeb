package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"bima/fhir"
)

// jobTimeout ends a job that takes longer; it is then tried again.
const jobTimeout = 15 * time.Minute

// jobsAtOnce bounds the jobs that one process works at a time.
const jobsAtOnce = 16

// stopTimeout is how long Work waits for the jobs it has begun before it cancels
// them.
const stopTimeout = 20 * time.Second

// Work runs the workers on the jobs of the database until ctx ends, and returns
// when the jobs it has begun are done. A job that fails or panics is tried again
// with growing pauses. Work may run once a process, in as many processes as may
// be on PostgreSQL.
func (s *Store) Work(ctx context.Context, server fhir.Server, workers []fhir.Worker) error {
	if len(workers) == 0 {
		<-ctx.Done()
		return nil
	}
	set := river.NewWorkers()
	for _, w := range workers {
		river.AddWorkerArgs(set, jobArgs{kind: w.Kind}, &jobWorker{store: s, server: server, worker: w})
	}
	config := &river.Config{
		Logger: s.log, Workers: set, JobTimeout: jobTimeout, MaxAttempts: jobAttemptsMax,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobsAtOnce}},
		FetchCooldown:     20 * time.Millisecond,
		FetchPollInterval: 100 * time.Millisecond,
	}
	if _, ok := s.dialect.(*lite); ok {
		return work(ctx, riversqlite.New(s.cold), config)
	}
	return work(ctx, riverdatabasesql.New(s.cold), config)
}

func work(ctx context.Context, driver riverdriver.Driver[*sql.Tx], config *river.Config) error {
	client, err := river.NewClient(driver, config)
	if err != nil {
		return err
	}
	lasting := context.WithoutCancel(ctx)
	if err := client.Start(lasting); err != nil {
		return outcome(err)
	}
	<-ctx.Done()
	patient, cancel := context.WithTimeout(lasting, stopTimeout)
	defer cancel()
	if err := client.Stop(patient); err != nil {
		return outcome(client.StopAndCancel(lasting))
	}
	return nil
}

// jobWorker does the jobs of one kind.
type jobWorker struct {
	river.WorkerDefaults[jobArgs]
	store  *Store
	server fhir.Server
	worker fhir.Worker
}

// Work does one job. River catches its panics and tries it again. The name of a
// unique job is free from here on: what comes now needs another run.
func (w *jobWorker) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	if job.Args.Name != "" {
		if _, err := w.store.cold.ExecContext(ctx, "DELETE FROM job_wait WHERE kind = $1 AND name = $2",
			w.worker.Kind, stored(job.Args.Name)); err != nil {
			return err
		}
	}
	return w.worker.Work(ctx, w.server, job.Args.Args)
}
