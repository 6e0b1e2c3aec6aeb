package fhir_test

import (
	"strings"
	"testing"

	"bima/fhir"
)

func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct{ a, b, want string }{
		"the same in other words":                      {`{"net":{"value":8000,"currency":"TZS"}}`, `{"net":{"currency":"TZS", "value":8000.00}}`, ""},
		"another amount":                               {`{"net":{"value":8000}}`, `{"net":{"value":8000.01}}`, "net"},
		"more digits than a float holds":               {`{"v":0.12345678901234567890}`, `{"v":0.12345678901234567891}`, "v"},
		"a number and its text":                        {`{"v":1}`, `{"v":"1"}`, "v"},
		"another order of a list":                      {`{"item":[1,2]}`, `{"item":[2,1]}`, "item"},
		"a shorter list":                               {`{"item":[1,2]}`, `{"item":[1]}`, "item"},
		"what only one has, from either side":          {`{"use":"claim"}`, `{"priority":"normal"}`, "use priority"},
		"another member of the same count":             {`{"v":{"a":1}}`, `{"v":{"b":1}}`, "v"},
		"what each sending makes anew is not compared": {`{"id":"1","meta":{"versionId":"1"},"created":"2026-01-01"}`, `{"id":"2","text":{"status":"empty"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, errA := fhir.Parse([]byte(c.a))
			b, errB := fhir.Parse([]byte(c.b))
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if got := strings.Join(fhir.Differences(a.Root(), b.Root()), " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if !fhir.Same(fhir.Node{}, fhir.Node{}) {
		t.Error("two absent values differ")
	}
}
