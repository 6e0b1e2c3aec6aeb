package main

import (
	"log/slog"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/storage/storagetest"
)

// BenchmarkStart builds the house on a database that exists: all of a start but
// loading the program and listening.
func BenchmarkStart(b *testing.B) {
	p := house.Plan{
		Database: storagetest.SQLite(b), Base: "http://127.0.0.1:8080/fhir", Zone: time.UTC,
		Log: slog.New(slog.DiscardHandler), Loopback: true,
	}
	start := func() {
		h, err := house.Build(b.Context(), p)
		if err != nil {
			b.Fatal(err)
		}
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
	}
	start()
	b.ReportAllocs()
	for b.Loop() {
		start()
	}
}
