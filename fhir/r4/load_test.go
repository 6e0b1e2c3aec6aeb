package r4

import (
	"testing"

	facts "bima/profiles/r4"
)

func BenchmarkLoad(b *testing.B) {
	b.Run("types", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(facts.Types)))
		for b.Loop() {
			loadTypes(facts.Types)
		}
	})
	b.Run("search", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(facts.Search)))
		for b.Loop() {
			loadSearchParams(facts.Search)
		}
	})
	b.Run("valuesets", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(facts.ValueSets)))
		for b.Loop() {
			loadValueSets(facts.ValueSets)
		}
	})
}
