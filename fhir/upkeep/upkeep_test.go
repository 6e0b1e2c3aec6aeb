package upkeep_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/everything"
	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/fhir/rest/resttest"
	"bima/fhir/search"
	"bima/fhir/terminology"
	"bima/fhir/upkeep"
	"bima/storage"
	"bima/storage/storagetest"
)

func TestOverHTTP(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { resttest.Whole(t, serve(t, dsn(t))) })
	}
}

// serve gives the base URL of a server that guards references and has the
// operations.
func serve(t *testing.T, dsn string) string {
	t.Helper()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	store, err := storage.Open(t.Context(), dsn, storage.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	base := server.URL + "/fhir"
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	terms := terminology.New(terminology.Options{})
	engine, err := interaction.New(interaction.Config{
		Store: store, Search: registry, Base: base, Log: quiet, CheckOwn: true, Terminology: terms,
		Modules:   []fhir.Module{upkeep.Module(), everything.Module(everything.Options{Base: base, Search: registry}), terms.Module()},
		Integrity: interaction.Integrity{Mode: interaction.IntegrityLocal},
	})
	if err != nil {
		t.Fatal(err)
	}
	handler = rest.Handler(rest.Options{Engine: engine, Base: base, Log: quiet})
	return base
}

func TestOnlyAnAdministratorPurges(t *testing.T) {
	ctx := fhir.WithCaller(context.Background(), fhir.Caller{Name: "clerk", Roles: []fhir.Role{fhir.RoleEnrolmentOfficer}})
	for _, o := range upkeep.Module().Operations {
		if o.Code != "purge" {
			continue
		}
		if _, err := o.Handle(ctx, nil, fhir.Key{Type: "Patient", ID: "p"}, nil); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("a clerk may purge: %v", err)
		}
	}
}
