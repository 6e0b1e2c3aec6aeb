package review_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/claim"
	"bima/resources/resourcestest"
	"bima/resources/review"
	"bima/storage/storagetest"
)

// A world is a scheme with a facility in a ward of a district, three people who
// review, one of whom works for the facility too, a supervisor, and one member
// whose plan pays the list price of everything: 100 for S and for D.
type world struct {
	*resourcestest.World
	t      testing.TB
	module fhir.Module
	number int
}

// onEach runs a test on SQLite, and on PostgreSQL where one is at hand. rules are
// extensions of the plan.
func onEach(t *testing.T, rules []string, test func(t *testing.T, w *world)) {
	t.Helper()
	onEachWith(t, review.Settings{Base: resourcestest.Base}, rules, test)
}

func onEachWith(t *testing.T, s review.Settings, rules []string, test func(t *testing.T, w *world)) {
	t.Helper()
	run := func(t *testing.T, dsn string) {
		m := s.Module()
		w := &world{World: resourcestest.On(t, dsn, claim.Module(resourcestest.Base), m), t: t, module: m}
		w.Put(scheme(rules)...)
		test(t, w)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, storagetest.SQLite(t)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { run(t, storagetest.Postgres(t)) })
	}
}

func resource(typ, id, body string) string {
	return fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, body)
}

func concept(system, code string) string {
	return fmt.Sprintf(`{"coding":[{"system":%q,"code":%q}]}`, system, code)
}

// rule gives a review rule of a kind; parts are JSON of its other extensions.
func rule(kind string, parts ...string) string {
	parts = append([]string{fmt.Sprintf(`{"url":"kind","valueCode":%q}`, kind)}, parts...)
	return fmt.Sprintf(`{"url":%q,"extension":[%s]}`, profiles.ExtensionReviewRule, strings.Join(parts, ","))
}

func above(amount int) string {
	return rule("amount", fmt.Sprintf(`{"url":"amount","valueMoney":{"value":%d,"currency":"TZS"}}`, amount))
}

func terms(parts string) string {
	return fmt.Sprintf(`{"url":%q,"extension":[%s]}`, profiles.ExtensionReviewTerms, parts)
}

func scheme(rules []string) []string {
	const medical = "medical-reviewer"
	role := func(id, person, code, more string) []string {
		return []string{
			resource("Practitioner", person, `"active":true,"name":[{"family":"`+person+`"}]`),
			resource("PractitionerRole", id, `"active":true,"practitioner":{"reference":"Practitioner/`+person+`"},"code":[`+concept(profiles.SystemSchemeRole, code)+`]`+more),
		}
	}
	tariff := func(code string) string {
		return resource("ChargeItemDefinition", code, `"url":"urn:t:`+code+`","status":"active","identifier":[{"system":"urn:t","value":"`+code+`"}],"code":`+concept("urn:t", code)+
			`,"propertyGroup":[{"priceComponent":[{"type":"base","factor":1,"amount":{"value":100,"currency":"TZS"}}]}]`)
	}
	list := []string{
		resource("Location", "district", `"name":"District"`), resource("Location", "ward", `"name":"Ward","partOf":{"reference":"Location/district"}`),
		resource("Location", "elsewhere", `"name":"Another district"`),
		resource("Location", "site", `"name":"Hospital","partOf":{"reference":"Location/ward"},"managingOrganization":{"reference":"Organization/h"}`),
		resource("Organization", "scheme", `"active":true,"name":"Scheme"`), resource("Organization", "h", `"active":true,"name":"Hospital"`),
		resource("Patient", "p", `"active":true,"gender":"female","birthDate":"1990-05-17"`),
		tariff("S"), tariff("D"), tariff("R"),
		resource("InsurancePlan", "plan", `"extension":[`+strings.Join(rules, ",")+`],"status":"active","name":"Plan","plan":[{"specificCost":[{"category":`+
			concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical")+`,"benefit":[{"type":`+concept(profiles.SystemBenefit, "all")+`,"cost":[{"type":`+
			concept("http://terminology.hl7.org/CodeSystem/benefit-type", "copay-percent")+`,"value":{"value":0,"system":"http://unitsofmeasure.org","code":"%"}}]}]}]}],"coverage":[{"type":`+
			concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical")+`,"benefit":[{"type":`+concept("urn:t", "S")+`},{"type":`+concept("urn:t", "D")+`},{"type":`+concept("urn:t", "R")+`}]}]`),
		resource("Coverage", "c", `"status":"active","extension":[{"url":"`+profiles.ExtensionCoverageInsurancePlan+`","valueReference":{"reference":"InsurancePlan/plan"}}],"beneficiary":{"reference":"Patient/p"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/scheme"}]`),
	}
	list = append(list, role("one", "amina", medical, `,"location":[{"reference":"Location/district"}]`)...)
	list = append(list, role("two", "bakari", medical, "")...)
	list = append(list, role("inside", "chiku", medical, "")...)
	list = append(list, role("boss", "dalili", "review-supervisor", "")...)
	list = append(list, role("far", "ester", medical, `,"location":[{"reference":"Location/elsewhere"}]`)...)
	return append(list, resource("PractitionerRole", "clerk", `"active":true,"practitioner":{"reference":"Practitioner/chiku"},"organization":{"reference":"Organization/h"}`))
}

// An item is a line of a claim.
func item(sequence int, service string, quantity, price int) string {
	return fmt.Sprintf(`{"sequence":%d,"productOrService":%s,"quantity":{"value":%d},"unitPrice":{"value":%d,"currency":"TZS"}}`, sequence, concept("urn:t", service), quantity, price)
}

// claim stores a claim of 2026-04-01 and gives its id. more is JSON before its
// items.
func (w *world) claim(more string, items ...string) string {
	w.t.Helper()
	w.number++
	id := fmt.Sprintf("claim-%d", w.number)
	w.Put(w.body(id, more, items...))
	return id
}

func (w *world) body(id, more string, items ...string) string {
	return resource("Claim", id, `"identifier":[{"system":"urn:claim","value":"`+id+`"}],"status":"active","type":`+
		concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional")+`,"use":"claim","patient":{"reference":"Patient/p"},"billablePeriod":{"start":"2026-04-01","end":"2026-04-01"},`+
		`"created":"2026-04-02","provider":{"reference":"Organization/h"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/c"}}],`+
		more+`"item":[`+strings.Join(items, ",")+`]`)
}

// answer gives the outcome of a claim's answer and what is granted.
func (w *world) answer(id string) string {
	w.t.Helper()
	r := w.Get("ClaimResponse/" + id)
	text := r.Get("outcome").Text()
	for total := range r.Get("total").Each() {
		if total.Get("category").Code("http://terminology.hl7.org/CodeSystem/adjudication") == "benefit" {
			text += " " + total.At("amount", "value").Text()
		}
	}
	return text
}

func (w *world) answers(id, want string) {
	w.t.Helper()
	if got := w.answer(id); got != want {
		w.t.Errorf("the answer to %s is %q, want %q: %s", id, got, want, w.Get("ClaimResponse/"+id).Get("disposition").Text())
	}
}

// task gives the newest Task of a code on a claim, "Task/1".
func (w *world) task(code, claim string) string {
	w.t.Helper()
	found := w.Search("Task", "code="+code+"&focus=Claim/"+claim+"&_sort=-_lastUpdated")
	if len(found) == 0 {
		return ""
	}
	return "Task/" + found[0].Get("id").Text()
}

// call runs an operation, "Task/1/$claim", by a role; parts are parameters as JSON.
func (w *world) call(path, role string, parts ...string) (fhir.Node, error) {
	w.t.Helper()
	pieces := strings.SplitN(path, "/", 3)
	if role != "" {
		parts = append(parts, `{"name":"reviewer","valueReference":{"reference":"PractitionerRole/`+role+`"}}`)
	}
	body := []byte(`{"resourceType":"Parameters","parameter":[` + strings.Join(parts, ",") + `]}`)
	key := fhir.Key{Type: pieces[0]}
	if len(pieces) == 3 {
		key.ID = pieces[1]
	}
	out, err := w.Engine.Call(w.Context(), strings.TrimPrefix(pieces[len(pieces)-1], "$"), key, "", body, false)
	if err != nil {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(out.Resource.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return doc.Root(), nil
}

// does is call that must succeed; it gives the Task's status and state.
func (w *world) does(want, path, role string, parts ...string) fhir.Node {
	w.t.Helper()
	n, err := w.call(path, role, parts...)
	if err != nil {
		w.t.Errorf("%s by %s: %v", path, role, err)
		return n
	}
	if got := n.Get("status").Text() + " " + n.Get("businessStatus").Code(profiles.SystemReviewState); got != want {
		w.t.Errorf("%s by %s makes it %q, want %q", path, role, got, want)
	}
	return n
}

// refuses is call that must be refused by a code, with a word of the reason.
func (w *world) refuses(code fhir.IssueType, word, path, role string, parts ...string) {
	w.t.Helper()
	_, err := w.call(path, role, parts...)
	if err == nil {
		w.t.Errorf("%s by %s is not refused", path, role)
		return
	}
	if issue := fhir.OutcomeOf(err).Issues[0]; issue.Code != code || !strings.Contains(issue.Diagnostics, word) {
		w.t.Errorf("%s by %s is refused as %s, want %s with %q", path, role, issue, code, word)
	}
}

// line gives a reviewer's word on a line as a parameter; parts are JSON.
func line(sequence int, parts ...string) string {
	parts = append([]string{fmt.Sprintf(`{"name":"sequence","valuePositiveInt":%d}`, sequence)}, parts...)
	return `{"name":"line","part":[` + strings.Join(parts, ",") + `]}`
}

func part(name, value string) string { return fmt.Sprintf(`{"name":%q,%s}`, name, value) }

func quantity(n string) string { return part("quantity", `"valueDecimal":`+n) }

func price(n string) string {
	return part("price", `"valueMoney":{"value":`+n+`,"currency":"TZS"}`)
}

func reject(reason string) string {
	return part("reject", `"valueBoolean":true`) + `,` + part("reason", `"valueCode":"`+reason+`"`)
}

// daily runs a daily work for a day.
func (w *world) daily(name, day string) {
	w.t.Helper()
	first, err := time.Parse(time.DateOnly, day)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range w.module.Daily {
		if d.Name == name {
			if err := d.Work(fhir.WithCaller(context.Background(), fhir.System()), w.Engine, first); err != nil {
				w.t.Error(err)
			}
			return
		}
	}
	w.t.Errorf("there is no daily work %s", name)
}

// today gives the day of the server's clock; before, one some days before it.
func (w *world) today() string { return w.before(0) }

func (w *world) before(days int) string {
	return time.Now().UTC().AddDate(0, 0, -days).Format(time.DateOnly)
}

// dayAfter gives the day some days after a Task is due.
func (w *world) dayAfter(task string, days int) string {
	w.t.Helper()
	due, err := time.Parse(time.DateOnly, w.Get(task).At("restriction", "period", "end").Text())
	if err != nil {
		w.t.Fatal(err)
	}
	return due.AddDate(0, 0, days).Format(time.DateOnly)
}
