package search_test

import (
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
)

func TestAnExpressionThatTakesTooMuchFindsNothing(t *testing.T) {
	r, err := search.New("http://localhost/fhir", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	param := func(code, expression string) *r4.SearchParam {
		return &r4.SearchParam{Code: code, Base: "Patient", Kind: "number", URL: "http://example.org/" + code, Expression: expression}
	}
	r, err = r.With(param("all", "Patient.descendants().count()"), param("square", "Patient.descendants().select(%resource.descendants()).count()"))
	if err != nil {
		t.Fatal(err)
	}
	found := func(names int) (codes string) {
		doc, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[{"family":"a"}` + strings.Repeat(`,{"family":"a"}`, names-1) + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range r.Extract(doc.Root()).Numbers {
			codes += row.Param + " "
		}
		return codes
	}
	if got := found(3); got != "all square " && got != "square all " {
		t.Errorf("of a small resource: %q", got)
	}
	if got := found(300); got != "all " {
		t.Errorf("of a large resource: %q, want only what walks through it a few times", got)
	}
}
