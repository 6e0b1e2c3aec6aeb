package profile_test

import (
	"testing"

	"bima/fhir/profile"
	"bima/profiles"
)

// claim is a plain claim of two lines that meets the scheme's profile.
const claim = `{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"C-1"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/1"},"created":"2026-03-11","insurer":{"reference":"Organization/scheme"},"provider":{"reference":"Organization/f"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/1"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"code":"S-101"}]},"quantity":{"value":1},"unitPrice":{"value":5000,"currency":"TZS"},"net":{"value":5000,"currency":"TZS"}},{"sequence":2,"productOrService":{"coding":[{"code":"S-102"}]},"quantity":{"value":1},"unitPrice":{"value":9000,"currency":"TZS"},"net":{"value":9000,"currency":"TZS"}}],"total":{"value":14000,"currency":"TZS"}}`

func BenchmarkCheck(b *testing.B) {
	bp := read(b, "testdata/hl7/Observation-blood-pressure.json")
	for _, c := range []struct {
		name, url string
		body      []byte
		set       *profile.Set
	}{
		{"Claim", profiles.ProfileClaim, []byte(claim), newSet(b, profiles.Definitions()...)},
		{"BloodPressure", core + "bp", bp, newSet(b, hl7(b)...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			n := parse(b, c.body)
			if issues, known := c.set.Check(n, c.url); !known || len(errorsOf(issues)) > 0 {
				b.Fatal(issues)
			}
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				c.set.Check(n, c.url)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	list := hl7(b)
	n := parse(b, []byte(`{"resourceType":"Observation"}`))
	b.ReportAllocs()
	for b.Loop() {
		newSet(b, list...).Check(n, core+"bp")
	}
}
