package claim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
)

// The family's ceiling is 600,000; S-900 costs 600,000 and S-310 90,000 at most;
// each member bears the first 5,000 of the year, and 20 % of S-310 where he walks in.

// operation makes the claim of testdata one of Asha for S-900 at a price.
func (b *bench) operation(number, use, price string, more ...string) []byte {
	b.Helper()
	changes := append([]string{"C-2026-001001", number, "S-310", "S-900", "100000", price}, more...)
	if use != "claim" {
		changes = append(changes, `"use": "claim"`, `"use": "`+use+`"`)
	}
	return b.claim(changes...)
}

// agreement gives the reference and the days that a request is answered with.
func agreement(t *testing.T, r response) (ref, start, end string) {
	t.Helper()
	var got struct {
		PreAuthRef    string
		PreAuthPeriod struct{ Start, End string }
	}
	if err := json.Unmarshal([]byte(r.Body), &got); err != nil {
		t.Fatal(err)
	}
	return got.PreAuthRef, got.PreAuthPeriod.Start, got.PreAuthPeriod.End
}

// naming makes a claim name a preauthorization.
func naming(ref string) []string {
	return []string{`"focal": true,`, `"focal": true, "preAuthRef": ["` + ref + `"],`}
}

// paid submits a claim and gives what is paid.
func (b *bench) paid(body []byte) string {
	b.Helper()
	return b.submit(body).total("benefit")
}

func TestPreauthorizationReserves(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		// 405,000 − 5,000 deductible = 400,000 kept free of 600,000. The deductible
		// was not borne yet: only a claim bears it.
		ask := b.submit(b.operation("P-1", "preauthorization", "405000"))
		ref, start, end := agreement(t, ask)
		if ref == "" || ask.total("benefit") != "400000" {
			t.Fatalf("the request is answered with %s and reference %q", ask.total("benefit"), ref)
		}
		if start > "2026-09-14" || end < "2026-09-14" {
			t.Errorf("it holds from %s to %s", start, end)
		}
		// Another claim sees 200,000: 300,000 − 5,000 = 295,000, of which 95,000 are over.
		other := b.submit(b.operation("C-1", "claim", "300000"))
		if other.total("benefit") != "200000" || other.total("deductible") != "5000" {
			t.Errorf("beside the reservation %s are paid, deductible %s; want 200000 and 5000", other.total("benefit"), other.total("deductible"))
		}
		// Two claims consume what was kept: 250,000, and of the second's 200,000 the
		// 150,000 that are left.
		first := b.submit(b.operation("C-2", "claim", "250000", naming(ref)...))
		if got := first.total("benefit"); got != "250000" {
			t.Errorf("of what was kept %s are paid, want 250000", got)
		}
		if got := b.paid(b.operation("C-3", "claim", "200000", naming(ref)...)); got != "150000" {
			t.Errorf("of what was left %s are paid, want 150000", got)
		}
		if got := b.paid(b.operation("C-4", "claim", "1000", naming(ref)...)); got != "0" {
			t.Errorf("with all consumed %s are paid, want 0", got)
		}
		// Cancelled, the first gives back 250,000 to the reservation, not to others.
		b.setStatus(first.ID, "cancelled")
		if got := b.paid(b.operation("C-5", "claim", "10000")); got != "0" {
			t.Errorf("to others %s are given back, want 0", got)
		}
		if got := b.paid(b.operation("C-6", "claim", "260000", naming(ref)...)); got != "250000" {
			t.Errorf("to the reservation %s are given back, want 250000", got)
		}
	})
}

func TestWhatIsKeptIsFreedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ask := b.submit(b.operation("P-1", "preauthorization", "605000"))
		if got := ask.total("benefit"); got != "595000" {
			t.Fatalf("600,000 (list) − 5,000 is 595,000, not %s", got)
		}
		if got := b.paid(b.operation("E-1", "predetermination", "605000")); got != "5000" {
			t.Errorf("an estimate beside it gives %s, want 5000", got)
		}
		b.setStatus(ask.ID, "cancelled")
		if got := b.paid(b.operation("E-2", "predetermination", "605000")); got != "595000" {
			t.Errorf("with the request cancelled, an estimate gives %s, want 595000: estimates reserve nothing", got)
		}
		// Asked anew, 405,000 are kept, and a claim takes 100,000.
		ask = b.submit(b.operation("P-2", "preauthorization", "405000"))
		used := b.submit(b.operation("C-1", "claim", "105000", naming(ask.ID)...))
		if got := used.total("benefit"); got != "100000" {
			t.Errorf("105,000 − 5,000 is 100,000, not %s", got)
		}
		// The day after its last one the remaining 300,000 are free: 600,000 − 100,000.
		_, _, end := agreement(t, ask)
		last, err := time.Parse(time.DateOnly, end)
		if err != nil {
			t.Fatal(err)
		}
		b.daily(last)
		if got := b.paid(b.operation("E-3", "predetermination", "605000")); got != "200000" {
			t.Errorf("on its last day %s are free, want 200000", got)
		}
		b.daily(last.AddDate(0, 0, 1))
		b.daily(last.AddDate(0, 0, 1))
		if got := b.paid(b.operation("E-4", "predetermination", "605000")); got != "500000" {
			t.Errorf("after its last day %s are free, want 500000", got)
		}
		// A claim cancelled then gives back what it used, and only that; the number
		// of the request is still taken.
		b.setStatus(used.ID, "cancelled")
		if got := b.paid(b.operation("E-5", "predetermination", "605000")); got != "595000" {
			t.Errorf("with the claim cancelled %s are free, want 595000", got)
		}
		again, err := b.Create(b.ctx, "Claim", interaction.Write{Body: b.operation("P-2", "preauthorization", "405000")})
		if err != nil || again.Created {
			t.Errorf("the request again makes another: %v", err)
		}
	})
}

// daily does the module's work of a day.
func (b *bench) daily(day time.Time) {
	b.Helper()
	for _, work := range claim.Module(base).Daily {
		if err := work.Work(b.ctx, b.Engine, day); err != nil {
			b.Fatal(err)
		}
	}
}

// A request that is changed reserves what it asks for now, less what was consumed.
func TestReservationIsChangedWithItsRequest(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ask := b.submit(b.operation("P-1", "preauthorization", "405000"))
		b.submit(b.operation("C-1", "claim", "105000", naming(ask.ID)...)) // 100,000 consumed, 300,000 kept
		body := b.operation("P-1", "preauthorization", "305000", `"resourceType": "Claim",`, `"resourceType": "Claim","id":"`+ask.ID+`",`)
		if _, err := b.Update(b.ctx, fhir.Key{Type: "Claim", ID: ask.ID}, interaction.Write{Body: body}); err != nil {
			t.Fatal(err)
		}
		// The deductible is borne by now: 305,000 are agreed to, 205,000 kept.
		if got := b.response(ask.ID).total("benefit"); got != "305000" {
			t.Errorf("the changed request is answered with %s, want 305000", got)
		}
		if got := b.paid(b.operation("E-1", "predetermination", "600000")); got != "295000" {
			t.Errorf("600,000 − 100,000 − 205,000 is 295,000, not %s", got)
		}
		// A claim that is changed to name it no more consumes nothing of it.
		free := b.submit(b.operation("C-2", "claim", "50000", naming(ask.ID)...))
		body = b.operation("C-2", "claim", "50000", `"resourceType": "Claim",`, `"resourceType": "Claim","id":"`+free.ID+`",`)
		if _, err := b.Update(b.ctx, fhir.Key{Type: "Claim", ID: free.ID}, interaction.Write{Body: body}); err != nil {
			t.Fatal(err)
		}
		if got := b.paid(b.operation("E-2", "predetermination", "600000")); got != "245000" {
			t.Errorf("600,000 − 100,000 − 205,000 − 50,000 is 245,000, not %s", got)
		}
	})
}

// A claim of what was agreed to gets the same when it is decided anew: what it took
// is not free a second time. An estimate that names the agreement tells as much.
func TestClaimOfAnAgreementDecidedAnew(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ask := b.submit(b.operation("P-1", "preauthorization", "405000")) // 400,000 of 600,000
		b.submit(b.operation("C-1", "claim", "300000"))                   // the 200,000 that are free
		if got := b.paid(b.operation("E-1", "predetermination", "600000", naming(ask.ID)...)); got != "400000" {
			t.Errorf("an estimate that names the agreement tells %s, want 400000", got)
		}
		taken := b.submit(b.operation("C-2", "claim", "600000", naming(ask.ID)...))
		for _, when := range []string{"first", "again", "once more"} {
			if got := b.response(taken.ID).total("benefit"); got != "400000" {
				t.Errorf("%s: %s are paid of the 400,000 agreed to", when, got)
			}
			b.again(taken.ID)
		}
		// It names the agreement no more: nothing is free beside it, and all of it is kept.
		body := b.operation("C-2", "claim", "600000", `"resourceType": "Claim",`, `"resourceType": "Claim","id":"`+taken.ID+`",`)
		if _, err := b.Update(b.ctx, fhir.Key{Type: "Claim", ID: taken.ID}, interaction.Write{Body: body}); err != nil {
			t.Fatal(err)
		}
		if got := b.response(taken.ID).total("benefit"); got != "0" {
			t.Errorf("beside the agreement %s are paid, want 0", got)
		}
		if got := b.paid(b.operation("C-3", "claim", "600000", naming(ask.ID)...)); got != "400000" {
			t.Errorf("of what is kept again %s are paid, want 400000", got)
		}
	})
}

// Requests and claims of a family at once, some claims of what was kept: together
// they never take more than the ceiling.
func TestReservationsAndClaimsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ask := b.submit(b.operation("P-0", "preauthorization", "205000"))
		const each = 6
		var group sync.WaitGroup
		ids := make([]string, 3*each)
		send := func(i int, body []byte) {
			group.Go(func() {
				result, err := b.Create(context.WithoutCancel(b.ctx), "Claim", interaction.Write{Body: body})
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = result.Resource.ID
			})
		}
		for i := range each {
			send(3*i, b.operation(fmt.Sprintf("P-%d", i+1), "preauthorization", "90000"))
			send(3*i+1, b.operation(fmt.Sprintf("C-%d", i+1), "claim", "90000"))
			send(3*i+2, b.operation(fmt.Sprintf("N-%d", i+1), "claim", "90000", naming(ask.ID)...))
		}
		group.Wait()
		if t.Failed() {
			return
		}
		// What is paid and what is still kept is what the ceiling allows: an estimate
		// finds nothing left, and all that is paid, with all requests withdrawn, is
		// within 600,000.
		if got := b.paid(b.operation("E-1", "predetermination", "600000")); got != "0" {
			t.Errorf("%s are left, though 18 × 85,000 were asked for", got)
		}
		paid := 0
		for i, id := range ids {
			if i%3 == 0 {
				b.setStatus(id, "cancelled")
				continue
			}
			var n int
			if _, err := fmt.Sscan(b.response(id).total("benefit"), &n); err != nil {
				t.Error(err)
			}
			paid += n
		}
		b.setStatus(ask.ID, "cancelled")
		left := b.paid(b.operation("E-2", "predetermination", "600000"))
		if want := fmt.Sprint(600000 - paid); paid > 600000 || left != want {
			t.Errorf("%d are paid and %s left, want %s", paid, left, want)
		}
	})
}

func TestReservationOfAnotherPersonIsNotTaken(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ask := b.submit(b.operation("P-1", "preauthorization", "605000"))
		head := append(naming(ask.ID), "Patient/asha", "Patient/head-77", "Coverage/cov-asha", "Coverage/cov-head")
		got := b.submit(b.operation("C-1", "claim", "105000", head...))
		if diff := cmp.Diff("5000", got.total("benefit")); diff != "" {
			t.Errorf("of the 5,000 that are free (-want +got)\n%s", diff)
		}
	})
}

// A product that asks beforehand, for all there is: what is agreed to holds 10 days,
// and an emergency is asked for within 24 hours of admission.
func TestServicesThatAreAskedFor(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		asks := `{"url":"` + extensionOf + `preauthorization-terms","extension":[{"url":"length","valueDuration":{"value":10,"system":"http://unitsofmeasure.org","code":"d"}},{"url":"emergency","valueDuration":{"value":24,"system":"http://unitsofmeasure.org","code":"h"}}]}`
		b.putAll(
			product("ASKS", asks, `{"type":`+everything+`,"extension":[{"url":"`+extensionOf+`authorization-required","valueBoolean":true}]}`, patientsShare(0)),
			`{"resourceType":"Patient","id":"ada"}`, cover("cov-ada", "Patient/ada", "ASKS", 1), tariff("SCAN", "100", ""),
		)
		body := func(number, use, visit, created, ref string, quantity int) []byte {
			text := string(b.of(number, "Patient/ada", "Coverage/cov-ada", "", line(1, "SCAN", quantity, 100, "")))
			changes := []string{
				`"use": "claim"`, `"use": "` + use + `"`, `"code": "AMB"`, `"code": "` + visit + `"`,
				`2026-09-14T10:00:00+03:00`, created, `"start": "2026-09-14"`, `"start": "2026-09-14T08:00:00Z"`, `"end": "2026-09-14"`, `"end": "2026-09-14T20:00:00Z"`,
			}
			if ref != "" {
				changes = append(changes, naming(ref)...)
			}
			return []byte(strings.NewReplacer(changes...).Replace(text))
		}
		before := time.Now().UTC()
		ask := b.submit(body("P-1", "preauthorization", "AMB", "2026-09-13T10:00:00Z", "", 2))
		ref, start, end := agreement(t, ask)
		after := time.Now().UTC()
		ends := []string{before.AddDate(0, 0, 10).Format(time.DateOnly), after.AddDate(0, 0, 10).Format(time.DateOnly)}
		if want := min("2026-09-13", before.Format(time.DateOnly)); ref != ask.ID || start != want || !slices.Contains(ends, end) && end != "2026-09-14" {
			t.Errorf("%q holds from %s (want %s) to %s (want one of %v)", ref, start, want, end, ends)
		}
		for _, c := range []struct {
			name, number, visit, ref string
			quantity                 int
			want                     string
		}{
			{"Nobody asked.", "C-1", "AMB", "", 1, "0 preauthorization"},
			{"One of the two.", "C-2", "AMB", ref, 1, "100"},
			{"Of three, the one that is left.", "C-3", "AMB", ref, 3, "100 preauthorization"},
			{"None is left.", "C-4", "AMB", ref, 1, "0 preauthorization"},
		} {
			got := b.submit(body(c.number, "claim", c.visit, "2026-09-20T10:00:00Z", c.ref, c.quantity)).lines()
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", c.name, diff)
			}
		}
		for i, c := range []struct{ name, asked, want string }{
			{"Asked 24 hours after admission.", "2026-09-15T11:00:00+03:00", "100"},
			{"Asked a minute later.", "2026-09-15T11:01:00+03:00", "0 preauthorization-late"},
		} {
			ask := b.submit(body(fmt.Sprintf("EP-%d", i), "preauthorization", "EMER", c.asked, "", 1))
			got := b.submit(body(fmt.Sprintf("EC-%d", i), "claim", "EMER", "2026-09-20T10:00:00Z", ask.ID, 1)).lines()
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", c.name, diff)
			}
		}
	})
}
