package storage_test

import (
	"testing"
	"time"

	"bima/fhir"
)

// Who has a lock after another writes at a later time than that one did, though he
// began before it: by these times is told who came first. On SQLite nobody begins
// before the other has ended.
func TestWhoHasALockLaterWritesLater(t *testing.T) {
	s, ctx := open(t, databases["postgres"](t)), t.Context()
	put := func(w fhir.Writer, id string) (time.Time, error) {
		at := w.Now()
		return at, w.Put(fhir.Version{
			Resource: &fhir.Resource{Key: fhir.Key{Type: "Claim", ID: id}, Version: 1, Updated: at, Body: []byte(`{"resourceType":"Claim"}`)}, Index: &fhir.Index{},
		})
	}
	err := s.Update(ctx, func(early fhir.Writer) error {
		began, err := put(early, "early")
		if err != nil {
			return err
		}
		var last time.Time
		for i := 0; !last.After(began); i++ { // until a millisecond is over
			err := s.Update(ctx, func(w fhir.Writer) (err error) {
				if err = w.Lock("Patient/b"); err == nil {
					last, err = put(w, "late-"+string(rune('a'+i%26))+time.Now().Format("150405.000000000"))
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		if now := early.Now(); !now.Equal(began) {
			t.Errorf("without a lock the time moves from %s to %s", began, now)
		}
		if err := early.Lock("Patient/a", "Patient/b"); err != nil {
			return err
		}
		if _, err := early.Tally(fhir.Tally{Accounts: []string{"Patient/b"}}); err != nil {
			return err
		}
		if now := early.Now(); now.Before(last) || !now.Equal(early.Now()) {
			t.Errorf("the lock was had at %s, when who had it before wrote at %s", now, last)
		}
		at, err := put(early, "early-again")
		if err == nil && at.Before(last) {
			t.Errorf("it writes at %s, before %s", at, last)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
