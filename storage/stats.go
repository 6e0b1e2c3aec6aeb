package storage

import (
	"context"
	"database/sql"
	"os"
	"strconv"
)

// Stats gives figures of the database by their names in Prometheus, some with
// labels: the jobs that are not done by kind and state, the connections of each
// pool, and the bytes on disk. Figures that can't be had are left out, the log
// tells why.
func (s *Store) Stats(ctx context.Context) map[string]float64 {
	stats := map[string]float64{}
	s.dialect.pools(stats)
	err := s.dialect.view(ctx, func(r *reader) error {
		if err := countJobs(r.conn, stats); err != nil {
			return err
		}
		if err := countAsync(r.conn, stats, s.clock().UnixMicro()); err != nil {
			return err
		}
		return s.dialect.sizes(r.conn, stats)
	})
	if err != nil && ctx.Err() == nil {
		s.log.Warn("telling figures of the database", "error", err)
	}
	return stats
}

// countJobs counts the jobs that wait, run, or were given up. Those that are done
// stay for a day and would hide them.
func countJobs(c conn, stats map[string]float64) error {
	rs, err := c.search("SELECT kind, CAST(state AS text), count(*) FROM river_job " +
		"WHERE state IN ('available', 'discarded', 'pending', 'retryable', 'running', 'scheduled') GROUP BY 1, 2")
	return each(rs, err, func(rs rows) error {
		var kind, state string
		var count int64
		err := rs.Scan(&kind, &state, &count)
		stats["bima_jobs{kind="+strconv.Quote(kind)+",state="+strconv.Quote(state)+"}"] = float64(count)
		return err
	})
}

// countAsync counts the requests that are done later.
func countAsync(c conn, stats map[string]float64, now int64) error {
	rs, err := c.search("SELECT state, count(*) FROM async_request WHERE expires > $1 GROUP BY 1", now)
	return each(rs, err, func(rs rows) error {
		var state string
		var count int64
		err := rs.Scan(&state, &count)
		stats["bima_async_requests{state="+strconv.Quote(state)+"}"] = float64(count)
		return err
	})
}

// pool tells of the connections of a pool.
func pool(stats map[string]float64, name string, db *sql.DB) {
	s := db.Stats()
	label := "{pool=" + strconv.Quote(name) + "}"
	connections(stats, name, s.InUse, s.Idle, s.MaxOpenConnections)
	stats["bima_database_waits_total"+label] = float64(s.WaitCount)
	stats["bima_database_wait_seconds_total"+label] = s.WaitDuration.Seconds()
}

func connections(stats map[string]float64, pool string, used, idle, most int) {
	label := "{pool=" + strconv.Quote(pool) + ",state="
	stats["bima_database_connections"+label+`"in use"}`] = float64(used)
	stats["bima_database_connections"+label+`"idle"}`] = float64(idle)
	stats["bima_database_connections_most{pool="+strconv.Quote(pool)+"}"] = float64(most)
}

// pools implements dialect.
func (d *post) pools(stats map[string]float64) {
	pool(stats, "work", d.hot)
	pool(stats, "jobs", d.store.cold)
	stats["bima_database_round_trips_total"] = float64(d.trips.Load())
}

// pools implements dialect. Of the one connection that writes it tells what waits
// for it.
func (d *lite) pools(stats map[string]float64) {
	idle, most := len(d.readers), cap(d.readers)
	connections(stats, "read", most-idle, idle, most)
	stats["bima_database_writes_waiting"] = float64(len(d.group.queue))
}

// sizes implements dialect.
func (d *post) sizes(c conn, stats map[string]float64) error {
	return size(c, stats, "SELECT pg_database_size(current_database())")
}

// sizes implements dialect. The write-ahead log grows while somebody reads on.
func (d *lite) sizes(c conn, stats map[string]float64) error {
	if err := size(c, stats, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"); err != nil {
		return err
	}
	var file string
	rs, err := c.search("SELECT file FROM pragma_database_list WHERE name = 'main'")
	if err := each(rs, err, func(rs rows) error { return rs.Scan(&file) }); err != nil {
		return err
	}
	if log, err := os.Stat(file + "-wal"); err == nil {
		stats["bima_database_log_bytes"] = float64(log.Size())
	}
	return nil
}

func size(c conn, stats map[string]float64, statement string) error {
	rs, err := c.search(statement)
	return each(rs, err, func(rs rows) error {
		var bytes int64
		err := rs.Scan(&bytes)
		stats["bima_database_bytes"] = float64(bytes)
		return err
	})
}
