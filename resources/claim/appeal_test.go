package claim_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
)

// answerAppeal completes the Task of an appeal as somebody, with words on the first
// line where there are some.
func (b *bench) answerAppeal(id, owner, outcome, words string) error {
	b.Helper()
	n := b.node("Task/" + id)
	e := fhir.NewEdit(n.Document())
	e.Set(n, "status", []byte(`"completed"`))
	e.Set(n, "owner", fmt.Appendf(nil, `{"reference":%q}`, owner))
	e.Set(n, "businessStatus", fmt.Appendf(nil, `{"coding":[{"system":"https://bima.example/fhir/CodeSystem/appeal-outcome","code":%q}]}`, outcome))
	if words != "" {
		e.Set(n, "contained", []byte(`[{"resourceType":"ClaimResponse","id":"proposal","status":"draft","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},"use":"claim",
			"patient":{"reference":"Patient/asha"},"created":"2026-09-20","insurer":{"reference":"Organization/scheme"},"outcome":"partial","item":[{"itemSequence":1,"adjudication":[`+words+`]}]}]`))
		e.Set(n, "output", []byte(`[{"type":{"text":"decision"},"valueReference":{"reference":"#proposal"}}]`))
	}
	_, err := b.Update(b.ctx, fhir.Key{Type: "Task", ID: id}, interaction.Write{Body: e.Bytes()})
	return err
}

const (
	denies   = `{"category":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjudication","code":"denied"}]}}`
	approves = `{"category":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjudication","code":"approved-price"}]},"amount":{"value":80000,"currency":"TZS"}}`
)

// A reviewer has rejected the only line. The first appeal is refused, the second
// granted at a price of 80,000: − 5,000 deductible = 75,000 − 20 % = 60,000.
func TestAppealsAreHeardByOthers(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		id := b.submit(b.claim()).ID
		review := []byte(`{"resourceType":"Task","id":"review","contained":[{"resourceType":"ClaimResponse","id":"proposal","status":"draft","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/asha"},"created":"2026-09-15",
			"insurer":{"reference":"Organization/scheme"},"outcome":"partial","item":[{"itemSequence":1,"adjudication":[` + denies + `]}]}],"status":"completed","intent":"order","code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/task","code":"medical-review"}]},
			"focus":{"reference":"Claim/` + id + `"},"authoredOn":"2026-09-15T08:00:00+03:00","owner":{"reference":"Practitioner/first"},"output":[{"type":{"text":"decision"},"valueReference":{"reference":"#proposal"}}]}`)
		b.put("Task/review", bytes.Replace(review, []byte("completed"), []byte("in-progress"), 1))
		b.put("Task/review", review)
		if got := b.response(id).total("benefit"); got != "0" {
			t.Fatalf("reviewed it is paid with %s", got)
		}
		_, err := b.ask("appeal", id, "")
		b.refused(err, 400, "reason")
		about := strings.Replace(because("the notes were sent"), `"parameter":[`, `"parameter":[{"name":"line","valuePositiveInt":7},`, 1)
		_, err = b.ask("appeal", id, about)
		b.refused(err, 422, `no line "7"`)
		appeal := b.appeals(id, because("the notes were sent"))
		_, err = b.ask("appeal", id, because("and another"))
		b.refused(err, 422, "under way")
		b.refused(b.answerAppeal(appeal, "Practitioner/first", "upheld", ""), 422, "somebody else")
		b.refused(b.answerAppeal(appeal, "Practitioner/second", "maybe", ""), 422, "Task.businessStatus")
		if err := b.answerAppeal(appeal, "Practitioner/second", "upheld", ""); err != nil {
			t.Fatal(err)
		}
		before := b.response(id)
		if before.total("benefit") != "0" {
			t.Errorf("an appeal that was refused pays %s", before.total("benefit"))
		}
		appeal = b.appeals(id, because("the notes were sent twice"))
		if level := b.node("Task/" + appeal).Extension("https://bima.example/fhir/StructureDefinition/appeal-level").Get("valuePositiveInt").Text(); level != "2" {
			t.Errorf("the second appeal is of level %s", level)
		}
		b.refused(b.answerAppeal(appeal, "Practitioner/second", "granted", approves), 422, "somebody else")
		if err := b.answerAppeal(appeal, "Practitioner/third", "granted", approves); err != nil {
			t.Fatal(err)
		}
		if got := b.response(id); got.total("benefit") != "60000" {
			t.Errorf("granted it is paid with %s, want 60000: %s", got.total("benefit"), got.Disposition)
		}
		if why := b.found("Provenance", "target=ClaimResponse/"+id+"&entity=Task/"+appeal); len(why) != 1 {
			t.Errorf("%d Provenances name the appeal", len(why))
		}
		_, err = b.ask("appeal", id, because("still not enough"))
		b.refused(err, 422, "final")
	})
}

// appeals appeals against a decision and gives the id of the Task.
func (b *bench) appeals(id, body string) string {
	b.Helper()
	r, err := b.ask("appeal", id, body)
	if err != nil {
		b.Fatal(err)
	}
	return r.ID
}

// One may appeal for 30 days, and is answered in 30 more.
func TestAppealsHaveDeadlines(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const day = 24 * time.Hour
		id := b.submit(b.claim()).ID
		waits := b.submit(b.claim("C-2026-001001", "C-2", "Patient/asha", "Patient/nobody")).ID
		_, err := b.ask("appeal", waits, because("I know her"))
		b.refused(err, 422, "no decision")
		b.wait(30 * day)
		appeal := b.appeals(id, because("in time"))
		if err := b.answerAppeal(appeal, "Practitioner/second", "upheld", ""); err != nil {
			t.Fatal(err)
		}
		b.wait(31 * day)
		_, err = b.ask("appeal", id, because("too late"))
		b.refused(err, 422, "until")

		late := b.appeals(b.submit(b.claim("C-2026-001001", "C-3")).ID, because("asked"))
		until := b.node("Task/"+late).At("restriction", "period", "end").Text()
		last, err := time.Parse(time.DateOnly, until)
		if err != nil {
			t.Fatal(err)
		}
		b.daily(last)
		if got := b.node("Task/" + late).Get("priority").Text(); got != "" {
			t.Errorf("on its last day it is %s", got)
		}
		b.daily(last.AddDate(0, 0, 1))
		n := b.node("Task/" + late)
		if n.Get("priority").Text() != "urgent" || !strings.Contains(string(n.Get("businessStatus").Raw()), "overdue") {
			t.Errorf("the day after it is %s", n.Raw())
		}
		if _, err := b.ask("cancel", strings.TrimPrefix(n.At("focus", "reference").Text(), "Claim/"), ""); err != nil {
			t.Fatal(err)
		}
		if got := b.node("Task/" + late).Get("status").Text(); got != "cancelled" {
			t.Errorf("the appeal about a claim that is withdrawn is %s", got)
		}
	})
}

// Asha's claim is rejected by a reviewer. Its facility can't answer its own appeal,
// make a Task an appeal that was granted, or have the reviewer's word forgotten.
func TestAppealsAreNotTheFacilitysToAnswer(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		id := b.submit(b.claim()).ID
		for _, role := range []string{"first", "other"} {
			b.put("PractitionerRole/"+role, []byte(`{"resourceType":"PractitionerRole","id":"`+role+`","practitioner":{"reference":"Practitioner/`+role+`"}}`))
		}
		b.put("PractitionerRole/clinic", []byte(`{"resourceType":"PractitionerRole","id":"clinic","practitioner":{"reference":"Practitioner/clinic"},"organization":{"reference":"Organization/facility-2"}}`))
		task := func(name, code, status, owner, more string) []byte {
			return []byte(`{"resourceType":"Task","id":"` + name + `","contained":[{"resourceType":"ClaimResponse","id":"proposal","status":"draft","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/asha"},"created":"2026-09-15",
				"insurer":{"reference":"Organization/scheme"},"outcome":"partial","item":[{"itemSequence":1,"adjudication":[` + denies + `]}]}],"status":"` + status + `","intent":"order","code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/task","code":"` + code + `"}]},
				"focus":{"reference":"Claim/` + id + `"},"authoredOn":"2026-09-15T08:00:00+03:00","owner":{"reference":"` + owner + `"},"output":[{"type":{"text":"decision"},"valueReference":{"reference":"#proposal"}}]` + more + `}`)
		}
		b.put("Task/review", task("review", "medical-review", "in-progress", "PractitionerRole/first", ""))
		b.put("Task/review", task("review", "medical-review", "completed", "PractitionerRole/first", ""))
		const granted = `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/appeal-level","valuePositiveInt":1}],"businessStatus":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/appeal-outcome","code":"granted"}]}`
		facility := b.as("clinic", "Organization/facility-2", fhir.RoleFacility)
		write := func(by *bench, name string, body []byte) error {
			_, err := by.Update(by.ctx, fhir.Key{Type: "Task", ID: name}, interaction.Write{Body: body})
			return err
		}
		grant := task("mine", "appeal", "completed", "Practitioner/other", granted)
		b.refused(write(facility, "mine", grant), 422, "begins as requested")
		if err := write(facility, "mine", task("mine", "reprocess", "requested", "Practitioner/other", "")); err != nil {
			t.Fatal(err)
		}
		b.refused(write(facility, "mine", grant), 422, "Task of its own")

		appeal := b.appeals(id, because("the notes were sent"))
		b.refused(facility.answerAppeal(appeal, "Practitioner/other", "granted", ""), 403, "role reviewer")
		b.refused(b.answerAppeal(appeal, "PractitionerRole/clinic", "granted", ""), 422, "works for the facility")
		b.refused(b.answerAppeal(appeal, "Practitioner/first", "granted", ""), 422, "decided on this claim before")
		if err := b.answerAppeal(appeal, "PractitionerRole/other", "upheld", ""); err != nil {
			t.Fatal(err)
		}
		b.refused(b.answerAppeal(appeal, "PractitionerRole/other", "granted", ""), 422, "has ended")
		_, err := b.Delete(b.ctx, fhir.Key{Type: "Task", ID: appeal}, "")
		b.refused(err, 422, "is kept")

		// However many appeals are opened and taken back, the reviewer's word counts.
		for range 51 {
			taken := b.node("Task/" + b.appeals(id, because("again")))
			e := fhir.NewEdit(taken.Document())
			e.Set(taken, "status", []byte(`"cancelled"`))
			if err := write(facility, taken.Get("id").Text(), e.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := b.ask("reprocess", id, ""); err != nil || r.total("benefit") != "0" {
			t.Errorf("decided anew it is paid with %s, %v", r.total("benefit"), err)
		}
	})
}

// A claim was granted 68,000 and paid; a review that ends afterwards, as where a
// sample's deduction is approved, denies it all. The 68,000 are to be recovered.
func TestAReviewOfWhatIsPaidIsRecovered(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		id := b.submit(b.claim()).ID
		b.put("ClaimResponse/"+id, []byte(strings.TrimSuffix(strings.TrimSpace(string(b.node("ClaimResponse/"+id).Raw())), "}")+
			`,"payment":{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/ex-paymenttype","code":"complete"}]},"amount":{"value":68000,"currency":"TZS"}}}`))
		b.put("Task/review", []byte(`{"resourceType":"Task","id":"review","contained":[{"resourceType":"ClaimResponse","id":"words","status":"draft","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/asha"},"created":"2026-09-15",
			"insurer":{"reference":"Organization/scheme"},"outcome":"partial","item":[{"itemSequence":1,"adjudication":[`+denies+`]}]}],"status":"completed","intent":"order","code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/task","code":"medical-review"}]},
			"focus":{"reference":"Claim/`+id+`"},"authoredOn":"2026-09-15T08:00:00+03:00","output":[{"type":{"text":"decision"},"valueReference":{"reference":"#words"}}]}`))
		tasks := b.found("Task", "code=redecision")
		if b.response(id).total("benefit") != "0" || len(tasks) != 1 {
			t.Fatalf("granted are %s, and %d Tasks are to recover what was paid", b.response(id).total("benefit"), len(tasks))
		}
	})
}

// The answer to a claim is not its facility's to write.
func TestFacilitiesDoNotAnswerClaims(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		id := b.submit(b.claim()).ID
		facility := b.as("clinic", "Organization/facility-2", fhir.RoleFacility)
		more := bytes.Replace(b.node("ClaimResponse/"+id).Raw(), []byte("68000"), []byte("99000"), -1)
		_, err := facility.Update(facility.ctx, fhir.Key{Type: "ClaimResponse", ID: id}, interaction.Write{Body: more})
		b.refused(err, 403, "the server decides")
		_, err = facility.Delete(facility.ctx, fhir.Key{Type: "ClaimResponse", ID: id}, "")
		b.refused(err, 403, "the server decides")
	})
}

// Of many appeals at once one is opened.
func TestAppealsAtOnceAreOne(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		id := b.submit(b.claim()).ID
		var opened atomic.Int32
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				_, err := b.ask("appeal", id, because("the notes were sent"))
				switch {
				case err == nil:
					opened.Add(1)
				case !fhir.HasIssue(err, fhir.IssueBusinessRule):
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := opened.Load(); n != 1 {
			t.Errorf("%d appeals are opened at once, want 1", n)
		}
	})
}
