package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"bima/fhir"
	"bima/storage/index"
)

// jobArgs are a fhir.Job as River keeps it: Name is Job.Unique.
type jobArgs struct {
	kind string
	Name string          `json:"name,omitempty"`
	Args json.RawMessage `json:"args"`
}

// Kind names the worker for River.
func (a jobArgs) Kind() string { return a.kind }

// jobAttemptsMax is how often a job is tried, by River's backoff (the fourth
// power of the attempt in seconds) over three weeks.
const jobAttemptsMax = 25

// inserter is River's client as far as enqueuing goes.
type inserter interface {
	InsertTx(ctx context.Context, tx *sql.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

func newLiteInserter(db *sql.DB) (inserter, error) {
	return river.NewClient(riversqlite.New(db), &river.Config{})
}

// Enqueue implements fhir.Writer.
//
// River's own uniqueness counts a running job too, which would lose a wake-up
// that comes while its job runs. So job_wait names the unique jobs that wait: a
// worker takes the name out before it begins, and whoever finds the name there
// keeps it locked to his commit, so that the job can't begin before it and miss
// what he wrote.
func (w *writer) Enqueue(j fhir.Job) error {
	if w.failed != nil {
		return w.failed
	}
	if j.Unique != "" {
		waits, err := w.store.dialect.await(w, j.Kind, index.Stored(j.Unique))
		if err != nil || waits {
			return w.fail(err)
		}
	}
	args := json.RawMessage(j.Args)
	if len(args) == 0 {
		args = json.RawMessage("null")
	}
	tx, err := w.store.dialect.sqlTx(w)
	if err != nil {
		return w.fail(err)
	}
	_, err = w.store.jobs.InsertTx(w.ctx, tx, jobArgs{kind: j.Kind, Name: j.Unique, Args: args},
		&river.InsertOpts{MaxAttempts: jobAttemptsMax, ScheduledAt: w.store.due(j.At)})
	return w.fail(err)
}

// due tells when a job is due by the clock of the machine, by which jobs are fetched,
// where the store has a clock of its own: in as long from now. So the jobs of a
// rehearsal are done in time, also by who opens the database with another clock.
func (s *Store) due(at time.Time) time.Time {
	if at.IsZero() || s.now == nil {
		return at
	}
	return time.Now().Add(at.Sub(s.now()))
}

const insertWait = "INSERT INTO job_wait (kind, name) VALUES ($1, $2) ON CONFLICT DO NOTHING"

// await implements dialect. No two transactions write at a time.
func (d *lite) await(w *writer, kind, name string) (waits bool, err error) {
	affected, err := w.conn.exec(insertWait, kind, name)
	return affected == 0, err
}

// sqlTx implements dialect.
func (d *lite) sqlTx(w *writer) (*sql.Tx, error) { return w.tx, nil }

// await implements dialect; see Enqueue.
func (d *post) await(w *writer, kind, name string) (waits bool, err error) {
	for {
		r, err := w.conn.query("SELECT 1 FROM job_wait WHERE kind = $1 AND name = $2 FOR KEY SHARE", kind, name)
		if err := each(r, err, func(rows) error { waits = true; return nil }); err != nil || waits {
			return waits, err
		}
		if n, err := w.conn.exec(insertWait, kind, name); err != nil || n == 1 {
			return false, err
		}
	}
}

// sqlTx implements dialect: a *sql.Tx of the connection whose transaction we
// began ourselves.
func (d *post) sqlTx(w *writer) (_ *sql.Tx, err error) {
	c := w.conn.(*postConn)
	c.start()
	if err := c.flush(); err != nil {
		return nil, err
	}
	if c.tx == nil {
		c.tx, err = c.held.BeginTx(context.WithoutCancel(w.ctx), nil)
	}
	return c.tx, err
}

// JobTimeout ends a job that takes longer; it is then tried again.
const JobTimeout = 15 * time.Minute

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
	rescuer := s.rescuer()
	if err := rescuer.begin(ctx); err != nil {
		rescuer.leave()
		return outcome(err)
	}
	watching, left := context.WithCancel(context.WithoutCancel(ctx))
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		rescuer.watch(watching)
	}()
	defer func() {
		left()
		<-gone
	}()
	config := &river.Config{
		ID: rescuer.name, Logger: s.log, Workers: set, JobTimeout: JobTimeout, MaxAttempts: jobAttemptsMax,
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
			w.worker.Kind, index.Stored(job.Args.Name)); err != nil {
			return err
		}
	}
	return w.worker.Work(ctx, w.server, job.Args.Args)
}
