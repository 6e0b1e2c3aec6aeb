package employer_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

// begun tells the beginning of a story: a contract of one plan with two employees,
// in force from January, which is paid.
func begun(t *testing.T, open func(testing.TB) string) *teller {
	l := newTeller(t, open(t))
	l.tell(`plan FS-A employee 3% employer 5% floor 0
staff asha baraka
contract 2026-01-01..2026-12-31
2025-12-20: submit
2025-12-28: approve
2026-01-31: declare 2026-01
| asha - 250000
| baraka - 100000
2026-02-01: pay IV-EC-1-2026-01 28000`)
	return l
}

func onEach(t *testing.T, test func(t *testing.T, open func(testing.TB) string)) {
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

// changed gives the stored contract with texts replaced, in pairs.
func (l *teller) changed(id string, pairs ...string) string {
	l.t.Helper()
	r, err := l.Engine.Read(l.Context(), fhir.Key{Type: "Contract", ID: id})
	if err != nil {
		l.t.Fatal(err)
	}
	body := string(r.Body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(body, pairs[i]) {
			l.t.Fatalf("the contract has no %s: %s", pairs[i], body)
		}
		body = strings.ReplaceAll(body, pairs[i], pairs[i+1])
	}
	return body
}

func TestWhatIsAgreedStands(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) string) {
		l := begun(t, open)
		cases := []struct{ name, body, at string }{
			{"the days of a contract in force", l.changed("ec1", "2026-12-31", "2027-12-31"), "Bundle.entry[0].resource"},
			{"its state", l.changed("ec1", `"active"`, `"suspended"`, `"executed"`, `"disputed"`), "Contract.extension('" + ext + "policy-state')"},
			{"its type", l.changed("ec1", `"code":"employer"`, `"code":"other"`), "Contract.type"},
		}
		for _, c := range cases {
			if at := l.Refused(c.body); at != c.at {
				t.Errorf("%s: refused at %s, want %s", c.name, at, c.at)
			}
		}
		if _, err := l.Engine.Delete(l.Context(), fhir.Key{Type: "Contract", ID: "ec1"}, ""); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("it was deleted: %v", err)
		}
	})
}

func TestADraftIsAContract(t *testing.T) {
	l := newTeller(t, databases["sqlite"](t))
	l.tell("plan FS-A employee 3% employer 5% floor 0\nplan FS-U employee 3% floor 100 ceiling 50\nstaff asha")
	l.terms = l.terms[:1]
	l.contract([]string{"2026-01-01..2026-12-31"})
	l.Put(`{"resourceType":"Organization","id":"other","name":"No employer"}`, `{"resourceType":"InsurancePlan","id":"bare","name":"Bare","status":"active","plan":[{"identifier":[{"value":"FS-0"}]},{"identifier":[{"value":"FS-R"}],"extension":[{"url":"`+ext+`employment-contribution","extension":[{"url":"employee","valueDecimal":3}]}]}]}`)
	cases := []struct {
		name, at string
		pairs    []string
	}{
		{"it begins as a draft", "Contract.extension('" + ext + "policy-state')", []string{`"draft"`, `"active"`, `"negotiable"`, `"executed"`, `"id":"ec1"`, `"id":"ec2"`, "EC-1", "EC-2"}},
		{"with an employer", "Contract.subject", []string{"Organization/mill", "Organization/other"}},
		{"from the first of a month", "Contract.applies.start", []string{"2026-01-01", "2026-01-02"}},
		{"of plans there are", "Contract.term[0].identifier", []string{`"FS-A"`, `"FS-Z"`}},
		{"of products there are", "Contract.term[0].offer.topic", []string{"InsurancePlan/fs-a", "InsurancePlan/none"}},
		{"that say what they ask", "Contract.term[0].identifier", []string{`"FS-A"`, `"FS-0"`, "InsurancePlan/fs-a", "InsurancePlan/bare"}},
		{"in a currency", "Contract.term[0].offer.topic", []string{`"FS-A"`, `"FS-R"`, "InsurancePlan/fs-a", "InsurancePlan/bare"}},
		{"with a floor below the ceiling", "Contract.term[0].offer.topic", []string{`"FS-A"`, `"FS-U"`, "InsurancePlan/fs-a", "InsurancePlan/fs-u"}},
		{"with a number", "Contract.identifier", []string{"id/policy", "id/other"}},
	}
	for _, c := range cases {
		if at := l.Refused(l.changed("ec1", c.pairs...)); at != c.at {
			t.Errorf("%s: refused at %s, want %s", c.name, at, c.at)
		}
	}
	for name, body := range map[string]string{
		"Group.managingEntity":   `{"resourceType":"Group","id":"g","type":"person","actual":true,"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/group-kind","code":"employees"}]},"managingEntity":{"reference":"Organization/other"}}`,
		"Group.member[1].entity": `{"resourceType":"Group","id":"g","type":"person","actual":true,"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/group-kind","code":"employees"}]},"managingEntity":{"reference":"Organization/mill"},"member":[{"entity":{"reference":"Patient/asha"}},{"entity":{"reference":"Patient/asha"}}]}`,
	} {
		if at := l.Refused(body); at != name {
			t.Errorf("refused at %s, want %s", at, name)
		}
	}
}

// A table that is corrected to and fro moves cover to and fro, and no number is taken.
func TestToAndFroBetweenPlansOfAProduct(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) string) {
		l := newTeller(t, open(t))
		l.tell(`plan FS-D employee 3% employer 5% floor 0
plan FS-K of FS-D employee 2000 employer 3000
staff asha
contract 2026-01-01..2026-12-31
2025-12-20: submit
2025-12-28: approve
2026-01-31: declare 2026-01
| asha FS-D 250000
2026-02-01: pay IV-EC-1-2026-01 20000`)
		for _, plan := range []string{"FS-K", "FS-D", "FS-K", "FS-D", "FS-D"} {
			l.tell("2026-02-10: declare 2026-02\n| asha " + plan + " 250000")
			var days []string
			for _, n := range l.Search("Coverage", "status=active&_sort=_id") {
				if n.At("period", "end").Text() == "2026-12-31" {
					days = append(days, n.Get("class").First().Get("value").Text()+" from "+n.At("period", "start").Text())
				}
			}
			if want := plan + " from 2026-02-01"; len(days) != 1 || days[0] != want {
				t.Fatalf("asha is covered by %q, want %s; %s", days, want, l.out.String())
			}
		}
	})
}

// Two who declare the same month at the same moment ask for it once.
func TestAMonthIsDeclaredOnce(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) string) {
		l := begun(t, open)
		l.clock.Set(t, "2026-03-01")
		table := base64.StdEncoding.EncodeToString([]byte("national_id,income\nasha,250000\n"))
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := l.call("ec1", "declare", `{"name":"period","valueDate":"2026-02"},{"name":"table","valueBase64Binary":"`+table+`"}`); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if all := l.Search("Invoice", "period=2026-02"); len(all) != 1 {
			t.Errorf("the month has %d invoices", len(all))
		}
	})
}

func TestTablesThatAreNone(t *testing.T) {
	l := begun(t, databases["sqlite"])
	cases := map[string]string{
		"no table": "", "no header": "\n", "an unknown column": "national_id,salary\na,1\n", "a column twice": "national_id,income,income\n",
		"nobody named": "income\n1\n", "no rows": "national_id,income\n,\n", "too many cells": "national_id\na,1\n", "an open quote": "national_id\n\"a\n",
		"a long cell": "national_id\n" + strings.Repeat("a", 300) + "\n",
	}
	for name, table := range cases {
		err := l.call("ec1", "declare", fmt.Sprintf(`{"name":"period","valueDate":"2026-02"},{"name":"table","valueBase64Binary":%q}`, base64.StdEncoding.EncodeToString([]byte(table))))
		if status := interaction.Status(err); status != 400 && status != 422 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, parameters := range map[string]string{
		"no month": `{"name":"table","valueBase64Binary":"YQ=="}`, "a day": `{"name":"period","valueDate":"2026-02-01"}`, "another parameter": `{"name":"month","valueDate":"2026-02"}`,
	} {
		if err := l.call("ec1", "declare", parameters); interaction.Status(err) != 400 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Those who have no role for it lead no contract.
func TestOfficersOnly(t *testing.T) {
	l := begun(t, databases["sqlite"])
	ctx := fhir.WithCaller(l.Context(), fhir.Caller{Name: "clerk", Roles: []fhir.Role{fhir.RoleFacility}})
	for _, code := range []string{"submit", "declare", "terminate"} {
		if _, err := l.Engine.Call(ctx, code, fhir.Key{Type: "Contract", ID: "ec1"}, "", nil, false); interaction.Status(err) != 403 {
			t.Errorf("$%s: %v", code, err)
		}
	}
	l.Put(`{"resourceType":"Contract","id":"else","status":"executed"}`)
	if err := l.call("else", "submit", ""); interaction.Status(err) != 422 {
		t.Errorf("another contract is submitted: %v", err)
	}
	if err := l.call("none", "submit", ""); interaction.Status(err) != 404 {
		t.Errorf("a contract that is not there is submitted: %v", err)
	}
	if err := l.call("ec1", "suspend", ""); interaction.Status(err) != 422 {
		t.Errorf("it is suspended as a policy: %v", err)
	}
}
