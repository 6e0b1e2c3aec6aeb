package search_test

import (
	"strconv"
	"testing"

	"bima/fhir"
)

// TestANumberEqualsItself asks for numbers of more digits than a float64 keeps
// apart, where half a unit of the last digit is nothing.
func TestANumberEqualsItself(t *testing.T) {
	for _, text := range []string{"100", "5.40", "-5.4", "0", "1e2", "66.899999999999991", "1000000000000000000", "-1000000000000000000", "1E-22", "1E-400"} {
		t.Run(text, func(t *testing.T) {
			request, err := registry(t).Parse("RiskAssessment", "probability="+text, options())
			if err != nil {
				t.Fatal(err)
			}
			got := request.Where.(fhir.All)[0].(fhir.Match).Value.(fhir.NumberValue)
			stored, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			if stored < got.Low || stored >= got.High {
				t.Errorf("%v is not in [%v, %v)", stored, got.Low, got.High)
			}
		})
	}
}
