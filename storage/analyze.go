package storage

import (
	"context"
	"strings"
	"sync/atomic"
	"time"
)

// PostgreSQL looks a minute after a bulk load what the tables hold, and until
// then plans as if they were empty. So a process that has written much asks for
// it: first after analyzeFirst versions, then each time they have grown by
// analyzeGrowth.
const (
	analyzeFirst   = 500
	analyzeGrowth  = 4
	analyzeTimeout = 5 * time.Minute
)

// analyzer counts versions and renews the statistics, one run at a time.
type analyzer struct {
	written, next atomic.Int64
	running       atomic.Bool
}

// wrote counts the versions of a transaction that committed.
func (d *post) wrote(versions int) {
	a := &d.analyzer
	if a.written.Add(int64(versions)) < max(a.next.Load(), analyzeFirst) || !a.running.CompareAndSwap(false, true) {
		return
	}
	a.next.Store(a.written.Load() * analyzeGrowth)
	d.background.Go(func() {
		defer a.running.Store(false)
		ctx, cancel := context.WithTimeout(d.life, analyzeTimeout)
		defer cancel()
		tables := "resource, history, " + strings.Join(indexTables, ", ")
		if _, err := d.store.cold.ExecContext(ctx, "ANALYZE "+tables); err != nil && d.life.Err() == nil {
			d.store.log.Warn("renewing the statistics", "error", err)
		}
	})
}
