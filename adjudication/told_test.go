package adjudication_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"bima/adjudication"
	answers "bima/adjudication/answer"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// TestWhatIsToldAddsUp answers the corpus: of each line and of the totals, what was
// submitted less all that subtracts is the benefit, and what the member bears is the
// sum of what the CodeSystems say is his.
func TestWhatIsToldAddsUp(t *testing.T) {
	bearers := readBearers(t)
	claim, err := fhir.Parse([]byte(`{"resourceType":"Claim"}`))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := parseCase(t, string(archive.Files[0].Data))
		d := adjudication.Adjudicate(c)
		members := make([]facts.Membership, len(c.Policies))
		for i, p := range c.Policies {
			members[i].Key = fhir.Key{Type: "Coverage", ID: p.Name}
		}
		response, err := fhir.Parse(answers.ClaimResponse(answers.Claim{Node: claim.Root(), Facts: &facts.Claim{Case: c, Members: members}, Decision: d}))
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for item := range response.Root().Get("item").Each() {
			if !d.Lines[i].Relative {
				bearers.check(t, file, item.Get("adjudication"))
			}
			i++
		}
		if total := response.Root().Get("total"); total.Exists() && d.Totals().Relative == 0 {
			bearers.check(t, file, total)
		}
	}
}

// bearersOf says who bears what is told under a code of a system; "" is of what subtracts nothing.
type bearersOf map[string]map[string]string

func readBearers(t *testing.T) bearersOf {
	t.Helper()
	of := bearersOf{}
	for _, definition := range profiles.Definitions() {
		if definition.Type != "CodeSystem" || !strings.HasPrefix(definition.ID, "adjudication-") {
			continue
		}
		doc, err := fhir.Parse(definition.Body)
		if err != nil {
			t.Fatal(err)
		}
		url := doc.Root().Get("url").Text()
		if base := doc.Root().Get("supplements").Text(); base != "" {
			url = base
		}
		of[url] = map[string]string{}
		for concept := range doc.Root().Get("concept").Each() {
			for p := range concept.Get("property").Each() {
				if p.Get("code").Text() == "bearer" {
					of[url][concept.Get("code").Text()] = p.Get("valueCode").Text()
				}
			}
		}
	}
	if len(of) < 3 {
		t.Fatalf("%d CodeSystems say who bears what", len(of))
	}
	return of
}

// check adds up the adjudications of a line, or the totals.
func (of bearersOf) check(t *testing.T, file string, list fhir.Node) {
	t.Helper()
	told := map[string]fhir.Amount{}
	var cut, members fhir.Amount
	for one := range list.Each() {
		if !one.Get("amount").Exists() {
			continue
		}
		amount, err := fhir.ParseAmount(one.At("amount", "value").Text())
		if err != nil {
			t.Fatal(err)
		}
		var first fhir.Node
		for first = range one.At("category", "coding").Each() {
			break
		}
		code := first.Get("code").Text()
		switch bearer := of[first.Get("system").Text()][code]; bearer {
		case "":
			told[code] = amount
		case "member":
			members += amount
			cut += amount
		default:
			cut += amount
		}
	}
	if got := told["submitted"] - cut; got != told["benefit"] {
		t.Errorf("%s: submitted %s less %s is not the benefit %s: %s", file, told["submitted"], cut, told["benefit"], list.Raw())
	}
	if members != told["memberliability"] {
		t.Errorf("%s: the CodeSystems give the member %s, the answer %s: %s", file, members, told["memberliability"], list.Raw())
	}
}
