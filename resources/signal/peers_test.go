package signal_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/resourcestest"
	"bima/resources/signal"
)

// year stores some months of nine hospitals, each with forty claims:
//
//	f-1       thirty of 5,000 and ten of 20,000: 8,750 on average
//	f-2 to 9  thirty-nine of 1,000 and one of 20,000: 1,475 on average
//
// The tests add claims of one line of 1,000 to f-3 to f-7, which brings their
// means down by a little. Of the 524 lines 476, more than nine tenths, are of
// 1,000: dear is what is more. All of f-1's lines are; of the others one in 120, 121, 41
// (three) and 40 (three), of which one in 41 is in the middle: 2.43 %.
func (w *world) year(t *testing.T) {
	t.Helper()
	var bodies []string
	for f := 1; f <= 9; f++ {
		bodies = append(bodies, facility(fmt.Sprintf("f-%d", f), "H"))
		for i := range 40 {
			items := "S-1 2 1000"
			if f == 1 {
				items = "S-1 2 5000"
			}
			if f == 1 && i%4 == 0 || i == 0 {
				items = "S-9 1 20000"
			}
			w.claims++
			bodies = append(bodies, bill{
				id: fmt.Sprintf("y-%d", w.claims), patient: fmt.Sprintf("Patient/q-%d", w.claims), facility: fmt.Sprintf("f-%d", f),
				days: fmt.Sprintf("2026-08-%02d", 3+i%5+7*(i/5%4)), items: items, // Mondays to Fridays
			}.String())
		}
	}
	bodies = append(
		bodies,
		`{"resourceType":"Patient","id":"p",`+woman+`}`,
		tariff("S-1", ""), tariff("S-9", ""),
		tariff("PACK", `{"url":"pricing","valueCode":"fixed"},`+packed("S-2")+","+packed("S-3")),
		tariff("S-2", ""), tariff("S-3", ""),
	)
	for some := range slices.Chunk(bodies, 100) {
		w.Put(some...)
	}
}

func packed(code string) string {
	return fmt.Sprintf(`{"url":"part","extension":[{"url":"service","valueCoding":{"system":%q,"code":%q}},{"url":"quantity","valueDecimal":1}]}`, services, code)
}

func tariff(code, made string) string {
	extension := ""
	if made != "" {
		extension = fmt.Sprintf(`"extension":[{"url":%q,"extension":[%s]}],`, profiles.ExtensionServicePackage, made)
	}
	return fmt.Sprintf(`{"resourceType":"ChargeItemDefinition","id":%q,"url":"https://scheme.example/tariff/%s",%s"status":"active","code":{"coding":[{"system":%q,"code":%q}]}}`,
		strings.ToLower(code), code, extension, services, code)
}

func TestSignalsAgainstPeers(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.year(t)
		// On one day a practitioner has 81 visits, another 80 and a third works at
		// three facilities; f-2 gives 41 services on a day, its usual being 2.
		for i := range 81 {
			days := "2026-08-10"
			w.Put(bill{id: fmt.Sprintf("d-%d", i), patient: "Patient/none", facility: "f-3", team: "busy", days: days, items: "S-8 1 1000"}.String())
			if i < 80 {
				w.Put(bill{id: fmt.Sprintf("e-%d", i), patient: "Patient/none", facility: "f-4", team: "diligent", days: days, items: "S-8 1 1000"}.String())
			}
			if i < 3 {
				w.Put(bill{id: fmt.Sprintf("g-%d", i), patient: "Patient/none", facility: fmt.Sprintf("f-%d", 5+i), team: "everywhere", days: days, items: "S-8 1 1000"}.String())
			}
		}
		w.work(t, "2026-09-02")
		cases := []struct {
			name  string
			claim bill
			want  string // a signal, or "-" and the code of one it has not
			says  string
		}{
			{"A facility whose claims are dear is told.", bill{facility: "f-1", days: "2026-08-12"}, "-dear-claims", ""},
			{"It is, where the claim itself is above the usual.", bill{facility: "f-1", days: "2026-08-12", items: "S-1 1 2000"}, "dear-claims 15 Claim.provider", "A claim of this facility comes to 8,750 TZS on average (of 40); at half of 9 facilities"},
			{"Its peers are not.", bill{facility: "f-2", days: "2026-08-12", items: "S-1 1 2000"}, "-dear-claims", ""},
			{"Nor is a level with too few facilities.", bill{facility: "h-1", days: "2026-08-12", items: "S-1 1 2000"}, "-dear-claims", ""},
			{"A facility with many dear services is told at the dear line.", bill{facility: "f-1", days: "2026-08-12", items: "S-1 1 1000, S-9 1 20000"}, "dear-services 15 Claim.item[1]", "100 % of this facility's 40 lines ask for more than about 1,000 TZS; at half of 9 facilities of its level it is 2.43 % or less."},
			{"Not where the claim has no dear line.", bill{facility: "f-1", days: "2026-08-12", items: "S-1 1 1000"}, "-dear-services", ""},
			{"An amount twice what 99 in 100 stay below is told.", bill{facility: "f-2", days: "2026-08-12", items: "S-7 1 40001"}, "amount-high 20 Claim.total", "of 524 claims of facilities of this level 99 in 100 ask for about 20,000 TZS or less."},
			{"Less is not.", bill{facility: "f-2", days: "2026-08-12", items: "S-7 1 40000"}, "-amount-high", ""},
			{"A quantity far above that of others is told.", bill{facility: "f-2", days: "2026-08-12", items: "S-1 5 1000"}, "quantity-high 20 Claim.item[0].quantity", "The quantity is 5; of 342 lines of this service 99 in 100 are of about 2 or less, half of about 2 or less."},
			{"One not so far is not.", bill{facility: "f-2", days: "2026-08-12", items: "S-1 4 1000"}, "-quantity-high", ""},
			{"A service few have is not compared.", bill{facility: "f-2", days: "2026-08-12", items: "S-9 50 1000"}, "-quantity-high", ""},
			{"A part beside its package is told.", bill{days: "2026-08-12", items: "PACK 1 900, S-2 1 500"}, "unbundled 30 Claim.item[1]", "part of the package PACK"},
			{"All parts instead of it are told.", bill{days: "2026-08-12", items: "S-2 1 500, S-3 1 500"}, "instead-of-package 20 Claim.item[1]", "all 2 services of the package PACK"},
			{"One part alone is not.", bill{days: "2026-08-12", items: "S-2 1 500, S-2 1 500"}, "-instead-of-package", ""},
			{"A practitioner with 81 visits on the day is told.", bill{days: "2026-08-10", team: "busy"}, "practitioner-day 30 Claim.careTeam[0].provider", "81 visits to this practitioner are claimed for 2026-08-10"},
			{"One with 80 is not.", bill{days: "2026-08-10", team: "diligent"}, "-practitioner-day", ""},
			{"The day after nobody is.", bill{days: "2026-08-11", team: "busy"}, "-practitioner-day", ""},
			{"A practitioner at three facilities is told.", bill{days: "2026-08-10", team: "everywhere"}, "practitioner-places 25 Claim.careTeam[0].provider", "at 3 facilities"},
			{"One at one is not.", bill{days: "2026-08-10", team: "busy"}, "-practitioner-places", ""},
			{"A day far above the facility's others is told.", bill{facility: "f-3", days: "2026-08-10"}, "facility-day 20 Claim.provider", "The facility claims 83 services for 2026-08-10; on half of its 20 days it was 2 or fewer."},
			{"An ordinary one is not.", bill{facility: "f-3", days: "2026-08-11"}, "-facility-day", ""},
		}
		w.Put(facility("h-1", "C"))
		// The means of the nine are, in f-1's order, 8,750, five of 1,475 and less, …:
		// the fifth of nine, one of 41 claims, is 59,000 + 1,000 / 41 = 1,463.41.
		report := w.Get("MeasureReport/signal-peers").Get("group").First()
		if got := string(report.Get("measureScore").Raw()) + report.Get("stratifier").First().Get("stratum").First().At("value", "text").Text(); got != `{"unit":"TZS","value":1463.41}Organization/f-1` || report.Get("stratifier").First().Get("stratum").Len() != 1 {
			t.Errorf("the report tells %s of\n%s", got, report.Raw())
		}
		for i, c := range cases {
			c.claim.id, c.claim.patient = fmt.Sprintf("t-%d", i), fmt.Sprintf("Patient/t-%d", i)
			w.Put(`{"resourceType":"Patient","id":"`+fmt.Sprintf("t-%d", i)+`",`+woman+`}`, c.claim.String())
			t.Run(c.name, func(t *testing.T) {
				got, texts, _ := w.report(t, c.claim.id)
				if code, absent := strings.CutPrefix(c.want, "-"); absent {
					if slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, code+" ") }) {
						t.Errorf("got %q", got)
					}
					return
				}
				at := slices.Index(got, c.want)
				if at < 0 {
					t.Fatalf("got %q, want %q among them", got, c.want)
				}
				if !strings.Contains(texts[at], c.says) {
					t.Errorf("it says %q, want %q in it", texts[at], c.says)
				}
			})
		}
	})
}

// A facility that is hardly ever open at weekends: of 210 visits two were at one,
// which is less than one in a hundred; of 200 they would be just that.
func TestWeekendIsUnusualWhereHardlyAnyVisitIs(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.Put(facility("f-1", "H"), facility("f-2", "H"), `{"resourceType":"Patient","id":"p",`+woman+`}`)
		var bodies []string
		for i := range 410 {
			b := bill{id: fmt.Sprintf("w-%d", i), patient: "Patient/none", facility: "f-1", days: "2026-08-11"}
			if i >= 210 {
				b.facility = "f-2"
			}
			if i < 2 || i >= 408 {
				b.days = "2026-08-09" // a Sunday
			}
			bodies = append(bodies, b.String())
		}
		for some := range slices.Chunk(bodies, 100) {
			w.Put(some...)
		}
		w.work(t, "2026-09-02")
		for i, c := range []struct {
			facility, days, kind string
			want                 bool
		}{
			{"f-1", "2026-08-15", "", true},      // a Saturday
			{"f-1", "2026-08-14", "", false},     // a Friday
			{"f-1", "2026-08-15", "EMER", false}, // emergencies choose no day
			{"f-2", "2026-08-15", "", false},
		} {
			id := fmt.Sprintf("t-%d", i)
			w.Put(bill{id: id, facility: c.facility, days: c.days, kind: c.kind, items: fmt.Sprintf("S-%d 1 1000", i)}.String())
			signals, _, _ := w.report(t, id)
			if got := slices.Contains(signals, "unusual-weekend 5 Claim.billablePeriod"); got != c.want {
				t.Errorf("%s at %s %s: got %v in %q", c.facility, c.days, c.kind, got, signals)
			}
		}
	})
}

func TestFiguresAreWhatCountingAnewGives(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.Put(facility("f-1", "H"), facility("f-2", "D"))
		stay := bill{id: "a", facility: "f-1", days: "2026-08-30 2026-09-02", team: "dr", items: "S-1 3 3000, S-2 1 10"}
		visit := bill{id: "b", facility: "f-1", days: "2026-08-30", team: "dr"}
		w.Put(stay.String(), visit.String(), bill{id: "c", facility: "f-1", days: "2026-08-30", team: "dr"}.String(), bill{id: "d", facility: "f-2", days: "2026-09-01"}.String())
		w.clock.Set(t, "2026-09-02")
		w.work(t, "2026-09-02")
		before := w.sums(t)
		// One is corrected, one withdrawn, one moves to another facility, one comes
		// late; and a year-old one is of no month that is kept.
		stay.items, visit.facility = "S-1 4 4000", "f-2"
		w.Put(stay.String(), visit.String(), bill{id: "c", facility: "f-1", days: "2026-08-30", team: "dr", status: "cancelled"}.String(), bill{id: "e", facility: "f-2", days: "2026-07-01"}.String(), bill{id: "old", facility: "f-2", days: "2025-08-31"}.String())
		if err := w.deleted("d"); err != nil {
			t.Fatal(err)
		}
		// Two processes count at once.
		other := &world{World: w.World, module: signal.Settings{Base: resourcestest.Base}.Module(), clock: w.clock}
		var both sync.WaitGroup
		both.Go(func() { other.work(t, "2026-09-03") })
		both.Go(func() { w.work(t, "2026-09-03") })
		both.Wait()
		got := w.sums(t)
		w.work(t, "2026-09-03") // a day may be worked twice

		anew := newWorld(t, fresh(t, w))
		anew.Put(facility("f-1", "H"), facility("f-2", "D"), stay.String(), visit.String(), bill{id: "e", facility: "f-2", days: "2026-07-01"}.String())
		anew.work(t, "2026-09-03")
		want := anew.sums(t)
		if got != want || got == before || w.sums(t) != got {
			t.Errorf("got\n%s\nwant\n%s\nbefore\n%s", got, want, before)
		}
		if !strings.Contains(got, "figures|Organization/f-2 claims|TZS|out 2026-07-01 1") {
			t.Errorf("the late claim is not counted:\n%s", got)
		}
	})
}

func TestOnlyReviewersSeeSignals(t *testing.T) {
	w := newWorld(t, fresh(t, nil))
	w.Put(facility("f-1", "H"), `{"resourceType":"Patient","id":"p",`+woman+`}`, bill{id: "a", days: "2026-09-01"}.String())
	for role, want := range map[fhir.Role]bool{fhir.RoleReviewer: true, fhir.RoleAuditor: true, fhir.RoleAdministrator: true, fhir.RoleFacility: false, fhir.RoleAccountant: false} {
		ctx := fhir.WithCaller(w.Context(), fhir.Caller{Name: "somebody", Roles: []fhir.Role{role}, Entity: fhir.Key{Type: "Organization", ID: "f-1"}})
		_, err := w.Engine.Call(ctx, "signals", fhir.Key{Type: "Claim", ID: "a"}, "", nil, true)
		if (err == nil) != want || err != nil && !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("a caller of role %s got %v", role, err)
		}
	}
}
