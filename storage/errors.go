package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"bima/fhir"
)

// errAgain asks for the transaction to run once more: two processes made the same
// row id, or the clock stood still between two versions.
var errAgain = errors.New("the transaction must run again")

// errUnreachable is that no connection to the database could be had.
var errUnreachable = errors.New("no connection to the database")

// outcome gives an error of a database as an Outcome. What is one already, and
// what a closure made of its own, stays as it is.
func outcome(err error) error {
	var o *fhir.Outcome
	switch {
	case err == nil, errors.As(err, &o):
		return err
	case errors.Is(err, errUnreachable) && !errors.Is(err, context.Canceled):
		return fhir.Errorf(fhir.IssueNoStore, "", "The database cannot be reached; try again later.").Because(err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return timeout(err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return postgresOutcome(pg, err)
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return sqliteOutcome(lite, err)
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, errClosed) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) || // PostgreSQL went away in mid-sentence
		pgconn.SafeToRetry(err) || errors.As(err, new(*pgconn.ConnectError)) {
		return fhir.Errorf(fhir.IssueNoStore, "", "The database cannot be reached; try again later.").Because(err)
	}
	return err
}

func timeout(err error) error {
	return fhir.Errorf(fhir.IssueTimeout, "", "The database took longer than this server allows; ask for less at once.").Because(err)
}

func postgresOutcome(pg *pgconn.PgError, err error) error {
	switch {
	case pg.Code == "57014": // query_canceled, by statement_timeout
		return timeout(err)
	case pg.Code == "40001", pg.Code == "40P01": // serialization_failure, deadlock_detected
		return fhir.Errorf(fhir.IssueTransient, "", "Others kept changing the same resources; try again.").Because(err)
	case pg.Code == "55P03": // lock_not_available
		return fhir.Errorf(fhir.IssueLockError, "", "Others held a lock too long; try again.").Because(err)
	case len(pg.Code) == 5 && (pg.Code[:2] == "08" || pg.Code[:2] == "53" || pg.Code[:3] == "57P"):
		return fhir.Errorf(fhir.IssueNoStore, "", "The database cannot be reached; try again later.").Because(err)
	}
	return err
}

func sqliteOutcome(lite *sqlite.Error, err error) error {
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_INTERRUPT:
		return timeout(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fhir.Errorf(fhir.IssueLockError, "", "Another process holds the database; try again.").Because(err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return fhir.Errorf(fhir.IssueNoStore, "", "The database cannot be written; its operator must look at the disk.").Because(err)
	}
	return err
}

// retryable reports whether the transaction may succeed when it runs again.
func retryable(err error) bool {
	if errors.Is(err, errAgain) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "40001", "40P01":
			return true
		case "23505": // unique_violation, of a row id
			return pg.ConstraintName == "resource_pkey" || pg.ConstraintName == "history_pkey"
		}
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// contained turns a panic of a closure into an error, so that it takes down its
// own transaction and nobody else's.
func contained(run func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fhir.OutcomeOf(fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack()))
		}
	}()
	return run()
}

// attemptsMax bounds how often a transaction runs, and pauseUnit is half the
// longest first pause between two attempts; each is twice the one before.
const (
	attemptsMax = 6
	pauseUnit   = 2 * time.Millisecond
)

// repeatedly runs attempts of a transaction until one does not ask for another.
// Pauses are random, so that those who collided don't collide again.
func repeatedly(ctx context.Context, attempt func(floor time.Time) error) error {
	var floor time.Time
	for n := 1; ; n++ {
		err := attempt(floor)
		if !retryable(err) || n >= attemptsMax {
			return exhausted(err)
		}
		if later := (again{}); errors.As(err, &later) {
			floor = later.floor
		}
		select {
		case <-time.After(rand.N(pauseUnit << n)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// exhausted says what an error that asks for another attempt means to a client
// when there is none.
func exhausted(err error) error {
	if errors.Is(err, errAgain) {
		return fhir.Errorf(fhir.IssueTransient, "", "Others kept changing the same resources; try again.").Because(err)
	}
	return err
}
