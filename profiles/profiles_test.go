package profiles_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/fhir/validate"
	"bima/profiles"
)

// A definition is what the tests read of a conformance resource.
type definition struct {
	ResourceType, ID, URL, Content, Supplements string
	Concept                                     []struct {
		Code, Display string
		Property      []struct{ Code, ValueCode string }
	}
}

func read(t *testing.T, d profiles.Definition) definition {
	t.Helper()
	var read definition
	if err := json.Unmarshal(d.Body, &read); err != nil {
		t.Fatalf("%s-%s.json: %v", d.Type, d.ID, err)
	}
	return read
}

// system finds a code system by its URL and gives its codes.
func system(t *testing.T, url string) map[string]bool {
	t.Helper()
	codes := map[string]bool{}
	for _, d := range profiles.Definitions() {
		if r := read(t, d); r.ResourceType == "CodeSystem" && r.URL == url {
			for _, c := range r.Concept {
				codes[c.Code] = true
			}
		}
	}
	if len(codes) == 0 {
		t.Errorf("there is no code system %s", url)
	}
	return codes
}

func TestDefinitionsAreKnownByTheirNames(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range profiles.Definitions() {
		r := read(t, d)
		if r.ResourceType != d.Type || r.ID != d.ID {
			t.Errorf("%s-%s.json holds %s/%s", d.Type, d.ID, r.ResourceType, r.ID)
		}
		// HL7 has a code system of the id that this one's URL ends in.
		ours := r.URL == profiles.Canonical+"/"+d.Type+"/"+d.ID || r.URL == profiles.SystemAdjudication && d.ID == "adjudication-step"
		// An id can't hold the underscore that one of openIMIS's URLs has.
		theirs := strings.HasPrefix(d.ID, "openimis-") && strings.ReplaceAll(r.URL, "_cycle", "-cycle") == profiles.OpenIMIS+"/"+d.Type+"/"+strings.TrimPrefix(d.ID, "openimis-")
		fromR5 := r.URL == "http://hl7.org/fhir/5.0/StructureDefinition/"+d.ID
		if !ours && !theirs && !fromR5 {
			t.Errorf("%s/%s has the URL %s", d.Type, d.ID, r.URL)
		}
		if seen[r.URL] {
			t.Errorf("%s is defined twice", r.URL)
		}
		seen[r.URL] = true
		if !fhir.ValidID(d.ID) {
			t.Errorf("%s is no logical id", d.ID)
		}
	}
}

func TestNoDefinitionTakesAnIDOfHL7s(t *testing.T) {
	theirs := map[string]bool{}
	for _, d := range r4.Definitions() {
		theirs[d.Type+"/"+d.ID] = true
	}
	for _, p := range r4.SearchParams() {
		theirs["SearchParameter/"+path.Base(p.URL)] = true
	}
	for _, name := range r4.Resources() {
		theirs["StructureDefinition/"+name] = true
	}
	if !theirs["CodeSystem/adjudication"] || !theirs["SearchParameter/clinical-code"] || !theirs["StructureDefinition/Patient"] {
		t.Fatal("the ids of HL7's definitions are not known")
	}
	for _, d := range profiles.Definitions() {
		if theirs[d.Type+"/"+d.ID] {
			t.Errorf("%s/%s: HL7's own definition of that id could not be stored", d.Type, d.ID)
		}
	}
}

func TestEveryReasonOfTheDecisionIsDefined(t *testing.T) {
	codes := system(t, profiles.SystemAdjustmentReason)
	rejections := system(t, profiles.SystemOpenIMISRejection)
	for _, reason := range adjudication.Reasons() {
		if !codes[string(reason)] {
			t.Errorf("the reason %s is in no code system", reason)
		}
		if number, ok := reason.Number(); ok && !rejections[strconv.Itoa(number)] {
			t.Errorf("openIMIS has no reason %d", number)
		}
	}
}

// detailMade finds where Go code names a Detail.
var detailMade = regexp.MustCompile(`[Dd]etail\w* +(?:fhir\.)?Detail += "([a-z-]+)"`)

func TestEveryDetailOfAnIssueIsDefined(t *testing.T) {
	codes := system(t, profiles.SystemIssueDetail)
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range detailMade.FindAllSubmatch(source, -1) {
			found++
			if !codes[string(match[1])] {
				t.Errorf("the detail %s of %s is in no code system", match[1], path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 10 {
		t.Errorf("only %d details were found in the sources: has their form changed?", found)
	}
}

func TestEveryDefinitionIsValid(t *testing.T) {
	for _, d := range profiles.Definitions() {
		_, issues := validate.Resource(d.Body, validate.Options{Type: d.Type})
		for _, issue := range issues {
			t.Errorf("%s/%s: %s %s", d.Type, d.ID, issue.Severity, issue)
		}
	}
}

func TestSearchParametersCanBeSearchedBy(t *testing.T) {
	registry, err := search.New("https://example.org/fhir", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var params []*r4.SearchParam
	for _, d := range profiles.Definitions() {
		if d.Type != "SearchParameter" {
			continue
		}
		doc, err := fhir.Parse(d.Body)
		if err != nil {
			t.Fatal(err)
		}
		defined, err := search.Define(doc.Root())
		if err != nil {
			t.Fatal(err)
		}
		params = append(params, defined...)
	}
	extended, err := registry.With(params...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range params {
		if extended.Param(p.Base, p.Code) == nil {
			t.Errorf("%s can't be searched by %s", p.Base, p.Code)
		}
	}
}

func TestEachStepOfAnAdjudicationSaysWhatItDoes(t *testing.T) {
	for _, d := range profiles.Definitions() {
		if r := read(t, d); strings.HasPrefix(r.ID, "adjudication") {
			for _, c := range r.Concept {
				if len(c.Property) == 0 || c.Property[0].Code != "effect" {
					t.Errorf("%s#%s does not say its effect", r.ID, c.Code)
				} else if subtracts := c.Property[0].ValueCode == "subtractive"; subtracts != (len(c.Property) == 2) {
					t.Errorf("%s#%s: exactly the subtractive ones say who bears them", r.ID, c.Code)
				}
			}
		}
	}
}
