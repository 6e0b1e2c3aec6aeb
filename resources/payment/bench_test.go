package payment_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/cmd/bima/house"
	"bima/resources/resourcestest"
)

// BenchmarkPayment posts a contribution in cash on an Invoice of its own, with all
// modules of the house: money, balance and receipt number are written with it.
// BenchmarkBarePayment stores the same three resources undecided, which it is held
// against.
func BenchmarkPayment(b *testing.B) {
	for name, dsn := range databases {
		b.Run(name, func(b *testing.B) {
			w := resourcestest.On(b, dsn(b), house.Modules(resourcestest.Base)...)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				id := fmt.Sprintf("b%d", n)
				w.Put(owed(id))
				b.StartTimer()
				w.Put(cashOn(id, id, id, "2026-01-10", "75000", ""))
			}
		})
	}
}

func BenchmarkBarePayment(b *testing.B) {
	for name, dsn := range databases {
		b.Run(name, func(b *testing.B) {
			w := resourcestest.On(b, dsn(b))
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				id := fmt.Sprintf("b%d", n)
				w.Put(owed(id))
				b.StartTimer()
				w.Put(cashOn(id, id, id, "2026-01-10", "75000", ""), mobile(id, id, "2026-01-10", "75000", detail("payment", id, "75000")),
					strings.Replace(owed(id), `"issued"`, `"balanced"`, 1))
			}
		})
	}
}

// owed is an Invoice of nobody's family.
func owed(id string) string {
	return fmt.Sprintf(`{"resourceType":"Invoice","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/invoice","value":%q}],"status":"issued","date":"2026-01-02",
	"totalNet":{"value":75000,"currency":"TZS"},"totalGross":{"value":75000,"currency":"TZS"}}`, id, id)
}
