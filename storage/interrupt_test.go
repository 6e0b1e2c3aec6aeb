package storage_test

import (
	"context"
	"testing"
	"time"

	"bima/fhir"
)

// endless has a first row at once and never a second one.
const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i = 1 OR i < 0"

func TestASearchEndsWithItsTime(t *testing.T) {
	for name, dsn := range databases {
		t.Run("on its way to the second row on "+name, func(t *testing.T) {
			s := open(t, dsn(t))
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			if n, err := s.Rows(ctx, endless); !fhir.HasIssue(err, fhir.IssueTimeout) {
				t.Errorf("%d rows and %v, want that it took too long", n, err)
			}
			for range 50 { // the connections are fit for use afterwards
				if n, err := s.Rows(context.Background(), "SELECT 1"); n != 1 || err != nil {
					t.Fatalf("%d rows, %v", n, err)
				}
			}
		})
	}
}
