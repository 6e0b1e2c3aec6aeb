package review_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
)

// A claim is a facility's by who made it, or where, also as a part of it; and a
// reviewer works there by each role in use, by no other.
func TestWhoseClaimsAreHidden(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		w.Put(
			resource("Organization", "ward", `"active":true,"name":"Ward","partOf":{"reference":"Organization/h"}`),
			resource("Organization", "other", `"active":true,"name":"Clinic"`),
			resource("Organization", "above", `"active":true,"name":"Chain"`),
			resource("PractitionerRole", "doctor", `"active":true,"practitioner":{"reference":"Practitioner/bakari"},"organization":{"reference":"Organization/ward"}`),
			resource("PractitionerRole", "was", `"active":true,"practitioner":{"reference":"Practitioner/ester"},"organization":{"reference":"Organization/h"},"period":{"end":"2020-01-01"}`),
			resource("PractitionerRole", "left", `"active":false,"practitioner":{"reference":"Practitioner/ester"},"organization":{"reference":"Organization/h"}`),
		)
		const at = `"facility":{"reference":"Location/site"},`
		put := func(id, provider, more string) {
			t.Helper()
			w.Put(strings.Replace(w.body(id, more, item(1, "S", 1, 100)), "Organization/h", provider, 1))
		}
		put("of-h", "Organization/h", "")
		put("of-ward", "Organization/ward", "")
		put("of-doctor", "PractitionerRole/doctor", "")
		put("at-site", "Practitioner/bakari", at)
		put("of-other", "Organization/other", "")
		put("moved", "Organization/h", "")
		put("moved", "Organization/other", "")
		put("came", "Organization/other", "")
		put("came", "Organization/h", "")
		all := []string{"at-site", "came", "moved", "of-doctor", "of-h", "of-other", "of-ward"}
		free := []string{"moved", "of-other"}
		for _, c := range []struct {
			who  context.Context
			what string
			sees []string
		}{
			{as("chiku", "Practitioner/chiku", fhir.RoleReviewer), "who works there", free},
			{as("chiku", "PractitionerRole/inside", fhir.RoleReviewer), "by his other role", free},
			{as("chiku", "PractitionerRole/clerk", fhir.RoleReviewer, fhir.RoleFacility), "with another job, too", free},
			{as("house", "Organization/h", fhir.RoleReviewer), "the facility itself", free},
			{as("chiku", "Practitioner/chiku", fhir.RoleReviewer, fhir.RoleAdministrator), "an administrator", all},
			{as("chiku", "Practitioner/chiku", fhir.RoleFacility), "as its clerk", all},
			{as("chiku", "Practitioner/chiku", fhir.RoleAuditor), "an auditor", all},
			{as("ester", "Practitioner/ester", fhir.RoleReviewer), "whose role there is over", all},
			{as("amina", "Practitioner/amina", fhir.RoleReviewer), "who works nowhere", all},
			{as("nobody", "Practitioner/nobody", fhir.RoleReviewer), "of whom nothing is known", all},
			{as("bakari", "Practitioner/bakari", fhir.RoleReviewer), "in the ward", []string{"at-site", "came", "moved", "of-h", "of-other"}},
		} {
			body, err := w.Engine.Search(c.who, "Claim", "_total=accurate&_count=50", interaction.SearchOptions{})
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
				continue
			}
			doc, err := fhir.Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for entry := range doc.Root().Get("entry").Each() {
				found = append(found, entry.At("resource", "id").Text())
			}
			if slices.Sort(found); !slices.Equal(found, c.sees) || doc.Root().Get("total").Text() != fmt.Sprint(len(c.sees)) {
				t.Errorf("%s sees %v of %s, want %v", c.what, found, doc.Root().Get("total").Text(), c.sees)
			}
			for _, id := range all {
				_, err := w.Engine.Read(c.who, fhir.Key{Type: "Claim", ID: id})
				if reads := err == nil; reads != slices.Contains(c.sees, id) {
					t.Errorf("%s reads %s: %v", c.what, id, err)
				}
			}
		}
		chiku := as("chiku", "Practitioner/chiku", fhir.RoleReviewer)
		versions := map[string]bool{"moved/1": false, "moved/2": true, "came/1": false, "came/2": false, "of-other/1": true}
		for name, seen := range versions {
			id, version, _ := strings.Cut(name, "/")
			if _, err := w.Engine.ReadVersion(chiku, fhir.Key{Type: "Claim", ID: id}, version); (err == nil) != seen {
				t.Errorf("version %s: %v", name, err)
			}
		}
		body, err := w.Engine.History(chiku, fhir.Key{Type: "Claim"}, "_total=accurate&_count=1")
		if err != nil || !strings.Contains(string(body), `"total":2`) {
			t.Errorf("%v %s", err, body)
		}
	})
}

// The table of what leads to claims names each type of R4 that may refer to one by a
// search parameter, but those that define things for all.
func TestAllThatLeadsToClaimsIsHidden(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		hidden, err := hiddenFrom(w)
		if err != nil {
			t.Fatal(err)
		}
		defines := []string{"composed-of", "depends-on", "derived-from", "predecessor", "successor"}
		others := []string{"Contract", "ImmunizationRecommendation", "ImplementationGuide"}
		for _, p := range r4.SearchParams() {
			if slices.Contains(defines, p.Code) || slices.Contains(others, p.Base) {
				continue
			}
			if p.Kind == "reference" && slices.Contains(p.Targets, "Claim") && p.Base != "Claim" && hidden[p.Base] == nil {
				t.Errorf("%s by %s", p.Base, p.Code)
			}
		}
	})
}

// hiddenFrom gives what is hidden from who works for a facility.
func hiddenFrom(w *world) (hidden fhir.Hidden, err error) {
	caller, _ := fhir.CallerOf(as("chiku", "Practitioner/chiku", fhir.RoleReviewer))
	err = w.Engine.View(w.Context(), func(r fhir.Reader) error {
		hidden, err = w.module.Veils[0].Hides(r, caller)
		return err
	})
	return hidden, err
}

// Who does not review, or works nowhere, is asked about at no cost.
func TestTheVeilCostsOthersNothing(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		veil := w.module.Veils[0]
		for _, c := range []fhir.Caller{fhir.Developer(), fhir.System(), {Roles: []fhir.Role{fhir.RoleFacility}, Entity: fhir.Key{Type: "Organization", ID: "h"}}, {Roles: []fhir.Role{fhir.RoleReviewer}}} {
			if made := testing.AllocsPerRun(100, func() {
				if veil.Over(c) {
					t.Errorf("a veil is over %v", c)
				}
			}); made != 0 {
				t.Errorf("%v allocations for %v", made, c)
			}
		}
		amina, _ := fhir.CallerOf(as("amina", "Practitioner/amina", fhir.RoleReviewer))
		err := w.Engine.View(w.Context(), func(r fhir.Reader) error {
			hidden, err := veil.Hides(r, amina)
			if len(hidden) != 0 {
				t.Errorf("%d types are hidden from who works nowhere", len(hidden))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
