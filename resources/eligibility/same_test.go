package eligibility_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bima/fhir"
	"bima/fhir/interaction"
)

// A verdict is what is said of one service: by whom it is paid, how much, what
// the member owes, and why nothing is.
type verdict struct{ by, benefit, member, reason string }

// drawsMax is how often a hundred questions are drawn, until each reason was given.
const drawsMax = 10

// The answer on services is the decision of a claim for them: for random persons,
// days, facilities, services and quantities, one after the other, so that limits
// are used up under way, each is asked first and claimed then, and both say the
// same of every line, to the cent.
func TestTheAnswerIsTheDecision(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		if _, err := b.Bundle(b.ctx, world(), interaction.BundleOptions{}); err != nil {
			t.Fatal(err)
		}
		n, seen := 0, map[string]int{}
		compare := func(t rapid.TB, q question) {
			asked, beforehand := b.verdicts(q)
			claimed := b.decided(q, beforehand)
			for i := range claimed {
				seen[claimed[i].reason]++
				if asked[i] != claimed[i] {
					t.Fatalf("line %d of %+v\nasked:   %+v\nclaimed: %+v", i+1, q, asked[i], claimed[i])
				}
			}
		}
		// A line that the deductible takes wholly is agreed to beforehand as well.
		compare(t, question{
			patient: "amina", facility: "changing", visit: "AMB", day: "2026-04-26", until: "2026-04-26",
			services: []string{"T-3", "T-3"}, quantity: []string{"2", "2"}, price: []string{"100", "95000"},
		})
		same := func(t *rapid.T) {
			n++
			compare(t, drawQuestion(t, n))
		}
		reasons := []string{"", "no-coverage", "no-contract", "not-in-price-list", "not-in-plan", "waiting-period", "invalid-service"}
		unseen := func(reason string) bool { return seen[reason] == 0 }
		for try := 0; try == 0 || try < drawsMax && slices.ContainsFunc(reasons, unseen); try++ {
			rapid.Check(t, same)
		}
		for _, reason := range slices.DeleteFunc(reasons, func(reason string) bool { return !unseen(reason) }) {
			t.Errorf("nothing was drawn that is answered %q: %v", reason, seen)
		}
	})
}

// A question is what is asked and claimed.
type question struct {
	number                    int
	patient, facility, visit  string
	day, until                string
	services, quantity, price []string
}

func drawQuestion(t *rapid.T, n int) question {
	q := question{
		number:   n,
		patient:  rapid.SampledFrom([]string{"asha", "asha", "amina", "bakari", "juma"}).Draw(t, "patient"),
		facility: rapid.SampledFrom([]string{"facility-2", "changing", "changing"}).Draw(t, "facility"),
		visit:    rapid.SampledFrom([]string{"", "AMB", "EMER", "IMP"}).Draw(t, "visit"),
		day:      fmt.Sprintf("2026-%02d-%02d", rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 26).Draw(t, "day")),
	}
	q.until = q.day
	if rapid.IntRange(0, 4).Draw(t, "stay") == 0 {
		q.until = q.day[:8] + fmt.Sprintf("%02d", min(28, atoi(q.day[8:])+2))
	}
	for range rapid.IntRange(1, 4).Draw(t, "lines") {
		s := rapid.SampledFrom(services).Draw(t, "service")
		q.services = append(q.services, s.code)
		q.quantity = append(q.quantity, rapid.SampledFrom([]string{"1", "2", "0.5"}).Draw(t, "quantity"))
		q.price = append(q.price, rapid.SampledFrom([]string{"100", "1300.25", "95000"}).Draw(t, "price"))
	}
	if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
		q.services[0] = "T-none"
	}
	return q
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}

// items gives the lines as both resources have them.
func (q question) items(sequence bool) string {
	var items []string
	for i, code := range q.services {
		number := ""
		if sequence {
			number = fmt.Sprintf(`"sequence":%d,`, i+1)
		}
		items = append(items, fmt.Sprintf(`{%s"productOrService":{"coding":[{"system":%q,"code":%q}]},"quantity":{"value":%s},"unitPrice":{"value":%s,"currency":"TZS"}}`,
			number, serviceSystem, code, q.quantity[i], q.price[i]))
	}
	return strings.Join(items, ",")
}

// verdicts asks, and gives the answer on each line, and whether any of them must
// be asked beforehand.
func (b *bench) verdicts(q question) (list []verdict, beforehand bool) {
	b.Helper()
	visit := ""
	if q.visit != "" {
		visit = `"extension":[{"url":"` + profile + `visit-type","valueCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"` + q.visit + `"}]}}],`
	}
	body := fmt.Sprintf(`{"resourceType":"CoverageEligibilityRequest",%s"status":"active","purpose":["benefits"],"patient":{"reference":"Patient/%s"},"servicedPeriod":{"start":%q,"end":%q},
		"created":"2026-12-31","provider":{"reference":"Organization/%s"},"insurer":{"reference":"Organization/scheme"},"item":[%s]}`, visit, q.patient, q.day, q.until, q.facility, q.items(false))
	out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", []byte(body), false)
	if err != nil {
		b.Fatal(err)
	}
	var answer eligible
	if err := json.Unmarshal(out.Resource.Body, &answer); err != nil {
		b.Fatal(err)
	}
	list = make([]verdict, len(q.services))
	for i := range list {
		list[i] = verdict{"", "0", "", "no-coverage"}
	}
	for _, insurance := range answer.Insurance {
		for i := range min(len(insurance.Item), len(list)) {
			item := insurance.Item[i]
			beforehand = beforehand || item.AuthorizationRequired
			if v, said := item.verdict(); said {
				v.by = insurance.Coverage.Reference
				list[i] = v
			}
		}
	}
	return list, beforehand
}

// An eligible is what is looked at of a CoverageEligibilityResponse.
type eligible struct {
	Insurance []struct {
		Coverage struct{ Reference string }
		Item     []eligibleItem
	}
}

type eligibleItem struct {
	AuthorizationRequired bool
	Extension             []struct{ ValueCodeableConcept concept }
	Benefit               []struct {
		Type         concept
		AllowedMoney struct{ Value json.Number }
	}
}

type concept struct {
	Coding []struct{ System, Code string }
}

// verdict gives what is said of a service by the membership that decides it.
func (i eligibleItem) verdict() (v verdict, said bool) {
	for _, b := range i.Benefit {
		switch b.Type.Coding[0].Code {
		case "submitted":
			said = true
		case "memberliability":
			v.member = b.AllowedMoney.Value.String()
		case "benefit":
			v.benefit = b.AllowedMoney.Value.String()
		}
	}
	if len(i.Extension) > 0 {
		v.reason = i.Extension[0].ValueCodeableConcept.Coding[0].Code
	}
	return v, said
}

// decided claims the same and gives the decision of each line. What must be asked
// beforehand is asked first.
func (b *bench) decided(q question, beforehand bool) []verdict {
	b.Helper()
	ref := ""
	if beforehand {
		ref = fmt.Sprintf(`,"preAuthRef":[%q]`, b.claim(q, "preauthorization", "").ID)
	}
	r := b.claim(q, "claim", ref)
	list := make([]verdict, len(q.services))
	for i, item := range r.Item {
		list[i] = item.verdict()
		if list[i].reason == "no-coverage" {
			list[i].member = ""
		}
		for _, e := range item.Extension {
			for _, insurance := range r.Insurance {
				if insurance.Sequence == e.ValuePositiveInt && list[i].reason != "no-coverage" {
					list[i].by = insurance.Coverage.Reference
				}
			}
		}
	}
	return list
}

type decision struct {
	ID        string
	Insurance []struct {
		Sequence int
		Coverage struct{ Reference string }
	}
	Item []decisionItem
}

type decisionItem struct {
	Extension    []struct{ ValuePositiveInt int }
	Adjudication []struct {
		Category, Reason concept
		Amount           struct{ Value json.Number }
	}
}

func (i decisionItem) verdict() verdict {
	v := verdict{member: "0"}
	for _, a := range i.Adjudication {
		switch a.Category.Coding[0].Code {
		case "benefit":
			v.benefit = a.Amount.Value.String()
		case "memberliability":
			v.member = a.Amount.Value.String()
		case "denied", "noncovered":
			v.reason = a.Reason.Coding[0].Code
		}
	}
	return v
}

func (b *bench) claim(q question, use, ref string) (d decision) {
	b.Helper()
	visit := ""
	if q.visit != "" {
		visit = `"subType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"` + q.visit + `"}]},`
	}
	made := "2026-12-31"
	if use == "preauthorization" { // holds from the day it was asked on
		made = q.day
	}
	body := fmt.Sprintf(`{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"%s-%d"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},%s"use":%q,
		"patient":{"reference":"Patient/%s"},"billablePeriod":{"start":%q,"end":%q},"created":%q,"provider":{"reference":"Organization/%s"},"priority":{"coding":[{"code":"normal"}]},
		"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"any"}%s}],"item":[%s]}`, use, q.number, visit, use, q.patient, q.day, q.until, made, q.facility, ref, q.items(true))
	result, err := b.Create(b.ctx, "Claim", interaction.Write{Body: []byte(body)})
	if err != nil {
		b.Fatal(err)
	}
	r, err := b.Read(b.ctx, fhir.Key{Type: "ClaimResponse", ID: result.Resource.ID})
	if err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal(r.Body, &d); err != nil {
		b.Fatal(err)
	}
	return d
}

// The answer tells of the memberships it is asked about, and of those that pay for
// something of it; with discovery of all.
func TestTheMembershipsAskedAbout(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		if _, err := b.Bundle(b.ctx, world(), interaction.BundleOptions{}); err != nil {
			t.Fatal(err)
		}
		cases := []struct{ name, purpose, named, services, want string }{
			{"all, where none is named", "benefits", "", "", "cov-asha second-asha"},
			{"the one that is named", "benefits", "cov-asha", "", "cov-asha"},
			{"all, where others are to be discovered", "discovery", "cov-asha", "", "cov-asha second-asha"},
			{"all, where the one named is another's", "benefits", "second-amina", "", "cov-asha second-asha"},
			{"the one that pays, too", "benefits", "cov-asha", "T-2", "cov-asha second-asha"},
		}
		for _, c := range cases {
			body := fmt.Sprintf(`{"resourceType":"CoverageEligibilityRequest","status":"active","purpose":[%q],"patient":{"reference":"Patient/asha"},"servicedDate":"2026-09-01","created":"2026-09-01","provider":{"reference":"Organization/facility-2"},"insurer":{"reference":"Organization/scheme"}`, c.purpose)
			if c.named != "" {
				body += `,"insurance":[{"coverage":{"reference":"Coverage/` + c.named + `"}}]`
			}
			if c.services != "" {
				body += `,"item":[{"productOrService":{"coding":[{"system":"` + serviceSystem + `","code":"` + c.services + `"}]}}]`
			}
			out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", []byte(body+"}"), false)
			if err != nil {
				t.Fatal(err)
			}
			var answer eligible
			if err := json.Unmarshal(out.Resource.Body, &answer); err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, i := range answer.Insurance {
				told = append(told, strings.TrimPrefix(i.Coverage.Reference, "Coverage/"))
			}
			if got := strings.Join(told, " "); got != c.want {
				t.Errorf("%s: told of %q, want %q", c.name, got, c.want)
			}
		}
	})
}
