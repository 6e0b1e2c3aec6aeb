package eligibility_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
	"bima/resources/eligibility"
	"bima/storage"
	"bima/storage/storagetest"
)

// A clinic asks about Amina under a product that pays for no visit without proof of
// presence of the same day. The scheme's day begins at 21:00 UTC.
var nairobi = time.FixedZone("EAT", 3*60*60)

// A clock is the scheme's: it stands, but that each look is a little later.
type clock struct{ now, looks atomic.Int64 }

func (c *clock) set(at string) {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	c.now.Store(t.UnixMilli())
}

func (c *clock) read() time.Time { return time.UnixMilli(c.now.Load() + c.looks.Add(1)) }

// A clinic is an Engine over that scheme.
type clinic struct {
	*bench
	*clock
	claims int
}

func newClinic(t *testing.T, dsn string) *clinic {
	t.Helper()
	c := &clinic{clock: &clock{}}
	c.set("2026-04-01T06:00:00Z")
	store, err := storage.Open(context.Background(), dsn, storage.Options{Now: c.read})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	engine, err := house.Engine(context.Background(), store, house.Plan{Base: base, CheckOwn: true, Zone: nairobi},
		claim.Settings{Base: base, Zone: nairobi}.Module(), eligibility.Settings{Base: base, Zone: nairobi}.Module())
	if err != nil {
		t.Fatal(err)
	}
	c.bench = &bench{t, engine, fhir.WithCaller(context.Background(), fhir.Developer())}
	concept := func(system, code string) string {
		return fmt.Sprintf(`{"coding":[{"system":%q,"code":%q}]}`, system, code)
	}
	medical, all := concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical"), concept("https://bima.example/fhir/CodeSystem/benefit", "all")
	c.put("Organization", "clinic", `"active":true,"name":"Clinic","extension":[{"url":"`+profile+`price-list","valueCoding":{"system":"`+listSystem+`","code":"HOSPITAL"}}]`)
	c.put("Patient", "amina", `"active":true,"gender":"female","birthDate":"1990-06-15"`)
	c.put("ChargeItemDefinition", "T-1", tariff("T-1", "1500", "", ""))
	c.put("InsurancePlan", "seen", `"status":"active","name":"Seen","extension":[{"url":"`+profile+`proof-of-presence","valueDuration":{"value":0,"system":"http://unitsofmeasure.org","code":"d"}}],
		"coverage":[{"type":`+medical+`,"benefit":[{"type":`+all+`}]}],"plan":[{"type":`+medical+`}]`)
	c.put("Coverage", "c", `"status":"active","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/seen"}}],
		"beneficiary":{"reference":"Patient/amina"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/clinic"}]`)
	return c
}

func (c *clinic) put(typ, id, body string) {
	c.Helper()
	if _, err := c.Update(c.ctx, fhir.Key{Type: typ, ID: id}, interaction.Write{Body: fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, typ, id, body)}); err != nil {
		c.Fatal(err)
	}
}

// asks puts a question under an id, and gives the disposition of its answer. days are
// an element of it, "" for none.
func (c *clinic) asks(id, days, rest string) string {
	c.Helper()
	c.put("CoverageEligibilityRequest", id, `"status":"active","purpose":["validation"],"patient":{"reference":"Patient/amina"},"insurer":{"display":"the scheme"},`+days+rest)
	out, err := c.Read(c.ctx, fhir.Key{Type: "CoverageEligibilityResponse", ID: id})
	if err != nil {
		c.Fatal(err)
	}
	doc, err := fhir.Parse(out.Body)
	if err != nil {
		c.Fatal(err)
	}
	return doc.Root().Get("disposition").Text()
}

// paid claims T-1 for days of care with a visit code, and reports whether it is paid.
func (c *clinic) paid(from, to, code string) bool {
	c.Helper()
	body := c.claimed("Organization/clinic", from, to, code)
	paid := strings.Contains(body, `"disposition":"All of 1,500 TZS will be paid."`)
	if !paid && !strings.Contains(body, "no visit code proves") {
		c.Fatalf("refused for something else: %s", body)
	}
	return paid
}

// claimed claims it for somebody, and gives the answer.
func (c *clinic) claimed(provider, from, to, code string) string {
	c.Helper()
	c.claims++
	body := fmt.Sprintf(`{"resourceType":"Claim","identifier":[{"value":"%d"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},
		"use":"claim","patient":{"reference":"Patient/amina"},"billablePeriod":{"start":%q,"end":%q},"created":%q,"provider":{"reference":%q},"priority":{"coding":[{"code":"normal"}]},
		"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/c"}}],"supportingInfo":[{"sequence":1,"category":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/claim-information","code":"visit-code"}]},"valueString":%q}],
		"item":[{"sequence":1,"productOrService":{"coding":[{"system":%q,"code":"T-1"}]},"quantity":{"value":1},"unitPrice":{"value":1500,"currency":"TZS"}}]}`, c.claims, from, to, to, provider, code, serviceSystem)
	out, err := c.Call(c.ctx, "submit", fhir.Key{Type: "Claim"}, "", []byte(body), false)
	if err != nil {
		c.Fatal(err)
	}
	return string(out.Resource.Body)
}

const (
	about1 = `"servicedDate":"2026-04-01","created":"2026-04-01"`
	about2 = `"servicedDate":"2026-04-02","created":"2026-04-02"`
	here   = `,"provider":{"reference":"Organization/clinic"}`
)

// A visit code proves the day on which it was asked for, by the scheme's clock, and no
// other.
func TestAVisitCodeIsOfTheDayItWasAskedFor(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		if name == "postgres" && os.Getenv("BIMA_TEST_POSTGRES") == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c := newClinic(t, dsn(t))
			c.codes()
			c.nobodys()
			c.old()
			c.forged()
		})
	}
}

// codes asks on the first and the second of April, and claims a week later.
func (c *clinic) codes() {
	c.Helper()
	for _, q := range []struct{ at, id, days, rest, want string }{
		// 23:30 on the first in Nairobi, where it is 20:30 UTC; then half past midnight.
		{"2026-04-01T20:30:00Z", "day", about1, here, "Covered on 2026-04-01. The visit code of 2026-04-01 is day."},
		{"2026-04-01T20:31:00Z", "ahead", about2, here, "Covered on 2026-04-02. This is no visit code: it was asked on 2026-04-01, about another day."},
		{"2026-04-01T20:32:00Z", "undated", `"created":"2026-04-01T20:32:00Z"`, here, "Covered on 2026-04-01. The visit code of 2026-04-01 is undated."},
		{"2026-04-01T20:33:00Z", "stay", `"servicedPeriod":{"start":"2026-03-30","end":"2026-04-03"},"created":"2026-04-01"`, here, "Covered on 2026-03-30 to 2026-04-03. The visit code of 2026-04-01 is stay."},
		{"2026-04-01T20:34:00Z", "nowhere", about1, "", "Covered on 2026-04-01. This is no visit code: the question names no provider."},
		{"2026-04-01T21:30:00Z", "late", about1, here, "Covered on 2026-04-01. This is no visit code: it was asked on 2026-04-02, about another day."},
		{"2026-04-01T21:31:00Z", "next", about2, here, "Covered on 2026-04-02. The visit code of 2026-04-02 is next."},
		{"2026-04-01T21:32:00Z", "night", `"created":"2026-04-01T21:32:00Z"`, here, "Covered on 2026-04-02. The visit code of 2026-04-02 is night."},
		{"2026-04-01T21:33:00Z", "backdated", `"created":"2026-04-01"`, here, "Covered on 2026-04-01. This is no visit code: it was asked on 2026-04-02, about another day."},
		{"2026-04-01T21:34:00Z", "withdrawn", about2, here, "Covered on 2026-04-02. The visit code of 2026-04-02 is withdrawn."},
		// Put again as it was, it is the question of the first still; about another day it
		// is another question.
		{"2026-04-03T08:00:00Z", "day", about1, here, "Covered on 2026-04-01. The visit code of 2026-04-01 is day."},
		{"2026-04-03T08:01:00Z", "next", about1, here, "Covered on 2026-04-01. This is no visit code: it was asked on 2026-04-03, about another day."},
	} {
		c.set(q.at)
		if got := c.asks(q.id, q.days, q.rest); got != q.want {
			c.Errorf("asked as %s at %s: %q, want %q", q.id, q.at, got, q.want)
		}
	}
	c.put("CoverageEligibilityRequest", "withdrawn", `"status":"cancelled","purpose":["validation"],"patient":{"reference":"Patient/amina"},"insurer":{"display":"the scheme"},`+about2+here)
	c.set("2026-04-08T08:00:00Z")
	for _, v := range []struct {
		from, to, code string
		want           bool
	}{
		{"2026-04-01", "2026-04-01", "day", true},
		{"2026-03-31", "2026-03-31", "day", false},
		{"2026-04-02", "2026-04-02", "day", false},
		{"2026-03-30", "2026-04-01", "day", true},
		{"2026-04-01", "2026-04-03", "day", true},
		{"2026-03-30", "2026-03-31", "day", false},
		{"2026-04-02", "2026-04-02", "ahead", false},
		{"2026-04-01", "2026-04-01", "ahead", false},
		{"2026-04-01", "2026-04-01", "undated", true},
		{"2026-04-01", "2026-04-01", "stay", true},
		{"2026-03-31", "2026-03-31", "stay", false},
		{"2026-04-01", "2026-04-01", "nowhere", false},
		{"2026-04-01", "2026-04-01", "late", false},
		{"2026-04-02", "2026-04-02", "late", false},
		{"2026-04-02", "2026-04-02", "night", true},
		{"2026-04-01", "2026-04-01", "night", false},
		{"2026-04-01", "2026-04-01", "backdated", false},
		{"2026-04-02", "2026-04-02", "withdrawn", false},
		{"2026-04-02", "2026-04-02", "next", false},
	} {
		if got := c.paid(v.from, v.to, v.code); got != v.want {
			c.Errorf("%s to %s with the code %s: paid is %v", v.from, v.to, v.code, got)
		}
	}
}

// nobodys quotes an answer that nobody asked for, for a nurse who works nowhere.
func (c *clinic) nobodys() {
	c.Helper()
	c.put("Practitioner", "nurse", `"active":true`)
	if body := c.claimed("Practitioner/nurse", "2026-04-01", "2026-04-01", "nowhere"); !strings.Contains(body, "no visit code proves") {
		c.Errorf("an answer to nobody proves something: %s", body)
	}
}

// old reads answers as they were stored before a code was of the day of asking: those
// about the day on which they were given prove it, those about others nothing.
func (c *clinic) old() {
	c.Helper()
	answer := func(id, days, created string) {
		c.put("CoverageEligibilityResponse", id, `"status":"active","purpose":["validation"],"patient":{"reference":"Patient/amina"},`+days+`"created":"`+created+`",
			"requestor":{"reference":"Organization/clinic"},"request":{"reference":"CoverageEligibilityRequest/`+id+`"},"outcome":"complete","insurer":{"display":"the scheme"}`)
	}
	answer("old-day", `"servicedDate":"2026-03-05",`, "2026-03-05T20:59:59Z")
	answer("old-late", `"servicedDate":"2026-03-05",`, "2026-03-05T21:00:00Z")
	answer("old-undated", "", "2026-03-05T21:00:00Z")
	for code, want := range map[string]bool{"old-day": true, "old-late": false, "old-undated": false} {
		if got := c.paid("2026-03-05", "2026-03-05", code); got != want {
			c.Errorf("the fifth of March with %s: paid is %v", code, got)
		}
	}
	if !c.paid("2026-03-06", "2026-03-06", "old-undated") {
		c.Error("an old answer about no day proves none that it was given on")
	}
}

// forged keeps facilities from writing answers of their own.
func (c *clinic) forged() {
	c.Helper()
	who := fhir.WithCaller(context.Background(), fhir.Caller{Name: "clinic", Identity: "clinic", Roles: []fhir.Role{fhir.RoleFacility}, Entity: fhir.Key{Type: "Organization", ID: "clinic"}})
	body := `{"resourceType":"CoverageEligibilityResponse","id":"day","status":"active","purpose":["validation"],"patient":{"reference":"Patient/amina"},"created":"2026-03-01T08:00:00Z",
		"requestor":{"reference":"Organization/clinic"},"request":{"reference":"CoverageEligibilityRequest/day"},"outcome":"complete","insurer":{"display":"the scheme"}}`
	if _, err := c.Update(who, fhir.Key{Type: "CoverageEligibilityResponse", ID: "day"}, interaction.Write{Body: []byte(body)}); interaction.Status(err) != 403 {
		c.Errorf("a facility writes an answer: %v", err)
	}
	asked := `{"resourceType":"CoverageEligibilityRequest","status":"active","purpose":["validation"],"patient":{"reference":"Patient/amina"},"insurer":{"display":"the scheme"},` + about1 + here + `}`
	if _, err := c.Call(who, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", []byte(asked), false); err != nil {
		c.Errorf("a facility asks: %v", err)
	}
}
