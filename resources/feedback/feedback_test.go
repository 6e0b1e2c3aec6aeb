package feedback_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/profiles"
	"bima/resources/claim"
	"bima/resources/feedback"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// A scene is a scheme that asks patients about half of its claims, and about all of
// those of one facility.
type scene struct {
	*resourcestest.World
	t     *testing.T
	clock *resourcestest.Clock
	daily []fhir.Daily
}

// onEach runs a test on SQLite, and on PostgreSQL where one is at hand.
func onEach(t *testing.T, test func(s *scene)) {
	t.Helper()
	run := func(t *testing.T, dsn string) {
		s := &scene{t: t, clock: &resourcestest.Clock{}}
		s.clock.Set(t, "2026-03-01")
		m := feedback.Settings{}.Module()
		s.daily = m.Daily
		s.World = resourcestest.Timed(t, dsn, s.clock, claim.Module(resourcestest.Base), m)
		s.begin()
		test(s)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, storagetest.SQLite(t)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { run(t, storagetest.Postgres(t)) })
	}
}

func put(typ, id, body string) string {
	return fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, body)
}

func share(percent, more string) string {
	return `{"url":"` + profiles.ExtensionFeedbackSelection + `","extension":[{"url":"percentage","valueDecimal":` + percent + `}` + more + `]}`
}

// begin stores two facilities and the families of two villages of a ward: an
// officer with a phone serves the ward, and a community health worker one village.
// dalili lives in another ward, whose officer has no phone.
func (s *scene) begin() {
	plan := func(id, extension string) string {
		return put("InsurancePlan", id, `"extension":[`+extension+`],"status":"active","name":"Plan","coverage":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]},"benefit":[{"type":{"coding":[{"system":"urn:s","code":"S"}]}}]}]`)
	}
	place := func(id, kind, name, part string) string {
		body := `"name":"` + name + `","type":[{"coding":[{"system":"` + profiles.SystemOpenIMISLocation + `","code":"` + kind + `"}]}]`
		if part != "" {
			body += `,"partOf":{"reference":"Location/` + part + `"}`
		}
		return put("Location", id, body)
	}
	role := func(id, system, code, place string) string {
		return put("PractitionerRole", id, `"practitioner":{"reference":"Practitioner/`+id+`"},"code":[{"coding":[{"system":"`+system+`","code":"`+code+`"}]}],"location":[{"reference":"Location/`+place+`"}]`)
	}
	patient := func(id, address string) string { return put("Patient", id, `"active":true,"address":[`+address+`]`) }
	member := func(id, plan string) string {
		return put("Coverage", "c-"+id, `"status":"active","extension":[{"url":"`+profiles.ExtensionCoverageInsurancePlan+`","valueReference":{"reference":"InsurancePlan/`+plan+`"}}],"beneficiary":{"reference":"Patient/`+id+`"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/clinic"}]`)
	}
	at := func(village string) string {
		return `{"extension":[{"url":"` + profiles.ExtensionOpenIMISAddressLocation + `","valueReference":{"reference":"Location/` + village + `"}}]}`
	}
	s.Put(
		plan("plan", share("50", `,{"url":"seed","valueString":"2026"},{"url":"days","valuePositiveInt":7}`)), plan("silent", `{"url":"urn:none","valueString":"nothing"}`),
		put("Organization", "clinic", `"active":true,"name":"Clinic"`),
		put("Organization", "watched", `"active":true,"name":"Watched","extension":[`+share("100", "")+`]`),
		put("ChargeItemDefinition", "s", `"url":"urn:s:S","status":"active","identifier":[{"system":"urn:s","value":"S"}],"code":{"coding":[{"system":"urn:s","code":"S"}]},"propertyGroup":[{"priceComponent":[{"type":"base","factor":1,"amount":{"value":1000,"currency":"TZS"}}]}]`),
		place("w", "W", "Ward", ""), place("v1", "V", "Mtoni", "w"), place("v2", "V", "Sokoni", "w"), place("x", "W", "Other", ""), place("v3", "V", "Mbali", "x"),
		put("Practitioner", "eo", `"telecom":[{"system":"phone","value":"+255 700 000 001"}]`), role("eo", profiles.SystemOpenIMISPractitioner, "EO", "w"),
		put("Practitioner", "chw", `"telecom":[{"system":"phone","value":"+255 700 000 002"}]`), role("chw", profiles.SystemSchemeRole, "community-health-worker", "v2"),
		put("Practitioner", "mute", `"telecom":[{"system":"email","value":"mute@example.org"}]`), role("mute", profiles.SystemOpenIMISPractitioner, "EO", "x"),
		patient("asha", at("v1")), patient("baraka", `{"city":"Sokoni"}`), patient("dalili", at("v3")), patient("eliya", at("v1")),
		member("asha", "plan"), member("baraka", "plan"), member("dalili", "plan"), member("eliya", "silent"),
	)
}

// claim stores a claim of one service.
func (s *scene) claim(id, patient, facility string) {
	s.Put(put("Claim", id, fmt.Sprintf(`"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/%s"},"billablePeriod":{"start":"2026-02-20","end":"2026-02-20"},"created":"2026-02-20","provider":{"reference":"Organization/%s"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/c-%s"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"urn:s","code":"S"}]},"quantity":{"value":1},"unitPrice":{"value":1000,"currency":"TZS"}}]`, patient, facility, patient)))
}

// day works a day of the scheme.
func (s *scene) day(date string) {
	s.t.Helper()
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		s.t.Fatal(err)
	}
	s.clock.Set(s.t, date+"T00:10:00Z")
	for _, d := range s.daily {
		if err := d.Work(fhir.WithCaller(context.Background(), fhir.System()), s.Engine, day); err != nil {
			s.t.Fatalf("%s: %v (%v)", d.Name, err, fhir.OutcomeOf(err).Unwrap())
		}
	}
}

// stands tells how the request of a claim stands: its status, why, whom it asks and
// until when.
func (s *scene) stands(claim string) string {
	s.t.Helper()
	if len(s.Search("CommunicationRequest", "_id=feedback-"+claim)) == 0 {
		return "none"
	}
	n := s.Get("CommunicationRequest/feedback-" + claim)
	words := []string{n.Get("status").Text(), n.Get("statusReason").Code(profiles.SystemFeedbackReason), n.Get("statusReason").Code(profiles.SystemOpenIMISFeedbackStatus)}
	if to := n.Get("recipient").First().Get("reference").Text(); to != "" {
		words = append(words, to)
	}
	return strings.Join(append(words, n.Get("occurrenceDateTime").Text()), " ")
}

func (s *scene) expect(claim, want string) {
	s.t.Helper()
	if got := s.stands(claim); got != want {
		s.t.Errorf("%s: the request is %q, want %q", claim, got, want)
	}
}

// says answers about a claim: care rendered, payment asked, drug prescribed, drug
// received, assessment.
func says(id, patient, claim, answers string) string {
	codes := []string{"CareRendered", "PaymentAsked", "DrugPrescribed", "DrugReceived", "Asessment"}
	var payload []string
	for i, a := range strings.Fields(answers) {
		payload = append(payload, `{"extension":[{"url":"`+profiles.ExtensionOpenIMISPayloadType+`","valueCodeableConcept":{"coding":[{"system":"`+profiles.SystemOpenIMISFeedbackPayload+`","code":"`+codes[i]+`"}]}}],"contentString":"`+a+`"}`)
	}
	return put("Communication", id, `"status":"completed","subject":{"reference":"Patient/`+patient+`"},"about":[{"reference":"Claim/`+claim+`"}],"payload":[`+strings.Join(payload, ",")+`]`)
}

// figures gives what patients say of a facility: answers, negative, and each reason.
func (s *scene) figures(facility string) string {
	s.t.Helper()
	n := s.do("feedback", fhir.Key{Type: "Organization", ID: facility}, "")
	var words []string
	for p := range n.Get("parameter").Each() {
		for m := range p.All() {
			if m.Name() != "name" {
				words = append(words, m.Text())
			}
		}
	}
	return strings.Join(words, " ")
}

func (s *scene) do(code string, on fhir.Key, parameters string) fhir.Node {
	s.t.Helper()
	n, err := s.try(code, on, parameters)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *scene) try(code string, on fhir.Key, parameters string) (fhir.Node, error) {
	in := &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: []byte(`{"resourceType":"Parameters","parameter":[` + parameters + `]}`)}
	response, err := s.Engine.Operation(s.Context(), code, on, in)
	if err != nil {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// complaints is what the selection for review reads.
func (s *scene) complaints(facility string) (count int) {
	s.t.Helper()
	err := s.Engine.View(s.Context(), func(r fhir.Reader) (err error) {
		count, err = facts.Complaints(r, fhir.Key{Type: "Organization", ID: facility}, 20600, 12)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return count
}

// Ten claims of asha, of which half are drawn; which, SHA-256 over the seed and the
// id says, so that it is always the same four.
func TestAShareOfClaimsIsAskedAbout(t *testing.T) {
	onEach(t, func(s *scene) {
		for i := range 10 {
			s.claim(fmt.Sprintf("a%d", i), "asha", "clinic")
		}
		s.claim("w1", "baraka", "watched")
		s.claim("w2", "dalili", "watched")
		s.claim("s1", "eliya", "watched") // its product asks nobody
		s.day("2026-03-01")               // of the day before there are none
		if n := len(s.Search("CommunicationRequest", "")); n != 0 {
			t.Errorf("%d requests are made for claims of a day that is not over", n)
		}
		s.day("2026-03-02")
		s.day("2026-03-02") // worked twice, it changes nothing
		var drawn []string
		for i := range 10 {
			if s.stands(fmt.Sprintf("a%d", i)) != "none" {
				drawn = append(drawn, fmt.Sprint(i))
			}
		}
		if got := strings.Join(drawn, " "); got != drawnBy("2026", 10) {
			t.Errorf("of the ten %q are drawn, want %q", got, drawnBy("2026", 10))
		}
		s.expect("a"+drawn[0], "active drawn 4 PractitionerRole/eo 2026-03-09") // seven days, the product says
		s.expect("w1", "active drawn 4 PractitionerRole/chw 2026-03-09")
		s.expect("w2", "on-hold no-officer 4 2026-03-09")
		s.expect("s1", "none")
		if n := len(s.Search("CommunicationRequest", "status=active&recipient=PractitionerRole/chw")); n != 1 {
			t.Errorf("the community health worker has %d open requests, want 1", n)
		}
		// Somebody gets a phone: she is asked the next day.
		s.Put(put("Practitioner", "mute", `"telecom":[{"system":"phone","value":"+255 700 000 003"}]`))
		s.day("2026-03-03")
		s.expect("w2", "active drawn 4 PractitionerRole/mute 2026-03-09")
		s.day("2026-03-09") // the last day
		s.expect("w2", "active drawn 4 PractitionerRole/mute 2026-03-09")
		s.day("2026-03-10")
		s.expect("w2", "revoked unanswered 16 PractitionerRole/mute 2026-03-09")
		if got := s.Refused(says("c", "dalili", "w2", "yes no no no 5")); got != "Communication.about" {
			t.Errorf("a late answer is refused at %q", got)
		}
	})
}

// drawnBy works the lot out as the documentation tells.
func drawnBy(seed string, n int) string {
	var list []string
	for i := range n {
		if lot("feedback|"+seed, fmt.Sprintf("a%d", i)) < 0.5 {
			list = append(list, fmt.Sprint(i))
		}
	}
	return strings.Join(list, " ")
}

func TestAnswersCloseRequestsAndCountAgainstFacilities(t *testing.T) {
	onEach(t, func(s *scene) {
		for _, id := range []string{"f1", "f2", "f3", "f4", "f5"} {
			s.claim(id, "asha", "clinic")
			s.do("request-feedback", fhir.Key{Type: "Claim", ID: id}, "")
		}
		s.expect("f1", "active manual 4 PractitionerRole/eo 2026-03-15")
		s.Put(says("1", "asha", "f1", "yes no yes yes 5"))
		s.expect("f1", "completed delivered 8 PractitionerRole/eo 2026-03-15")
		s.Put(says("2", "asha", "f2", "no no no no 3"))    // no care
		s.Put(says("3", "asha", "f3", "yes yes yes no 1")) // asked for money, no drug, poor
		s.Put(says("4", "asha", "f4", "yes no no no 2"))   // no drug prescribed, and just good enough
		// 4 answers, 2 against: 50 %; assessments 5 + 3 + 1 + 2 = 11, 2.75 on average.
		if got, want := s.figures("clinic"), "4 2 1 1 1 1 50 2.75"; got != want {
			t.Errorf("the figures are %q, want %q", got, want)
		}
		if got := s.complaints("clinic"); got != 2 {
			t.Errorf("the selection sees %d complaints, want 2", got)
		}
		// An answer is corrected: it was the other way round.
		s.Put(says("2", "asha", "f2", "yes no no no 3"))
		if got, want := s.figures("clinic"), "4 1 0 1 1 1 25 2.75"; got != want {
			t.Errorf("after a correction the figures are %q, want %q", got, want)
		}
		// Entered in error: it counts nothing, and the patient is asked again.
		s.Put(strings.Replace(says("3", "asha", "f3", "yes yes yes no 1"), `"completed"`, `"entered-in-error"`, 1))
		s.expect("f3", "active manual 4 PractitionerRole/eo 2026-03-15")
		if got := s.complaints("clinic"); got != 0 {
			t.Errorf("the selection sees %d complaints, want none", got)
		}
		s.Put(says("3b", "asha", "f3", "yes no yes yes 4"))
		s.expect("f3", "completed delivered 8 PractitionerRole/eo 2026-03-15")
		// A claim that is withdrawn is asked about no more.
		s.Put(put("Claim", "f5", `"status":"cancelled","type":{"coding":[{"code":"professional"}]},"use":"claim","patient":{"reference":"Patient/asha"},"created":"2026-02-20","provider":{"reference":"Organization/clinic"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/c-asha"}}]`))
		s.expect("f5", "revoked bypassed 16 PractitionerRole/eo 2026-03-15")
	})
}

func TestWhatIsNoAnswerIsRefused(t *testing.T) {
	onEach(t, func(s *scene) {
		s.claim("c", "asha", "clinic")
		s.claim("unasked", "asha", "clinic")
		s.do("request-feedback", fhir.Key{Type: "Claim", ID: "c"}, `{"name":"recipient","valueReference":{"reference":"PractitionerRole/chw"}},{"name":"days","valueInteger":1}`)
		s.expect("c", "active manual 4 PractitionerRole/chw 2026-03-02")
		good := says("x", "asha", "c", "yes no yes yes 5")
		cases := []struct{ name, body, at string }{
			{"four answers", says("x", "asha", "c", "yes no yes yes"), "Communication.payload"},
			{"a word that is neither yes nor no", says("x", "asha", "c", "yes maybe yes yes 5"), "Communication.payload[1].contentString"},
			{"an assessment above 5", says("x", "asha", "c", "yes no yes yes 6"), "Communication.payload[4].contentString"},
			{"an assessment in words", says("x", "asha", "c", "yes no yes yes yes"), "Communication.payload[4].contentString"},
			{"one question twice", strings.Replace(good, "DrugReceived", "CareRendered", 1), "Communication.payload[3]"},
			{"a question of nobody", strings.Replace(good, "DrugReceived", "Weather", 1), "Communication.payload[3].extension"},
			{"an answer that is not finished", strings.Replace(good, `"completed"`, `"in-progress"`, 1), "Communication.status"},
			{"about another patient", strings.Replace(good, "Patient/asha", "Patient/baraka", 1), "Communication.subject"},
			{"about no claim", strings.Replace(good, "Claim/c", "Patient/asha", 1), "Communication.about"},
			{"about a claim that nobody was asked about", says("x", "asha", "unasked", "yes no yes yes 5"), "Communication.about"},
		}
		for _, c := range cases {
			if got := s.Refused(c.body); got != c.at {
				t.Errorf("%s is refused at %q, want %q", c.name, got, c.at)
			}
		}
		facility := fhir.WithCaller(context.Background(), fhir.Caller{Name: "clinic", Identity: "clinic", Roles: []fhir.Role{fhir.RoleFacility}})
		if _, err := s.Engine.Create(facility, "Communication", interaction.Write{Body: []byte(good)}); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("a facility answers for its patients: %v", err)
		}
		s.Put(good)
		if got := s.Refused(strings.Replace(good, `"id":"x"`, `"id":"y"`, 1)); got != "Communication.about" {
			t.Errorf("a second answer is refused at %q", got)
		}
		s.Put(put("Communication", "other", `"status":"in-progress","payload":[{"contentString":"hello"}]`)) // none of ours
		if _, err := s.try("bypass", fhir.Key{Type: "CommunicationRequest", ID: "feedback-c"}, `{"name":"reason","valueString":"late"}`); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("an answered request is bypassed: %v", err)
		}
		s.do("request-feedback", fhir.Key{Type: "Claim", ID: "unasked"}, "")
		s.do("bypass", fhir.Key{Type: "CommunicationRequest", ID: "feedback-unasked"}, `{"name":"reason","valueString":"The family moved away."}`)
		s.expect("unasked", "revoked bypassed 16 PractitionerRole/eo 2026-03-15")
		if got := s.Refused(put("InsurancePlan", "wrong", `"status":"active","name":"Wrong","extension":[`+share("101", "")+`]`)); !strings.HasPrefix(got, "InsurancePlan.extension") {
			t.Errorf("a share of 101 %% is refused at %q", got)
		}
	})
}
