package contract

import (
	"fmt"
	"strings"

	"bima/fhir"
)

// numbersTried bounds how many policies one holder may have of one plan and one
// first day: all but one of them cancelled.
const numbersTried = 100

// freeNumber gives a business identifier that nobody bears yet: the one wanted,
// or it with -2, -3 and so on.
func freeNumber(r fhir.Reader, typ, system, wanted string) (string, error) {
	for n := 1; n <= numbersTried; n++ {
		number := wanted
		if n > 1 {
			number = fmt.Sprintf("%s-%d", wanted, n)
		}
		_, taken, err := r.Owner(fhir.UniqueKey{Type: typ, Name: system, Value: number})
		if err != nil || !taken {
			return number, err
		}
	}
	return "", fhir.Errorf(fhir.IssueTooCostly, typ+".identifier", "there are %d of the number %s already", numbersTried, wanted)
}

// compact writes a day without hyphens, "20260131".
func compact(d day) string { return strings.ReplaceAll(iso(d), "-", "") }
