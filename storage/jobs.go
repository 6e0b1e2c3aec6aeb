package storage

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"bima/fhir"
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
		waits, err := w.store.dialect.await(w, j.Kind, stored(j.Unique))
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
		&river.InsertOpts{MaxAttempts: jobAttemptsMax, ScheduledAt: j.At})
	return w.fail(err)
}

const insertWait = "INSERT INTO job_wait (kind, name) VALUES ($1, $2) ON CONFLICT DO NOTHING"

// await implements dialect. No two transactions write at a time.
func (d *lite) await(w *writer, kind, name string) (waits bool, err error) {
	affected, err := w.conn.exec(insertWait, kind, name)
	return affected == 0, err
}

// sqlTx implements dialect.
func (d *lite) sqlTx(w *writer) (*sql.Tx, error) { return w.tx, nil }
