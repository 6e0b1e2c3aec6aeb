package storage_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/storage"
)

func TestSlowSearchesAreLogged(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			for slow, logged := range map[time.Duration]bool{0: false, time.Nanosecond: true, time.Hour: false} {
				var log bytes.Buffer
				s, err := storage.Open(context.Background(), dsn(t), storage.Options{
					Log: slog.New(slog.NewTextHandler(&log, nil)), SlowSearch: slow,
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Update(context.Background(), func(w fhir.Writer) error { return writePair(w, "a") }); err != nil {
					t.Fatal(err)
				}
				q := fhir.Query{Types: []string{"Claim"}, Limit: 7, Where: fhir.Match{
					Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "active", AnySystem: true},
				}}
				if err := s.View(context.Background(), func(r fhir.Reader) error { _, err := r.Search(&q); return err }); err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				told := strings.Contains(log.String(), "slow search") && strings.Contains(log.String(), "sp_token") &&
					strings.Contains(log.String(), "plan=") && strings.Contains(log.String(), "level=WARN")
				if told != logged {
					t.Errorf("slow is %s: the log says %q", slow, log.String())
				}
			}
		})
	}
}

func TestPlansInTheLogShowNoValues(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s, err := storage.Open(context.Background(), dsn(t), storage.Options{
				Log: slog.New(slog.NewTextHandler(&log, nil)), SlowSearch: time.Nanosecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if err := s.Update(context.Background(), func(w fhir.Writer) error {
				return w.Put(fhir.Version{
					Resource: &fhir.Resource{
						Key: fhir.Key{Type: "Patient", ID: "p"}, Version: 1, Updated: w.Now(), Method: fhir.MethodCreate, Body: []byte("{}"),
					},
					Index: &fhir.Index{Strings: []fhir.StringRow{{Param: "name", Normal: "asha mushi", Exact: "Asha"}}},
				})
			}); err != nil {
				t.Fatal(err)
			}
			for _, mode := range []fhir.StringMode{fhir.StringStarts, fhir.StringContains} {
				q := fhir.Query{Types: []string{"Patient"}, Limit: 7, Where: fhir.Match{
					Param: fhir.Param{Code: "name", Kind: fhir.ParamString}, Value: fhir.StringValue{Text: "o'asha", Mode: mode},
				}}
				if err := s.View(context.Background(), func(r fhir.Reader) error { _, err := r.Search(&q); return err }); err != nil {
					t.Fatal(err)
				}
			}
			if said := log.String(); strings.Contains(said, "asha") || !strings.Contains(said, "slow search") {
				t.Errorf("the log says %s", said)
			}
		})
	}
}
