package interaction_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage/storagetest"
)

func claim(b *testing.B) string {
	b.Helper()
	body, err := os.ReadFile("../../testdata/examples/Claim-960151.json")
	if err != nil {
		b.Fatal(err)
	}
	return string(body)
}

func BenchmarkCreate(b *testing.B) {
	s, body := newBench(b, storagetest.SQLite(b)), []byte(claim(b))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Engine.Create(s.ctx, "Claim", interaction.Write{Body: body}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkReadByID(b *testing.B) {
	s := newBench(b, storagetest.SQLite(b))
	k := s.create(claim(b)).Key
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Read(s.ctx, k); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearchPage(b *testing.B) {
	s := newBench(b, storagetest.SQLite(b))
	for range 200 {
		s.create(claim(b))
	}
	b.ReportAllocs()
	for b.Loop() {
		page, err := s.Search(s.ctx, "Claim", "status=active&_count=20", interaction.SearchOptions{})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(page)))
	}
}

func BenchmarkTransaction100(b *testing.B) {
	s := newBench(b, storagetest.SQLite(b))
	entries := make([]string, 0, 100)
	for i := range 50 {
		urn := fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", i)
		entries = append(entries,
			urn+` POST Patient {"resourceType":"Patient","identifier":[{"system":"urn:x","value":"`+fmt.Sprint(i)+`"}],"name":[{"family":"Mushi","given":["Asha"]}],"birthDate":"1990-01-01"}`,
			`- POST Observation {"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8302-2"}]},"subject":{"reference":"`+urn+`"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":150.0,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}}`)
	}
	body := []byte(transaction(entries...))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Bundle(s.ctx, body, interaction.BundleOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkElements(b *testing.B) {
	e := newEngine(b, interaction.Config{})
	body := []byte(strings.TrimSpace(claim(b)))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		e.Elements(body, "true", nil)
	}
}

var _ fhir.Server = (*interaction.Engine)(nil)
