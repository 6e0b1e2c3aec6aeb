package measure_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/profiles/indicator"
	"bima/resources/measure"
)

func TestEvaluateTellsWhatIsStored(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.daily()
		stored := w.told()
		for _, c := range []struct{ id, place, from, to, period string }{
			{"hf-claim", "Organization/facility-3", "2026-03-01", "2026-03-31", "202603"},
			{"hf-claim", "Organization/facility-1", "2026-01-01", "2026-12-31", "2026"},
			{"hf-enrol", "Location/ward-mjini", "2026-01-01", "2026-03-31", "2026Q1"},
			{"hf-enrol", "Location/ward-mjini", "2026-04-01", "2026-06-30", "2026Q2"},
			{"hf-fin", "Location/district-sagara", "2026-01", "2026-01", "202601"},
		} {
			answer, err := w.call("evaluate-measure", c.id, map[string]string{"subject": c.place, "periodStart": c.from, "periodEnd": c.to})
			if err != nil {
				t.Fatal(err)
			}
			got, want := figures{}, figures{}
			read(t, answer, got)
			for name, number := range stored {
				if strings.HasPrefix(name, c.id+" "+c.place+" "+c.period+" ") {
					want[name] = number
				}
			}
			if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
				t.Errorf("%s of %s in %s (-stored +evaluated)\n%s", c.id, c.place, c.period, diff)
			}
		}
		answer, err := w.call("evaluate-measure", "", map[string]string{"measure": "https://bima.example/fhir/Measure/hf-claim|1.0.0", "periodStart": "2026-03-01", "periodEnd": "2026-03-31", "reportType": "summary"})
		if err != nil {
			t.Fatal(err)
		}
		if n := answer.Get("entry").Len(); answer.Get("resourceType").Text() != "Bundle" || n != 3 {
			t.Errorf("of all facilities there is a %s of %d", answer.Get("resourceType").Text(), n)
		}
		w.refusals(t)
	})
}

// refusals asks what can't be answered.
func (w *world) refusals(t *testing.T) {
	t.Helper()
	month := func(more ...string) map[string]string {
		p := map[string]string{"periodStart": "2026-03-01", "periodEnd": "2026-03-31"}
		for i := 0; i+1 < len(more); i += 2 {
			p[more[i]] = more[i+1]
		}
		return p
	}
	for _, c := range []struct {
		id         string
		parameters map[string]string
		code       fhir.IssueType
		at         string
	}{
		{"", month(), fhir.IssueRequired, "measure"},
		{"", month("measure", "Measure/simulation"), fhir.IssueNotFound, "measure"},
		{"hf-claim", map[string]string{"periodStart": "2026-03-01"}, fhir.IssueRequired, "periodEnd"},
		{"hf-claim", map[string]string{"periodEnd": "2026-03-31"}, fhir.IssueRequired, "periodStart"},
		{"hf-claim", month("periodStart", "March"), fhir.IssueValue, "periodStart"},
		{"hf-claim", month("periodEnd", "2026-04-30"), fhir.IssueNotSupported, "periodEnd"},
		{"hf-claim", month("reportType", "subject-list"), fhir.IssueNotSupported, "reportType"},
		{"hf-claim", month("subject", "Patient/patient-01-1"), fhir.IssueNotSupported, "subject"},
		{"hf-claim", month("practitioner", "Practitioner/x"), fhir.IssueNotSupported, "practitioner"},
		{"hf-claim", month("subject", "Organization/nowhere"), fhir.IssueNotFound, ""},
	} {
		_, err := w.call("evaluate-measure", c.id, c.parameters)
		if !fhir.HasIssue(err, c.code) {
			t.Errorf("%v is answered with %v, want %s", c.parameters, err, c.code)
			continue
		}
		if at := fhir.OutcomeOf(err).Issues[0].Expression; c.at != "" && at != "Parameters.parameter.where(name = '"+c.at+"')" {
			t.Errorf("%v is refused at %s", c.parameters, at)
		}
	}
}

func TestAFacilitySeesItsOwnNumbersOnly(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		facility := fhir.Caller{Name: "clerk", Roles: []fhir.Role{fhir.RoleFacility}, Entity: fhir.Key{Type: "Organization", ID: "facility-1"}}
		ctx := fhir.WithCaller(w.Context(), facility)
		evaluate, recount := w.module.Operations[0].Handle, w.module.Operations[1].Handle
		ask := func(place string) error {
			body := `{"resourceType":"Parameters","parameter":[{"name":"periodStart","valueDate":"2026-03-01"},{"name":"periodEnd","valueDate":"2026-03-31"}` + place + `]}`
			_, err := evaluate(ctx, w.Engine, fhir.Key{Type: "Measure", ID: "hf-claim"}, &fhir.Resource{Body: []byte(body)})
			return err
		}
		if err := ask(`,{"name":"subject","valueString":"Organization/facility-1"}`); err != nil {
			t.Errorf("its own: %v", err)
		}
		for _, other := range []string{"", `,{"name":"subject","valueString":"Organization/facility-2"}`} {
			if err := ask(other); !fhir.HasIssue(err, fhir.IssueForbidden) {
				t.Errorf("%s: %v", other, err)
			}
		}
		if _, err := recount(ctx, w.Engine, fhir.Key{Type: "Measure"}, nil); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("$recount: %v", err)
		}
	})
}

// Who subscribes after reports were stored is told of them by asking for them again:
// each of the period is a version on, and says what it said.
func TestReportsAreToldAgain(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.daily()
		before, told := w.reports(), w.told()
		march := map[string]string{"periodStart": "2026-03-01", "periodEnd": "2026-03-31"}
		if _, err := w.call("recount", "", march); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, w.reports()); diff != "" {
			t.Fatalf("nothing has changed, and yet:\n%s", diff)
		}
		w.clock.Set(t, "2026-04-10T06:00:00.5Z") // the date is all that is another
		march["again"] = "true"
		if _, err := w.call("recount", "hf-enrol", march); err != nil {
			t.Fatal(err)
		}
		again := 0
		for id, version := range w.reports() {
			want := before[id]
			if strings.Contains(id, "hf-enrol-202603-") || strings.Contains(id, "hf-enrol-2026q1-") || strings.Contains(id, "hf-enrol-2026-") {
				number, err := strconv.Atoi(want)
				if err != nil {
					t.Fatal(err)
				}
				want = strconv.Itoa(number + 1)
				again++
			}
			if version != want {
				t.Errorf("%s has version %s, want %s", id, version, want)
			}
		}
		if again == 0 {
			t.Error("there is no report of March")
		}
		if diff := cmp.Diff(told, w.told()); diff != "" {
			t.Errorf("the numbers are others:\n%s", diff)
		}
		if _, err := w.call("recount", "", map[string]string{"again": "true"}); !fhir.HasIssue(err, fhir.IssueRequired) {
			t.Errorf("of no period: %v", err)
		}
	})
}

func TestWhatWasReportedOnceIsZeroAfterwards(t *testing.T) {
	onEach(t, measure.Settings{Months: -1}, func(t *testing.T, w *world) {
		w.daily()
		w.change("Patient/patient-08-1", `"gender":"`+w.Get("Patient/patient-08-1").Get("gender").Text(), `"gender":"other`)
		before := w.reports()
		w.clock.Set(t, "2026-04-11T06:00:00Z")
		w.daily()
		for id, version := range w.reports() {
			if strings.Contains(id, "-202603-") && version != before[id] {
				t.Errorf("%s is restated, which is of a month that is over", id)
			}
		}
		march := map[string]string{"periodStart": "2026-03-01", "periodEnd": "2026-03-31"}
		for _, c := range []struct{ gender, want string }{{"other", "1"}, {"male", "0"}} {
			if is := w.Get("Patient/patient-08-1").Get("gender").Text(); is != c.gender {
				w.change("Patient/patient-08-1", `"gender":"`+is, `"gender":"`+c.gender)
			}
			if _, err := w.call("recount", "hf-enrol", march); err != nil {
				t.Fatal(err)
			}
			if got := w.others(); got != c.want {
				t.Errorf("with the gender %s there are %q persons of another sex, want %s", c.gender, got, c.want)
			}
		}
	})
}

// others gives how many persons of another sex are covered in March in the ward of
// patient-08-1, "" where that is not told.
func (w *world) others() (count string) {
	for _, report := range w.Search("MeasureReport", "reporter=Location/"+w.wardOf("patient-08-1")+"&period=2026-03&_count=50") {
		if report.At("period", "end").Text() != "2026-03-31" || report.At("period", "start").Text() != "2026-03-01" {
			continue
		}
		for s := range report.Get("group").First().Get("stratifier").First().Get("stratum").Each() {
			if s.Get("component").First().Get("value").Code(indicator.SystemOption) == "HF_SEX_U" {
				count += s.Get("population").First().Get("count").Text()
			}
		}
	}
	return count
}

// wardOf gives the ward where a patient lives.
func (w *world) wardOf(id string) string {
	w.t.Helper()
	village := w.Search("Location", "type=V&name:exact="+strings.ReplaceAll(w.city("Patient/"+id), " ", "+"))
	_, ward, _ := strings.Cut(village[0].At("partOf", "reference").Text(), "/")
	return ward
}

func TestSmallNumbersAreHidden(t *testing.T) {
	onEach(t, measure.Settings{SmallCells: 5}, func(t *testing.T, w *world) {
		w.daily()
		hidden, shown := 0, 0
		for _, report := range w.Search("MeasureReport", "status=complete&_count=1000") {
			if !strings.Contains(report.Get("measure").Text(), "/Measure/hf-") {
				continue
			}
			for g := range report.Get("group").Each() {
				inGroup, told := 0, int64(0)
				for s := range g.Get("stratifier").First().Get("stratum").Each() {
					switch count, masked := numberOf(t, s); {
					case masked:
						inGroup++
					case 0 < count && count < 5:
						t.Errorf("%s tells a number of %d", report.Get("id").Text(), count)
					case count > 0:
						shown++
						told++
					}
				}
				hidden += inGroup
				if _, masked := numberOf(t, g); inGroup > 0 && !masked {
					t.Errorf("%s hides %d numbers and tells their sum", report.Get("id").Text(), inGroup)
				}
				if inGroup == 1 && told > 0 {
					t.Errorf("%s hides one number only", report.Get("id").Text())
				}
			}
		}
		if hidden == 0 || shown == 0 {
			t.Errorf("%d numbers are hidden and %d shown", hidden, shown)
		}
	})
}

// numberOf gives the count of a group or stratum, or that it is hidden.
func numberOf(t *testing.T, n fhir.Node) (count int64, masked bool) {
	t.Helper()
	population := n.Get("population").First()
	why := population.Get("_count").Extension(indicator.DataAbsentReason).Get("valueCode").Text()
	if !population.Get("count").Exists() {
		if why != indicator.Masked || n.At("measureScore", "value").Exists() {
			t.Errorf("a number is not there, since %q: %s", why, n.Raw())
		}
		return 0, true
	}
	for _, c := range population.Get("count").Text() {
		count = count*10 + int64(c-'0')
	}
	return count, false
}

// A claim that says it was made after its answer counts in the month it says, also
// where that month is counted alone: then its answer is of before.
func TestWhatIsDatedAheadOfItsAnswerIsCounted(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.daily()
		c := &chance{world: w}
		march := func(after string) {
			t.Helper()
			w.daily()
			w.same(t, after)
			stored, ahead := w.told(), 0
			for i := range 3 {
				of := fmt.Sprint("hf-claim Organization/facility-", i+1, " 202603 ")
				want, got := figures{}, figures{}
				for name, number := range stored {
					if strings.HasPrefix(name, of) {
						want[name] = number
						ahead++
					}
				}
				answer, err := w.call("evaluate-measure", "hf-claim", map[string]string{
					"subject": fmt.Sprint("Organization/facility-", i+1), "periodStart": "2026-03-01", "periodEnd": "2026-03-31",
				})
				if err != nil {
					t.Fatal(err)
				}
				read(t, answer, got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("after %s, March of %s (-stored +counted)\n%s", after, of, diff)
				}
			}
			if ahead == 0 {
				t.Error("there is nothing of March")
			}
		}
		march("nothing")
		before := w.told()
		c.edit(func(f fields) { f["created"] = "2026-03-20T10:00:00+03:00" }, "Claim/claim-005")
		c.edit(func(f fields) { f["created"] = "2026-02-27T10:00:00+03:00" }, c.answerTo("Claim/claim-005"))
		w.clock.Set(t, "2026-04-11T06:00:00Z")
		march("a claim is dated ahead")
		if cmp.Equal(before, w.told()) {
			t.Error("no number is another")
		}
		c.edit(func(f fields) { f["created"] = "2026-03-01" }, "Claim/claim-006") // of the day as a whole
		c.edit(func(f fields) { f["created"] = "2026-02-28T23:59:59+03:00" }, "Claim/claim-007")
		c.edit(func(f fields) { f["provider"] = fields{"reference": "Organization/facility-1"} }, "Claim/claim-008", "Claim/claim-009", "Claim/claim-010")
		w.clock.Set(t, "2026-04-12T06:00:00Z")
		march("claims are dated at the edge, and name others than their answers")
	})
}

// answerTo gives the answer to a claim.
func (c *chance) answerTo(name string) string {
	c.t.Helper()
	for _, one := range all[claimResponse](c.world, "ClaimResponse") {
		if one.Request.Reference == name {
			return "ClaimResponse/" + one.ID
		}
	}
	c.t.Fatalf("%s has no answer", name)
	return ""
}
