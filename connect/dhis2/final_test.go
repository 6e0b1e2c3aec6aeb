package dhis2_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/profiles/indicator"
)

// both serves a DHIS2 of each release that is told, with settings.
func both(t *testing.T, w *connecttest.World, settings string) map[dhis2test.Mode]*hmis {
	t.Helper()
	peers := map[dhis2test.Mode]*hmis{}
	for mode, name := range map[dhis2test.Mode]string{dhis2test.V242: "old", dhis2test.V243: "new"} {
		peers[mode] = serve(t, mode, nil)
		peers[mode].learn(t, w)
		subscribe(t, w, name, peers[mode].url, basic, settings)
	}
	status(t, w, "old", "active")
	status(t, w, "new", "active")
	return peers
}

// completed gives the months that a DHIS2 says are complete.
func completed(h *hmis) map[string]string {
	all := map[string]string{}
	for k, day := range h.Complete() {
		all[k[1]] = day
	}
	return all
}

// These are the places of a scheme that counts nothing by itself.
const (
	regionA = "Location/region-a"
	regionB = "Location/region-b"
)

func active(value string) cell { return cell{indicator.EnrPersonsActive, "F 00_05 POOR", value} }

// A month is told to be complete when it is counted anew no more, and not a day
// before; when its numbers change all the same, or are taken back, it is so no more.
func TestAMonthIsCompleteWhenItIsFinal(t *testing.T) {
	t.Parallel()
	var days atomic.Int64 // that the scheme's clock is ahead
	start := time.Date(2029, 11, 29, 12, 0, 0, 0, time.UTC)
	begun := time.Now()
	now := func() time.Time { return start.Add(time.Since(begun)).AddDate(0, 0, int(days.Load())) }
	connecttest.Each(t, connecttest.Options{Plan: house.Plan{Now: now}, Empty: true}, func(t *testing.T, w *connecttest.World) {
		defer days.Store(0) // before the next world begins
		for place, code := range map[string]string{regionA: "REG-A", regionB: "REG-B"} {
			keep(t, w, place, []byte(`{"resourceType":"Location","id":"`+strings.TrimPrefix(place, "Location/")+`","identifier":[{"system":"https://bima.example/fhir/id/location","value":"`+code+`"}],"status":"active","name":"`+code+`",
				"type":[{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/location-type","code":"R"}]}]}`))
		}
		// What is there is counted before reports are put beside it, or the day's own count,
		// which may come late, would put its numbers in their place.
		w.Until("what is there is counted", func() bool {
			return w.Do(http.MethodPost, "/fhir/Measure/$recount", nil, []byte(`{"resourceType":"Parameters"}`)).Status == http.StatusOK
		})
		peers := both(t, w, `{"url":"complete","valueBoolean":true}`)
		day := func(ahead int64) {
			t.Helper()
			days.Store(ahead)
			if _, err := w.House.Days(t.Context(), now(), nil); err != nil {
				t.Fatal(err)
			}
		}
		complete := func(what string, met func(map[string]string) bool) {
			t.Helper()
			for mode, h := range peers {
				w.Until(string(mode)+": "+what, func() bool { return met(completed(h)) })
			}
		}
		const at = "HF_ENR_PERSONS_ACTIVE 202907 REG-A HFC_SAP_F_00_05_POOR default"
		id := report(t, w, "hf-enrol", regionA, "202907", active("31"))
		report(t, w, "hf-enrol", regionA, "202908", active("8"))
		want := map[string]string{at: "31", strings.Replace(at, "202907", "202908", 1): "8"}
		arrive(t, w, peers, want)
		day(1) // 30 November: August is counted anew, July is not
		complete("July is complete, and August is not", func(m map[string]string) bool { return m["202907"] != "" && len(m) == 1 })
		day(2)
		complete("August is complete", func(m map[string]string) bool { return m["202908"] == "2029-12-01" && len(m) == 2 })
		report(t, w, "hf-enrol", regionA, "202907", active("32")) // as $recount does
		complete("July is complete no more", func(m map[string]string) bool { return m["202908"] != "" && len(m) == 1 })
		want[at] = "32"
		arrive(t, w, peers, want)
		day(3)
		complete("July is complete again", func(m map[string]string) bool { return m["202907"] == "2029-12-02" })
		if n := w.Node(w.Do(http.MethodGet, "/dhis2/api/dataValueSets?dataSet=HF_ENROL&period=202907&orgUnit=REG-A", nil, nil)); n.Get("completeDate").Text() != "2029-12-02" {
			t.Errorf("the façade says otherwise: %.300s", n.Raw())
		}
		if a := w.Do(http.MethodDelete, "/fhir/MeasureReport/"+id, nil, nil); a.Status/100 != 2 {
			t.Fatalf("HTTP %d: %s", a.Status, a.Body)
		}
		complete("July is taken back", func(m map[string]string) bool { return len(m) == 1 })
		delete(want, at)
		arrive(t, w, peers, want)
		if open := tasks(w, "values-refused", "requested"); len(open) > 0 {
			t.Errorf("tasks are open though all was taken: %v", open)
		}
		refusedIsNotComplete(t, w, peers)
	})
}

// Where DHIS2 refuses a value, the data set is not complete; and who does not ask for
// it is told nothing of completion.
func refusedIsNotComplete(t *testing.T, w *connecttest.World, peers map[dhis2test.Mode]*hmis) {
	t.Helper()
	silent := serve(t, dhis2test.V242, nil)
	silent.learn(t, w)
	subscribe(t, w, "silent", silent.url, basic, "")
	status(t, w, "silent", "active")
	final := func(month string, cells ...cell) {
		t.Helper()
		id, body := measureReport(t, newPackage(t), "hf-enrol", regionB, month, cells...)
		const mark = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/indicator-final","valueDate":"2029-12-01"}],`
		keep(t, w, "MeasureReport/"+id, []byte(strings.Replace(string(body), `"status":"complete"`, mark+`"status":"complete"`, 1)))
	}
	final("202901", active("2"), cell{indicator.EnrPersonsNew, "F 00_05 POOR", "-5"})
	w.Until("each has a Task", func() bool { return len(tasks(w, "values-refused", "requested")) == 3 })
	final("202902", active("3"))
	for mode, h := range peers {
		w.Until(string(mode)+" is complete where all was taken", func() bool { return completed(h)["202902"] == "2029-12-01" })
		if day := completed(h)["202901"]; day != "" {
			t.Errorf("%s: it is complete since %s though a value was refused", mode, day)
		}
		if got := h.Values()["HF_ENR_PERSONS_ACTIVE 202901 REG-B HFC_SAP_F_00_05_POOR default"]; got != "2" {
			t.Errorf("%s: the value that was not refused is %q", mode, got)
		}
	}
	w.Until("the silent one is told", func() bool { return len(silent.Values()) == 2 })
	if got := completed(silent); len(got) > 0 {
		t.Errorf("%v is complete though nobody asked", got)
	}
}
