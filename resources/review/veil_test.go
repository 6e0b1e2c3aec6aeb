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
		w.Put(
			resource("Organization", "h", `"active":true,"name":"Hospital","identifier":[{"system":"urn:f","value":"H1"}]`),
			resource("Location", "site", `"name":"Hospital","identifier":[{"system":"urn:l","value":"L1"}],"partOf":{"reference":"Location/ward"},"managingOrganization":{"reference":"Organization/h"}`),
		)
		by := func(id, provider, more string) {
			t.Helper()
			w.Put(strings.Replace(w.body(id, more, item(1, "S", 1, 100)), `"provider":{"reference":"Organization/h"}`, `"provider":`+provider, 1))
		}
		by("by-held", `{"reference":"#o"}`, `"contained":[{"resourceType":"Organization","id":"o","identifier":[{"system":"urn:f","value":"H1"}]}],`)
		by("by-number", `{"identifier":{"system":"urn:f","value":"H1"}}`, "")
		by("by-place", `{"reference":"Organization/other"}`, `"facility":{"identifier":{"system":"urn:l","value":"L1"}},`)
		by("by-word", `{"identifier":{"value":"H1"}}`, "")
		all := []string{"at-site", "by-held", "by-number", "by-place", "by-word", "came", "moved", "of-doctor", "of-h", "of-other", "of-ward"}
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
			{as("bakari", "Practitioner/bakari", fhir.RoleReviewer), "in the ward, where he claimed himself", []string{"by-held", "by-number", "by-place", "by-word", "came", "moved", "of-h", "of-other"}},
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

// Who reviews makes himself nothing that he is not, and lifts no veil: his roles, and
// what is of a facility he works for, are changed by others.
func TestAReviewerStaysWhatHeIs(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		const supervises = `"code":[{"coding":[{"system":"https://bima.example/fhir/CodeSystem/scheme-role","code":"review-supervisor"}]}]`
		role := func(id, person, at, more string) string {
			return resource("PractitionerRole", id, `"active":true,"practitioner":{"reference":"Practitioner/`+person+`"},"organization":{"reference":"Organization/`+at+`"}`+more)
		}
		w.Put(
			resource("Organization", "ward", `"active":true,"name":"Ward","partOf":{"reference":"Organization/h"}`),
			resource("Organization", "other", `"active":true,"name":"Clinic"`),
			role("doctor", "bakari", "ward", ""), role("nurse", "bakari", "other", ""),
		)
		chiku, amina := as("chiku", "Practitioner/chiku", fhir.RoleReviewer, fhir.RoleIntegration), as("amina", "Practitioner/amina", fhir.RoleReviewer, fhir.RoleIntegration)
		house, inside := as("house", "Organization/h", fhir.RoleReviewer), as("chiku", "PractitionerRole/inside", fhir.RoleReviewer)
		root := as("chiku", "Practitioner/chiku", fhir.RoleReviewer, fhir.RoleAdministrator)
		ended := strings.Replace(role("clerk", "chiku", "h", ""), `"active":true`, `"active":false`, 1)
		apart, elsewhere := resource("Organization", "ward", `"active":true,"name":"Ward"`), resource("Location", "site", `"name":"Hospital","partOf":{"reference":"Location/ward"}`)
		for _, c := range []struct {
			what string
			who  context.Context
			body string
			may  bool
		}{
			{"ends his role", chiku, ended, false},
			{"ends his role, by another of his", inside, ended, false},
			{"has it somewhere else", chiku, role("clerk", "chiku", "other", ""), false},
			{"gives it to somebody else", chiku, role("clerk", "amina", "h", ""), false},
			{"makes himself a supervisor", chiku, role("more", "chiku", "other", ","+supervises), false},
			{"makes himself a supervisor, though he works nowhere", amina, resource("PractitionerRole", "one", `"active":true,"practitioner":{"reference":"Practitioner/amina"},`+supervises), false},
			{"takes another's role", amina, role("nurse", "amina", "other", ""), false},
			{"sends a colleague away", chiku, role("doctor", "bakari", "other", ""), false},
			{"parts a ward from the hospital", chiku, apart, false},
			{"parts a ward from the hospital, as that", house, apart, false},
			{"takes a place from it", chiku, elsewhere, false},
			{"changes somebody's role elsewhere", chiku, role("nurse", "bakari", "other", ","+supervises), true},
			{"changes a facility he does not work for", amina, resource("Organization", "ward", `"active":true,"name":"Ward 1","partOf":{"reference":"Organization/h"}`), true},
			{"administers as well", root, ended, true},
		} {
			doc, err := fhir.Parse([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			key := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}
			_, err = w.Engine.Update(c.who, key, interaction.Write{Body: []byte(c.body)})
			if c.may && err != nil || !c.may && (!fhir.HasIssue(err, fhir.IssueForbidden) || !strings.Contains(err.Error(), "what he may review")) {
				t.Errorf("who %s: %v", c.what, err)
			}
		}
		for _, key := range []fhir.Key{{Type: "PractitionerRole", ID: "inside"}, {Type: "PractitionerRole", ID: "doctor"}, {Type: "Organization", ID: "ward"}, {Type: "Location", ID: "site"}} {
			w.Put(role("clerk", "chiku", "h", ""))
			if _, err := w.Engine.Delete(chiku, key, ""); !fhir.HasIssue(err, fhir.IssueForbidden) {
				t.Errorf("%s is deleted: %v", key, err)
			}
		}
	})
}

// An answer that says who gains by a hidden claim, or a message of a conversation about
// one, is hidden too.
func TestWhatNamesAHiddenClaimOtherwiseIsHidden(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		w.Put(
			resource("Organization", "other", `"active":true,"name":"Clinic"`),
			w.body("of-h", "", item(1, "S", 1, 100)),
			strings.Replace(w.body("of-other", "", item(1, "S", 1, 100)), "Organization/h", "Organization/other", 1),
		)
		answer := func(id, gains string) string {
			return resource("ClaimResponse", id, `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/may-gain","valueReference":{"reference":"Claim/`+gains+`"}}],
				"status":"cancelled","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/asha"},"created":"2026-10-01","insurer":{"reference":"Organization/other"},
				"request":{"reference":"Claim/of-other"},"outcome":"complete"`)
		}
		message := func(id, more string) string { return resource("Communication", id, `"status":"completed",`+more) }
		w.Put(
			answer("gains-h", "of-h"), answer("gains-other", "of-other"),
			message("about-h", `"about":[{"reference":"Claim/of-h"}]`), message("about-other", `"about":[{"reference":"Claim/of-other"}]`),
			message("on-h", `"partOf":[{"reference":"Communication/about-h"}]`), message("on-other", `"partOf":[{"reference":"Communication/about-other"}]`),
		)
		for query, want := range map[string][]string{
			"ClaimResponse?_id=gains-h,gains-other":               {"gains-other"},
			"Communication?_id=about-h,on-h,about-other,on-other": {"about-other", "on-other"},
			"Communication?part-of=Communication/about-h":         nil,
			"Communication?part-of:Communication._id=about-other": {"on-other"},
		} {
			typ, criteria, _ := strings.Cut(query, "?")
			body, err := w.Engine.Search(as("chiku", "Practitioner/chiku", fhir.RoleReviewer), typ, criteria, interaction.SearchOptions{})
			if err != nil {
				t.Fatal(err)
			}
			doc, err := fhir.Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for e := range doc.Root().Get("entry").Each() {
				got = append(got, e.At("resource", "id").Text())
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s finds %v, want %v", query, got, want)
			}
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
