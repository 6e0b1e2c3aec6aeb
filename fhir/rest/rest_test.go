package rest_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/fhir/rest/resttest"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

func TestSuiteOnSQLite(t *testing.T) {
	resttest.Run(t, func(t *testing.T) string { return serve(t, storagetest.SQLite(t), rest.Options{}) })
}

// serve gives the base URL of a server on a database, with no modules.
func serve(tb testing.TB, dsn string, o rest.Options) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	root := "http://" + listener.Addr().String()
	o.Engine, o.Base, o.Log = engine(tb, dsn, root+"/fhir"), root+"/fhir", quiet()
	server := rest.Server(rest.Handler(o), o.Limits)
	go func() { _ = server.Serve(listener) }()
	tb.Cleanup(func() { _ = server.Close() })
	return root + "/fhir"
}

// engine gives an engine on a fresh database.
func engine(tb testing.TB, dsn, base string) *interaction.Engine {
	tb.Helper()
	store, err := storage.Open(context.Background(), dsn, storage.Options{Log: quiet()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close() })
	registry, err := search.New(base, time.UTC)
	if err != nil {
		tb.Fatal(err)
	}
	e, err := interaction.New(interaction.Config{Store: store, Search: registry, Base: base, Log: quiet(), CheckOwn: true})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
