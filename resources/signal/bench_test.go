package signal_test

import (
	"fmt"
	"slices"
	"testing"

	"bima/fhir"
	"bima/resources/resourcestest"
	"bima/resources/signal"
	"bima/storage/storagetest"
)

// BenchmarkSignals asks for the signals of a claim of ten lines whose person has
// no other claims, a thousand of years ago, or as many of these weeks as are
// looked at.
func BenchmarkSignals(b *testing.B) {
	module := signal.Settings{Base: resourcestest.Base}.Module()
	clock := &resourcestest.Clock{}
	clock.Set(b, "2026-09-01")
	w := &world{World: resourcestest.Timed(b, storagetest.SQLite(b), clock, module), module: module, clock: clock}
	items := "S-0 1 1000"
	for i := 1; i < 10; i++ {
		items += fmt.Sprintf(", S-%d 1 1000", i)
	}
	bodies := []string{facility("f-1", "H"), facility("f-2", "H")}
	for _, person := range []string{"none", "old", "near"} {
		bodies = append(bodies, fmt.Sprintf(`{"resourceType":"Patient","id":%q,%s}`, person, woman), bill{id: person, patient: "Patient/" + person, days: "2026-08-14", items: items}.String())
	}
	for i := range 1000 {
		bodies = append(bodies, bill{id: fmt.Sprintf("old-%d", i), patient: "Patient/old", facility: "f-2", days: "2024-01-01", items: items}.String())
		if i < 40 {
			bodies = append(bodies, bill{id: fmt.Sprintf("near-%d", i), patient: "Patient/near", facility: "f-2", days: "2026-08-01", items: items}.String())
		}
	}
	for some := range slices.Chunk(bodies, 100) {
		w.Put(some...)
	}
	for _, person := range []string{"none", "old", "near"} {
		b.Run(person, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := w.Engine.Call(w.Context(), "signals", fhir.Key{Type: "Claim", ID: person}, "", nil, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
