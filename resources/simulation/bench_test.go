package simulation_test

import (
	"fmt"
	"testing"
	"time"

	"bima/fhir"
	"bima/resources/resourcestest"
	"bima/resources/simulation"
)

// BenchmarkSimulate decides the claims of 200 families once more, ten of each.
func BenchmarkSimulate(b *testing.B) {
	const families, each = 200, 10
	w := resourcestest.New(b, few()...)
	small(w)
	for f := range families {
		name := fmt.Sprintf("p%d", f)
		var bodies []string
		bodies = append(bodies, fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":true,"gender":"female","birthDate":"1990-01-01"}`, name),
			fmt.Sprintf(`{"resourceType":"Coverage","id":"c-%s","status":"active","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/plan"}}],"beneficiary":{"reference":"Patient/%s"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/scheme"}]}`, name, name))
		w.Put(bodies...)
		bodies = nil
		for i := range each {
			bodies = append(bodies, claim(fmt.Sprintf("%s-%d", name, i), fmt.Sprintf("2026-03-%02d", i+1), name))
		}
		w.Put(bodies...)
	}
	q := simulation.Question{Base: resourcestest.Base}
	err := w.Engine.View(w.Context(), func(r fhir.Reader) error {
		if err := q.Change(r, node(b, plan("plan", 10, "S")), "InsurancePlan"); err != nil {
			return err
		}
		decided := 0
		begun := time.Now()
		b.ReportAllocs()
		for b.Loop() {
			result, err := q.Run(w.Context(), r, simulation.Sink{})
			if err != nil {
				return err
			}
			decided += result.Decided
		}
		b.ReportMetric(float64(decided)/time.Since(begun).Seconds(), "claims/s")
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func node(tb testing.TB, body string) fhir.Node {
	tb.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		tb.Fatal(err)
	}
	return doc.Root()
}
