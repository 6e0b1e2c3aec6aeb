package search

import (
	"testing"

	"bima/fhir"
	"bima/fhir/r4"
)

func TestEveryParameterHasElements(t *testing.T) {
	r, err := New("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range r4.Resources() {
		for _, definition := range r.Params(typ) {
			p := r.param(typ, definition.Code)
			if p.Expression == "" || p.Expression == deceased {
				continue
			}
			root := &plan{members: map[string]*member{}}
			emitters := 0
			if p.kind == fhir.ParamComposite {
				emitters = r.addComposite(root, p, r4.Lookup(typ))
			} else {
				emitters = root.add(p, r4.Lookup(typ))
			}
			if emitters == 0 {
				t.Errorf("%s.%s (%s): %s", typ, p.Code, p.Kind, p.Expression)
			}
		}
	}
}
