package storage_test

import (
	"testing"

	"bima/fhir"
	"bima/storage"
)

// Each way to PostgreSQL and back costs more than most statements do.
func TestATransactionSharesItsWaysToTheDatabase(t *testing.T) {
	s, ctx := open(t, databases["postgres"](t)), t.Context()
	own := -trips(t, s)
	own += trips(t, s) // of asking
	claim := fhir.Key{Type: "Claim", ID: "c1"}
	write := func(version int64) {
		err := s.Update(ctx, func(w fhir.Writer) error {
			err := w.Put(fhir.Version{
				Resource: &fhir.Resource{Key: claim, Version: version, Updated: w.Now(), Body: []byte(`{"resourceType":"Claim"}`)},
				Expect:   version - 1, Index: &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}}}, Before: &fhir.Index{},
			})
			if err != nil {
				return err
			}
			if err := w.Lock("Contract/a", "Patient/b"); err != nil {
				return err
			}
			if _, err := w.Tally(fhir.Tally{Accounts: []string{"Contract/a", "Patient/b"}}); err != nil {
				return err
			}
			return w.Post(claim, []fhir.Entry{{Account: "Contract/a", Bucket: "ceiling", Value: 1}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(1) // gives the parameters their numbers
	before := trips(t, s)
	write(2)
	// The clock; the version it was at; the version with the locks and the sums; the
	// entries with the end.
	if got := trips(t, s) - before - own; got != 4 {
		t.Errorf("it went %.0f times to the database, want 4", got)
	}
}

// trips gives how often the store went to its database.
func trips(t *testing.T, s *storage.Store) float64 {
	t.Helper()
	return s.Stats(t.Context())["bima_database_round_trips_total"]
}
