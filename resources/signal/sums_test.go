package signal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/adjudication"
	"bima/fhir"
	"bima/storage/storagetest"
)

// fresh gives another database of the kind a world is on; SQLite for none.
func fresh(t *testing.T, w *world) string {
	if w != nil && strings.Contains(t.Name(), "postgres") {
		return storagetest.Postgres(t)
	}
	return storagetest.SQLite(t)
}

// sums writes what was counted of all that tests count, and what is usual.
func (w *world) sums(t *testing.T) string {
	t.Helper()
	var accounts []string
	for _, of := range []string{"Organization/f-1", "Organization/f-2", "Practitioner/dr", "service|" + services + "|S-1", "service|" + services + "|S-2"} {
		accounts = append(accounts, "figures|"+of, "usual|"+of)
	}
	accounts = append(accounts, "usual|level|H", "usual|level|D")
	var lines []string
	err := w.Engine.View(w.Context(), func(r fhir.Reader) error {
		balances, err := r.Tally(fhir.Tally{Accounts: accounts, Apart: true})
		for _, b := range balances {
			lines = append(lines, fmt.Sprintf("%s %s %s %d", b.Account, b.Bucket, adjudication.WriteDay(b.LastDay), b.Value))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (w *world) deleted(id string) error {
	return w.Engine.Commit(w.Context(), func(tx fhir.Tx) error { return tx.Delete(fhir.Key{Type: "Claim", ID: id}, 0) })
}
