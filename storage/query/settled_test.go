package query

import (
	"testing"

	"bima/fhir"
)

func TestHashOfAnApproximateDateStaysWhileItsMarginsWiden(t *testing.T) {
	around := func(prefix fhir.Prefix, from, to int64) uint64 {
		when := fhir.Match{Param: fhir.Param{Code: "date", Kind: fhir.ParamDate}, Value: fhir.DateValue{Prefix: prefix, From: from, To: to}}
		return Hash(&fhir.Query{Types: []string{"Encounter"}, Where: fhir.All{fhir.Not{Criterion: when}, fhir.Any{when}}})
	}
	first := around(fhir.PrefixApproximate, 1000, 2000)
	if around(fhir.PrefixApproximate, 990, 2010) != first {
		t.Error("the next page is taken for one of another search")
	}
	if around(fhir.PrefixApproximate, 3000, 4000) == first {
		t.Error("another date is taken for the same search")
	}
	if around(fhir.PrefixEqual, 1000, 2000) == around(fhir.PrefixEqual, 990, 2010) {
		t.Error("other dates are taken for the same search")
	}
}
