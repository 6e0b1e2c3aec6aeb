package rest_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/conformance"
	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/fhir/rest/resttest"
	"bima/fhir/rest/unread"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

func TestSuiteOnSQLite(t *testing.T) {
	resttest.Run(t, func(t *testing.T) string { return serve(t, storagetest.SQLite(t), rest.Options{}) })
}

// serve gives the base URL of a server on a database, with no modules of the
// scheme, that does what is to be done later.
func serve(tb testing.TB, dsn string, o rest.Options) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	root := "http://" + listener.Addr().String()
	store, e := open(tb, dsn, root+"/fhir")
	o.Engine, o.Base, o.Log, o.Async = e, root+"/fhir", quiet(), store
	handler := rest.Handler(o)
	server := rest.Server(handler, o.Limits)
	go func() { _ = server.Serve(unread.Listener(listener)) }()
	ctx, stop := context.WithCancel(fhir.WithCaller(context.Background(), fhir.System()))
	done := make(chan error)
	go func() { done <- store.Work(ctx, e, []fhir.Worker{rest.Worker(handler)}) }()
	tb.Cleanup(func() {
		_ = server.Close()
		stop()
		if err := <-done; err != nil && ctx.Err() == nil {
			tb.Error(err)
		}
	})
	return root + "/fhir"
}

// engine gives an engine on a fresh database.
func engine(tb testing.TB, dsn, base string) *interaction.Engine {
	tb.Helper()
	_, e := open(tb, dsn, base)
	return e
}

// open gives a fresh database and an engine on it that serves its definitions.
func open(tb testing.TB, dsn, base string, limits ...interaction.Limits) (*storage.Store, *interaction.Engine) {
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
	var library conformance.Library
	config := interaction.Config{
		Store: store, Search: registry, Base: base, Log: quiet(), CheckOwn: true, Modules: []fhir.Module{library.Module()},
	}
	for _, l := range limits {
		config.Limits = l
	}
	e, err := interaction.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := library.Install(tb.Context(), e, e.Conformance().Definitions()); err != nil {
		tb.Fatal(err)
	}
	return store, e
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
