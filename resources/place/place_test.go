package place_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/place"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

const (
	bima     = "https://bima.example/fhir"
	openimis = "https://openimis.github.io/openimis_fhir_r4_ig"
)

// area gives a place of the tree; partOf may be "".
func area(id, level, partOf string) string {
	if partOf != "" {
		partOf = `,"partOf":{"reference":"Location/` + partOf + `"}`
	}
	return fmt.Sprintf(`{"resourceType":"Location","id":%[1]q,"identifier":[{"system":"%[2]s/id/location","value":%[1]q}],"status":"active","name":%[1]q,
		"type":[{"coding":[{"system":"%[3]s/CodeSystem/location-type","code":%[4]q}]}]%[5]s}`, id, bima, openimis, level, partOf)
}

func tree() []string {
	return []string{area("r", "R", ""), area("d", "D", "r"), area("w", "W", "d"), area("v", "V", "w"), area("v2", "V", "w")}
}

// facility is on a list, under contract, and serves a village.
var facility = strings.NewReplacer("{bima}", bima, "{openimis}", openimis).Replace(`{"resourceType":"Organization","id":"f","extension":[
 {"url":"{openimis}/StructureDefinition/organization-hf-level","valueCodeableConcept":{"coding":[{"system":"{openimis}/CodeSystem/organization-hf-level","code":"H"}]}},
 {"url":"{openimis}/StructureDefinition/organization-hf-care-type","valueCodeableConcept":{"coding":[{"system":"{openimis}/CodeSystem/organization-hf-care-type","code":"B"}]}},
 {"url":"{bima}/StructureDefinition/facility-contract","extension":[{"url":"period","valuePeriod":{"start":"2026-01-01","end":"2026-12-31"}},
  {"url":"suspension","valuePeriod":{"start":"2026-05-01","end":"2026-05-31"}}]},
 {"url":"{bima}/StructureDefinition/price-list","valueCoding":{"extension":[{"url":"{bima}/StructureDefinition/price-period","valuePeriod":{"start":"2026-01-01","end":"2026-06-30"}}],"system":"urn:l","code":"A"}},
 {"url":"{bima}/StructureDefinition/price-list","valueCoding":{"extension":[{"url":"{bima}/StructureDefinition/price-period","valuePeriod":{"start":"2026-07-01"}}],"system":"urn:l","code":"A"}},
 {"url":"{bima}/StructureDefinition/catchment","extension":[{"url":"place","valueReference":{"reference":"Location/v"}},{"url":"percentage","valueDecimal":60}]}],
 "identifier":[{"system":"{bima}/id/facility","value":"H-1"}],"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}],"name":"Hospital"}`)

const site = `{"resourceType":"Location","id":"s","identifier":[{"system":"` + bima + `/id/facility","value":"H-1"}],"name":"Hospital","managingOrganization":{"reference":"Organization/f"},"partOf":{"reference":"Location/v"}}`

func databases(t *testing.T, test func(t *testing.T, w *resourcestest.World)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			var clock resourcestest.Clock
			clock.Set(t, "2026-03-10")
			test(t, resourcestest.Timed(t, dsn(t), &clock, place.Module()))
		})
	}
}

func TestTheTreeOfPlaces(t *testing.T) {
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(tree()...)
		w.Put(facility, site)
		cases := []struct{ name, body, want string }{
			{"a region within another", area("r2", "R", "r"), "Location.partOf"},
			{"a district of nothing", area("d2", "D", ""), "Location.partOf"},
			{"a village of a district", area("v3", "V", "d"), "Location.partOf"},
			{"a ward of a village", area("w2", "W", "v"), "Location.partOf"},
			{"a village of itself", area("v3", "V", "v3"), "Location.partOf"},
			{"a village of what is not there", area("v3", "V", "gone"), "Location.partOf"},
			{"a village in a hospital", area("v3", "V", "s"), "Location.partOf"},
			{"a level nobody knows", area("x", "X", "r"), "Location.type"},
			{"a ward that was a village but has none in it", area("v2", "W", "d"), ""},
			{"a district that has wards and turns into a ward", area("w", "D", "r"), "Location.type"},
			{"a place with the code of another", strings.Replace(area("v4", "V", "w"), `"value":"v4"`, `"value":"v"`, 1), "Bundle.entry[0]"},
			{"a place without a code", strings.Replace(area("v4", "V", "w"), "id/location", "id/other", 1), "Location.identifier"},
			{"a site of another's number", strings.Replace(site, "H-1", "H-2", 1), "Location.managingOrganization"},
			{"a site that is nowhere", strings.Replace(site, `"Location/v"`, `"Location/gone"`, 1), "Location.partOf"},
			{"a place of others", `{"resourceType":"Location","id":"o","name":"Elsewhere","partOf":{"reference":"Location/o"}}`, ""},
		}
		for _, c := range cases {
			if c.want == "" {
				w.Put(c.body)
				continue
			}
			if got := w.Refused(c.body); got != c.want {
				t.Errorf("%s: refused at %q, want %q", c.name, got, c.want)
			}
		}
		err := w.Bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Location/w"}}]}`))
		if !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("a ward with villages in it is removed: %v", err)
		}
		if err := w.Bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Location/v2"}}]}`)); err != nil {
			t.Error(err)
		}
	})
}

func TestLevelsAreTheSchemes(t *testing.T) {
	w := resourcestest.New(t, place.Module(place.Settings{Levels: []place.Level{{Code: "R", Name: "Province"}, {Code: "V", Name: "Municipality"}}}))
	w.Put(area("r", "R", ""), area("v", "V", "r"))
	err := w.Try(area("w", "W", "r"))
	if err == nil || !strings.Contains(err.Error(), "Province (R), Municipality (V)") {
		t.Errorf("got %v", err)
	}
}

func TestFacilities(t *testing.T) {
	const contract, list, catchment = "facility-contract", "price-list", "catchment"
	cases := []struct{ name, old, new, at string }{
		{"no provider", `"code":"prov"`, `"code":"bus"`, "Organization.type"},
		{"no name", `,"name":"Hospital"`, ``, "Organization.name"},
		{"a level nobody knows", `"code":"H"`, `"code":"X"`, "organization-hf-level"},
		{"a care type nobody knows", `"code":"B"`, `"code":"X"`, "organization-hf-care-type"},
		{"a contract without a first day", `{"start":"2026-01-01","end":"2026-12-31"}`, `{"end":"2026-12-31"}`, contract},
		{"a suspension after the contract", `"end":"2026-05-31"`, `"end":"2027-01-01"`, contract},
		{"two suspensions on a day", `{"url":"suspension",`, `{"url":"suspension","valuePeriod":{"start":"2026-05-31","end":"2026-06-02"}},{"url":"suspension",`, contract},
		{"a price list twice on a day", `{"start":"2026-07-01"}`, `{"start":"2026-06-30"}`, list},
		{"a catchment of 160 %", `"valueDecimal":60`, `"valueDecimal":160`, catchment},
		{"a catchment that is not there", `"Location/v"`, `"Location/gone"`, catchment},
	}
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(tree()...)
		w.Put(facility)
		for _, c := range cases {
			body := strings.Replace(facility, c.old, c.new, 1)
			if body == facility {
				t.Fatalf("the facility has no %s", c.old)
			}
			if got := w.Refused(body); !strings.Contains(got, c.at) {
				t.Errorf("%s: refused at %q, want %q", c.name, got, c.at)
			}
		}
		w.Put(`{"resourceType":"Organization","id":"other","name":"Nobody's hospital"}`)
		for query, want := range map[string]int{
			"level=H": 1, "level=D": 0, "care-type=B": 1, "care-type=I": 0, "price-list=urn:l|A": 1, "price-list=urn:l|B": 0,
			"catchment=Location/v": 1, "catchment=Location/w": 0, "contract=2026": 1, "contract=le2025-12-31": 0,
		} {
			if got := len(w.Search("Organization", query)); got != want {
				t.Errorf("%s finds %d, want %d", query, got, want)
			}
		}
	})
}
