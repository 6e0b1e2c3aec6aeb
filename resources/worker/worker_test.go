package worker_test

import (
	"strings"
	"testing"

	"bima/resources/resourcestest"
	"bima/resources/worker"
)

const (
	bima     = "https://bima.example/fhir"
	openimis = "https://openimis.github.io/openimis_fhir_r4_ig"
)

var fill = strings.NewReplacer("{bima}", bima, "{openimis}", openimis)

// world has a person, a person who has left, a ward and a facility.
func world(t *testing.T) *resourcestest.World {
	w := resourcestest.New(t, worker.Module())
	w.Put(
		fill.Replace(`{"resourceType":"Practitioner","id":"p","identifier":[{"system":"{bima}/id/practitioner","value":"EO-1"}]}`),
		`{"resourceType":"Practitioner","id":"gone","active":false}`,
		fill.Replace(`{"resourceType":"Location","id":"w","name":"Ward","type":[{"coding":[{"system":"{openimis}/CodeSystem/location-type","code":"W"}]}]}`),
		`{"resourceType":"Location","id":"room","name":"Room 2"}`,
		fill.Replace(`{"resourceType":"Organization","id":"f","identifier":[{"system":"{bima}/id/facility","value":"H-1"}],"name":"Hospital"}`),
		`{"resourceType":"Organization","id":"shop","name":"Shop"}`,
	)
	return w
}

func role(system, code, more string) string {
	return fill.Replace(`{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/p"},"code":[{"coding":[{"system":"` + system + `","code":"` + code + `"}]}]` + more + `}`)
}

const (
	qualification = "{openimis}/CodeSystem/practitioner-qualification-type"
	schemeRole    = "{bima}/CodeSystem/scheme-role"
	inWard        = `,"location":[{"reference":"Location/w"}]`
	atFacility    = `,"organization":{"reference":"Organization/f"}`
)

func TestRoles(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"an officer in a ward", role(qualification, "EO", inWard), ""},
		{"an officer nowhere", role(qualification, "EO", ""), "PractitionerRole.location"},
		{"an officer in a room", role(qualification, "EO", `,"location":[{"reference":"Location/w"},{"reference":"Location/room"}]`), "PractitionerRole.location[1]"},
		{"an officer twice in a ward", role(qualification, "EO", `,"location":[{"reference":"Location/w"},{"reference":"Location/w"}]`), "PractitionerRole.location[1]"},
		{"a claim administrator at a facility", role(qualification, "CA", atFacility), ""},
		{"a claim administrator at none", role(qualification, "CA", ""), "PractitionerRole.organization"},
		{"a claim administrator in a shop", role(qualification, "CA", `,"organization":{"reference":"Organization/shop"}`), "PractitionerRole.organization"},
		{"a reviewer", role(schemeRole, "medical-reviewer", ""), ""},
		{"a community health worker of a ward", role(schemeRole, "community-health-worker", inWard), ""},
		{"a community health worker of nowhere", role(schemeRole, "community-health-worker", ""), "PractitionerRole.location"},
		{"a role the scheme has not", role(schemeRole, "king", ""), "PractitionerRole.code"},
		{"a role of one day", role(schemeRole, "accountant", `,"period":{"start":"2026-02-01","end":"2026-02-01"}`), ""},
		{"a role of who has left", strings.Replace(role(schemeRole, "accountant", ""), "Practitioner/p", "Practitioner/gone", 1), "PractitionerRole.practitioner"},
		{"a role of nobody", strings.Replace(role(schemeRole, "accountant", ""), "Practitioner/p", "Practitioner/nobody", 1), "PractitionerRole.practitioner"},
		{"a role of others", `{"resourceType":"PractitionerRole","id":"r","code":[{"text":"nurse"}]}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := world(t)
			if c.want == "" {
				w.Put(c.body)
				return
			}
			if got := w.Refused(c.body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

func TestOfficersAreFoundByTheirArea(t *testing.T) {
	w := world(t)
	w.Put(role(qualification, "EO", inWard))
	for query, want := range map[string]int{"location=Location/w": 1, "location=Location/room": 0, "role=EO&location=Location/w": 1, "role=CA": 0} {
		if got := len(w.Search("PractitionerRole", query)); got != want {
			t.Errorf("%s finds %d, want %d", query, got, want)
		}
	}
}
