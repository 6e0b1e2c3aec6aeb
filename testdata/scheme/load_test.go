package scheme_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/validate"
	"bima/profiles"
	"bima/resources/resourcestest"
	"bima/testdata/scheme"
)

func TestEveryResourceIsValid(t *testing.T) {
	for _, r := range entries(t) {
		_, issues := validate.Resource(r.Raw(), validate.Options{})
		for _, issue := range issues {
			t.Errorf("%s/%s: %s %s", r.Get("resourceType").Text(), r.Get("id").Text(), issue.Severity, issue)
		}
	}
}

// world is a server with the modules of the scheme.
func world(t *testing.T) *resourcestest.World {
	return resourcestest.New(t, house.Modules(resourcestest.Base)...)
}

func load(t *testing.T, w *resourcestest.World) {
	t.Helper()
	for _, f := range scheme.Files() {
		if err := w.Bundle(f.Body); err != nil {
			t.Fatalf("%s: %v (%v)", f.Name, err, fhir.OutcomeOf(err).Unwrap())
		}
	}
}

func TestLoadingTwiceChangesNothing(t *testing.T) {
	w := world(t)
	load(t, w)
	load(t, w)
	for _, r := range entries(t) {
		name := r.Get("resourceType").Text() + "/" + r.Get("id").Text()
		if got := w.Get(name).At("meta", "versionId").Text(); got != "1" {
			t.Errorf("%s has version %s after loading twice, want 1", name, got)
		}
	}
	if got := len(w.Search("ClaimResponse", "_count=1000")); got != 200 {
		t.Errorf("%d claims are answered, want 200", got)
	}
}

func TestTheScenariosAreDecidedAsTheReadmeSays(t *testing.T) {
	w := world(t)
	load(t, w)
	cases := []struct {
		claim   int
		name    string
		benefit string   // the total; "" where the claim can't be decided
		reasons []string // of the lowerings, in order, each once
	}{
		{1, "the claim worked by hand", "70920", []string{"deductible-insuree", "list-price", "coinsurance", "fixed-limit"}},
		{2, "the deductible comes before the share", "1890", []string{"deductible-insuree", "coinsurance"}},
		{3, "the deductible is used up", "2880", []string{"coinsurance"}},
		{4, "spectacles are not in the plan", "2700", []string{"deductible-insuree", "coinsurance", "not-in-plan"}},
		{5, "a dispensary has no ultrasound", "0", []string{"deductible-insuree", "not-in-price-list"}},
		{6, "the policy ran out in 2025", "0", []string{"no-coverage"}},
		{7, "the contribution was never paid", "0", []string{"no-coverage"}},
		{8, "there never was a policy", "0", []string{"no-coverage"}},
		{9, "nobody knows the person", "", nil},
		{10, "a late joiner waits for his hernia repair", "49500", []string{"waiting-period", "deductible-insuree", "coinsurance"}},
		{11, "a renewed member has waited before", "274500", []string{"deductible-insuree", "coinsurance"}},
		{12, "a family uses 350,100 of its ceiling", "350100", []string{"deductible-insuree", "coinsurance"}},
		{13, "and 164,700", "164700", []string{"deductible-insuree", "coinsurance"}},
		{14, "so that 85,200 were left of 600,000", "85200", []string{"deductible-insuree", "coinsurance", "ceiling-policy"}},
		{15, "four of six sessions", "24300", []string{"deductible-insuree", "coinsurance"}},
		{16, "two more, and two cut", "21600", []string{"quantity-cut", "coinsurance"}},
		{17, "an eye examination within the deductible", "0", []string{"deductible-insuree"}},
		{18, "a second one too soon", "0", []string{"frequency"}},
		{19, "an antenatal visit of a man", "0", []string{"patient-category"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			answers := w.Search("ClaimResponse", fmt.Sprintf("request=Claim/claim-%03d", c.claim))
			if len(answers) != 1 {
				t.Fatalf("%d answers, want 1", len(answers))
			}
			if got := total(answers[0], "benefit"); got != c.benefit {
				t.Errorf("the benefit is %s, want %s", got, c.benefit)
			}
			if diff := cmp.Diff(c.reasons, reasons(answers[0])); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
		})
	}
}

// total gives a total of a ClaimResponse, "" where there is none.
func total(response fhir.Node, category string) string {
	for t := range response.Get("total").Each() {
		if t.At("category", "coding").First().Get("code").Text() == category {
			return t.At("amount", "value").Text()
		}
	}
	return ""
}

// reasons gives the reasons of a ClaimResponse in their order, each once.
func reasons(response fhir.Node) []string {
	var list []string
	for item := range response.Get("item").Each() {
		for a := range item.Get("adjudication").Each() {
			if code := a.Get("reason").Code(profiles.SystemAdjustmentReason); code != "" && !slices.Contains(list, code) {
				list = append(list, code)
			}
		}
	}
	return list
}

func TestOneFamilyNeverGetsMoreThanItsCeiling(t *testing.T) {
	w := world(t)
	load(t, w)
	paid := map[string]fhir.Amount{}
	for _, r := range w.Search("ClaimResponse", "_count=1000") {
		if benefit := total(r, "benefit"); benefit != "" {
			a, err := fhir.ParseAmount(benefit)
			if err != nil {
				t.Fatal(err)
			}
			family := r.At("patient", "reference").Text()[:len("Patient/patient-00")]
			paid[family] += a
		}
	}
	for family, sum := range paid {
		if sum > fhir.Units(600_000) {
			t.Errorf("%s got %s, more than 600,000", family, sum)
		}
	}
}
