package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTheBundlesAreWhatTheProgramWrites(t *testing.T) {
	written, err := filepath.Glob("../*.json")
	if err != nil {
		t.Fatal(err)
	}
	all := files()
	if len(written) != len(all) {
		t.Errorf("there are %d Bundles, and the program writes %d: run go generate", len(written), len(all))
	}
	for _, f := range all {
		got, err := os.ReadFile(filepath.Join("..", f.name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, bundle(f.resources)) {
			t.Errorf("%s.json is not what the program writes: run go generate", f.name)
		}
		if len(f.resources) > entriesMax {
			t.Errorf("%s.json has %d entries; at most %d", f.name, len(f.resources), entriesMax)
		}
	}
}

func TestCheckDigitsMakeNumbersPassLuhn(t *testing.T) {
	// Source: ISO/IEC 7812-1 annex B; 79927398713 is its textbook example.
	if got := checkDigit("7992739871"); got != "3" {
		t.Errorf("got %s, want 3", got)
	}
}

func TestContributionsCountAdultsBeforeChildren(t *testing.T) {
	grown, small := person{born: "1990-01-01"}, person{born: "2015-01-01"}
	cases := []struct {
		name    string
		persons []person
		want    amount
	}{
		{"two persons pay the lump sum", []person{grown, small}, shillings(60000)},
		{"four persons pay the lump sum", []person{grown, grown, small, small}, shillings(60000)},
		{"two children beyond four pay 7,500 each", []person{grown, grown, small, small, small, small}, shillings(75000)},
		{"a fifth adult pays 15,000, and a child then 7,500", []person{grown, grown, grown, grown, grown, small}, shillings(82500)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := (family{persons: c.persons}).contribution(); got != c.want {
				t.Errorf("got %d, want %d hundredths", got, c.want)
			}
		})
	}
}
