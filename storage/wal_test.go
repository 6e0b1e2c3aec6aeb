package storage

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bima/fhir"
)

// logTest writes to a SQLite store and looks at its files.
type logTest struct {
	*testing.T
	store *Store
	path  string
}

func newLogTest(t *testing.T) logTest {
	path := filepath.Join(t.TempDir(), "bima.db")
	s, err := Open(context.Background(), "sqlite:"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return logTest{t, s, path}
}

// write stores so many resources of a mebibyte that does not compress.
func (t logTest) write(count int) {
	t.Helper()
	for range count {
		body := make([]byte, 1<<20)
		_, _ = rand.Read(body)
		if err := t.store.Update(context.Background(), func(w fhir.Writer) error {
			return w.Put(fhir.Version{Resource: &fhir.Resource{
				Key: fhir.Key{Type: "Binary", ID: rand.Text()}, Version: 1, Updated: w.Now(), Method: fhir.MethodCreate, Body: body,
			}})
		}); err != nil {
			t.Fatal(err)
		}
		t.read(func() {})
	}
}

// read searches, and runs then while the snapshot stands.
func (t logTest) read(then func()) {
	t.Helper()
	if err := t.store.View(context.Background(), func(r fhir.Reader) error {
		_, err := r.Search(&fhir.Query{Types: []string{"Binary"}, Limit: 1})
		then()
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// size gives the bytes of the main file, or of the one with the suffix; 0 where
// there is none.
func (t logTest) size(suffix string) int64 {
	info, err := os.Stat(t.path + suffix)
	if err != nil {
		return 0
	}
	return info.Size()
}

func TestWriteAheadLog(t *testing.T) {
	f := newLogTest(t)
	f.write(50)
	if main, log := f.size(""), f.size("-wal"); main < 25<<20 || log > 45<<20 {
		t.Errorf("after a load of 50 MiB the file has %d bytes, its log %d", main, log)
	}
	d := f.store.dialect.(*lite)
	whole := func() bool {
		var busy, frames, moved int
		if err := d.write.QueryRow("PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &moved); err != nil {
			t.Fatal(err)
		}
		return busy == 0 && frames == moved
	}
	f.read(func() {
		f.write(1)
		if whole() {
			t.Error("the log was moved from under a snapshot")
		}
	})
	if err := d.checkpoint("PASSIVE"); err != nil || !whole() {
		t.Errorf("readers that have ended hold the log (%v)", err)
	}
	f.write(1)
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	if main, log := f.size(""), f.size("-wal"); main < 52<<20 || log != 0 {
		t.Errorf("after Close the file has %d bytes, its log %d", main, log)
	}
}

// What is interrupted on the connection that writes, as jobs are when the process
// ends, has the pool close it: the next write has another, and Close closes all.
func TestAnInterruptedConnectionIsClosed(t *testing.T) {
	f := newLogTest(t)
	for range 3 {
		f.write(1)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if _, err := f.store.cold.ExecContext(ctx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"); err == nil {
			t.Fatal("what has no end ended")
		}
	}
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.path + "-wal"); !os.IsNotExist(err) {
		t.Errorf("a connection is still open: the log is there (%v)", err)
	}
}
