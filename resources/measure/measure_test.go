package measure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/measure"
)

var months = []string{"202601", "202602", "202603", "202604", "2026Q1", "2026Q2", "2026"}

// same holds what is told against a plain count.
func (w *world) same(t *testing.T, after string) {
	t.Helper()
	if diff := cmp.Diff(w.recounted(months...), w.told()); diff != "" {
		t.Errorf("after %s (-counted +told)\n%s", after, diff)
	}
}

// reports gives the versions of all reports.
func (w *world) reports() map[string]string {
	found := map[string]string{}
	for _, r := range all[struct {
		ID, Date string
		Meta     struct{ VersionID string }
	}](w, "MeasureReport") {
		if strings.HasPrefix(r.ID, "hf-") {
			found[r.ID] = r.Meta.VersionID
		}
	}
	return found
}

func TestEveryCellIsAPlainCount(t *testing.T) {
	onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
		w.daily()
		if n := len(w.told()); n < 1000 {
			t.Errorf("only %d numbers are told", n)
		}
		w.same(t, "nothing")
		before := w.reports()
		w.clock.Set(t, "2026-04-11T06:00:00Z")
		w.daily()
		if diff := cmp.Diff(before, w.reports()); diff != "" {
			t.Errorf("without a change reports are stored anew:\n%s", diff)
		}
		for i, change := range []struct {
			what string
			make func()
		}{
			{"a claim is withdrawn", func() { w.change("Claim/claim-005", `"status":"active"`, `"status":"cancelled"`) }},
			{"a payment is taken back", func() { w.change("PaymentNotice/notice-2501-1", `"status":"active"`, `"status":"cancelled"`) }},
			{"a family moves", func() {
				w.change("Group/family-02", `"city":"`+w.city("Group/family-02"), `"city":"Elsewhere`)
				w.change("Group/family-03", `"city":"`+w.city("Group/family-03"), `"city":"Msituni`)
				w.change("Patient/patient-03-1", `"city":"`+w.city("Patient/patient-03-1"), `"city":"Msituni`)
			}},
			{"a person dies", func() { w.change("Patient/patient-04-1", `"gender"`, `"deceasedDateTime":"2026-03-15","gender"`) }},
			{"a family becomes poor", func() { w.change("Group/family-05", `"valueBoolean":false`, `"valueBoolean":true`) }},
			{"a birthday is put right", func() { w.change("Patient/patient-06-1", `"birthDate":"1994`, `"birthDate":"1964`) }},
			{"a policy ends", func() { w.must("cancel", "Contract/policy-07", `{"name":"date","valueDate":"2026-04-30"}`) }},
			{"claims are decided anew", func() {
				w.must("cancel", "Contract/policy-08", `{"name":"date","valueDate":"2026-01-31"}`)
				for _, c := range w.Search("Claim", "patient:Patient.gender=male,female&use=claim&_count=1000") {
					if strings.HasPrefix(c.At("patient", "reference").Text(), "Patient/patient-08-") {
						w.must("reprocess", "Claim/"+c.Get("id").Text(), `{"name":"reason","valueString":"the policy has ended"}`)
					}
				}
			}},
		} {
			versions := w.reports()
			change.make()
			w.clock.Set(t, fmt.Sprintf("2026-04-%02dT06:00:00Z", 12+i))
			w.daily()
			w.same(t, change.what)
			if changed := differing(versions, w.reports()); changed == 0 || changed == len(versions) {
				t.Errorf("%s: %d reports of %d are others", change.what, changed, len(versions))
			}
		}
		w.nothingLeft(t)
	})
}

// nothingLeft counts all from the beginning, which must change nothing.
func (w *world) nothingLeft(t *testing.T) {
	t.Helper()
	answer, err := w.call("recount", "", map[string]string{"periodStart": "2026-01-01", "periodEnd": "2026-04-30"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := answer.Get("issue").First().Get("diagnostics").Text(), "10 places were counted, and 0 reports are others now"; got != want {
		t.Errorf("counting all anew: %s, want %s", got, want)
	}
}

func differing(a, b map[string]string) (n int) {
	for id, version := range b {
		if a[id] != version {
			n++
		}
	}
	return n
}

// city gives where a person or family lives.
func (w *world) city(name string) string {
	n := w.Get(name)
	for e := range n.Get("extension").Each() {
		if city := e.At("valueAddress", "city").Text(); city != "" {
			return city
		}
	}
	return n.Get("address").First().Get("city").Text()
}

// must calls an operation on a resource.
func (w *world) must(code, name string, parameters ...string) {
	w.t.Helper()
	typ, id, _ := strings.Cut(name, "/")
	body := `{"resourceType":"Parameters","parameter":[` + strings.Join(parameters, ",") + `]}`
	if _, err := w.Engine.Call(w.Context(), code, fhir.Key{Type: typ, ID: id}, "", []byte(body), false); err != nil {
		w.t.Fatalf("$%s: %v", code, err)
	}
}
