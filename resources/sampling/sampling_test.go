package sampling_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/profiles"
	"bima/resources/claim"
	"bima/resources/resourcestest"
	"bima/resources/review"
	"bima/resources/sampling"
	"bima/storage/storagetest"
)

// A scene is a facility with ten claims under a plan of which members pay 20 %:
// c0 to c8 of 1,000 each, and c9 of 3 × 333 = 999.
type scene struct {
	*resourcestest.World
	t       *testing.T
	workers []fhir.Worker
}

func onEach(t *testing.T, test func(s *scene)) {
	t.Helper()
	run := func(t *testing.T, dsn string) {
		m := sampling.Settings{}.Module()
		s := &scene{t: t, workers: m.Workers}
		s.World = resourcestest.On(t, dsn, claim.Module(resourcestest.Base), review.Settings{}.Module(), m)
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

// role gives a reviewer's role of the Practitioner of the same id.
func role(id string) string {
	return put("PractitionerRole", id, `"practitioner":{"reference":"Practitioner/`+id+`"},"code":[{"coding":[{"system":"`+profiles.SystemSchemeRole+`","code":"medical-reviewer"}]}]`)
}

func (s *scene) begin() {
	medical := `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
	s.Put(
		put("Patient", "asha", `"active":true`), put("Organization", "clinic", `"active":true,"name":"Clinic"`),
		put("Practitioner", "rev", `"active":true`), role("rev"), put("Practitioner", "boss", `"active":true`), role("boss"),
		put("ChargeItemDefinition", "s", `"url":"urn:s:S","status":"active","identifier":[{"system":"urn:s","value":"S"}],"code":{"coding":[{"system":"urn:s","code":"S"}]},"propertyGroup":[{"priceComponent":[{"type":"base","factor":1,"amount":{"value":1000,"currency":"TZS"}}]}]`),
		put("InsurancePlan", "plan", `"status":"active","name":"Plan","coverage":[{"type":`+medical+`,"benefit":[{"type":{"coding":[{"system":"urn:s","code":"S"}]}}]}],"plan":[{"specificCost":[{"category":`+medical+`,"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/benefit","code":"all"}]},"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":20,"system":"http://unitsofmeasure.org","code":"%"}}]}]}]}]`),
		put("Coverage", "ca", `"status":"active","extension":[{"url":"`+profiles.ExtensionCoverageInsurancePlan+`","valueReference":{"reference":"InsurancePlan/plan"}}],"beneficiary":{"reference":"Patient/asha"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/clinic"}]`),
	)
	for i := range 10 {
		units, price := 1, 1000
		if i == 9 {
			units, price = 3, 333
		}
		s.claim(fmt.Sprintf("c%d", i), "2026-02-20", units, price)
	}
	s.claim("early", "2026-01-31", 1, 1000) // the day before the period
	s.claim("late", "2026-03-01", 1, 1000)  // the day after
}

func (s *scene) claim(id, made string, units, price int) {
	s.Put(put("Claim", id, fmt.Sprintf(`"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/asha"},"billablePeriod":{"start":"2026-01-20","end":"2026-01-20"},"created":%q,"provider":{"reference":"Organization/clinic"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/ca"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"urn:s","code":"S"}]},"quantity":{"value":%d},"unitPrice":{"value":%d,"currency":"TZS"}}]`, made, units, price)))
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

func (s *scene) do(code string, on fhir.Key, parameters string) fhir.Node {
	s.t.Helper()
	n, err := s.try(code, on, parameters)
	if err != nil {
		s.t.Fatalf("$%s on %s: %v (%v)", code, on, err, fhir.OutcomeOf(err).Unwrap())
	}
	return n
}

const (
	february = `{"name":"facility","valueReference":{"reference":"Organization/clinic"}},{"name":"period","valuePeriod":{"start":"2026-02-01","end":"2026-02-28"}}`
	byRev    = `{"name":"by","valueReference":{"reference":"PractitionerRole/rev"}}`
	byBoss   = `{"name":"by","valueReference":{"reference":"PractitionerRole/boss"}}`
)

// drawn draws 15 % of the ten: two, which SHA-256 over seed-0|c3 and seed-0|c5 makes
// c3 and c5.
func (s *scene) drawn() fhir.Key {
	s.t.Helper()
	n := s.do("sample", fhir.Key{Type: "Claim"}, february+`,{"name":"percentage","valueDecimal":15},{"name":"seed","valueString":"seed-0"},`+byRev)
	return fhir.Key{Type: "List", ID: strings.Clone(n.Get("id").Text())}
}

// kinds gives the claims of a sample by kind.
func kinds(list fhir.Node) string {
	var words []string
	for e := range list.Get("entry").Each() {
		words = append(words, e.Get("flag").Code(profiles.SystemSampling)[:1]+":"+strings.TrimPrefix(e.Get("item").Get("reference").Text(), "Claim/"))
	}
	return strings.Join(words, " ")
}

// review ends the review of a sampled claim; words are the parts of its line, "" is
// as claimed.
func (s *scene) review(claim, words string) {
	s.t.Helper()
	parameters := `{"name":"reviewer","valueReference":{"reference":"PractitionerRole/rev"}}`
	if words != "" {
		parameters += `,{"name":"line","part":[{"name":"sequence","valuePositiveInt":1},` + words + `]}`
	}
	s.do("review", s.task(claim), parameters)
}

// task gives the open review of a claim.
func (s *scene) task(claim string) fhir.Key {
	s.t.Helper()
	for _, n := range s.Search("Task", "focus=Claim/"+claim+"&status=requested") {
		return fhir.Key{Type: "Task", ID: strings.Clone(n.Get("id").Text())}
	}
	s.t.Fatalf("%s has no open review", claim)
	return fhir.Key{}
}

// line tells the first line of a claim: each adjudication with a reason, and what is
// paid.
func (s *scene) line(claim string) string {
	n := s.Get("ClaimResponse/" + claim)
	if n.Get("outcome").Text() == "queued" {
		return "queued"
	}
	var words []string
	for a := range n.Get("item").First().Get("adjudication").Each() {
		if why := a.Get("reason").Code(profiles.SystemAdjustmentReason); why != "" {
			words = append(words, why, "-"+a.At("amount", "value").Text())
		}
		if a.Get("category").Code("http://terminology.hl7.org/CodeSystem/adjudication") == "benefit" {
			words = append(words, "pays", a.At("amount", "value").Text())
		}
	}
	return strings.Join(words, " ")
}

func (s *scene) expect(claim, want string) {
	s.t.Helper()
	if got := s.line(claim); got != want {
		s.t.Errorf("%s: %q, want %q", claim, got, want)
	}
}

// state gives how far a sample is.
func (s *scene) state(list fhir.Key) string {
	return s.Get(list.String()).Extension(profiles.ExtensionClaimSampling).Extension("state").Get("valueCode").Text()
}

// figures gives the scores of the report.
func (s *scene) figures(list fhir.Key) string {
	var words []string
	for g := range s.do("extrapolation", list, "").Get("group").Each() {
		for p := range g.Get("population").Each() {
			words = append(words, p.Get("count").Text())
		}
		if score := g.Get("measureScore"); score.Exists() {
			words = append(words, g.Get("code").Code(profiles.SystemSampling), score.Get("value").Text())
		}
	}
	return strings.Join(words, " ")
}

// Of ten claims two are reviewed. One loses 300 of its 1,000, the other nothing: 300
// of 2,000 are 15 %. The eight others have 7 × 1,000 + 999 = 7,999 eligible, of which
// 15 % are 1,199.85.
func TestTheDeductionOfASampleIsTakenOffTheRest(t *testing.T) {
	onEach(t, func(s *scene) {
		list := s.drawn()
		if got, want := kinds(s.Get(list.String())), "r:c0 r:c1 r:c2 r:c4 r:c6 r:c7 r:c8 r:c9 s:c3 s:c5"; got != want {
			t.Fatalf("drawn are %q, want %q", got, want)
		}
		s.expect("c3", "queued")
		s.expect("c0", "coinsurance -200 pays 800")
		if _, err := s.try("decide-sampling", list, `{"name":"approve","valueBoolean":true},`+byBoss); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("it is approved before it is reviewed: %v", err)
		}
		s.review("c3", `{"name":"price","valueDecimal":700}`)
		if got, want := s.figures(list), "2 1 8 eligible-before 1000 eligible-after 700 rate 30 eligible-rest 7999 deduction 2399.7"; got != want {
			t.Errorf("after one review: %q, want %q", got, want)
		}
		s.review("c5", "")
		if got, want := s.figures(list), "2 2 8 eligible-before 2000 eligible-after 1700 rate 15 eligible-rest 7999 deduction 1199.85"; got != want {
			t.Errorf("after both: %q, want %q", got, want)
		}
		if s.state(list) != "reviewed" || len(s.Search("Task", "code=approval&status=requested&focus="+list.String())) != 1 {
			t.Errorf("the sample is %s, and %d Tasks ask for approval", s.state(list), len(s.Search("Task", "code=approval&focus="+list.String())))
		}
		s.expect("c3", "review-price -300 coinsurance -140 pays 560")
		s.expect("c0", "coinsurance -200 pays 800") // until somebody approves
		if _, err := s.try("decide-sampling", list, `{"name":"approve","valueBoolean":true},`+byRev); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("who drew it approves it: %v", err)
		}
		s.do("decide-sampling", list, `{"name":"approve","valueBoolean":true},`+byBoss)
		// 1,000 − 15 % = 850, of which she pays 20 %: 170.
		s.expect("c0", "extrapolated -150 coinsurance -170 pays 680")
		// 999 − 15 % = 849.15, or 283.05 a unit; 20 % are 169.83.
		s.expect("c9", "extrapolated -149.85 coinsurance -169.83 pays 679.32")
		s.expect("c3", "review-price -300 coinsurance -140 pays 560")
		s.expect("c5", "coinsurance -200 pays 800")
		s.expect("early", "coinsurance -200 pays 800")
		s.expect("late", "coinsurance -200 pays 800")
		if n := s.Get("ClaimResponse/c0").Get("meta").Get("versionId").Text(); n != "2" {
			t.Errorf("c0 has %s versions of its answer, want 2", n)
		}
		if got := len(s.Search("Task", "code=approval&status=completed")); got != 1 || s.state(list) != "approved" {
			t.Errorf("the sample is %s, and %d approvals are completed", s.state(list), got)
		}
		for _, approve := range []string{"true", "false"} {
			if _, err := s.try("decide-sampling", list, `{"name":"approve","valueBoolean":`+approve+`},{"name":"note","valueString":"x"},`+byBoss); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
				t.Errorf("it is decided twice: %v", err)
			}
		}
		// All of February is in this sample, or reviewed.
		if _, err := s.try("sample", fhir.Key{Type: "Claim"}, february+`,{"name":"percentage","valueDecimal":50},`+byRev); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("claims are drawn twice: %v", err)
		}
	})
}

// Refused, each of the rest is reviewed: nothing is taken off unseen.
func TestARefusedSampleIsReviewedToTheLastClaim(t *testing.T) {
	onEach(t, func(s *scene) {
		list := s.drawn()
		s.review("c3", `{"name":"price","valueDecimal":700}`)
		s.review("c5", `{"name":"reject","valueBoolean":true},{"name":"reason","valueCode":"medical-officer"}`)
		// 1,000 of 1,000 and 300 of 1,000: 65 %.
		if got, want := s.figures(list), "2 2 8 eligible-before 2000 eligible-after 700 rate 65 eligible-rest 7999 deduction 5199.35"; got != want {
			t.Errorf("the figures are %q, want %q", got, want)
		}
		if _, err := s.try("decide-sampling", list, `{"name":"approve","valueBoolean":false},`+byBoss); !fhir.HasIssue(err, fhir.IssueRequired) {
			t.Errorf("it is refused without a reason: %v", err)
		}
		s.do("decide-sampling", list, `{"name":"approve","valueBoolean":false},{"name":"note","valueString":"Two claims say too little."},`+byBoss)
		s.expect("c0", "queued")
		s.review("c0", "")
		s.expect("c0", "coinsurance -200 pays 800")
		if s.state(list) != "refused" {
			t.Errorf("the sample is %s", s.state(list))
		}
	})
}

func TestASampleIsNotWrittenByHand(t *testing.T) {
	onEach(t, func(s *scene) {
		for name, parameters := range map[string]string{
			"all of them":       `{"name":"percentage","valueDecimal":100}`,
			"none of them":      `{"name":"percentage","valueDecimal":0}`,
			"without a share":   `{"name":"seed","valueString":"x"}`,
			"a misspelt word":   `{"name":"percentage","valueDecimal":10},{"name":"sead","valueString":"x"}`,
			"by a facility":     `{"name":"percentage","valueDecimal":10},{"name":"by","valueReference":{"reference":"Organization/clinic"}}`,
			"by nobody we know": `{"name":"percentage","valueDecimal":10},{"name":"by","valueReference":{"reference":"PractitionerRole/none"}}`,
		} {
			if _, err := s.try("sample", fhir.Key{Type: "Claim"}, february+","+parameters); err == nil {
				t.Errorf("a sample is drawn %s", name)
			}
		}
		list := s.drawn()
		body := string(s.Get(list.String()).Raw())
		if got := s.Refused(strings.Replace(body, `"reviewing"`, `"approved"`, 1)); got != "List.extension" {
			t.Errorf("it is refused at %q", got)
		}
		clinic := fhir.WithCaller(context.Background(), fhir.Caller{Name: "clinic", Identity: "clinic", Roles: []fhir.Role{fhir.RoleFacility}})
		in := &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: []byte(`{"resourceType":"Parameters","parameter":[` + february + `,{"name":"percentage","valueDecimal":10}]}`)}
		if _, err := s.Engine.Operation(clinic, "sample", fhir.Key{Type: "Claim"}, in); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("a facility draws a sample: %v", err)
		}
		if _, err := s.Engine.Create(s.Context(), "List", interaction.Write{Body: []byte(`{"resourceType":"List","status":"current","mode":"working"}`)}); err != nil {
			t.Errorf("other Lists are none of ours: %v", err)
		}
	})
}

// More claims than one transaction reaches are reached by a job: of 60 claims two are
// reviewed, and 58 are lowered.
func TestManyClaimsAreReachedByAJob(t *testing.T) {
	onEach(t, func(s *scene) {
		for i := range 60 {
			s.claim(fmt.Sprintf("m%02d", i), "2026-05-01", 1, 1000)
		}
		n := s.do("sample", fhir.Key{Type: "Claim"}, strings.NewReplacer("2026-02-01", "2026-05-01", "2026-02-28", "2026-05-31").Replace(february)+`,{"name":"percentage","valueDecimal":3},`+byRev)
		list := fhir.Key{Type: "List", ID: strings.Clone(n.Get("id").Text())}
		for _, task := range s.Search("Task", "based-on="+list.String()) { // 3 % of 60 are two
			s.review(strings.TrimPrefix(task.Get("focus").Get("reference").Text(), "Claim/"), `{"name":"price","valueDecimal":900}`)
		}
		s.do("decide-sampling", list, `{"name":"approve","valueBoolean":true},`+byBoss)
		lowered := func() (n int) {
			for i := range 60 {
				if s.line(fmt.Sprintf("m%02d", i)) == "extrapolated -100 coinsurance -180 pays 720" {
					n++
				}
			}
			return n
		}
		if got := lowered(); got != 50 {
			t.Errorf("%d claims are lowered at once, want 50", got)
		}
		for range 2 { // at least once
			if err := s.workers[0].Work(context.Background(), s.Engine, []byte(`{"list":"`+list.ID+`"}`)); err != nil {
				t.Fatal(err)
			}
		}
		if got := lowered(); got != 58 {
			t.Errorf("%d claims are lowered in the end, want 58", got)
		}
	})
}

// A reviewer has lowered c0, of the rest, to 500 before the deduction of 15 % is
// approved: his word stands. Neither he who drew the sample, under another of his
// roles, nor who works for the facility, in this role or another, approves it; and
// she draws none.
func TestAPersonsWordOnAClaimStands(t *testing.T) {
	onEach(t, func(s *scene) {
		s.Put(put("PractitionerRole", "rev-too", `"practitioner":{"reference":"Practitioner/rev"}`),
			put("Practitioner", "sister", `"active":true`), role("sister"),
			put("PractitionerRole", "matron", `"practitioner":{"reference":"Practitioner/sister"},"organization":{"reference":"Organization/clinic"}`))
		for _, by := range []string{"sister", "matron"} {
			if _, err := s.try("sample", fhir.Key{Type: "Claim"}, february+`,{"name":"percentage","valueDecimal":15},{"name":"by","valueReference":{"reference":"PractitionerRole/`+by+`"}}`); !fhir.HasIssue(err, fhir.IssueForbidden) {
				t.Errorf("%s draws a sample of her own clinic: %v", by, err)
			}
		}
		list := s.drawn()
		s.do("request-review", fhir.Key{Type: "Claim", ID: "c0"}, `{"name":"reason","valueString":"odd"},{"name":"reviewer","valueReference":{"reference":"PractitionerRole/rev"}}`)
		s.review("c0", `{"name":"price","valueDecimal":500}`)
		s.review("c3", `{"name":"price","valueDecimal":700}`)
		s.review("c5", "")
		for _, role := range []string{"rev-too", "matron", "sister"} {
			if _, err := s.try("decide-sampling", list, `{"name":"approve","valueBoolean":true},{"name":"by","valueReference":{"reference":"PractitionerRole/`+role+`"}}`); !fhir.HasIssue(err, fhir.IssueForbidden) {
				t.Errorf("%s approves it: %v", role, err)
			}
		}
		s.do("decide-sampling", list, `{"name":"approve","valueBoolean":true},`+byBoss)
		s.expect("c0", "review-price -500 coinsurance -100 pays 400")
		s.expect("c1", "extrapolated -150 coinsurance -170 pays 680")
	})
}
