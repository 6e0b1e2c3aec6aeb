package storage

import (
	"time"

	"bima/fhir"
)

// settleMax bounds how long a history waits for transactions under way, and
// settlePause is the time between two looks.
const (
	settleMax   = 2 * time.Second
	settlePause = 2 * time.Millisecond
)

// settle implements dialect. One transaction writes at a time, so versions
// become visible in the order of their times.
func (d *lite) settle(*reader) error { return nil }

// settle implements dialect. A transaction takes its time when it begins and
// shows its versions when it commits, so versions may appear behind others that
// are younger: whoever asks "what changed since the last time I asked" would
// miss them. So such a history first waits until all transactions that write and
// began before it have ended, and takes its snapshot then. One that takes longer
// than settleMax is not waited for: that history ends as a transient error.
func (d *post) settle(r *reader) error {
	if c, ok := r.conn.(*postConn); !ok || c.begun {
		return nil // the snapshot is taken already
	}
	var limit int64
	if err := d.store.cold.QueryRowContext(r.ctx,
		"SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int8").Scan(&limit); err != nil {
		return err
	}
	for deadline := time.Now().Add(settleMax); ; {
		var oldest int64
		if err := d.store.cold.QueryRowContext(r.ctx,
			"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8").Scan(&oldest); err != nil || oldest >= limit {
			return err
		}
		if time.Now().After(deadline) {
			return fhir.Errorf(fhir.IssueTransient, "", "A large write is under way, and what it changes belongs into this history; ask again.")
		}
		select {
		case <-time.After(settlePause):
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}
