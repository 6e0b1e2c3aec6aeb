package search_test

import (
	"os"
	"testing"

	"bima/fhir"
	"bima/fhir/search"
)

// financial are the examples that speed is measured on.
var financial = []string{
	"Claim-960151.json", "ClaimResponse-UR3503.json", "Coverage-7546D.json", "ExplanationOfBenefit-EB3500.json",
	"CoverageEligibilityRequest-52346.json", "CoverageEligibilityResponse-E2502.json",
}

func sources(b *testing.B) (out [][]byte, size int64) {
	b.Helper()
	for _, name := range financial {
		src, err := os.ReadFile("../../testdata/examples/" + name)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, src)
		size += int64(len(src))
	}
	return out, size
}

// BenchmarkParse is what BenchmarkExtract is held against.
func BenchmarkParse(b *testing.B) {
	all, size := sources(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, src := range all {
			doc, err := fhir.Parse(src)
			if err != nil {
				b.Fatal(err)
			}
			doc.Release()
		}
	}
}

func BenchmarkExtract(b *testing.B) { extractAll(b, registry(b)) }

func BenchmarkExtractWithoutTexts(b *testing.B) { extractAll(b, registry(b).WithoutTexts()) }

func extractAll(b *testing.B, r *search.Registry) {
	all, size := sources(b)
	var roots []fhir.Node
	for _, src := range all {
		doc, err := fhir.Parse(src)
		if err != nil {
			b.Fatal(err)
		}
		roots = append(roots, doc.Root())
		r.Extract(doc.Root())
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, n := range roots {
			r.Extract(n)
		}
	}
}

func BenchmarkQuery(b *testing.B) {
	r := registry(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Parse("Claim", "patient.identifier=nid|4711&created=ge2026-01-01&status=active,draft&_sort=-created&_count=20", options()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		registry(b)
	}
}
