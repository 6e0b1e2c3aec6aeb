package measure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/measure"
)

// Who sees the reports of which facilities; those of places everybody does.
func TestReportsOfFacilitiesAreForThemselves(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.daily()
		w.Put(`{"resourceType":"Organization","id":"above","active":true,"name":"Above"}`)
		w.change("Organization/facility-3", `"active":`, `"partOf":{"reference":"Organization/above"},"active":`)
		w.Put(`{"resourceType":"Practitioner","id":"nurse","active":true}`)
		for _, one := range []string{
			`"here","active":true,"period":{"start":"2026-04-10","end":"2026-04-10"}`, `"left","active":false`,
			`"ended","period":{"end":"2026-04-08"}`, `"coming","period":{"start":"2026-04-11"}`,
		} {
			id := strings.Trim(strings.Split(one, ",")[0], `"`)
			facility := "facility-1"
			if id == "here" {
				facility = "facility-2"
			}
			w.Put(fmt.Sprintf(`{"resourceType":"PractitionerRole","id":%s,"practitioner":{"reference":"Practitioner/nurse"},"organization":{"reference":"Organization/%s"}}`, one, facility))
		}
		w.Put(`{"resourceType":"Device","id":"till","owner":{"reference":"Organization/facility-1"}}`)
		var every []string
		for i := range 3 {
			every = append(every, fmt.Sprint("Organization/facility-", i+1))
		}
		key := func(name string) fhir.Key {
			typ, id, _ := strings.Cut(name, "/")
			return fhir.Key{Type: typ, ID: id}
		}
		for _, c := range []struct {
			role   fhir.Role
			entity string
			sees   []string
		}{
			{fhir.RoleFacility, "Organization/facility-1", every[:1]},
			{fhir.RoleFacility, "Organization/above", every[2:]},
			{fhir.RoleFacility, "PractitionerRole/here", every[1:2]},
			{fhir.RoleFacility, "PractitionerRole/left", nil},
			{fhir.RoleFacility, "PractitionerRole/ended", nil},
			{fhir.RoleFacility, "PractitionerRole/coming", nil},
			{fhir.RoleFacility, "Practitioner/nurse", every[1:2]},
			{fhir.RoleFacility, "Device/till", every[:1]},
			{fhir.RoleFacility, "", nil},
			{fhir.RoleEnrolmentOfficer, "Practitioner/nurse", every[1:2]},
			{fhir.RoleEnrolmentOfficer, "", nil},
			{fhir.RoleReviewer, "", every},
			{fhir.RoleAccountant, "", every},
			{fhir.RoleAuditor, "", every},
			{fhir.RoleIntegration, "Organization/facility-1", every},
			{fhir.RoleAdministrator, "", every},
		} {
			who := fhir.Caller{Name: "somebody", Roles: []fhir.Role{c.role}, Entity: key(c.entity)}
			facilities, places := w.seen(t, who)
			if diff := cmp.Diff(c.sees, facilities); diff != "" || places == 0 {
				t.Errorf("%s %s sees %d reports of places and those of (-want +got)\n%s", c.role, c.entity, places, diff)
			}
			for _, facility := range every {
				body := `{"resourceType":"Parameters","parameter":[{"name":"periodStart","valueDate":"2026-03-01"},{"name":"periodEnd","valueDate":"2026-03-31"},` +
					`{"name":"subject","valueString":"` + facility + `"}]}`
				_, err := w.Engine.Call(fhir.WithCaller(w.Context(), who), "evaluate-measure", fhir.Key{Type: "Measure", ID: "hf-claim"}, "", []byte(body), false)
				if may := slices.Contains(c.sees, facility); may != (err == nil) || !may && !fhir.HasIssue(err, fhir.IssueForbidden) {
					t.Errorf("%s %s asks for %s: %v", c.role, c.entity, facility, err)
				}
			}
		}
	})
}

// seen gives the facilities of whose claims somebody sees reports, and how many
// reports of places he sees. What he finds he can read, and nothing else.
func (w *world) seen(t *testing.T, who fhir.Caller) (facilities []string, places int) {
	t.Helper()
	found := map[string]bool{}
	all := w.reports()
	err := w.Engine.View(fhir.WithCaller(w.Context(), who), func(r fhir.Reader) error {
		page, err := r.Search(&fhir.Query{Types: []string{"MeasureReport"}, Limit: 10_000})
		if err != nil {
			return err
		}
		for _, one := range page.Resources {
			found[one.ID] = true
			reporter := w.parse(one.Body).At("reporter", "reference").Text()
			switch {
			case !strings.HasPrefix(one.ID, "hf-claim-"):
				places++
			case !slices.Contains(facilities, reporter):
				facilities = append(facilities, strings.Clone(reporter))
			}
		}
		for id := range all {
			if _, err := r.Read(fhir.Key{Type: "MeasureReport", ID: id}); found[id] != (err == nil) {
				t.Errorf("%s %s: %s is found: %v, read: %v", who.Roles, who.Entity, id, found[id], err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(facilities)
	return facilities, places
}
