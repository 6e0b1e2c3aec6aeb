package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/storage/storagetest"
)

// Who waits for the server to be ready finds the demo scheme whole.
func TestTheDemoSchemeIsLoadedBeforeTheServerIsReady(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	root := "http://" + listener.Addr().String()
	log := slog.New(slog.DiscardHandler)
	h, err := house.Build(t.Context(), house.Plan{Database: storagetest.SQLite(t), Base: root + "/fhir", Log: log, Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		c := serveCommand{Demo: true, Drain: time.Minute}
		served <- c.serve(ctx, streams{out: t.Output()}, listener, h, root+"/fhir", log)
	}()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-served, h.Close()); err != nil {
			t.Error(err)
		}
	})
	status := func(path string) int {
		response, err := http.Get(root + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	for end := time.Now().Add(time.Minute); status("/readyz") != http.StatusOK; <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the server was not ready within a minute")
		}
	}
	if got := status("/fhir/Claim/claim-200"); got != http.StatusOK {
		t.Errorf("the last claim of the demo scheme: HTTP %d", got)
	}
}
