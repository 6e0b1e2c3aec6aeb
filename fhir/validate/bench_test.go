package validate_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"
)

// financial holds the resource types a scheme's traffic is made of.
var financial = []string{
	"Claim", "ClaimResponse", "Coverage", "CoverageEligibilityRequest", "CoverageEligibilityResponse",
	"ExplanationOfBenefit", "InsurancePlan", "Invoice", "PaymentNotice", "PaymentReconciliation", "Account", "ChargeItem", "Contract",
}

// financialExamples reads the HL7 examples of those types.
func financialExamples(tb testing.TB) (texts [][]byte, size int64) {
	tb.Helper()
	for _, typ := range financial {
		files, err := filepath.Glob("../../testdata/examples/" + typ + "-*.json")
		if err != nil || len(files) == 0 {
			tb.Fatalf("no example of %s: %v", typ, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				tb.Fatal(err)
			}
			texts = append(texts, text)
			size += int64(len(text))
		}
	}
	return texts, size
}

// measure runs work over all financial examples; compare the MB/s of each.
func measure(b *testing.B, work func(text []byte) error) {
	texts, size := financialExamples(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			if err := work(text); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	measure(b, func(text []byte) error {
		doc, err := fhir.Parse(text)
		if err == nil {
			doc.Release()
		}
		return err
	})
}

func validated(text []byte, o validate.Options) error {
	doc, issues := validate.Resource(text, o)
	if len(issues) > 0 {
		return &fhir.Outcome{Issues: issues}
	}
	doc.Release()
	return nil
}

func BenchmarkResource(b *testing.B) {
	measure(b, func(text []byte) error { return validated(text, validate.Options{}) })
}

func BenchmarkResource_WithoutInvariants(b *testing.B) {
	measure(b, func(text []byte) error { return validated(text, validate.Options{SkipInvariants: true}) })
}

// BenchmarkResource_Bundle checks a transaction of 104 financial resources.
func BenchmarkResource_Bundle(b *testing.B) {
	texts, _ := financialExamples(b)
	bundle := []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	for i := range 8 * len(texts) {
		if i > 0 {
			bundle = append(bundle, ',')
		}
		bundle = fmt.Appendf(bundle, `{"fullUrl":"urn:uuid:6f5f3d1a-0000-4000-8000-%012d","resource":%s,"request":{"method":"POST","url":"Claim"}}`, i, texts[i%len(texts)])
	}
	bundle = append(bundle, `]}`...)
	b.SetBytes(int64(len(bundle)))
	b.ReportAllocs()
	for b.Loop() {
		if err := validated(bundle, validate.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSON(b *testing.B) {
	measure(b, func(text []byte) error {
		var v map[string]any
		return json.Unmarshal(text, &v)
	})
}

func BenchmarkJSONFormat(b *testing.B) {
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		b.Fatal(err)
	}
	measure(b, func(text []byte) error {
		_, err := u.Unmarshal(text)
		return err
	})
}
