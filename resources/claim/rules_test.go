package claim_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
)

func TestBusinessReasonsAreAnswersNotRefusals(t *testing.T) {
	cases := []struct {
		name, outcome, benefit string
		changes                []string
		reasons                []string
		problem, disposition   string
	}{
		{
			name: "A person without a policy is denied line by line.", outcome: "complete", benefit: "0",
			changes: []string{"Patient/asha", "Patient/juma"}, reasons: []string{"no-coverage"},
			disposition: "Nothing of 100,000 TZS will be paid: no cover on the day; the member owes 100,000.",
		},
		{
			name: "A day before the membership is denied.", outcome: "complete", benefit: "0",
			changes: []string{"2026-09-14", "2026-01-09"}, reasons: []string{"no-coverage"},
			disposition: "Nothing of 100,000 TZS will be paid: no cover on the day; the member owes 100,000.",
		},
		{
			name: "A service the register does not know is denied.", outcome: "complete", benefit: "0",
			changes: []string{"S-310", "S-000"}, reasons: []string{"invalid-service"},
			disposition: "Nothing of 100,000 TZS will be paid: not a service of the register on that day.",
		},
		{
			name: "Another currency is not paid at a guessed rate.", outcome: "complete", benefit: "0",
			changes: []string{"TZS", "KES"}, reasons: []string{"currency"},
			disposition: "Nothing of 100,000 KES will be paid: the claim is in another currency than the plan.",
		},
		{
			name: "An unknown patient is an error without lines.", outcome: "error",
			changes: []string{"Patient/asha", "Patient/nobody"}, problem: `there is no patient "Patient/nobody".`,
			disposition: `The claim can't be decided: there is no patient "Patient/nobody".`,
		},
		{
			name: "An unknown facility is an error without lines.", outcome: "error",
			changes: []string{"Organization/facility-2", "Organization/facility-9"}, problem: `there is no facility in use "Organization/facility-9".`,
			disposition: `The claim can't be decided: there is no facility in use "Organization/facility-9".`,
		},
		{
			name: "Patient and facility are found by their numbers.", outcome: "complete", benefit: "68000",
			changes: []string{
				`"reference": "Patient/asha"`, `"type":"Patient","identifier":{"system":"https://bima.example/fhir/id/insurance-number","value":"070707070081"}`,
				`"reference": "Organization/facility-2"`, `"identifier":{"system":"https://bima.example/fhir/id/facility","value":"F-2"}`,
			},
			reasons:     []string{"list-price", "deductible-insuree", "coinsurance"},
			disposition: "68,000 of 100,000 TZS will be paid; the member owes 22,000.",
		},
		{
			name: "References by our own base are our own.", outcome: "complete", benefit: "68000",
			changes:     []string{"Patient/asha", base + "/Patient/asha"},
			reasons:     []string{"list-price", "deductible-insuree", "coinsurance"},
			disposition: "68,000 of 100,000 TZS will be paid; the member owes 22,000.",
		},
		{
			name: "A Patient of another server is not ours of that id.", outcome: "error",
			changes: []string{"Patient/asha", "https://elsewhere.example/fhir/Patient/asha"},
			problem: `there is no patient "https://elsewhere.example/fhir/Patient/asha".`, disposition: `The claim can't be decided: there is no patient "https://elsewhere.example/fhir/Patient/asha".`,
		},
		{
			name: "A claim that names the Coverage by a number it has not is paid by the one that is there.", outcome: "complete", benefit: "68000",
			changes: []string{`"reference": "Coverage/cov-asha"`, `"display":"her card"`},
			reasons: []string{"list-price", "deductible-insuree", "coinsurance"}, disposition: "68,000 of 100,000 TZS will be paid; the member owes 22,000.",
		},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b.TB = t
				r := b.submit(b.numbered(b.claim(c.changes...)))
				if r.Outcome != c.outcome || r.Disposition != c.disposition || r.total("benefit") != c.benefit {
					t.Errorf("got %s, %q, benefit %s", r.Outcome, r.Disposition, r.total("benefit"))
				}
				switch {
				case c.problem != "":
					if len(r.Item) > 0 || len(r.Error) != 1 || r.Error[0].Code.Text != c.problem {
						t.Errorf("got items %v, errors %v", r.Item, r.Error)
					}
				default:
					if diff := cmp.Diff(c.reasons, r.reasons(0)); diff != "" {
						t.Errorf("reasons (-want +got)\n%s", diff)
					}
				}
				b.setStatus(r.ID, "cancelled")
			})
		}
	})
}

// setStatus withdraws a claim, so that it stands in nobody's way.
func (b *bench) setStatus(id, status string) {
	b.Helper()
	k := fhir.Key{Type: "Claim", ID: id}
	r, err := b.Read(b.ctx, k)
	if err != nil {
		b.Fatal(err)
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "status", []byte(`"`+status+`"`))
	if _, err := b.Update(b.ctx, k, interaction.Write{Body: edit.Bytes()}); err != nil {
		b.Fatal(err)
	}
}

func TestCancelledClaimFreesWhatItUsed(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		first := b.submit(b.surgery())
		if got := b.submit(b.claim()).total("benefit"); got != "50000" {
			t.Errorf("with 550,000 used, the benefit is %s, want 50000", got)
		}
		b.setStatus(first.ID, "cancelled")
		if r := b.response(first.ID); r.Status != "cancelled" || r.Outcome != "complete" {
			t.Errorf("the answer to the cancelled claim has status %q, outcome %q", r.Status, r.Outcome)
		}
		if got := b.submit(b.claim("C-2026-001001", "C-2")).total("benefit"); got != "72000" {
			t.Errorf("with the ceiling free again and the deductible borne, the benefit is %s, want 72000", got)
		}
		b.submit(b.surgery()) // its number is free again too
	})
}

func TestSecondDecisionDoesNotCountTheFirst(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		first := b.submit(b.claim())
		k := fhir.Key{Type: "Claim", ID: first.ID}
		body := b.claim(`"use": "claim"`, `"id":"`+first.ID+`","use": "claim"`, "100000", "95000")
		if _, err := b.Update(b.ctx, k, interaction.Write{Body: body}); err != nil {
			t.Fatal(err)
		}
		second := b.response(first.ID)
		if got := []string{second.total("submitted"), second.total("deductible"), second.total("benefit")}; !cmp.Equal(got, []string{"95000", "5000", "68000"}) {
			t.Errorf("submitted, deductible and benefit are %v", got)
		}
	})
}

func TestOneClaimIsSubmittedOnce(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		first, err := b.operate(b.claim())
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.operate(b.claim("10:00:00", "11:30:00"))
		if err != nil || again.Body != first.Body {
			t.Errorf("the same claim again gets another answer: %v\n%s", err, again.Body)
		}
		same, err := b.Create(b.ctx, "Claim", interaction.Write{Body: b.claim()})
		if err != nil || same.Created || same.Resource.ID != first.ID || same.Resource.Version != 1 {
			t.Errorf("POST of the same claim gives %+v, %v", same, err)
		}
		// Under an id of the client's own it is kept, and denied: 0 of 100,000. So it
		// is when it is corrected there.
		for _, body := range []string{`"id":"c-other","use": "claim"`, `"id":"c-other","language":"en","use": "claim"`} {
			if _, err = b.Update(b.ctx, fhir.Key{Type: "Claim", ID: "c-other"}, interaction.Write{Body: b.claim(`"use": "claim"`, body)}); err != nil {
				t.Fatal(err)
			}
		}
		if other := b.response("c-other"); other.total("benefit") != "0" || !cmp.Equal(other.reasons(0), []string{"duplicate"}) {
			t.Errorf("PUT of the same claim under another id is decided with %s for %v", other.total("benefit"), other.reasons(0))
		}
		_, err = b.operate(b.claim("100000", "90000"))
		if !fhir.HasIssue(err, fhir.IssueConflict) || !strings.Contains(err.Error(), "item, total") {
			t.Errorf("another claim under the same number: %v", err)
		}
		b.ctx = fhir.WithCaller(context.Background(), fhir.Caller{Name: "clinic", Identity: "clinic", Roles: []fhir.Role{fhir.RoleAdministrator}})
		second := b.submit(b.claim())
		if second.ID == first.ID || second.total("benefit") != "0" || !cmp.Equal(second.reasons(0), []string{"duplicate"}) {
			t.Errorf("another submitter's claim of that number is decided with %s for %v", second.total("benefit"), second.reasons(0))
		}
		if r := b.submit(b.claim()); r.ID != second.ID {
			t.Errorf("sent again it is %s, want %s", r.ID, second.ID)
		}
		// Decided anew it stays a duplicate, whoever asks, until the first is withdrawn.
		b.again(second.ID)
		b.again("c-other")
		if got := b.response(second.ID).total("benefit") + b.response("c-other").total("benefit"); got != "00" {
			t.Errorf("decided anew they pay %s", got)
		}
		b.setStatus("c-other", "cancelled")
		b.setStatus(first.ID, "cancelled")
		if !strings.Contains(b.response(first.ID).Body, `/may-gain","valueReference":{"reference":"Claim/`+second.ID+`"}`) {
			t.Error("the withdrawn claim does not tell that the second may gain")
		}
		b.again(second.ID)
		if got := b.response(second.ID).total("benefit"); got != "68000" {
			t.Errorf("with the first withdrawn the second pays %s", got)
		}
	})
}

// What was withdrawn is not paid because a queue sends it once more: the same claim gets
// its answer, another one must say that it corrects it.
func TestAWithdrawnClaimIsNotRevived(t *testing.T) {
	for _, status := range []string{"cancelled", "entered-in-error"} {
		onEach(t, func(t *testing.T, b *bench) {
			first, err := b.operate(b.claim())
			if err != nil {
				t.Fatal(err)
			}
			b.setStatus(first.ID, status)
			again, err := b.operate(b.claim("10:00:00", "11:30:00"))
			if err != nil || again.ID != first.ID || again.Status != status {
				t.Errorf("%s, and sent again: %v, %s is %s", status, err, again.ID, again.Status)
			}
			_, err = b.operate(b.claim("100000", "90000"))
			if !fhir.HasIssue(err, fhir.IssueConflict) || !strings.Contains(err.Error(), "Claim.related") {
				t.Errorf("%s, and another one under its number: %v", status, err)
			}
			corrected, err := b.operate(corrects(b.claim("100000", "90000"), first.ID))
			if err != nil || corrected.Status != "active" || corrected.ID == first.ID {
				t.Errorf("%s, and corrected: %v, %s is %s", status, err, corrected.ID, corrected.Status)
			}
			if r, err := b.operate(corrects(b.claim("100000", "90000"), first.ID)); err != nil || r.ID != corrected.ID {
				t.Errorf("the correction sent again: %v, %s", err, r.ID)
			}
		})
	}
}

func TestClaimSentByManyAtOnceIsOne(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const senders = 8
		body := b.claim()
		results := make([]*interaction.Result, senders)
		responses := make([]response, senders)
		var group sync.WaitGroup
		for i := range senders {
			group.Go(func() {
				var err error
				if results[i], err = b.Create(b.ctx, "Claim", interaction.Write{Body: body}); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				var err error
				if responses[i], err = b.operate(body); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if t.Failed() {
			return
		}
		created := 0
		for i, r := range results {
			if r.Created {
				created++
			}
			if want := results[0].Resource.ID; r.Resource.ID != want || responses[i].ID != want {
				t.Errorf("one was given %s, others %s and the decision %s", want, r.Resource.ID, responses[i].ID)
			}
		}
		if created > 1 {
			t.Errorf("%d were created, want one at most", created)
		}
	})
}

func TestOperationAnswersABundleByABundle(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		body := fmt.Appendf(nil, `{"resourceType":"Bundle","type":"collection","entry":[{"resource":%s}]}`, b.claim())
		r, err := b.operate(body)
		if err != nil || !strings.Contains(r.Body, `"type":"collection"`) || !strings.Contains(r.Body, `"resourceType":"ClaimResponse"`) {
			t.Errorf("%v\n%s", err, r.Body)
		}
		for _, wrong := range []string{`{"resourceType":"Bundle","type":"collection"}`, `{"resourceType":"Patient"}`, `{"resourceType":"Parameters"}`} {
			if _, err := b.operate([]byte(wrong)); interaction.Status(err) != 400 {
				t.Errorf("%s: %v", wrong, err)
			}
		}
	})
}

func TestCoverageAndClaimInOneBundleAreDecidedTogether(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		scheme := file(t, "scheme.json")
		doc, err := fhir.Parse(scheme)
		if err != nil {
			t.Fatal(err)
		}
		var coverage []byte
		for e := range doc.Root().Get("entry").All() {
			if e.At("resource", "id").Text() == "cov-asha" {
				coverage = bytes.ReplaceAll(e.Get("resource").Raw(), []byte("cov-asha"), []byte("cov-juma"))
				coverage = bytes.ReplaceAll(coverage, []byte("Patient/asha"), []byte("Patient/juma"))
				coverage = bytes.ReplaceAll(coverage, []byte("POL-2026-000077-02"), []byte("POL-2026-000077-03"))
			}
		}
		claim := b.claim("Patient/asha", "Patient/juma", "Coverage/cov-asha", "Coverage/cov-juma", `"use": "claim"`, `"id":"c-juma","use": "claim"`)
		b.bundle(fmt.Appendf(nil, `{"resourceType":"Bundle","type":"transaction","entry":[
			{"resource":%s,"request":{"method":"PUT","url":"Claim/c-juma"}},
			{"resource":%s,"request":{"method":"PUT","url":"Coverage/cov-juma"}}]}`, claim, coverage))
		if got := b.response("c-juma").total("benefit"); got != "68000" {
			t.Errorf("the benefit is %s, want 68000", got)
		}
	})
}

// Two members of one family claim at once, each from several facilities: the
// ceiling of 600,000 is paid once.
func TestFamilyCeilingIsNotSpentTwice(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const claims = 12
		benefits := make([]string, claims)
		var wait sync.WaitGroup
		for i := range claims {
			body := b.claim("C-2026-001001", fmt.Sprintf("C-%d", i), "S-310", "S-900")
			if i%2 == 0 {
				body = bytes.ReplaceAll(body, []byte("Patient/asha"), []byte("Patient/head-77"))
				body = bytes.ReplaceAll(body, []byte("Coverage/cov-asha"), []byte("Coverage/cov-head"))
			}
			wait.Add(1)
			go func() {
				defer wait.Done()
				benefits[i] = b.submit(body).total("benefit")
			}()
		}
		wait.Wait()
		var sum fhir.Amount
		for _, text := range benefits {
			a, err := fhir.ParseAmount(text)
			if err != nil {
				t.Fatal(err)
			}
			sum += a
		}
		if sum != fhir.Units(600000) {
			t.Errorf("%d claims were paid %s together, want 600000: %v", claims, sum, benefits)
		}
	})
}

func TestClaimWaitsForAPlanThatCompiles(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		plan := b.plan("InsurancePlan/district-health-plan-2026")
		broken := bytes.Replace(plan, []byte(`"value": 20,`), []byte(`"value": 120,`), 1)
		if bytes.Equal(plan, broken) {
			t.Fatal("the plan has no share of 20 %")
		}
		b.put("InsurancePlan/district-health-plan-2026", broken)
		b.repin("2")
		r := b.submit(b.claim())
		if r.Outcome != "queued" || len(r.Item) > 0 || !strings.Contains(r.Disposition, "percentage from 0 to 100") {
			t.Fatalf("got %s: %s", r.Outcome, r.Disposition)
		}
		retry := claim.Module(base).Workers[0]
		args := fmt.Appendf(nil, `{"claim":%q}`, r.ID)
		if err := retry.Work(b.ctx, b.Engine, args); err == nil {
			t.Error("the job is done though the claim still waits")
		}
		b.repin("1")
		if err := retry.Work(b.ctx, b.Engine, args); err != nil {
			t.Fatal(err)
		}
		if r := b.response(r.ID); r.Outcome != "complete" || r.total("benefit") != "68000" {
			t.Errorf("got %s, benefit %s", r.Outcome, r.total("benefit"))
		}
		if err := retry.Work(b.ctx, b.Engine, args); err != nil {
			t.Errorf("a job for a decided claim: %v", err)
		}
		if _, err := b.operate(b.claim()); err != nil {
			t.Errorf("the submitter's number was lost: %v", err)
		}
	})
}

// plan gives a resource of the scheme as testdata has it.
func (b *bench) plan(key string) []byte {
	b.Helper()
	doc, err := fhir.Parse(file(b, "scheme.json"))
	if err != nil {
		b.Fatal(err)
	}
	for e := range doc.Root().Get("entry").All() {
		if e.At("request", "url").Text() == key {
			return e.Get("resource").Raw()
		}
	}
	b.Fatalf("the scheme has no %s", key)
	return nil
}

func (b *bench) put(key string, body []byte) {
	b.Helper()
	typ, id, _ := strings.Cut(key, "/")
	if _, err := b.Update(b.ctx, fhir.Key{Type: typ, ID: id}, interaction.Write{Body: body}); err != nil {
		b.Fatal(err)
	}
}

// repin lets the policy buy another version of its plan.
func (b *bench) repin(version string) {
	b.Helper()
	contract := b.plan("Contract/pol-77")
	b.put("Contract/pol-77", bytes.ReplaceAll(contract, []byte("/_history/1"), []byte("/_history/"+version)))
}

// A tariff's applicability decides even where no useContext says the same.
func TestTariffIsForWhomItsConditionHolds(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		tariff := b.plan("ChargeItemDefinition/S-900")
		for condition, want := range map[string]string{
			"%context.subject.resolve().gender = 'male'":                              "550000",
			"%context.subject.resolve().gender = 'female'":                            "0",
			"%context.quantity.value <= 1 and %context.occurrence >= @2026-01-01":     "550000",
			"%context.performingOrganization.resolve().name.startsWith('Dispensary')": "0",
		} {
			doc, err := fhir.Parse(tariff)
			if err != nil {
				t.Fatal(err)
			}
			edit := fhir.NewEdit(doc)
			edit.Set(doc.Root(), "applicability", fmt.Appendf(nil, `[{"language":"text/fhirpath","expression":%q}]`, condition))
			b.put("ChargeItemDefinition/S-900", edit.Bytes())
			r := b.submit(b.numbered(b.surgery()))
			if got := r.total("benefit"); got != want {
				t.Errorf("%s: the benefit is %s, want %s: %s", condition, got, want, r.Disposition)
			}
			b.setStatus(r.ID, "cancelled")
		}
	})
}

// A tariff is that of a service by its code, or by a number beside it; by neither it is not.
func TestATariffIsFoundByItsCodeOrItsIdentifier(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		doc, err := fhir.Parse(b.plan("ChargeItemDefinition/S-900"))
		if err != nil {
			t.Fatal(err)
		}
		none := `[{"system":"urn:other","value":"1"}]`
		own := string(doc.Root().Get("identifier").Raw())
		other := strings.ReplaceAll(string(doc.Root().Get("code").Raw()), "S-900", "S-901")
		for _, c := range []struct{ name, identifier, code, want string }{
			{"by its code alone", none, "", "550000"},
			{"by its identifier alone", own, other, "550000"},
			{"by neither", none, other, "0"},
		} {
			edit := fhir.NewEdit(doc)
			edit.Set(doc.Root(), "identifier", []byte(c.identifier))
			if c.code != "" {
				edit.Set(doc.Root(), "code", []byte(c.code))
			}
			b.put("ChargeItemDefinition/S-900", edit.Bytes())
			r := b.submit(b.numbered(b.surgery()))
			if got := r.total("benefit"); got != c.want {
				t.Errorf("%s: the benefit is %s, want %s: %s", c.name, got, c.want, r.Disposition)
			}
			b.setStatus(r.ID, "cancelled")
		}
	})
}

// A service for men is paid for men and for the sex "other", which counts as male; a
// sex that is unknown or missing suits no service that asks for one.
func TestAServiceIsForASex(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		tariff, err := fhir.Parse(b.plan("ChargeItemDefinition/S-900"))
		if err != nil {
			t.Fatal(err)
		}
		patient, err := fhir.Parse(b.plan("Patient/head-77"))
		if err != nil {
			t.Fatal(err)
		}
		edit := fhir.NewEdit(tariff)
		edit.Set(tariff.Root(), "useContext", []byte(`[{"code":{"system":"http://terminology.hl7.org/CodeSystem/usage-context-type","code":"gender"},
			"valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/administrative-gender","code":"male"}]}}]`))
		b.put("ChargeItemDefinition/S-900", edit.Bytes())
		for gender, want := range map[string]string{"male": "550000", "other": "550000", "female": "0", "unknown": "0"} {
			edit := fhir.NewEdit(patient)
			edit.Set(patient.Root(), "gender", fmt.Appendf(nil, "%q", gender))
			b.put("Patient/head-77", edit.Bytes())
			r := b.submit(b.numbered(b.surgery()))
			if got := r.total("benefit"); got != want {
				t.Errorf("%s: the benefit is %s, want %s: %s", gender, got, want, r.Disposition)
			}
			b.setStatus(r.ID, "cancelled")
		}
	})
}

// again has a claim decided anew.
func (b *bench) again(id string) {
	b.Helper()
	if _, err := b.Call(b.ctx, "reprocess", fhir.Key{Type: "Claim", ID: id}, "", nil, false); err != nil {
		b.Fatal(err)
	}
}

// Two lines or insurances of one sequence are refused, by the second.
func TestEntriesAreTakenApartByTheirSequence(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		for _, list := range []string{"item", "insurance"} {
			doc, err := fhir.Parse(b.claim())
			if err != nil {
				t.Fatal(err)
			}
			edit, entries := fhir.NewEdit(doc), doc.Root().Get(list)
			if !entries.Exists() {
				t.Fatalf("the claim has no %s", list)
			}
			edit.Append(entries, entries.First().Raw())
			_, err = b.operate(edit.Bytes())
			at := fmt.Sprintf("Claim.%s[%d].sequence", list, entries.Len())
			if !fhir.HasIssue(err, fhir.IssueInvalid) || fhir.OutcomeOf(err).Issues[0].Expression != at {
				t.Errorf("two of one sequence: %v, want it refused at %s", err, at)
			}
		}
	})
}

// numbered gives a claim a number that no other has.
func (b *bench) numbered(claim []byte) []byte {
	b.numbers++
	own := fmt.Appendf(nil, `"N-%d"`, b.numbers)
	return bytes.Replace(bytes.Replace(claim, []byte(`"C-2026-001001"`), own, 1), []byte(`"C-2026-000900"`), own, 1)
}

// A diagnosis that its code system does not have is found by a tag, and decided as any
// other. Of a system that is not stored, or not whole, nobody knows.
func TestAnUnknownDiagnosisIsFoundByATag(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const system = "urn:icd"
		store := func(content, concepts string) {
			b.put("CodeSystem/icd", []byte(`{"resourceType":"CodeSystem","id":"icd","url":"`+system+`","status":"active","caseSensitive":true,"content":"`+content+`","concept":[`+concepts+`]}`))
		}
		tagged := func(code string) bool {
			t.Helper()
			body := b.of(fmt.Sprint("D-", b.numbers), "Patient/head-77", "Coverage/cov-head",
				`"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"`+system+`","code":"`+code+`"}]}}],`, line(1, "S-310", 1, 100000, ""))
			b.numbers++
			r := b.submit(body)
			if got := r.total("benefit"); got == "0" {
				t.Errorf("%s: nothing is paid: %s", code, r.Disposition)
			}
			b.setStatus(r.ID, "cancelled")
			return strings.Contains(r.Body, `"unknown-diagnosis"`)
		}
		if tagged("B54") {
			t.Error("of a system that is not stored a code is said to be unknown")
		}
		store("complete", `{"code":"A00-B99","concept":[{"code":"B54"}]}`)
		for code, want := range map[string]bool{"B54": false, "A00-B99": false, "XYZ99": true} {
			if got := tagged(code); got != want {
				t.Errorf("%s: tagged %v, want %v", code, got, want)
			}
		}
		store("complete", `{"code":"B54"},{"code":"XYZ99"}`)
		if tagged("XYZ99") {
			t.Error("a code that was added is still unknown")
		}
		store("fragment", `{"code":"B54"}`)
		if tagged("Q1") {
			t.Error("of a system that is not whole a code is said to be unknown")
		}
	})
}

// A total that can't be counted, such as a float's, is reckoned from price and quantity
// where these are there; one that is below 0 is told.
func TestATotalWithAFloatsTail(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		for net, want := range map[string]string{"100000.00000000001": "100000", "99999": "99999", "-5": ""} {
			b.numbers++
			item := strings.Replace(line(1, "S-310", 1, 100000, ""), `"sequence":1`, `"sequence":1,"net":{"value":`+net+`,"currency":"TZS"}`, 1)
			r := b.submit(b.of(fmt.Sprint("F-", b.numbers), "Patient/head-77", "Coverage/cov-head", "", item))
			if got := r.total("submitted"); want != "" && got != want {
				t.Errorf("a net of %s: submitted is %s, want %s", net, got, want)
			}
			if told := len(r.Error) > 0; told != (want == "") {
				t.Errorf("a net of %s: errors %v", net, r.Error)
			}
			b.setStatus(r.ID, "cancelled")
		}
	})
}
