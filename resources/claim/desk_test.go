package claim_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
	"bima/storage/storagetest"
)

// as gives the bench for another caller.
func (b *bench) as(name string, entity string, roles ...fhir.Role) *bench {
	other := *b
	typ, id, _ := strings.Cut(entity, "/")
	other.ctx = fhir.WithCaller(context.Background(), fhir.Caller{Name: name, Identity: name, Roles: roles, Entity: fhir.Key{Type: typ, ID: id}})
	return &other
}

// ask calls an operation on a claim and gives what it answers.
func (b *bench) ask(code, id, body string) (response, error) {
	b.Helper()
	out, err := b.Call(b.ctx, code, fhir.Key{Type: "Claim", ID: id}, "", []byte(body), false)
	if err != nil {
		return response{}, err
	}
	return decode(b, out.Resource.Body), nil
}

func because(reason string) string {
	return fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":%q}]}`, reason)
}

// node gives the current version of a resource, "Claim/1".
func (b *bench) node(name string) fhir.Node {
	b.Helper()
	typ, id, _ := strings.Cut(name, "/")
	r, err := b.Read(b.ctx, fhir.Key{Type: typ, ID: id})
	if err != nil {
		b.Fatal(err)
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	return doc.Root()
}

// found gives the resources of a search.
func (b *bench) found(typ, query string) []fhir.Node {
	b.Helper()
	body, err := b.Search(b.ctx, typ, query, interaction.SearchOptions{})
	if err != nil {
		b.Fatal(err)
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		b.Fatal(err)
	}
	var list []fhir.Node
	for e := range doc.Root().Get("entry").Each() {
		list = append(list, e.Get("resource"))
	}
	return list
}

// refused checks a refusal by its status and a word of it.
func (b *bench) refused(err error, status int, word string) {
	b.Helper()
	if interaction.Status(err) != status || err == nil || !strings.Contains(err.Error(), word) {
		b.Errorf("got %d %v, want %d with %q", interaction.Status(err), err, status, word)
	}
}

// The family's ceiling is 600,000 a year. The operation takes 550,000 of it, which
// leaves 50,000 of the 68,000 that Asha's claim would be paid with; with the
// operation cancelled she is paid all 68,000.
func TestCancelFreesWhatAClaimUsed(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		surgery := b.submit(b.surgery())
		cut := b.submit(b.claim())
		if got := cut.total("benefit"); got != "50000" {
			t.Fatalf("beside the operation the claim is paid with %s, want 50000", got)
		}
		got, err := b.ask("cancel", surgery.ID, because("claimed under the wrong name"))
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != "cancelled" || got.Disposition != "The claim was withdrawn: claimed under the wrong name. Nothing is paid for it." {
			t.Errorf("the answer is %s: %s", got.Status, got.Disposition)
		}
		gains := b.node("ClaimResponse/"+surgery.ID).Extension("https://bima.example/fhir/StructureDefinition/may-gain").At("valueReference", "reference").Text()
		if gains != "Claim/"+cut.ID || !strings.Contains(got.ProcessNote[len(got.ProcessNote)-1].Text, "Claim/"+cut.ID) {
			t.Errorf("who may gain is %q: %v", gains, got.ProcessNote)
		}
		if by := b.node("ClaimResponse/"+surgery.ID).Extension("https://bima.example/fhir/StructureDefinition/decision-trigger").At("valueReference", "reference").Text(); by != "Claim/"+surgery.ID {
			t.Errorf("the answer to the withdrawn claim was made by %q", by)
		}
		again, err := b.ask("cancel", surgery.ID, "")
		if err != nil || again.Body != got.Body {
			t.Errorf("cancelled again: %v %s", err, again.Body)
		}
		anew, err := b.ask("reprocess", cut.ID, because("the ceiling is free again"))
		if err != nil || anew.total("benefit") != "68000" {
			t.Errorf("decided anew it is paid with %s, %v, want 68000", anew.total("benefit"), err)
		}
		why := b.found("Provenance", "target=ClaimResponse/"+cut.ID)
		if len(why) != 1 || why[0].Get("reason").First().Get("text").Text() != "the ceiling is free again" ||
			why[0].Get("target").First().Get("reference").Text() != "ClaimResponse/"+cut.ID+"/_history/2" {
			t.Errorf("its provenance is %v", why)
		}
		task := b.node("ClaimResponse/"+cut.ID).Extension("https://bima.example/fhir/StructureDefinition/decision-trigger").At("valueReference", "reference").Text()
		if !strings.HasPrefix(task, "Task/") || b.node(task).Get("description").Text() != "the ceiling is free again" {
			t.Errorf("the trigger is %q", task)
		}
		// Nothing has changed since: no new version, and no provenance.
		if same, err := b.ask("reprocess", cut.ID, ""); err != nil || same.Body != anew.Body {
			t.Errorf("decided a third time: %v %s", err, same.Body)
		}
		_, err = b.ask("reprocess", surgery.ID, "")
		b.refused(err, 422, "Claim.status")
	})
}

func TestWhoMayWithdrawAClaim(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		b.put("Practitioner/clerk", []byte(`{"resourceType":"Practitioner","id":"clerk"}`))
		b.put("PractitionerRole/clerk", []byte(`{"resourceType":"PractitionerRole","id":"clerk","practitioner":{"reference":"Practitioner/clerk"},"organization":{"reference":"Organization/facility-2"}}`))
		sender := b.as("sender", "", fhir.RoleIntegration)
		cases := []struct {
			who     *bench
			name    string
			allowed bool
		}{
			{b.as("other", "", fhir.RoleIntegration), "another sender", false},
			{b.as("neighbour", "Organization/facility-1", fhir.RoleFacility), "another facility", false},
			{b.as("reviewer", "Practitioner/reviewer", fhir.RoleReviewer), "a reviewer", false},
			{sender, "who submitted it", true},
			{b.as("facility", "Organization/facility-2", fhir.RoleFacility), "its facility", true},
			{b.as("clerk", "Practitioner/clerk", fhir.RoleFacility), "a clerk of its facility", true},
			{b, "an administrator", true},
		}
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				c.who.TB, b.TB, sender.TB = t, t, t
				id := sender.submit(b.claim("C-2026-001001", fmt.Sprintf("W-%d", i))).ID
				_, err := c.who.ask("cancel", id, "")
				if c.allowed {
					if err != nil || b.response(id).Status != "cancelled" {
						t.Errorf("refused: %v", err)
					}
					return
				}
				c.who.refused(err, 403, "may not")
				// Nor by putting it.
				body := strings.Replace(string(b.node("Claim/"+id).Raw()), `"active"`, `"cancelled"`, 1)
				_, err = c.who.Update(c.who.ctx, fhir.Key{Type: "Claim", ID: id}, interaction.Write{Body: []byte(body)})
				c.who.refused(err, 403, "may not")
				b.setStatus(id, "cancelled")
			})
		}
	})
}

func TestWhatIsPaidStays(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		surgery := b.submit(b.surgery())
		cut := b.submit(b.claim())
		for _, id := range []string{surgery.ID, cut.ID} {
			body := strings.TrimSuffix(strings.TrimSpace(string(b.node("ClaimResponse/"+id).Raw())), "}") +
				`,"payment":{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/ex-paymenttype","code":"complete"}]},"amount":{"value":50000,"currency":"TZS"}}}`
			b.put("ClaimResponse/"+id, []byte(body))
		}
		_, err := b.ask("cancel", surgery.ID, "")
		b.refused(err, 422, "is paid")
		_, err = b.Update(b.ctx, fhir.Key{Type: "Claim", ID: cut.ID}, interaction.Write{Body: []byte(strings.Replace(string(b.node("Claim/"+cut.ID).Raw()), "100000", "1000", 3))})
		b.refused(err, 422, "is paid")
		// What it was decided by has changed; what was paid is told still.
		b.put("Coverage/cov-asha", []byte(strings.Replace(string(b.plan("Coverage/cov-asha")), `"end": "2026-12-31"`, `"end": "2026-03-31"`, 1)))
		anew := b.response(cut.ID)
		if anew.total("benefit") != "0" || b.node("ClaimResponse/"+cut.ID).At("payment", "amount", "value").Text() != "50000" {
			t.Errorf("decided anew: %s", anew.Body)
		}
	})
}

// The record of a decision is overwritten by nobody, whoever he is: payment is noted,
// and tags are. What was decided elsewhere is kept as it is sent.
func TestADecisionIsNotOverwritten(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		id := b.submit(b.claim()).ID
		b.tell()
		namesake := fhir.Caller{Name: fhir.SystemName, Identity: fhir.SystemName, Roles: []fhir.Role{fhir.RoleAccountant}}
		for _, typ := range []string{"ClaimResponse", "ExplanationOfBenefit"} {
			key := fhir.Key{Type: typ, ID: id}
			stands := string(b.node(key.String()).Raw())
			for _, change := range [][2]string{{`"complete"`, `"partial"`}, {"68000", "69000"}, {`"created":"2`, `"created":"1`}} {
				changed := strings.Replace(stands, change[0], change[1], 1)
				if changed == stands {
					t.Fatalf("%s has no %s", key, change[0])
				}
				for _, who := range []fhir.Caller{fhir.Developer(), namesake} {
					_, err := b.Update(fhir.WithCaller(b.ctx, who), key, interaction.Write{Body: []byte(changed)})
					b.refused(err, 422, "$reprocess")
				}
			}
			_, err := b.Patch(b.ctx, key, "application/json-patch+json", interaction.Write{Body: []byte(`[{"op":"replace","path":"/outcome","value":"error"}]`)})
			b.refused(err, 422, typ+".outcome")
			_, err = b.Delete(b.ctx, key, "")
			b.refused(err, 422, "$cancel")
			b.put(key.String(), []byte(strings.Replace(stands, `"meta":{`, `"meta":{"tag":[{"code":"seen"}],`, 1)))
			if n := b.node(key.String()); n.At("meta", "versionId").Text() != "2" || n.Get("outcome").Text() != "complete" {
				t.Errorf("tagged it is %s", n.Raw())
			}
		}
		answer := strings.Replace(string(b.node("ClaimResponse/"+id).Raw()), `"id":"`+id+`"`, `"id":"theirs"`, 1)
		for _, outcome := range []string{"complete", "partial"} {
			b.put("ClaimResponse/theirs", []byte(strings.Replace(answer, `"complete"`, `"`+outcome+`"`, 1)))
		}
		if n := b.node("ClaimResponse/theirs"); n.Get("outcome").Text() != "partial" {
			t.Errorf("what was decided elsewhere is %s", n.Raw())
		}
		if again, err := b.ask("reprocess", id, ""); err != nil || again.total("benefit") != "68000" {
			t.Errorf("decided anew: %v", err)
		}
		// So is that of a claim that was deleted.
		if _, err := b.Delete(b.ctx, fhir.Key{Type: "Claim", ID: id}, ""); err != nil {
			t.Fatal(err)
		}
		b.tell()
		for _, typ := range []string{"ClaimResponse", "ExplanationOfBenefit"} {
			key := fhir.Key{Type: typ, ID: id}
			withdrawn := string(b.node(key.String()).Raw())
			_, err := b.Update(b.ctx, key, interaction.Write{Body: []byte(strings.Replace(withdrawn, `"cancelled"`, `"active"`, 1))})
			b.refused(err, 422, "nobody overwrites")
			_, err = b.Delete(b.ctx, key, "")
			b.refused(err, 422, "is kept")
		}
	})
}

func TestReprocessTakesACorrectedClaim(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		id := b.submit(b.claim("Patient/asha", "Patient/nobody")).ID
		corrected := strings.Replace(string(b.claim()), "{", `{"id":"`+id+`",`, 1)
		_, err := b.ask("reprocess", id, string(b.claim()))
		b.refused(err, 400, "Claim.id")
		got, err := b.ask("reprocess", id, corrected)
		if err != nil || got.total("benefit") != "68000" {
			t.Errorf("corrected it is paid with %s, %v, want 68000", got.total("benefit"), err)
		}
		bundle, err := b.ask("reprocess", id, `{"resourceType":"Bundle","type":"collection","entry":[{"resource":`+corrected+`}]}`)
		if err != nil || bundle.first(t).ID != id {
			t.Errorf("a Bundle is answered by %v %s", err, bundle.Body)
		}
		if tasks := b.found("Task", "code=reprocess&focus=Claim/"+id); len(tasks) != 2 {
			t.Errorf("%d Tasks record it", len(tasks))
		}
		_, err = b.ask("reprocess", "nobody", "")
		b.refused(err, 404, "nobody")
	})
}

// related says of a claim which one it takes the place of.
func related(claim []byte, system, code, earlier string) []byte {
	return []byte(strings.Replace(string(claim), `"insurer"`, `"related":[{"claim":`+earlier+`,"relationship":{"coding":[{"system":"`+system+`","code":"`+code+`"}]}}],"insurer"`, 1))
}

func corrects(claim []byte, id string) []byte {
	return related(claim, "https://bima.example/fhir/CodeSystem/claim-relationship", "corrects", `{"reference":"Claim/`+id+`"}`)
}

func TestRejectedClaimIsSubmittedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		rejected := b.submit(b.claim("Patient/asha", "Patient/nobody"))
		again := corrects(b.claim(), rejected.ID)
		got, err := b.operate(again)
		if err != nil || got.total("benefit") != "68000" {
			t.Fatalf("under its old number the corrected claim is paid with %q, %v, want 68000", got.total("benefit"), err)
		}
		old := b.node("Claim/" + rejected.ID)
		if by := old.Extension("https://bima.example/fhir/StructureDefinition/replaced-by").At("valueReference", "reference").Text(); by != "Claim/"+got.ID || old.Get("status").Text() != "cancelled" {
			t.Errorf("the old one is %s and replaced by %q", old.Get("status").Text(), by)
		}
		if r := b.response(rejected.ID); r.Status != "cancelled" || !strings.Contains(r.Disposition, "replaced by Claim/"+got.ID) {
			t.Errorf("its response is %s: %s", r.Status, r.Disposition)
		}
		b.staysReplaced(rejected.ID)
		same, err := b.operate(again)
		if err != nil || same.ID != got.ID {
			t.Errorf("sent once more it is %s, %v, not %s", same.ID, err, got.ID)
		}
		cases := []struct {
			name, word string
			body       []byte
		}{
			{"what was replaced", "was replaced by", corrects(b.claim("C-2026-001001", "X-1"), rejected.ID)},
			{"what was granted something", "neither rejected nor cancelled", corrects(b.claim("C-2026-001001", "X-2"), got.ID)},
			{"what nobody knows", "no claim", corrects(b.claim("C-2026-001001", "X-3"), "nowhere")},
		}
		for _, c := range cases {
			_, err := b.operate(c.body)
			b.refused(err, 422, c.word)
			if !strings.Contains(fmt.Sprint(err), "Claim.related[0].claim") {
				t.Errorf("%s is refused at %v", c.name, err)
			}
		}
		mine := b.submit(b.claim("Patient/asha", "Patient/nobody", "C-2026-001001", "X-4"))
		_, err = b.operate(corrects(b.claim("C-2026-001001", "X-4", "Organization/facility-2", "Organization/facility-1"), mine.ID))
		b.refused(err, 422, "another facility")
		// HL7's prior may mean any earlier claim; only a known one is replaced.
		prior := related(b.claim("C-2026-001001", "X-5"), "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship", "prior", `{"identifier":{"system":"urn:elsewhere","value":"1"}}`)
		if r, err := b.operate(prior); err != nil || r.Outcome != "complete" {
			t.Errorf("with a prior claim from elsewhere: %v %s", err, r.Outcome)
		}
	})
}

// What is invalid in one claim of a batch refuses that one, and nothing is decided of a
// batch that is none itself.
func TestAnInvalidClaimOfABatchIsRefusedByItself(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const post = `"request":{"method":"POST","url":"Claim"}`
		batch := func(begin string, claims ...string) []byte {
			return []byte(`{"resourceType":"Bundle","type":"batch",` + begin + `"entry":[{"resource":` + strings.Join(claims, `,`+post+`},{"resource":`) + `,` + post + `}]}`)
		}
		claims := []string{
			string(b.claim("C-2026-001001", "I-1")),
			string(b.claim("C-2026-001001", "I-2", `"status": "active"`, `"status": "wrong"`)),
			`{"resourceType":"Bogus"}`,
			string(b.claim("C-2026-001001", "I-3")),
		}
		if _, err := b.Call(b.ctx, "submit", fhir.Key{Type: "Claim"}, "", batch(`"total":"many",`, claims...), false); err == nil {
			t.Error("a batch that is invalid itself is taken")
		}
		out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "Claim"}, "", batch("", claims...), false)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(out.Resource.Body)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for e := range doc.Root().Get("entry").Each() {
			issue := e.At("response", "outcome", "issue").First()
			got = append(got, strings.Fields(e.At("response", "status").Text())[0]+" "+e.At("resource", "outcome").Text()+issue.Get("expression").First().Text())
		}
		if diff := cmp.Diff([]string{"201 complete", "400 Claim.status", "400 Bundle.entry[2].resource.resourceType", "201 complete"}, got); diff != "" {
			t.Errorf("answers (-want +got)\n%s", diff)
		}
	})
}

func TestManyClaimsAreSubmittedAndAskedFor(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const post = `"request":{"method":"POST","url":"Claim"}`
		entries := []string{
			string(b.claim("C-2026-001001", "M-1")),
			string(b.claim("C-2026-001001", "M-2", "Patient/asha", "Patient/nobody")),
			string(b.claim("C-2026-001001", "M-3", `"status": "active"`, `"status": "draft"`)),
			string(b.claim("C-2026-001001", "M-1")),
			string(b.claim("C-2026-001001", "M-1", "100000", "90000")),
			`{"resourceType":"Basic","code":{"text":"x"}}`,
			string(b.claim("C-2026-001001", "M-4")),
		}
		screened := fhir.WithScreened(b.ctx, map[int]error{6: fhir.Errorf(fhir.IssueBusinessRule, "Claim.supportingInfo[0]", "a virus")})
		out, err := b.Call(screened, "submit", fhir.Key{Type: "Claim"}, "", []byte(`{"resourceType":"Bundle","type":"batch","entry":[{"resource":`+strings.Join(entries, `,`+post+`},{"resource":`)+`,`+post+`}]}`), false)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(out.Resource.Body)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for e := range doc.Root().Get("entry").Each() {
			what := e.At("resource", "outcome").Text()
			if issue := e.At("response", "outcome", "issue").First(); issue.Exists() {
				what = issue.Get("expression").First().Text()
			}
			got = append(got, strings.Fields(e.At("response", "status").Text())[0]+" "+what)
		}
		want := []string{"201 complete", "201 error", "422 Claim.status", "200 complete", "409 Claim.identifier[0]", "400 Bundle.entry.resource", "422 Claim.supportingInfo[0]"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("answers (-want +got)\n%s", diff)
		}
		id := strings.TrimPrefix(doc.Root().Get("entry").First().At("response", "location").Text(), "Claim/")
		said, err := b.Call(b.ctx, "inquire", fhir.Key{Type: "Claim"}, "identifier=https://bima.example/fhir/id/claim|M-1&identifier=M-2&identifier=M-9&claim="+id, nil, true)
		if err != nil {
			t.Fatal(err)
		}
		if doc, err = fhir.Parse(said.Resource.Body); err != nil {
			t.Fatal(err)
		}
		got = nil
		for p := range doc.Root().Get("parameter").Each() {
			line := ""
			for part := range p.Get("part").Each() {
				switch part.Get("name").Text() {
				case "asked", "state", "outcome":
					line += part.Get("valueString").Text() + part.Get("valueCode").Text() + " "
				case "benefit":
					line += part.At("valueMoney", "value").Text()
				}
			}
			got = append(got, strings.TrimSpace(line))
		}
		want = []string{id + " valuated complete 68000", "https://bima.example/fhir/id/claim|M-1 valuated complete 68000", "M-2 rejected error", "M-9"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("how far they are (-want +got)\n%s", diff)
		}
		_, err = b.Call(b.ctx, "inquire", fhir.Key{Type: "Claim"}, "", nil, true)
		b.refused(err, 400, "which claims")
	})
}

// What the registers don't know is found by its tag, and nothing else is.
func TestWhatIsWrongWithClaimsIsFound(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		cases := []struct {
			tags    string
			changes []string
		}{
			{"", nil},
			{"unknown-patient", []string{"Patient/asha", "Patient/nobody"}},
			{"unknown-facility", []string{"Organization/facility-2", "Organization/facility-9"}},
			{"unknown-service", []string{"S-310", "S-000"}},
			{"total-differs", []string{`"value": 100000,
  "currency": "TZS"
 }
}`, `"value": 100001, "currency": "TZS"}}`}},
			{"", []string{"Patient/asha", "Patient/juma"}}, // not covered, and that is no error
		}
		for i, c := range cases {
			r := b.submit(b.claim(append(c.changes, "C-2026-001001", fmt.Sprintf("Q-%d", i))...))
			var tags []string
			for tag := range b.node("ClaimResponse/"+r.ID).At("meta", "tag").Each() {
				tags = append(tags, tag.Get("code").Text())
			}
			if got := strings.Join(tags, " "); got != c.tags {
				t.Errorf("%v is tagged %q, want %q", c.changes, got, c.tags)
			}
			if c.tags == "" {
				continue
			}
			found := b.found("ClaimResponse", "_tag=https://bima.example/fhir/CodeSystem/data-quality|"+c.tags)
			if len(found) != 1 || found[0].Get("id").Text() != r.ID {
				t.Errorf("%d are found by %s", len(found), c.tags)
			}
		}
	})
}

func TestAnswersAreInTheLanguageOfTheScheme(t *testing.T) {
	b := newBench(t, storagetest.SQLite(t), claim.Settings{Base: base, Language: "sw"}.Module())
	b.submit(b.surgery())
	r := b.submit(b.claim())
	if want := "50,000 kati ya 100,000 TZS zitalipwa; mwanachama anadaiwa 40,000."; r.Disposition != want {
		t.Errorf("got %s", r.Disposition)
	}
	if want := "Kikomo cha polisi kwa mwaka, 600,000 TZS, sasa kimekwisha."; len(r.ProcessNote) != 1 || r.ProcessNote[0].Text != want {
		t.Errorf("got %v", r.ProcessNote)
	}
	if !strings.Contains(r.Body, "Zaidi ya orodha ya bei ya kituo") {
		t.Errorf("the reasons are %s", r.Body)
	}
	gone, err := b.ask("cancel", r.ID, because("makosa"))
	if want := "Dai limeondolewa: makosa. Hakuna kinacholipwa kwa dai hili."; err != nil || gone.Disposition != want {
		t.Errorf("got %s, %v", gone.Disposition, err)
	}
}

func TestCorrectionsAreCounted(t *testing.T) {
	b := newBench(t, storagetest.SQLite(t), claim.Settings{Base: base, Corrections: 1}.Module())
	unknown := b.claim("Patient/asha", "Patient/nobody")
	first, err := b.operate(unknown)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.operate(corrects(unknown, first.ID))
	if err != nil || second.Outcome != "error" {
		t.Fatalf("corrected once: %v %s", err, second.Outcome)
	}
	_, err = b.operate(corrects(b.claim(), second.ID))
	b.refused(err, 422, "1 times at most")
}

// What is contained is not ours: it says by its number who is meant, and the answer
// names him so that it is found.
func TestContainedPatientIsKnownByHisNumber(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		contained := `"contained":[{"resourceType":"Patient","id":"p","identifier":[{"system":"https://bima.example/fhir/id/insurance-number","value":"070707070081"}]}],`
		r := b.submit([]byte(strings.Replace(string(b.claim("Patient/asha", "#p")), "{", "{"+contained, 1)))
		if r.total("benefit") != "68000" {
			t.Errorf("paid with %s: %s", r.total("benefit"), r.Disposition)
		}
		if found := b.found("ClaimResponse", "patient=Patient/asha"); len(found) != 1 || found[0].At("patient", "reference").Text() != "Patient/asha" {
			t.Errorf("%d are found", len(found))
		}
	})
}

func TestOnlyWhatIsDecidedIsWithdrawnWithAnAnswer(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		result, err := b.Create(b.ctx, "Claim", interaction.Write{Body: b.claim(`"status": "active"`, `"status": "draft"`)})
		if err != nil {
			t.Fatal(err)
		}
		draft := result.Resource.ID
		out, err := b.Call(b.ctx, "cancel", fhir.Key{Type: "Claim", ID: draft}, "", nil, false)
		if err != nil || out.Resource.Type != "OperationOutcome" || b.node("Claim/"+draft).Get("status").Text() != "cancelled" {
			t.Errorf("a draft is cancelled with %v", err)
		}
		wrong := b.submit(b.claim()).ID
		b.setStatus(wrong, "entered-in-error")
		_, err = b.ask("cancel", wrong, "")
		b.refused(err, 422, "entered in error")
		_, err = b.ask("cancel", wrong, `{"resourceType":"Basic","code":{"text":"x"}}`)
		b.refused(err, 400, "Parameters")
	})
}

// Of many corrections of one claim at once one takes its place, and the others are
// told which.
func TestCorrectionsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const many = 8
		wrong := b.submit(b.claim("Patient/asha", "Patient/nobody")).ID
		errs := make([]error, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() { _, errs[i] = b.operate(corrects(b.claim("C-2026-001001", fmt.Sprintf("R-%d", i)), wrong)) })
		}
		all.Wait()
		taken := 0
		for _, err := range errs {
			if err == nil {
				taken++
				continue
			}
			b.refused(err, 422, "was replaced by")
		}
		if taken != 1 {
			t.Errorf("%d took its place, want one", taken)
		}
	})
}
