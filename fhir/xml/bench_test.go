package xml_test

import (
	"os"
	"testing"

	"bima/fhir"
	"bima/fhir/xml"
)

// benchmarkExamples are resources of about the sizes that servers see.
var benchmarkExamples = []string{"Claim-960151", "Patient-xds", "Bundle-xds", "Questionnaire-phq-9-questionnaire"}

// onExamples runs a benchmark on each of the examples; the bytes counted are
// those of JSON, so that the rates compare.
func onExamples(b *testing.B, run func(b *testing.B, json []byte)) {
	for _, name := range benchmarkExamples {
		src, err := os.ReadFile("../../testdata/examples/" + name + ".json")
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			b.Fatal(err)
		}
		// Resources are kept on one line.
		text, err := xml.FromJSON(nil, src)
		if err != nil {
			b.Fatal(err)
		}
		if src, err = xml.ToJSON(text); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			run(b, src)
		})
	}
}

// BenchmarkJSON is what XML is held against: JSON parsed and written again.
func BenchmarkJSON(b *testing.B) {
	onExamples(b, func(b *testing.B, json []byte) {
		var out []byte
		for b.Loop() {
			doc, err := fhir.Parse(json)
			if err != nil {
				b.Fatal(err)
			}
			out = append(out[:0], doc.Root().Raw()...)
			doc.Release()
		}
	})
}

func BenchmarkFromJSON(b *testing.B) {
	onExamples(b, func(b *testing.B, json []byte) {
		var out []byte
		for b.Loop() {
			var err error
			if out, err = xml.FromJSON(out[:0], json); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkToJSON(b *testing.B) {
	onExamples(b, func(b *testing.B, json []byte) {
		text, err := xml.FromJSON(nil, json)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := xml.ToJSON(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
