package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir/interaction"
	"bima/fhir/rest/resttest"
	"bima/resources/measure"
	"bima/storage/storagetest"
)

// TestHTTP runs the one suite of what the server does over HTTP on the whole
// house, with all modules, on each database.
func TestHTTP(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			resttest.Run(t, func(t *testing.T) string { return houseAt(t, dsn(t), house.Plan{}) })
			t.Run("reindex", func(t *testing.T) { resttest.Reindex(t, houseAt(t, dsn(t), house.Plan{})) })
			t.Run("whole", func(t *testing.T) {
				// Stories make products of several currencies; the indicators count one.
				resttest.House(t, houseAt(t, dsn(t), house.Plan{
					Integrity: interaction.IntegrityLocal, Scheme: house.Scheme{Measures: measure.Settings{Currency: "TZS"}},
				}))
			})
			t.Run("enrolled", func(t *testing.T) {
				ahead := time.Since(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
				resttest.Enrolled(t, houseAt(t, dsn(t), house.Plan{
					Integrity: interaction.IntegrityLocal, Now: func() time.Time { return time.Now().Add(-ahead) },
				}))
			})
		})
	}
}

// houseAt serves a house on a database, with the settings of a plan, and gives its
// base URL.
func houseAt(t *testing.T, dsn string, p house.Plan) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String() + "/fhir"
	p.Database, p.Base, p.Log, p.Loopback, p.CheckOwn = dsn, base, slog.New(slog.DiscardHandler), true, true
	h, err := house.Build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = h.Handler
	server.Start()
	work, stop := context.WithCancel(context.Background())
	worked := make(chan error)
	go func() { worked <- h.Work(work) }()
	t.Cleanup(func() {
		server.Close()
		stop()
		if err := errors.Join(<-worked, h.Close()); err != nil {
			t.Error(err)
		}
	})
	return base
}
