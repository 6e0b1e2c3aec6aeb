package house_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage/storagetest"
)

var errCut = errors.New("the power is cut")

// A day that was broken off is worked again from its first work on, and what was
// done of it is not done twice.
func TestADayBrokenOffIsWorkedAgain(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			h := endingHouse(t, dsn(t), "2025-12-30", "2025-12-31", "2026-01-20")
			for _, until := range []string{"policy-expiry", "policy-renewal", ""} {
				days, err := h.Days(t.Context(), day("2026-01-01"), func(_, work string, _ []fhir.Key) error {
					if work == until {
						return errCut
					}
					return nil
				})
				if until != "" && (!errors.Is(err, errCut) || days > 0) {
					t.Fatalf("cut after %s: %d days are done, %v", until, days, err)
				}
				if until == "" && (err != nil || days != 1) {
					t.Fatalf("%d days are done, want 1: %v", days, err)
				}
			}
			for id, version := range map[string]int64{"p0": 2, "p1": 2, "p2": 1} {
				if got := versionOf(t, h, "Contract/"+id); got != version {
					t.Errorf("Contract/%s has %d versions, want %d", id, got, version)
				}
			}
			if days, err := h.Days(t.Context(), day("2026-01-01"), nil); err != nil || days != 0 {
				t.Errorf("once more: %d days are done, %v", days, err)
			}
			// Missed days: the policy that ends on the 20th is called to mind on the
			// 6th and over on the 21st, once each.
			days, err := h.Days(t.Context(), day("2026-02-10"), nil)
			if err != nil || days != 40 {
				t.Fatalf("%d days are done, want 40: %v", days, err)
			}
			if got := versionOf(t, h, "Contract/p2"); got != 2 {
				t.Errorf("Contract/p2 has %d versions, want 2", got)
			}
			if got := versionOf(t, h, "Task/renewal-p2"); got != 1 {
				t.Errorf("Task/renewal-p2 has %d versions, want 1", got)
			}
		})
	}
}

// Days so long ago that somebody must have mistaken them are not worked.
func TestTooManyMissedDaysAreRefused(t *testing.T) {
	h := endingHouse(t, storagetest.SQLite(t))
	if _, err := h.Days(t.Context(), day("2000-01-01"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Days(t.Context(), day("2026-01-01"), nil); err == nil || !strings.Contains(err.Error(), "3660 days") {
		t.Errorf("26 years were worked at once: %v", err)
	}
}

func day(date string) time.Time {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return d
}

// endingHouse builds a house with policies that end on days, p0, p1 and so on.
func endingHouse(t *testing.T, dsn string, ends ...string) *house.House {
	t.Helper()
	h, err := house.Build(t.Context(), house.Plan{Database: dsn, Base: "http://localhost/fhir", Loopback: true, CheckOwn: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, end := range ends {
		for k, body := range map[fhir.Key]string{
			{Type: "Patient", ID: fmt.Sprintf("a%d", i)}: `{"resourceType":"Patient","id":"a%[1]d","birthDate":"1990-01-01"}`,
			{Type: "Contract", ID: fmt.Sprintf("p%d", i)}: `{"resourceType":"Contract","id":"p%[1]d","extension":[{"url":"https://bima.example/fhir/StructureDefinition/policy-state","valueCode":"active"}],"status":"executed",
				"applies":{"start":"2025-06-01","end":"%[2]s"},"subject":[{"reference":"Patient/a%[1]d"}],"term":[{"applies":{"start":"2025-06-01","end":"%[2]s"},"offer":{"topic":{"reference":"InsurancePlan/none"}},"asset":[{"typeReference":[{"reference":"Patient/a%[1]d"}]}]}]}`,
		} {
			text := fmt.Sprintf(body+"%.0[2]s", i, end)
			if _, err := h.Engine.Update(fhir.WithCaller(t.Context(), fhir.Developer()), k, interaction.Write{Body: []byte(text)}); err != nil {
				t.Fatalf("%s: %v", k, err)
			}
		}
	}
	return h
}

func versionOf(t *testing.T, h *house.House, name string) int64 {
	t.Helper()
	typ, id, _ := strings.Cut(name, "/")
	r, err := h.Engine.Read(fhir.WithCaller(t.Context(), fhir.Developer()), fhir.Key{Type: typ, ID: id})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r.Version
}
