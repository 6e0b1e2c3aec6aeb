package dhis2_test

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/profiles/indicator"
)

const (
	ward     = "Location/ward-mjini"
	facility = "Organization/facility-2"
)

// In both releases each number arrives in its cell, a changed one is changed, one
// that has vanished is 0, one that is hidden now is taken back, and nothing else is
// touched. Quarters are not sent: DHIS2 adds months up by itself.
func TestNumbersReachDHIS2(t *testing.T) {
	t.Parallel()
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		peers := map[dhis2test.Mode]*hmis{}
		for mode, name := range map[dhis2test.Mode]string{dhis2test.V242: "old", dhis2test.V243: "new"} {
			h := serve(t, mode, nil)
			h.learn(t, w)
			subscribe(t, w, name, h.url, map[dhis2test.Mode]string{dhis2test.V242: basic, dhis2test.V243: `"Authorization: ApiToken d2pat_admin"`}[mode],
				map[dhis2test.Mode]string{dhis2test.V243: `{"url":"async","valueBoolean":true}`}[mode])
			peers[mode] = h
		}
		status(t, w, "old", "active")
		status(t, w, "new", "active")
		report(t, w, "hf-enrol", ward, "202608",
			cell{indicator.EnrPersonsActive, "F 00_05 POOR", "12"}, cell{indicator.EnrPersonsActive, "M 26_35 UNK", "7"}, cell{indicator.EnrPersonsActive, "M 76P UNK", "5"},
			cell{indicator.EnrPersonsNew, "F 00_05 POOR", "masked"})
		report(t, w, "hf-claim", facility, "202608", cell{indicator.ClmSubAmt, "OPD POOR", "1500.50"}, cell{indicator.ClmTATDays, "", "31"}, cell{indicator.ClmPaidAmt, "", "0"})
		report(t, w, "hf-claim", facility, "2026Q3", cell{indicator.ClmSubAmt, "OPD POOR", "99999"})
		want := map[string]string{
			"HF_ENR_PERSONS_ACTIVE 202608 ward-mjini HFC_SAP_F_00_05_POOR default": "12",
			"HF_ENR_PERSONS_ACTIVE 202608 ward-mjini HFC_SAP_M_26_35_UNK default":  "7",
			"HF_ENR_PERSONS_ACTIVE 202608 ward-mjini HFC_SAP_M_76P_UNK default":    "5",
			"HF_CLM_SUB_AMT 202608 SGR-C01 HFC_CP_OPD_POOR default":                "1500.50",
			"HF_CLM_TAT_DAYS 202608 SGR-C01 default default":                       "31",
			"HF_CLM_PAID_AMT 202608 SGR-C01 default default":                       "0",
		}
		arrive(t, w, peers, want)
		report(t, w, "hf-enrol", ward, "202608", cell{indicator.EnrPersonsActive, "F 00_05 POOR", "13"}, cell{indicator.EnrPersonsActive, "M 76P UNK", "masked"})
		want["HF_ENR_PERSONS_ACTIVE 202608 ward-mjini HFC_SAP_F_00_05_POOR default"] = "13"
		want["HF_ENR_PERSONS_ACTIVE 202608 ward-mjini HFC_SAP_M_26_35_UNK default"] = "0"
		delete(want, "HF_ENR_PERSONS_ACTIVE 202608 ward-mjini HFC_SAP_M_76P_UNK default")
		arrive(t, w, peers, want)
		if got := shown(t, w, "dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01"); !cmp.Equal(got, of(want, "HF_CLM")) {
			t.Errorf("the façade shows otherwise:\n%s", cmp.Diff(of(want, "HF_CLM"), got))
		}
		if open := tasks(w, "values-refused", "requested"); len(open) > 0 {
			t.Errorf("tasks are open though all was taken: %v", open)
		}
	})
}

// of gives the values of some elements.
func of(all map[string]string, prefix string) map[string]string {
	some := maps.Clone(all)
	maps.DeleteFunc(some, func(k, _ string) bool { return !strings.HasPrefix(k, prefix) })
	return some
}

// reported leaves out what a quiet world counts of its own months, whenever it comes
// to that; of the months that are wanted all is there.
func reported(all, want map[string]string) map[string]string {
	month := func(k string) string { return strings.Fields(k)[1] }
	wanted := map[string]bool{}
	for k := range want {
		wanted[month(k)] = true
	}
	own := strconv.Itoa(time.Now().Year() + 2)
	maps.DeleteFunc(all, func(k, _ string) bool { return month(k) >= own && !wanted[month(k)] })
	return all
}

// arrive waits until each DHIS2 holds these values and no others.
func arrive(t *testing.T, w *connecttest.World, peers map[dhis2test.Mode]*hmis, want map[string]string) {
	t.Helper()
	for mode, h := range peers {
		diff := ""
		defer func() {
			if t.Failed() {
				t.Logf("%s:\n%s", mode, diff)
			}
		}()
		w.Until("the values stand in "+string(mode), func() bool {
			diff = cmp.Diff(want, reported(h.Values(), want))
			return diff == ""
		})
	}
}

// What a person must put right turns the Subscription off, and says what; what only
// one place is at fault for is a Task, and the rest goes on.
func TestWhatIsRefusedIsTold(t *testing.T) {
	t.Parallel()
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		bare := serve(t, dhis2test.V243, nil)
		subscribe(t, w, "bare", bare.url, basic, "")
		status(t, w, "bare", "off")
		if got := problem(w, "bare"); !strings.Contains(got, "HF_ENROL") || !strings.Contains(got, "metadata package") {
			t.Errorf("a DHIS2 without our codes: %q", got)
		}
		locked := serve(t, dhis2test.V242, nil)
		subscribe(t, w, "locked", locked.url, `"Authorization: Basic d3Jvbmc6d3Jvbmc="`, "")
		status(t, w, "locked", "off")
		if got := problem(w, "locked"); !strings.Contains(got, "401") || strings.Contains(got, "d3Jvbmc6d3Jvbmc=") {
			t.Errorf("a wrong password: %q", got)
		}
		for mode, name := range map[dhis2test.Mode]string{dhis2test.V242: "one-lacks-242", dhis2test.V243: "one-lacks-243"} {
			h := serve(t, mode, nil)
			h.learn(t, w)
			h.Forget("organisationUnits", "SGR-C01")
			subscribe(t, w, name, h.url, basic, "")
			status(t, w, name, "active")
			w.Until("a Task names the place", func() bool {
				return strings.Contains(strings.Join(tasks(w, "places-unknown", "requested"), " "), "Endpoint/"+name+") does not know 1 of our places and facilities: SGR-C01")
			})
			month := map[dhis2test.Mode]string{dhis2test.V242: "202606", dhis2test.V243: "202607"}[mode]
			report(t, w, "hf-claim", facility, month, cell{indicator.ClmTATDays, "", "31"})
			report(t, w, "hf-claim", "Organization/facility-1", month, cell{indicator.ClmTATDays, "", "8"})
			w.Until("the other place is told", func() bool { return h.Values()["HF_CLM_TAT_DAYS "+month+" SGR-D01 default default"] == "8" })
			w.Until("a Task names the values", func() bool {
				return strings.Contains(strings.Join(tasks(w, "values-refused", "requested"), " "), "Endpoint/"+name+") did not take all of HF_CLAIM for SGR-C01 in "+month)
			})
			h.learn(t, w)
			if a := w.Do(http.MethodPost, "/fhir/Subscription/"+name+"/$replay?from=1", nil, nil); a.Status/100 != 2 {
				t.Fatalf("$replay: HTTP %d: %s", a.Status, a.Body)
			}
			w.Until("the Task is completed by itself", func() bool {
				return !strings.Contains(strings.Join(tasks(w, "values-refused", "requested"), " "), "Endpoint/"+name+")")
			})
			keep(t, w, "Subscription/"+name, off(w, name))
		}
	})
}

// off gives a Subscription turned off.
func off(w *connecttest.World, name string) []byte {
	body := w.Do(http.MethodGet, "/fhir/Subscription/"+name, nil, nil).Body
	return []byte(strings.Replace(string(body), `"status":"active"`, `"status":"off"`, 1))
}

// A DHIS2 that is down, answers otherwise than it says, or shows the page of a proxy
// loses nothing: what it did not take is sent again.
func TestADHIS2ThatFailsIsToldAgain(t *testing.T) {
	t.Parallel()
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		var turn atomic.Int32
		var failing atomic.Bool
		h := serve(t, dhis2test.V243, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if !failing.Load() || r.Method != http.MethodPost {
					next.ServeHTTP(rw, r)
					return
				}
				switch turn.Add(1) {
				case 1:
					rw.WriteHeader(http.StatusServiceUnavailable)
				case 2:
					_, _ = rw.Write([]byte("<html>We are back soon</html>"))
				case 3:
					panic(http.ErrAbortHandler)
				default:
					failing.Store(false)
					next.ServeHTTP(rw, r)
				}
			})
		})
		h.learn(t, w)
		subscribe(t, w, "flapping", h.url, basic, "")
		status(t, w, "flapping", "active")
		failing.Store(true)
		report(t, w, "hf-claim", facility, "202608", cell{indicator.ClmTATDays, "", "31"})
		w.Until("the value arrives", func() bool { return h.Values()["HF_CLM_TAT_DAYS 202608 SGR-C01 default default"] == "31" })
		status(t, w, "flapping", "active")
		if n := turn.Load(); n < 4 {
			t.Errorf("it was told after %d calls", n)
		}
	})
}
