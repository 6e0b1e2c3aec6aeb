package main

import (
	"log/slog"
	"testing"
	"time"

	"bima/storage/storagetest"
)

// BenchmarkStart builds the house on a database that exists: all of a start but
// loading the program and listening.
func BenchmarkStart(b *testing.B) {
	p := plan{
		database: storagetest.SQLite(b), base: "http://127.0.0.1:8080/fhir", zone: time.UTC,
		log: slog.New(slog.DiscardHandler), loopback: true,
	}
	start := func() {
		h, err := build(b.Context(), p)
		if err != nil {
			b.Fatal(err)
		}
		if err := h.store.Close(); err != nil {
			b.Fatal(err)
		}
	}
	start()
	b.ReportAllocs()
	for b.Loop() {
		start()
	}
}
