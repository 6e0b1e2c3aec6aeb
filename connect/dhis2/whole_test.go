package dhis2_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
)

// The demo scheme with its claims is counted and sent to a DHIS2 of each release:
// every cell of every month's report stands there, and in the façade, and no other.
func TestEveryCellOfTheSchemeReachesDHIS2(t *testing.T) {
	t.Parallel()
	connecttest.Each(t, connecttest.Options{Claims: true}, func(t *testing.T, w *connecttest.World) {
		recount(t, w, "2026-07-01", "2026-07-31")
		peers := map[dhis2test.Mode]*hmis{}
		for mode, name := range map[dhis2test.Mode]string{dhis2test.V242: "old", dhis2test.V243: "new"} {
			h := serve(t, mode, nil)
			h.learn(t, w)
			subscribe(t, w, name, h.url, basic, "")
			status(t, w, name, "active")
			peers[mode] = h
			if len(h.Values()) > 0 {
				t.Errorf("%s: a trial left values", mode)
			}
		}
		recount(t, w, "2026-03-01", "2026-06-30")
		want := cells(t, w, "period=ge2026-03-01&period=le2026-06-30")
		if len(want) < 100 {
			t.Fatalf("only %d cells were counted", len(want))
		}
		arrive(t, w, peers, want)
		query := "dataSet=HF_ENROL&dataSet=HF_FIN&dataSet=HF_CLAIM&startDate=2026-03-01&endDate=2026-06-30&orgUnit=region-tambarare&children=true"
		if got := shown(t, w, query); !cmp.Equal(want, got) {
			t.Errorf("the façade shows otherwise:\n%s", cmp.Diff(want, got))
		}
		if open := tasks(w, "values-refused", "requested"); len(open) > 0 {
			t.Errorf("tasks are open though all was taken: %v", open)
		}
	})
}

// recount has the server count some months.
func recount(t *testing.T, w *connecttest.World, from, to string) {
	t.Helper()
	a := w.Do(http.MethodPost, "/fhir/Measure/$recount", nil, []byte(`{"resourceType":"Parameters","parameter":[{"name":"periodStart","valueDate":"`+from+`"},{"name":"periodEnd","valueDate":"`+to+`"}]}`))
	if a.Status != http.StatusOK {
		t.Fatalf("$recount: HTTP %d: %.500s", a.Status, a.Body)
	}
}

type coded struct {
	Coding []struct{ Code string }
}

// A counted is where a number stands in a MeasureReport.
type counted struct {
	Population   []struct{ Count json.Number }
	MeasureScore struct{ Value json.Number }
}

func (c counted) text(element string) string {
	if strings.HasSuffix(element, "_AMT") || strings.HasSuffix(element, "_DAYS") {
		return c.MeasureScore.Value.String()
	}
	if len(c.Population) == 0 {
		return ""
	}
	return c.Population[0].Count.String()
}

// cells reads the cells of MeasureReports of months by hand, as their codes in DHIS2.
func cells(t *testing.T, w *connecttest.World, query string) map[string]string {
	t.Helper()
	var bundle struct {
		Entry []struct {
			Resource struct {
				Reporter struct{ Reference string }
				Period   struct{ Start, End string }
				Group    []struct {
					counted
					Code       coded
					Stratifier []struct {
						Code    []coded
						Stratum []struct {
							counted
							Component []struct{ Code, Value coded }
						}
					}
				}
			}
		}
	}
	a := w.Do(http.MethodGet, "/fhir/MeasureReport?_count=1000&"+query, nil, nil)
	if err := json.Unmarshal(a.Body, &bundle); err != nil {
		t.Fatalf("HTTP %d: %v", a.Status, err)
	}
	places := map[string]string{"Organization/facility-1": "SGR-D01", "Organization/facility-2": "SGR-C01", "Organization/facility-3": "SGR-H01"}
	all := map[string]string{}
	for _, e := range bundle.Entry {
		r := e.Resource
		if r.Period.Start[:7] != r.Period.End[:7] {
			continue // a quarter or a year
		}
		place, known := places[r.Reporter.Reference]
		if !known {
			place = strings.TrimPrefix(r.Reporter.Reference, "Location/")
		}
		at := strings.ReplaceAll(r.Period.Start[:7], "-", "") + " " + place + " "
		for _, g := range r.Group {
			element := g.Code.Coding[0].Code
			if element == "HF_CLM_PAID_AMT" || strings.HasPrefix(element, "HF_CLM_TAT_") {
				if text := g.text(element); text != "" {
					all[element+" "+at+"default default"] = text
				}
			}
			for _, s := range g.Stratifier {
				for _, stratum := range s.Stratum {
					cell := strings.Replace(s.Code[0].Coding[0].Code, "HF_CC_", "HFC_", 1)
					for _, c := range stratum.Component {
						cell += strings.TrimPrefix(c.Value.Coding[0].Code, c.Code.Coding[0].Code)
					}
					all[element+" "+at+cell+" default"] = stratum.text(element)
				}
			}
		}
	}
	return all
}
