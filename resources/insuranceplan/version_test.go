package insuranceplan_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/insuranceplan"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// product gives full under another id, number, version and period.
func product(id, number, version, period, more string) string {
	return strings.NewReplacer(
		`"id":"p"`, `"id":"`+id+`"`, `"value":"P"`, `"value":"`+number+`"`, `"value":"P|1"`, `"value":"`+version+`"`,
		`{"start":"2026-01-01"}`, period, `"extension":[`+"\n {\"url\":\""+openimis, `"extension":[`+more+"\n {\"url\":\""+openimis,
	).Replace(full)
}

func conversion(to string) string {
	return fill.Replace(`{"url":"{openimis}/StructureDefinition/insurance-plan-conversion","valueReference":{"reference":"InsurancePlan/`) + to + `"}},`
}

func policy(status string) string {
	return `{"resourceType":"Contract","id":"c","status":"` + status + `","term":[{"offer":{"text":"x"},"asset":[{"valuedItem":[{"entityReference":{"reference":"InsurancePlan/p/_history/1"}}]}]}]}`
}

const (
	y2026 = `{"start":"2026-01-01","end":"2026-12-31"}`
	y2027 = `{"start":"2027-01-01"}`
)

// Each database answers the same.
func databases(t *testing.T, test func(t *testing.T, w *resourcestest.World)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			var clock resourcestest.Clock
			clock.Set(t, "2026-03-10")
			test(t, resourcestest.Timed(t, dsn(t), &clock, insuranceplan.Module()))
		})
	}
}

func TestVersionsOfOneProduct(t *testing.T) {
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(product("p", "P", "P|1", y2026, ""))
		if at := w.Refused(product("q", "P", "P|2", `{"start":"2026-12-31"}`, "")); at != "InsurancePlan.period" {
			t.Errorf("a second version sold on the last day of the first is refused at %q", at)
		}
		w.Put(product("q", "P", "P|2", y2027, ""), product("r", "R", "R|1", y2026, ""))
		if at := w.Refused(product("s", "S", "P|2", y2026, "")); at == "" {
			t.Error("two products bear one version number")
		}
	})
}

func TestConversions(t *testing.T) {
	const at = "InsurancePlan.extension('" + openimis + "/StructureDefinition/insurance-plan-conversion')"
	databases(t, func(t *testing.T, w *resourcestest.World) {
		if got := w.Refused(product("p", "P", "P|1", y2026, conversion("nowhere"))); got != at {
			t.Errorf("a conversion to nothing is refused at %q", got)
		}
		w.Put(product("p", "P", "P|1", y2026, conversion("q")), product("q", "Q", "Q|1", y2026, ""))
		if got := w.Refused(product("q", "Q", "Q|1", y2026, conversion("p"))); got != at {
			t.Errorf("a circle is refused at %q", got)
		}
		if got := w.Refused(product("r", "R", "R|1", y2026, conversion("r"))); got != at {
			t.Errorf("a conversion to itself is refused at %q", got)
		}
		w.Put(`{"resourceType":"InsurancePlan","id":"o","name":"Another's"}`)
		if got := w.Refused(product("r", "R", "R|1", y2026, conversion("o"))); got != at {
			t.Errorf("a conversion to no product is refused at %q", got)
		}
		w.Put(product("r", "R", "R|1", y2026, conversion("p")))
		if found := w.Search("InsurancePlan", "conversion=InsurancePlan/q"); len(found) != 1 || found[0].Get("id").Text() != "p" {
			t.Errorf("%d products convert to q", len(found))
		}
	})
}

func TestWhatPoliciesWereSoldStays(t *testing.T) {
	changes := []struct{ name, old, new, want string }{
		{"its contributions", `"value":15000,`, `"value":16000,`, "InsurancePlan.plan"},
		{"its benefits", `"value":6,`, `"value":7,`, "InsurancePlan.coverage"},
		{"its cycles", `"01-07"`, `"01-08"`, "InsurancePlan.extension"},
		{"its first day", `"start":"2026-01-01"`, `"start":"2026-02-01"`, "InsurancePlan.period.start"},
		{"its number", `{"system":"` + bima + `/id/product","value":"P"}`, `{"system":"` + bima + `/id/product"}`, "InsurancePlan.identifier"},
		{"its name", `"name":"Plan"`, `"name":"Plan B"`, "InsurancePlan.name"},
		{"its status", `"status":"active"`, `"status":"retired"`, ""},
		{"its last day", `{"start":"2026-01-01"}`, `{"end":"2027-06-30","start":"2026-01-01"}`, ""},
		{"an account", `"4100"`, `"4200"`, ""},
	}
	databases(t, func(t *testing.T, w *resourcestest.World) {
		for _, c := range changes {
			w.Put(full, policy("executed"))
			body := strings.Replace(full, c.old, c.new, 1)
			if c.want == "" {
				w.Put(body)
				continue
			}
			if got := w.Refused(body); got != c.want {
				t.Errorf("%s: refused at %q, want %q", c.name, got, c.want)
			}
			w.Put(policy("terminated"))
			w.Put(body)
		}
	})
}

// The same types in one concept or in several are the same to who bought.
func TestTypesInOneConceptOrInTwo(t *testing.T) {
	const kind, medical = `{"system":"https://bima.example/fhir/CodeSystem/product-kind","code":"contributory"}`, `{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}`
	typed := func(types string) string {
		return strings.Replace(full, `"type":[{"coding":[`+kind+`]}]`, `"type":[`+types+`]`, 1)
	}
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(typed(`{"coding":[`+kind+`]},{"coding":[`+medical+`]}`), policy("executed"))
		w.Put(typed(`{"coding":[` + kind + `,` + medical + `]}`))
		for _, other := range []string{`{"coding":[` + kind + `]}`, `{"coding":[` + kind + `,` + strings.Replace(medical, `"medical"`, `"dental"`, 1) + `]}`, `{"coding":[` + kind + `,` + medical + `],"text":"x"}`} {
			if at := w.Refused(typed(other)); at != "InsurancePlan.type" {
				t.Errorf("%s is refused at %q", other, at)
			}
		}
	})
}

func TestWhatWasSoldIsNotDeleted(t *testing.T) {
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(full, policy("executed"))
		remove := func() error {
			_, err := w.Engine.Delete(w.Context(), fhir.Key{Type: "InsurancePlan", ID: "p"}, "")
			return err
		}
		if err := remove(); err == nil {
			t.Fatal("a product is deleted of which a policy is in force")
		}
		w.Put(policy("terminated"))
		if err := remove(); err != nil {
			t.Error("a product of which no policy is in force is not deleted:", err)
		}
	})
}

func TestReviseMakesTheNextVersion(t *testing.T) {
	databases(t, func(t *testing.T, w *resourcestest.World) {
		w.Put(full, policy("executed"))
		body := `{"resourceType":"Parameters","parameter":[{"name":"start","valueDate":"2026-07-01"}]}`
		answer, err := w.Engine.Operation(w.Context(), "revise", fhir.Key{Type: "InsurancePlan", ID: "p"}, &fhir.Resource{Body: []byte(body)})
		if err != nil {
			t.Fatal(err, fhir.OutcomeOf(err).Unwrap())
		}
		name := answer.Location.String()
		next := w.Get(name)
		for what, pair := range map[string][2]string{
			"status":      {next.Get("status").Text(), "draft"},
			"number":      {next.Identifier(bima + "/id/product"), "P"},
			"version":     {next.Identifier(bima + "/id/product-version"), "P|2026-07"},
			"first day":   {next.At("period", "start").Text(), "2026-07-01"},
			"predecessor": {next.Extension(bima+"/StructureDefinition/product-predecessor").At("valueReference", "reference").Text(), "InsurancePlan/p"},
			"benefits":    {string(next.Get("coverage").Raw()), string(w.Get("InsurancePlan/p").Get("coverage").Raw())},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: got %s, want %s", what, pair[0], pair[1])
			}
		}
		changed := strings.Replace(string(next.Raw()), `"value":15000,`, `"value":16000,`, 1)
		w.Put(changed)
		w.Put(strings.Replace(changed, `"status":"draft"`, `"status":"active"`, 1))
		if end := w.Get("InsurancePlan/p").At("period", "end").Text(); end != "2026-06-30" {
			t.Errorf("the first version ends on %q", end)
		}
		if found := w.Search("InsurancePlan", "predecessor=InsurancePlan/p"); len(found) != 1 {
			t.Errorf("%d products follow it", len(found))
		}
		_, err = w.Engine.Operation(w.Context(), "revise", fhir.Key{Type: "InsurancePlan", ID: "p"}, &fhir.Resource{Body: []byte(strings.Replace(body, "2026-07", "2025-07", 1))})
		if !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("a next version before the first: %v", err)
		}
	})
}
