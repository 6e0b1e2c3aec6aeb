package review_test

import (
	"context"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

// as gives the context of a login.
func as(name string, entity string, roles ...fhir.Role) context.Context {
	typ, id, _ := strings.Cut(entity, "/")
	return fhir.WithCaller(context.Background(), fhir.Caller{Name: name, Identity: name, Roles: roles, Entity: fhir.Key{Type: typ, ID: id}})
}

// What a login may do goes by the roles of whom it acts as.
func TestLogins(t *testing.T) {
	amina := as("amina", "Practitioner/amina", fhir.RoleReviewer)
	bakari := as("bakari", "PractitionerRole/two", fhir.RoleReviewer)
	chiku := as("chiku", "Practitioner/chiku", fhir.RoleReviewer)
	dalili := as("dalili", "Practitioner/dalili", fhir.RoleReviewer)
	clerk := as("clerk", "Organization/h", fhir.RoleFacility)
	stranger := as("stranger", "Device/x", fhir.RoleReviewer)
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100))
		task := w.task("medical-review", id)
		key := fhir.Key{Type: "Task", ID: strings.TrimPrefix(task, "Task/")}
		call := func(who context.Context, code string, parts ...string) error {
			parts = append(parts, `{"name":"note","valueString":"by login"}`)
			_, err := w.Engine.Call(who, code, key, "", []byte(`{"resourceType":"Parameters","parameter":[`+strings.Join(parts, ",")+`]}`), false)
			return err
		}
		put := func(who context.Context, pairs ...string) error {
			before := string(w.Get(task).Raw())
			body := strings.NewReplacer(pairs...).Replace(before)
			if body == before {
				t.Errorf("the Task has none of %q", pairs)
			}
			_, err := w.Engine.Update(who, key, interaction.Write{Body: []byte(body)})
			return err
		}
		is := func(what string, err error, code fhir.IssueType) {
			t.Helper()
			if code == "" && err != nil || code != "" && !fhir.HasIssue(err, code) {
				t.Errorf("%s: %v, want %q", what, err, code)
			}
		}
		is("the facility takes it", call(clerk, "claim"), fhir.IssueForbidden)
		is("the facility cancels it", put(clerk, `"status":"requested"`, `"status":"cancelled"`), fhir.IssueForbidden)
		is("a login without a role takes it", call(stranger, "claim"), fhir.IssueForbidden)
		is("who works there takes it: it is not there for him", call(chiku, "claim"), fhir.IssueNotFound)
		is("Amina takes it as Bakari", call(amina, "claim", `{"name":"reviewer","valueReference":{"reference":"PractitionerRole/two"}}`), fhir.IssueForbidden)
		is("Amina takes it", call(amina, "claim"), "")
		if got := w.Get(task).At("owner", "reference").Text(); got != "PractitionerRole/one" {
			t.Errorf("it is %s's", got)
		}
		is("Bakari takes it, too", call(bakari, "claim"), fhir.IssueConflict)
		is("Bakari writes himself into it", put(bakari, "PractitionerRole/one", "PractitionerRole/two"), fhir.IssueConflict)
		is("Bakari writes it free", put(bakari, `"status":"in-progress"`, `"status":"requested"`, `"owner":{"reference":"PractitionerRole/one"},`, ""), fhir.IssueConflict)
		is("Amina writes Bakari into it", put(amina, "PractitionerRole/one", "PractitionerRole/two"), fhir.IssueConflict)
		is("Amina takes more time", put(amina, `"restriction":{"period":{"end":"20`, `"restriction":{"period":{"end":"21`), fhir.IssueBusinessRule)
		is("Amina calls it off", put(amina, `"status":"in-progress"`, `"status":"cancelled","statusReason":{"text":"No need."}`), fhir.IssueForbidden)
		is("Amina notes something", put(amina, `"status":"in-progress"`, `"status":"in-progress","note":[{"text":"Looks fine."}]`), "")
		is("Amina gives it back", call(amina, "release"), "")
		is("Bakari takes it by hand", put(bakari, `"status":"requested"`, `"status":"in-progress","owner":{"reference":"PractitionerRole/two"}`), "")
		is("the supervisor calls it off", put(dalili, `"status":"in-progress"`, `"status":"cancelled","statusReason":{"text":"No need."}`), "")
		w.answers(id, "complete 200")
		_, err := w.Engine.Delete(amina, key, "")
		is("nobody deletes it", err, fhir.IssueBusinessRule)
	})
}
