package claim_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
)

// Cover that ends earlier is decided anew for the days after it: up to a page of
// claims at once, the rest by a job, and nobody else's.
func TestManyClaimsAreDecidedAnew(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const many = 60
		var ids []string
		for i := range many {
			// The limit of two a year is used up by the first two.
			ids = append(ids, b.submit(b.claim("C-2026-001001", fmt.Sprintf("C-%d", i))).ID)
		}
		numbered := b.submit(b.claim("C-2026-001001", "C-numbered", `"reference": "Patient/asha"`, `"type":"Patient","identifier":{"system":"https://bima.example/fhir/id/insurance-number","value":"070707070081"}`)).ID
		before := b.submit(b.claim("C-2026-001001", "C-before", "2026-09-14", "2026-03-31")).ID
		other := b.submit(b.claim("C-2026-001001", "C-other", "Patient/asha", "Patient/head-77", "Coverage/cov-asha", "Coverage/cov-head")).ID
		coverage := b.plan("Coverage/cov-asha")
		b.put("Coverage/cov-asha", bytes.Replace(coverage, []byte(`"end": "2026-12-31"`), []byte(`"end": "2026-03-31"`), 1))
		// A page is 50 claims, in the order of their making: that of March is first,
		// and not concerned.
		if anew := b.decidedAnew(ids); anew != 49 {
			t.Errorf("%d claims are decided anew in the transaction, want 49", anew)
		}
		b.work("claim.redecide")
		if anew := b.decidedAnew(append(ids, numbered)); anew != many+1 {
			t.Errorf("%d claims are decided anew, want %d", anew, many+1)
		}
		if anew := b.decidedAnew([]string{before, other}); anew != 0 {
			t.Errorf("%d claims are decided anew that the change does not concern", anew)
		}
		for _, id := range ids[:2] {
			r := b.response(id)
			if got := r.total("benefit"); got != "0" || r.reasons(0)[0] != "no-coverage" {
				t.Errorf("%s grants %s because of %v", id, got, r.reasons(0))
			}
		}
		// The first two were granted 90,000 − 5,000 = 85,000 × 80 % = 68,000 and
		// 90,000 × 80 % = 72,000; the others nothing.
		b.recovers("Contract/pol-77", map[string]string{ids[0]: "68000", ids[1]: "72000"})
		// Covered again they are granted as before, and nothing is left to recover.
		b.put("Coverage/cov-asha", coverage)
		b.work("claim.redecide")
		b.recovers("Contract/pol-77", nil)
	})
}

// A claim that is looked at again when later ones have used a ceiling up gets the same:
// its answer stays as it is, and does not say that this claim used it up.
func TestWhatLaterClaimsUsedUpIsNotToldOfTheFirst(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const ceiling = `,{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"benefit"}]},
			"qualifiers":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"individual"}]}],"value":{"value":500,"unit":"TZS","system":"urn:iso:std:iso:4217","code":"TZS"}}`
		b.putAll(`{"resourceType":"Patient","id":"sia"}`, tariff("DRUG", "50", ""), product("CEIL", "", `{"type":`+everything+`}`, patientsShare(0)+ceiling), cover("cov-sia", "Patient/sia", "CEIL", 1))
		var ids []string
		for i, c := range []struct {
			quantity      int
			benefit, note string
		}{{6, "300", ""}, {8, "200", "used up"}, {1, "0", ""}} {
			r := b.submit(b.of(fmt.Sprintf("U-%d", i), "Patient/sia", "Coverage/cov-sia", "", line(1, "DRUG", c.quantity, 50, "")))
			told := b.node("ClaimResponse/" + r.ID).Get("processNote").First().Get("text").Text()
			if r.total("benefit") != c.benefit || !strings.Contains(told, c.note) || c.note == "" && told != "" {
				t.Errorf("claim %d grants %s, want %s, and says %q", i, r.total("benefit"), c.benefit, told)
			}
			ids = append(ids, r.ID)
		}
		again := func(want ...string) {
			b.onceMore("sia", "", "Coverage/cov-sia")
			for i, id := range ids {
				n := b.node("ClaimResponse/" + id)
				if got := n.At("meta", "versionId").Text() + ": " + b.response(id).total("benefit"); got != want[i] {
					t.Errorf("claim %d is of version %s, want %s: %s", i, got, want[i], n.Raw())
				}
			}
		}
		again("1: 300", "1: 200", "1: 0")
		// What the second had used is the third's, whose answer is another one.
		b.setStatus(ids[1], "cancelled")
		again("1: 300", "2: 200", "2: 50") // what was withdrawn keeps its record
	})
}

// Once more is looked at what may have been decided without the cover that began, not at
// what was decided under it: that is decided anew when somebody asks.
func TestWhatWasDecidedUnderNewCoverStands(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const ceiling = `,{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"benefit"}]},
			"qualifiers":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"individual"}]}],"value":{"value":300,"unit":"TZS","system":"urn:iso:std:iso:4217","code":"TZS"}}`
		b.putAll(`{"resourceType":"Patient","id":"neu"}`, tariff("DRUG", "50", ""), product("CEIL", "", `{"type":`+everything+`}`, patientsShare(0)+ceiling), cover("cov-neu", "Patient/neu", "CEIL", 1))
		var ids []string
		for i, want := range []string{"300", "0"} {
			r := b.submit(b.of(fmt.Sprintf("N-%d", i), "Patient/neu", "Coverage/cov-neu", "", line(1, "DRUG", 6, 50, "")))
			if r.total("benefit") != want {
				t.Errorf("claim %d grants %s, want %s", i, r.total("benefit"), want)
			}
			ids = append(ids, r.ID)
		}
		b.setStatus(ids[0], "cancelled")
		const begun = `,"gained":true,"begins":true,"again":true`
		for _, c := range []struct{ trigger, want string }{{"Coverage/cov-neu", "1: 0"}, {"Coverage/another", "2: 300"}} {
			b.onceMore("neu", "", c.trigger, begun)
			if got := b.node("ClaimResponse/"+ids[1]).At("meta", "versionId").Text() + ": " + b.response(ids[1]).total("benefit"); got != c.want {
				t.Errorf("once more after %s began the claim is of version %s, want %s", c.trigger, got, c.want)
			}
		}
	})
}

// A membership that is of no policy has a list of its own.
func TestCoverWithoutAPolicy(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		coverage := string(b.plan("Coverage/cov-asha"))
		alone := coverage[:strings.LastIndex(coverage, `"contract"`)]
		alone = strings.TrimRight(alone, " \n,") + "}"
		b.put("Coverage/cov-asha", []byte(alone))
		// The plan as such has no earlier policy: 90,000 − 5,000 = 85,000 × 80 % = 68,000.
		r := b.submit(b.claim())
		if got := r.total("benefit"); got != "68000" {
			t.Fatalf("the benefit is %s, want 68000: %s", got, r.Disposition)
		}
		b.put("Coverage/cov-asha", []byte(strings.Replace(alone, `"end": "2026-12-31"`, `"end": "2026-03-31"`, 1)))
		b.recovers("Coverage-cov-asha", map[string]string{r.ID: "68000"})
	})
}

// A claim that is decided while its cover ends or begins is decided in the end by
// the cover that stands, whichever was first.
func TestClaimsThatRaceWithTheirCover(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		active := b.plan("Coverage/cov-asha")
		ended := bytes.Replace(active, []byte(`"end": "2026-12-31"`), []byte(`"end": "2026-03-31"`), 1)
		for i, c := range []struct {
			was, is []byte
			benefit string
		}{{active, ended, "0"}, {ended, active, "68000"}, {active, ended, "0"}, {ended, active, "68000"}} {
			b.put("Coverage/cov-asha", c.was)
			claims := make(chan response)
			go func() { claims <- b.submit(b.claim("C-2026-001001", fmt.Sprintf("C-%d", i))) }()
			b.put("Coverage/cov-asha", c.is)
			r := <-claims
			b.onceMore("asha", "Contract/pol-77", "Coverage/cov-asha")
			if got := b.response(r.ID).total("benefit"); got != c.benefit {
				t.Errorf("claim %d grants %s, want %s", i, got, c.benefit)
			}
			b.setStatus(r.ID, "cancelled")
		}
	})
}

// onceMore does the job that looks at a person's claims again when a race is over.
func (b *bench) onceMore(person, contract, trigger string, more ...string) {
	b.Helper()
	key := func(name string) string {
		typ, id, _ := strings.Cut(name, "/")
		return fmt.Sprintf(`{"Type":%q,"ID":%q}`, typ, id)
	}
	args := fmt.Sprintf(`{"touches":[{"person":%s,"contract":%s,"trigger":%s,"days":{"From":0,"To":100000}%s}]}`, key("Patient/"+person), key(contract), key(trigger), strings.Join(more, ""))
	for _, w := range claim.Module(base).Workers {
		if w.Kind == "claim.redecide" {
			if err := w.Work(b.ctx, b.Engine, []byte(args)); err != nil {
				b.Error(err)
			}
		}
	}
}

// decidedAnew counts the claims whose response says what made it another.
func (b *bench) decidedAnew(ids []string) int {
	b.Helper()
	count := 0
	for _, id := range ids {
		r, err := b.Read(b.ctx, fhir.Key{Type: "ClaimResponse", ID: id})
		if err != nil {
			b.Fatal(err)
		}
		if r.Version > 1 && strings.Contains(string(r.Body), `"reference":"Coverage/cov-asha"}}`) {
			count++
		}
	}
	return count
}

// work waits until a job of a kind is done.
func (b *bench) work(kind string) {
	b.Helper()
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	done := make(chan error, 1)
	var workers []fhir.Worker
	for _, w := range claim.Module(base).Workers {
		if do := w.Work; w.Kind == kind {
			w.Work = func(ctx context.Context, s fhir.Server, args []byte) error {
				err := do(ctx, s, args)
				done <- err
				return err
			}
		}
		workers = append(workers, w)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.store.Work(ctx, b.Engine, workers) }()
	select {
	case err := <-done:
		if err != nil {
			b.Error(err)
		}
	case <-time.After(time.Minute):
		b.Error("no job was worked within a minute")
	}
	stop()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// recovers compares what a policy's Task lists: claims with what was granted.
func (b *bench) recovers(contract string, want map[string]string) {
	b.Helper()
	r, err := b.Read(b.ctx, fhir.Key{Type: "Task", ID: "redecision-" + strings.TrimPrefix(contract, "Contract/")})
	if err != nil {
		b.Fatal(err)
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	n := doc.Root()
	status := "requested"
	if len(want) == 0 {
		status = "cancelled"
	}
	if got := n.Get("status").Text(); got != status || n.Get("input").Len() != len(want) {
		b.Errorf("the Task is %s and lists %d claims, want %s and %d: %s", got, n.Get("input").Len(), status, len(want), r.Body)
	}
	for i := range n.Get("input").Each() {
		claim := strings.TrimPrefix(i.At("valueReference", "reference").Text(), "Claim/")
		change := i.Extension("https://bima.example/fhir/StructureDefinition/redecision")
		before, now := change.Extension("before").At("valueMoney", "value").Text(), change.Extension("now").At("valueMoney", "value").Text()
		if before != want[claim] || now != "0" {
			b.Errorf("of %s it says %s and %s, want %s and 0", claim, before, now, want[claim])
		}
	}
}

// While a claim is decided anew, which waits for the lock of its patient, it is
// cancelled, or its answer is paid. What was read before is not what is decided.
func TestWhatChangesWhileAClaimIsDecidedAnew(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		cancelled, settled := b.submit(b.claim()).ID, b.submit(b.claim("C-2026-001001", "C-2")).ID
		// Cover ends before the care, so that anew nothing is paid.
		end := `{"resourceType":"Coverage","id":"cov-asha","status":"draft","beneficiary":{"reference":"Patient/asha"},"payor":[{"reference":"Organization/scheme"}]}`
		done := make(chan error, 1)
		err := b.Commit(b.ctx, func(tx fhir.Tx) error {
			if err := tx.Lock("Patient/asha"); err != nil {
				return err
			}
			go func() {
				_, err := b.Update(b.ctx, fhir.Key{Type: "Coverage", ID: "cov-asha"}, interaction.Write{Body: []byte(end)})
				done <- err
			}()
			time.Sleep(300 * time.Millisecond) // on PostgreSQL it waits for the lock by now; if not yet, the better
			answer, err := fhir.Tree(tx, fhir.Key{Type: "ClaimResponse", ID: settled})
			if err != nil {
				return err
			}
			e := fhir.NewEdit(answer.Document())
			e.Set(answer, "payment", []byte(`{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/ex-paymenttype","code":"complete"}]},"amount":{"value":50000,"currency":"TZS"}}`))
			if _, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: "ClaimResponse", ID: settled}, Body: e.Bytes()}, 0); err != nil {
				return err
			}
			n, err := fhir.Tree(tx, fhir.Key{Type: "Claim", ID: cancelled})
			if err != nil {
				return err
			}
			e = fhir.NewEdit(n.Document())
			e.Set(n, "status", []byte(`"cancelled"`))
			_, err = tx.Update(&fhir.Resource{Key: fhir.Key{Type: "Claim", ID: cancelled}, Body: e.Bytes()}, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got := b.node("ClaimResponse/" + cancelled).Get("status").Text(); got != "cancelled" {
			t.Errorf("the answer to the claim that is cancelled is %s", got)
		}
		if n := b.node("ClaimResponse/" + settled); !n.Get("payment").Exists() {
			t.Errorf("the payment is forgotten: %s", n.Raw())
		}
	})
}

// Of a family 800 are paid, of a person's visits 700. 600 are paid for the first visit;
// of the second, of 600, the family leaves 200 and the person 100: 400 and 100 are cut.
// A stay takes the 100 that the family has left. Decided anew, 500 of the visit are
// above what the family leaves and nothing above the person's: the same 100 are paid,
// and the answer stands. A price that changes is told.
func TestWhichCeilingCutsIsNoOtherAnswer(t *testing.T) {
	ceiling := func(amount int, qualifiers ...string) string {
		return fmt.Sprintf(`{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"benefit"}]},"qualifiers":[%s],
			"value":{"value":%d,"system":"urn:iso:std:iso:4217","code":"TZS"}}`, strings.Join(qualifiers, ","), amount)
	}
	coding := func(system, code string) string {
		return `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/` + system + `","code":"` + code + `"}]}`
	}
	onEach(t, func(t *testing.T, b *bench) {
		b.putAll(tariff("T-1", "600", ""), `{"resourceType":"Patient","id":"capped","active":true,"gender":"female","birthDate":"1990-01-01"}`, cover("cov-t", "Patient/capped", "capped", 1), product("capped", "", `{"type":`+everything+`}`,
			ceiling(800, coding("benefit-unit", "family"))+","+ceiling(700, coding("benefit-unit", "individual"), coding("v3-ActCode", "AMB"))))
		visit := func(number, class string) response {
			body := b.of(number, "Patient/capped", "Coverage/cov-t", "", line(1, "T-1", 1, 600, ""))
			return b.submit(bytes.ReplaceAll(body, []byte(`"AMB"`), []byte(`"`+class+`"`)))
		}
		visit("V-1", "AMB")
		second := visit("V-2", "AMB")
		visit("V-3", "IMP")
		if got := strings.Join(second.lines(), "; "); got != "100 ceiling-policy ceiling-insuree" {
			t.Fatalf("the second visit: %s", got)
		}
		b.again(second.ID)
		if got := b.response(second.ID); got.Body != second.Body {
			t.Errorf("decided anew it tells another answer:\n%s\n%s", second.Body, got.Body)
		}
		b.putAll(tariff("T-1", "650", ""))
		b.putAll(tariff("T-1", "500", ""))
		b.again(second.ID)
		if got := strings.Join(b.response(second.ID).lines(), "; "); got != "100 list-price ceiling-policy" {
			t.Errorf("with the price lowered: %s", got)
		}
	})
}
