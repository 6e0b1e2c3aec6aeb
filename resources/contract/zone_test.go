package contract_test

import (
	"strings"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/resources/contract"
	"bima/resources/group"
	"bima/storage/storagetest"
)

// One zone decides every day: a minute before midnight in the scheme it is still
// the day before, whatever the day is in UTC.
func TestTheSchemesMidnight(t *testing.T) {
	cases := []struct {
		zone, before, after string // a minute before and after midnight between 10 and 11 March
	}{
		{"Asia/Kathmandu", "2026-03-10T18:14:00Z", "2026-03-10T18:16:00Z"},         // UTC+05:45
		{"Africa/Dar_es_Salaam", "2026-03-10T20:59:00Z", "2026-03-10T21:01:00Z"},   // UTC+03:00
		{"America/Port-au-Prince", "2026-03-11T03:59:00Z", "2026-03-11T04:01:00Z"}, // UTC−04:00, summer time since 8 March
	}
	for _, c := range cases {
		t.Run(c.zone, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			l := newTellerIn(t, storagetest.SQLite(t), zoned(zone))
			l.Put(`{"resourceType":"Organization","id":"scheme","name":"Scheme"}`)
			l.Put(careGiven()...)
			l.set("family", []string{"ann female 1990-03-01 head", "ben male 1988-03-01 spouse", "cat female 1989-03-01 other"})
			l.set("plan a", []string{"premiumAdult 12000", "covers visit"})
			l.set("plan b", []string{"premiumAdult 1000"})
			l.at(c.before, "offer a")
			l.want("policy 1", "offered (offered), 2026-03-10 to 2027-03-09")
			l.at(c.after, "offer b")
			l.want("policy 2", "offered (offered), 2026-03-11 to 2027-03-10")
			l.at(c.after, "pay 36000 1 on=2026-03-10")
			l.want("ann in policy 1", "active, 2026-03-10 to 2027-03-09")
			// Who dies a minute before midnight is covered to the 10th, a minute after
			// to the 11th; so is whose leaving is told of without a day.
			l.dies(c.before, "ann")
			l.want("ann in policy 1", "active, 2026-03-10 to 2026-03-10")
			l.dies(c.after, "ben")
			l.want("ben in policy 1", "active, 2026-03-10 to 2026-03-11")
			l.at(c.after, "closed cat")
			l.want("cat in policy 1", "active, 2026-03-10 to 2026-03-11")
		})
	}
}

// The scheme's last minute of the last day of grace is in time, the next is not.
func TestGraceEndsAtTheSchemesMidnight(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, paid, want string }{
		{"a minute before", "2026-01-31T18:14:00Z", "active (executed), 2026-01-01 to 2026-12-31"},
		{"a minute after", "2026-01-31T18:16:00Z", "active (executed), 2026-02-01 to 2026-12-31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newTellerIn(t, storagetest.SQLite(t), zoned(zone))
			l.Put(`{"resourceType":"Organization","id":"scheme","name":"Scheme"}`)
			l.set("family", []string{"ann female 1990-03-01 head"})
			l.set("plan a", []string{"premiumAdult 12000", "grace-payment 1 mo"})
			l.step("2025-01-01", "offer a")
			l.step("2025-01-01", "pay 12000 1")
			l.step("2025-12-20", "renew 1")
			l.clock.Set(t, c.paid)
			// $receive is told no day: the scheme's today is meant.
			_, err := l.Engine.Call(l.Context(), "receive", fhir.Key{Type: "PaymentReconciliation"}, "", []byte(`{"resourceType":"Parameters","parameter":[
				{"name":"amount","valueMoney":{"value":12000,"currency":"TZS"}},{"name":"reference","valueIdentifier":{"system":"urn:mobile","value":"T-1"}},
				{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/invoice","value":"`+l.Get("Invoice/"+l.id("invoice 2")).Identifier("https://bima.example/fhir/id/invoice")+`"}}]}`), false)
			if err != nil {
				t.Fatalf("%v: %v", err, fhir.OutcomeOf(err).Issues)
			}
			l.want("policy 2", c.want)
		})
	}
}

// at does a step at a moment, which is a day of the scheme.
func (l *teller) at(moment, what string) {
	l.t.Helper()
	l.clock.Set(l.t, moment)
	if err := l.do(moment[:10], strings.Fields(what)); err != nil {
		l.t.Fatalf("%s: %v", what, fhir.OutcomeOf(err).Issues)
	}
	l.changes()
}

// dies tells of a death at a moment.
func (l *teller) dies(moment, who string) {
	l.t.Helper()
	if err := l.Try(`{"resourceType":"Patient","id":"` + who + `","active":true,"gender":"male","birthDate":"1980-01-01","deceasedDateTime":"` + moment + `"}`); err != nil {
		l.t.Fatal(err)
	}
	l.changes()
}

// zoned is a scheme that goes by a zone.
func zoned(zone *time.Location) house.Scheme {
	return house.Scheme{Policies: contract.Settings{Zone: zone}, Families: group.Settings{Zone: zone}}
}
