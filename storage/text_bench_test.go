package storage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"bima/fhir"
	"bima/storage"
)

// benchText gives so many words of a vocabulary whose words are as common as
// those of a language: the n-th as often as one in n.
func benchText(seed uint64, count int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	common := rand.NewZipf(r, 1.1, 1, 20_000)
	var b strings.Builder
	for range count {
		fmt.Fprintf(&b, "word%d ", common.Uint64())
	}
	return b.String()
}

// BenchmarkCreateText creates resources that have a narrative of half a kilobyte
// and a content of one and a half, beside those of BenchmarkCreate.
func BenchmarkCreateText(b *testing.B) {
	benchStores(b, func(b *testing.B, s *storage.Store, _ string) {
		var n atomic.Int64
		var texts [1000][2]string
		for i := range texts {
			texts[i] = [2]string{benchText(uint64(i), 60), benchText(uint64(i)+1<<32, 180)}
		}
		b.ReportAllocs()
		b.SetParallelism(atOnce / 2)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := int(n.Add(1))
				x, words := benchIndex(i), texts[i%len(texts)]
				x.Texts = []fhir.TextRow{{Param: "_text", Text: words[0]}, {Param: "_content", Text: words[1]}}
				if err := s.Update(context.Background(), func(w fhir.Writer) error {
					return w.Put(fhir.Version{Index: x, Resource: &fhir.Resource{
						Key: fhir.Key{Type: "Claim", ID: fmt.Sprint("claim-", i)}, Version: 1, Updated: w.Now(),
						Method: fhir.MethodCreate, Body: benchBody,
					}})
				}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
