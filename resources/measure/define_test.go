package measure

import (
	"testing"

	"bima/profiles/indicator"
)

// Source: R4 element.html#id: "unique within the resource".
func TestIDsOfStratifiersAreUnique(t *testing.T) {
	p, err := indicator.New(indicator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, d := range p.DataSets {
		seen := map[any]bool{}
		for _, g := range definition(p, d)["group"].([]object) {
			stratifiers, _ := g["stratifier"].([]object)
			for _, s := range stratifiers {
				if seen[s["id"]] {
					t.Errorf("Measure/%s has two stratifiers of the id %v", d.Measure, s["id"])
				}
				seen[s["id"]] = true
				found++
			}
		}
	}
	if found == 0 {
		t.Error("no Measure has a stratifier")
	}
}
