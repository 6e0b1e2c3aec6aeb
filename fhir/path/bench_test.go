package path_test

import (
	"testing"

	"bima/fhir/path"
	"bima/fhir/r4"
)

const claimFile = examples + "/Claim-960151.json"

func BenchmarkPlainPath(b *testing.B) {
	benchmark(b, []string{"Claim.item.adjudication.value"})
}

func BenchmarkClaimSearchExpressions(b *testing.B) {
	var list []string
	for _, p := range r4.SearchParams() {
		if p.Base == "Claim" && p.Expression != "" {
			list = append(list, p.Expression)
		}
	}
	benchmark(b, list)
}

func BenchmarkInvariants(b *testing.B) {
	var list []string
	for _, c := range r4.Lookup("Claim").Constraints {
		list = append(list, c.Expression)
	}
	benchmark(b, list)
}

func benchmark(b *testing.B, list []string) {
	root := parse(b, claimFile)
	claim := r4.Lookup("Claim")
	var compiled []*path.Expression
	for _, text := range list {
		compiled = append(compiled, path.MustCompile(text))
	}
	dst := make(path.Collection, 0, 64)
	b.ReportMetric(float64(len(list)), "expressions/op")
	b.SetBytes(int64(len(root.Raw())))
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range compiled {
			var err error
			if dst, err = e.Append(dst[:0], root, claim, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := path.Compile("Claim.item.where(sequence = 1 and net.value > 5000).adjudication.value as Quantity"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDescendants(b *testing.B) {
	benchmark(b, []string{"descendants().count()"})
}
