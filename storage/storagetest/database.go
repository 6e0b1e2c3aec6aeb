package storagetest

import (
	"path/filepath"
	"testing"
)

// SQLite gives the DSN of a new SQLite database in the test's folder.
func SQLite(tb testing.TB) string {
	tb.Helper()
	return "sqlite:" + filepath.Join(tb.TempDir(), "bima.db")
}
