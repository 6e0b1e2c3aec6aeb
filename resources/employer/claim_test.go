package employer_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

// claim sends a claim of one service of 800 for a person on a day, and gives what
// is paid.
func (l *teller) claim(person, day string) string {
	l.t.Helper()
	l.clock.Set(l.t, day)
	l.seq++
	result, err := l.Engine.Create(l.Context(), "Claim", interaction.Write{Body: fmt.Appendf(nil, `{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"C-%d"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/%s"},"billablePeriod":{"start":%q,"end":%q},"created":%q,"provider":{"reference":"Organization/clinic"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"any"}}],
		"item":[{"sequence":1,"productOrService":{"coding":[{"system":"urn:s","code":"S"}]},"quantity":{"value":1},"unitPrice":{"value":800,"currency":"KES"}}]}`, l.seq, person, day, day, day)})
	if err != nil {
		l.t.Fatal(err)
	}
	for total := range l.Get("ClaimResponse/" + result.Resource.ID).Get("total").Each() {
		if total.Get("category").Code("http://terminology.hl7.org/CodeSystem/adjudication") == "benefit" {
			return total.At("amount", "value").Text()
		}
	}
	return ""
}

func (l *teller) clinic() {
	l.Put(`{"resourceType":"Organization","id":"clinic","active":true,"name":"Clinic"}`,
		`{"resourceType":"ChargeItemDefinition","id":"s","url":"urn:s","status":"active","identifier":[{"system":"urn:s","value":"S"}],"code":{"coding":[{"system":"urn:s","code":"S"}]},"propertyGroup":[{"priceComponent":[{"type":"base","factor":1,"amount":{"value":800,"currency":"KES"}}]}]}`)
}

// The ceiling of 1,000 a year is each household's own: 800 for asha leave 200 to
// her, and 1,000 to baraka. An amendment does not give them a new one.
func TestEachEmployeeHasHisOwnCeiling(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) string) {
		l := begun(t, open)
		l.clinic()
		expect := func(person, day, want string) {
			t.Helper()
			if got := l.claim(person, day); got != want {
				t.Errorf("%s on %s: %s is paid, want %s", person, day, got, want)
			}
		}
		expect("asha", "2026-01-15", "800")
		expect("baraka", "2026-01-15", "800")
		expect("asha", "2026-02-15", "200")
		l.tell("2026-02-20: amend 2026-03-01\n2026-02-21: submit on EC-1/2\n2026-02-22: approve on EC-1/2\n2026-03-01: work")
		expect("asha", "2026-03-15", "0")
		expect("baraka", "2026-03-15", "200")
		expect("nobody", "2026-03-15", "")
	})
}

// Who moves to another plan of the product, by a declaration or with an amendment, has
// used what he used: of 1,000 a year 800 in January, 200 in February, and then nothing.
func TestUseGoesAlongToAnotherPlan(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) string) {
		l := newTeller(t, open(t))
		l.clinic()
		l.tell(`plan FS-D employee 3% employer 5% floor 0
plan FS-K of FS-D employee 2000 employer 3000
plan FS-B employer 100
staff asha
contract 2026-01-01..2026-12-31
2025-12-20: submit
2025-12-28: approve
2026-01-31: declare 2026-01
| asha FS-D+FS-B 250000
2026-02-01: pay IV-EC-1-2026-01 20100`)
		expect := func(day, want string) {
			t.Helper()
			if got := l.claim("asha", day); got != want {
				t.Errorf("on %s: %s is paid, want %s", day, got, want)
			}
		}
		expect("2026-01-15", "800")
		l.tell("2026-02-02: declare 2026-02\n| asha FS-K+FS-B 250000")
		expect("2026-02-15", "200")
		l.tell("2026-02-20: amend 2026-03-01\n2026-02-20: employ asha FS-D+FS-B\n2026-02-21: submit on EC-1/2\n2026-02-22: approve on EC-1/2\n2026-03-01: work")
		expect("2026-03-15", "0")
		var used int64
		if err := l.Engine.View(l.Context(), func(r fhir.Reader) error {
			sums, err := r.Tally(fhir.Tally{Accounts: []string{"Contract/" + l.find("Contract", "EC-1/2") + "|Patient/asha"}})
			for _, s := range sums {
				if strings.HasPrefix(s.Bucket, "benefit") {
					used += s.Value
				}
			}
			return err
		}); err != nil || fhir.Amount(used) != fhir.Units(1000) {
			t.Errorf("%s are carried to the amendment: %v", fhir.Amount(used), err)
		}
	})
}

// While a contract is suspended, claims for care from that day on wait, care before
// is paid, and once nothing is owed all of it is.
func TestSuspensionStopsCareFromItsDay(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) string) {
		l := begun(t, open)
		l.clinic()
		l.tell("2026-03-01: declare 2026-02\n| asha - 250000\n| baraka - 100000\n2026-04-14: work\n2026-04-15: work")
		if state := l.Get("Contract/ec1").Extension(ext + "contract-suspension").Get("valueDate").Text(); state != "2026-04-15" {
			t.Fatalf("the contract is suspended from %q", state)
		}
		for day, want := range map[string]string{"2026-04-14": "800", "2026-04-15": ""} {
			if got := l.claim("asha", day); got != want {
				t.Errorf("on %s %s is paid, want %s", day, got, want)
			}
		}
		if waiting := l.Search("ClaimResponse", "outcome=queued"); len(waiting) != 1 {
			t.Errorf("%d claims wait for the arrears", len(waiting))
		}
		l.tell("2026-04-20: pay IV-EC-1-2026-02 28000\n2026-04-21: work")
		if waiting := l.Search("ClaimResponse", "outcome=queued"); len(waiting) != 0 {
			t.Errorf("%d claims wait for nothing", len(waiting))
		}
		if got := l.claim("baraka", "2026-04-15"); got != "800" {
			t.Errorf("after the arrears are paid: %s", got)
		}
	})
}
