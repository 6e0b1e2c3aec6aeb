package dhis2_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/profiles/indicator"
)

// What was told of a report is taken back when it is complete no more, or deleted, or
// hidden, each cell once, also of what an earlier version told; and told again when it
// is complete again.
func TestWhatIsWithdrawnIsTakenBack(t *testing.T) {
	t.Parallel()
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		peers := both(t, w, "")
		put := func(status string, cells ...cell) string {
			t.Helper()
			id, body := measureReport(t, newPackage(t), "hf-claim", facility, "202608", cells...)
			keep(t, w, "MeasureReport/"+id, []byte(strings.Replace(string(body), `"status":"complete"`, `"status":"`+status+`"`, 1)))
			return id
		}
		const at = " 202608 SGR-C01 "
		days, count, amount := cell{indicator.ClmTATDays, "", "31"}, cell{indicator.ClmTATCnt, "", "4"}, cell{indicator.ClmSubAmt, "OPD POOR", "1500.50"}
		neighbour := map[string]string{"HF_CLM_TAT_DAYS 202608 SGR-D01 default default": "8"}
		report(t, w, "hf-claim", "Organization/facility-1", "202608", cell{indicator.ClmTATDays, "", "8"})
		with := func(more map[string]string) map[string]string {
			for k, v := range neighbour {
				more[k] = v
			}
			return more
		}
		put("complete", days, amount)
		arrive(t, w, peers, with(map[string]string{"HF_CLM_TAT_DAYS" + at + "default default": "31", "HF_CLM_SUB_AMT" + at + "HFC_CP_OPD_POOR default": "1500.50"}))
		put("complete", days, count) // the amount has vanished
		arrive(t, w, peers, with(map[string]string{
			"HF_CLM_TAT_DAYS" + at + "default default": "31", "HF_CLM_TAT_CNT" + at + "default default": "4", "HF_CLM_SUB_AMT" + at + "HFC_CP_OPD_POOR default": "0",
		}))
		put("pending", days, count)
		arrive(t, w, peers, with(map[string]string{}))
		put("error", days, count) // says nothing new
		put("complete", days)
		arrive(t, w, peers, with(map[string]string{"HF_CLM_TAT_DAYS" + at + "default default": "31"}))
		put("complete", amount, cell{indicator.ClmTATDays, "", "masked"})
		arrive(t, w, peers, with(map[string]string{"HF_CLM_SUB_AMT" + at + "HFC_CP_OPD_POOR default": "1500.50"}))
		put("complete", days)
		put("complete", days, cell{indicator.ClmSubAmt, "OPD POOR", "masked"}) // it stands there as 0
		arrive(t, w, peers, with(map[string]string{"HF_CLM_TAT_DAYS" + at + "default default": "31"}))
		id := put("complete", days, count)
		arrive(t, w, peers, with(map[string]string{"HF_CLM_TAT_DAYS" + at + "default default": "31", "HF_CLM_TAT_CNT" + at + "default default": "4"}))
		if a := w.Do(http.MethodDelete, "/fhir/MeasureReport/"+id, nil, nil); a.Status/100 != 2 {
			t.Fatalf("HTTP %d: %s", a.Status, a.Body)
		}
		arrive(t, w, peers, with(map[string]string{}))
		for mode, h := range peers {
			once(t, string(mode), h, [][]string{
				{"HF_CLM_SUB_AMT", "HF_CLM_TAT_CNT", "HF_CLM_TAT_DAYS"}, {"HF_CLM_TAT_DAYS"}, {"HF_CLM_SUB_AMT"}, {"HF_CLM_TAT_CNT", "HF_CLM_TAT_DAYS"},
			})
		}
		if open := tasks(w, "values-refused", "requested"); len(open) > 0 {
			t.Errorf("tasks are open though all was taken: %v", open)
		}
		aPlaceThatIsNoMore(t, w)
	})
}

// once asks what was deleted, payload by payload.
func once(t *testing.T, mode string, h *hmis, want [][]string) {
	t.Helper()
	var got []string
	for _, r := range h.Requests() {
		var p struct {
			DataValues []struct {
				DataElement string
				Deleted     bool
			}
		}
		if r.Path != "/api/dataValueSets" || json.Unmarshal(r.Body, &p) != nil {
			continue
		}
		seen := map[string]bool{}
		for _, v := range p.DataValues {
			if v.Deleted {
				seen[v.DataElement] = true
			}
		}
		if len(seen) > 0 {
			got = append(got, sorted(seen))
		}
	}
	var wanted []string
	for _, one := range want {
		wanted = append(wanted, strings.Join(one, " "))
	}
	if strings.Join(got, "; ") != strings.Join(wanted, "; ") {
		t.Errorf("%s: deleted\n%s, want\n%s", mode, strings.Join(got, "; "), strings.Join(wanted, "; "))
	}
}

// Numbers of a place that was closed and left the scheme's places are taken back by
// the name that it had; and what somebody keeps under an id of his own is told nobody.
func aPlaceThatIsNoMore(t *testing.T, w *connecttest.World) {
	t.Helper()
	const place = `{"resourceType":"Location","id":"ward-new","identifier":[{"system":"https://bima.example/fhir/id/location","value":"NEW-7"}],"status":"active","name":"New",
			"type":[{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/location-type","code":"W"}]}],"partOf":{"reference":"Location/district-sagara"}}`
	keep(t, w, "Location/ward-new", []byte(place))
	peers := both(t, w, "")
	id := report(t, w, "hf-enrol", "Location/ward-new", "202608", cell{indicator.EnrPersonsActive, "F 00_05 POOR", "12"})
	want := map[string]string{"HF_ENR_PERSONS_ACTIVE 202608 NEW-7 HFC_SAP_F_00_05_POOR default": "12"}
	arrive(t, w, peers, want)
	_, body := measureReport(t, newPackage(t), "hf-enrol", "Location/ward-new", "202608", cell{indicator.EnrPersonsActive, "F 00_05 POOR", "99"})
	keep(t, w, "MeasureReport/mine", []byte(strings.Replace(string(body), `"id":"`+id+`"`, `"id":"mine"`, 1)))
	if got := shown(t, w, "dataSet=HF_ENROL&startDate=2026-08-01&endDate=2026-08-31&orgUnit=NEW-7"); len(got) != 1 || got["HF_ENR_PERSONS_ACTIVE 202608 NEW-7 HFC_SAP_F_00_05_POOR default"] != "12" {
		t.Errorf("the façade shows %v", got)
	}
	for _, path := range []string{"MeasureReport/mine", "MeasureReport/" + id, "Location/ward-new"} {
		if a := w.Do(http.MethodDelete, "/fhir/"+path, nil, nil); a.Status/100 != 2 {
			t.Fatalf("DELETE %s: HTTP %d: %s", path, a.Status, a.Body)
		}
	}
	arrive(t, w, peers, map[string]string{})
}

func sorted(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), " ") }
