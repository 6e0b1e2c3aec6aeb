package nation_test

import (
	"bytes"
	"errors"
	"hash/fnv"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
	"bima/profiles"
	"bima/resources/patient"
	"bima/testdata/nation"
)

func TestEveryResourceIsValidAndRefersToOneThatCameBefore(t *testing.T) {
	count, known := map[string]int{}, map[string]bool{}
	err := nation.Generate(nation.Options{Persons: 800, Seed: 7}, func(typ string, line []byte) error {
		count[typ]++
		doc, issues := validate.Resource(line, validate.Options{Type: typ})
		for _, issue := range issues {
			if issue.Severity != fhir.SeverityWarning && issue.Severity != fhir.SeverityInformation {
				t.Errorf("%s: %s %s\n%s", typ, issue.Expression, issue.Diagnostics, line)
			}
		}
		if bytes.ContainsRune(line, '\n') {
			t.Errorf("%s spans lines", typ)
		}
		root := doc.Root()
		key := typ + "/" + root.Get("id").Text()
		if known[key] {
			t.Errorf("%s was drawn twice", key)
		}
		known[key] = true
		for _, reference := range references(line) {
			if reference != "InsurancePlan/district-health-plan/_history/1" && !known[reference] {
				t.Errorf("%s refers to %s, which has not been drawn", key, reference)
			}
		}
		if typ == "Patient" {
			if number := between(line, profiles.IdentifierInsuranceNumber+`","value":"`); !patient.Valid(number) {
				t.Errorf("%s: the insurance number %s does not check", key, number)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count["Patient"] != 800 {
		t.Errorf("drew %d persons, want 800", count["Patient"])
	}
	for _, typ := range nation.Types() {
		if count[typ] == 0 {
			t.Errorf("drew no %s", typ)
		}
	}
	if perPerson := float64(count["Claim"]) / 800; perPerson < 0.7 || perPerson > 2 {
		t.Errorf("drew %.2f claims a person, want about one", perPerson)
	}
}

// references gives what stands in the members named reference.
func references(line []byte) (all []string) {
	for _, part := range strings.Split(string(line), `"reference":"`)[1:] {
		reference, _, _ := strings.Cut(part, `"`)
		all = append(all, reference)
	}
	return all
}

func TestTheSameSeedDrawsTheSameScheme(t *testing.T) {
	draw := func(seed uint64) uint64 {
		h := fnv.New64a()
		err := nation.Generate(nation.Options{Persons: 200, Seed: seed}, func(_ string, line []byte) error {
			_, err := h.Write(line)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return h.Sum64()
	}
	first := draw(1)
	if again := draw(1); again != first {
		t.Error("the same seed drew another scheme")
	}
	if draw(2) == first {
		t.Error("another seed drew the same scheme")
	}
}

func TestWhatIsDrawnIsSkewed(t *testing.T) {
	facilities, surnames := map[string]int{}, map[string]int{}
	claims, persons := 0, 0
	err := nation.Generate(nation.Options{Persons: 45_000, Seed: 3}, func(typ string, line []byte) error {
		switch typ {
		case "Claim":
			claims++
			facilities[between(line, `"provider":{"reference":"`)]++
		case "Patient":
			persons++
			surnames[between(line, `"family":"`)]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if most := largest(facilities); most*len(facilities) < 2*claims {
		t.Errorf("the busiest of %d facilities has %d of %d claims: that is no skew", len(facilities), most, claims)
	}
	if most := largest(surnames); most*len(surnames) < 4*persons {
		t.Errorf("the commonest of %d surnames has %d of %d persons: that is no skew", len(surnames), most, persons)
	}
}

func between(line []byte, after string) string {
	_, rest, _ := strings.Cut(string(line), after)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func largest(counts map[string]int) (most int) {
	for _, n := range counts {
		most = max(most, n)
	}
	return most
}

func TestOptionsOutOfBoundsAreRefused(t *testing.T) {
	for _, persons := range []int{-1, 0, 50_000_001} {
		if err := nation.Generate(nation.Options{Persons: persons}, nil); err == nil {
			t.Errorf("%d persons were drawn", persons)
		}
	}
}

func TestTheErrorOfTheWriterEndsTheDrawing(t *testing.T) {
	full, writes := errors.New("the disk is full"), 0
	err := nation.Generate(nation.Options{Persons: 1000}, func(string, []byte) error {
		writes++
		return full
	})
	if !errors.Is(err, full) || writes != 1 {
		t.Errorf("got %v after %d writes, want the writer's error after one", err, writes)
	}
}
