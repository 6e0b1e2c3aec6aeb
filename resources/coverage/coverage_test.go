package coverage_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/resources/coverage"
	"bima/resources/resourcestest"
)

const ext = "https://bima.example/fhir/StructureDefinition/"

// contract gives a policy of persons a and b, agreed for 2026.
func contract(id, state, status, from, more string) string {
	return fmt.Sprintf(`{"resourceType":"Contract","id":%q,"extension":[{"url":"%spolicy-state","valueCode":%q}%s],"status":%q,
		"applies":{"start":%q,"end":"2026-12-31"},
		"term":[{"applies":{"start":"2026-01-01","end":"2026-12-31"},"offer":{"topic":{"reference":"InsurancePlan/p"}},
		"asset":[{"typeReference":[{"reference":"Patient/a"},{"reference":"Patient/b"}],"valuedItem":[{"entityReference":{"reference":"InsurancePlan/p/_history/1"}}]}]}]}`,
		id, ext, state, more, status, from)
}

// member gives a membership of plan p.
func member(id, of, person, state, status, period string) string {
	link := ""
	if of != "" {
		link = fmt.Sprintf(`,"contract":[{"reference":"Contract/%s"}]`, of)
	}
	return fmt.Sprintf(`{"resourceType":"Coverage","id":%q,"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/p"}},
		{"url":"%scoverage-state","valueCode":%q}],"status":%q,"beneficiary":{"reference":"Patient/%s"},"period":%s,"payor":[{"reference":"Organization/s"}]%s}`,
		id, ext, state, status, person, period, link)
}

const year = `{"start":"2026-01-01","end":"2026-12-31"}`

func TestPoliciesAndMemberships(t *testing.T) {
	active := contract("x", "active", "executed", "2026-01-10", "")
	cases := []struct {
		name   string
		bodies []string
		want   string
	}{
		{"a member of a policy in force", []string{active, member("m", "x", "a", "active", "active", year)}, ""},
		{"the membership may come first", []string{member("m", "x", "a", "active", "active", year), active}, ""},
		{"a policy that is active by its state only", []string{contract("x", "active", "offered", "2026-01-10", "")}, "Contract.status"},
		{"a policy that goes on after a suspension", []string{contract("x", "active", "resolved", "2026-01-10", "")}, ""},
		{"a suspended membership that looks active", []string{member("m", "", "a", "suspended", "active", year)}, "Coverage.status"},
		{"an active member of an unpaid policy", []string{contract("x", "offered", "offered", "2026-01-01", ""), member("m", "x", "a", "active", "active", year)}, "Coverage.status"},
		{"a person the policy does not name", []string{active, member("m", "x", "c", "active", "active", year)}, "Coverage.beneficiary"},
		{"a membership longer than its policy", []string{active, member("m", "x", "a", "active", "active", `{"start":"2026-01-01","end":"2027-01-01"}`)}, "Coverage.period"},
		{"a membership without an end", []string{active, member("m", "x", "a", "active", "active", `{"start":"2026-01-01"}`)}, "Coverage.period"},
		{"two memberships of one policy", []string{active, member("m", "x", "a", "active", "active", year), member("n", "x", "a", "draft", "draft", year)}, "Coverage.contract"},
		{
			"the same plan twice at a time",
			[]string{member("m", "", "a", "active", "active", `{"start":"2026-01-01","end":"2026-06-30"}`), member("n", "", "a", "active", "active", `{"start":"2026-06-30"}`)},
			"Coverage.period",
		},
		{"the same plan after itself", []string{member("m", "", "a", "active", "active", `{"start":"2026-01-01","end":"2026-06-30"}`), member("n", "", "a", "active", "active", `{"start":"2026-07-01"}`)}, ""},
		{"the same plan of two persons", []string{member("m", "", "a", "active", "active", year), member("n", "", "b", "active", "active", year)}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := resourcestest.New(t, coverage.Module())
			if c.want == "" {
				w.Put(c.bodies...)
				return
			}
			if got := w.Refused(c.bodies...); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

// shown gives status, state, period and waiting-from of a membership.
func shown(w *resourcestest.World, id string) string {
	n := w.Get("Coverage/" + id)
	return strings.Join([]string{
		n.Get("status").Text(), n.Extension(ext + "coverage-state").Get("valueCode").Text(),
		n.At("period", "start").Text(), n.At("period", "end").Text(),
		n.Extension(ext + "coverage-waiting-from").Get("valueDate").Text(),
	}, " ")
}

func TestMembershipsFollowTheirPolicy(t *testing.T) {
	w := resourcestest.New(t, coverage.Module())
	w.Put(contract("x", "offered", "offered", "2026-01-01", ""),
		member("m", "x", "a", "draft", "draft", year),
		member("n", "x", "b", "draft", "draft", `{"start":"2026-05-01","end":"2026-12-31"}`))
	steps := []struct{ name, contract, a, b string }{
		{
			"in force: from its first day, and later for b, who joins in May", contract("x", "active", "executed", "2026-01-10", ""),
			"active active 2026-01-10 2026-12-31 2026-01-10", "active active 2026-05-01 2026-12-31 2026-05-01",
		},
		{
			"suspended", contract("x", "suspended", "disputed", "2026-01-10", ""),
			"cancelled suspended 2026-01-10 2026-12-31 2026-01-10", "cancelled suspended 2026-05-01 2026-12-31 2026-05-01",
		},
		{
			"taken up again", contract("x", "active", "resolved", "2026-01-10", ""),
			"active active 2026-01-10 2026-12-31 2026-01-10", "active active 2026-05-01 2026-12-31 2026-05-01",
		},
		{
			"ended in September", strings.Replace(contract("x", "terminated", "terminated", "2026-01-10", ""), `"2026-01-10","end":"2026-12-31"`, `"2026-01-10","end":"2026-09-30"`, 1),
			"active active 2026-01-10 2026-09-30 2026-01-10", "active active 2026-05-01 2026-09-30 2026-05-01",
		},
	}
	for _, s := range steps {
		w.Put(s.contract)
		if got := shown(w, "m"); got != s.a {
			t.Errorf("%s: a is %q, want %q", s.name, got, s.a)
		}
		if got := shown(w, "n"); got != s.b {
			t.Errorf("%s: b is %q, want %q", s.name, got, s.b)
		}
	}
}

func TestARenewedMemberHasWaitedBefore(t *testing.T) {
	old := strings.NewReplacer("2026-", "2025-").Replace(contract("old", "renewed", "renewed", "2026-01-15", ""))
	after := `,{"url":"` + ext + `contract-predecessor","valueReference":{"reference":"Contract/old"}}`
	cases := []struct{ name, ended, want string }{
		{"without a gap", "2025-12-31", "active active 2026-01-01 2026-12-31 2025-01-15"},
		{"after a gap", "2025-12-30", "active active 2026-01-01 2026-12-31 2026-01-01"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := resourcestest.New(t, coverage.Module())
			w.Put(old, member("m", "old", "a", "expired", "active", `{"start":"2025-01-15","end":"`+c.ended+`"}`),
				contract("x", "offered", "offered", "2026-01-01", after), member("n", "x", "a", "draft", "draft", year))
			w.Put(contract("x", "active", "executed", "2026-01-01", after))
			if got := shown(w, "n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheDeadAreCoveredToTheirLastDay(t *testing.T) {
	w := resourcestest.New(t, coverage.Module())
	w.Put(`{"resourceType":"Patient","id":"a"}`, contract("x", "active", "executed", "2026-01-10", ""),
		member("m", "x", "a", "active", "active", year), member("n", "", "a", "active", "active", `{"start":"2027-01-01","end":"2027-12-31"}`))
	w.Put(`{"resourceType":"Patient","id":"a","deceasedDateTime":"2026-03-04T10:00:00+03:00"}`)
	if got, want := shown(w, "m"), "active active 2026-01-01 2026-03-04 "; got != want {
		t.Errorf("this year's is %q, want %q", got, want)
	}
	if got, want := shown(w, "n"), "cancelled cancelled 2027-01-01 2027-12-31 "; got != want {
		t.Errorf("next year's is %q, want %q", got, want)
	}
}
