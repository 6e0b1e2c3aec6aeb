package dhis2_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/profiles/indicator"
)

// What was told once and is none now is shown to who asks for it, and to nobody else,
// by all formats that can tell it; what is hidden now is not shown by what it was.
func TestWhatIsDeletedIsShownToWhoAsks(t *testing.T) {
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		days, count, amount := cell{indicator.ClmTATDays, "", "31"}, cell{indicator.ClmTATCnt, "", "4"}, cell{indicator.ClmSubAmt, "OPD POOR", "1500.50"}
		report(t, w, "hf-claim", facility, "202608", days, count, amount)
		report(t, w, "hf-claim", facility, "202608", days, cell{indicator.ClmTATCnt, "", "masked"}, amount)
		withdrawn, body := measureReport(t, newPackage(t), "hf-claim", facility, "202607", days)
		keep(t, w, "MeasureReport/"+withdrawn, body)
		keep(t, w, "MeasureReport/"+withdrawn, []byte(strings.Replace(string(body), `"status":"complete"`, `"status":"pending"`, 1)))
		deleted := report(t, w, "hf-claim", "Organization/facility-1", "202608", days, count)
		if a := w.Do(http.MethodDelete, "/fhir/MeasureReport/"+deleted, nil, nil); a.Status/100 != 2 {
			t.Fatalf("HTTP %d: %s", a.Status, a.Body)
		}
		for query, want := range map[string]string{
			"period=202608&orgUnit=SGR-C01":                                                                    "SUB_AMT 202608 SGR-C01 1500.50; TAT_DAYS 202608 SGR-C01 31",
			"period=202608&orgUnit=SGR-C01&includeDeleted=false":                                               "SUB_AMT 202608 SGR-C01 1500.50; TAT_DAYS 202608 SGR-C01 31",
			"period=202608&orgUnit=SGR-C01&includeDeleted=true":                                                "SUB_AMT 202608 SGR-C01 1500.50; TAT_CNT 202608 SGR-C01 0 deleted; TAT_DAYS 202608 SGR-C01 31",
			"startDate=2026-07-01&endDate=2026-08-31&orgUnit=SGR-C01&includeDeleted=true":                      "SUB_AMT 202608 SGR-C01 1500.50; TAT_CNT 202608 SGR-C01 0 deleted; TAT_DAYS 202607 SGR-C01 0 deleted; TAT_DAYS 202608 SGR-C01 31",
			"period=202607,202608&orgUnit=district-sagara&children=true&includeDeleted=true":                   "SUB_AMT 202608 SGR-C01 1500.50; TAT_CNT 202608 SGR-C01 0 deleted; TAT_CNT 202608 SGR-D01 0 deleted; TAT_DAYS 202607 SGR-C01 0 deleted; TAT_DAYS 202608 SGR-C01 31; TAT_DAYS 202608 SGR-D01 0 deleted",
			"lastUpdatedDuration=1h&orgUnit=SGR-D01&includeDeleted=true":                                       "TAT_CNT 202608 SGR-D01 0 deleted; TAT_DAYS 202608 SGR-D01 0 deleted",
			"lastUpdated=2099-01-01&orgUnit=SGR-D01&includeDeleted=true":                                       "",
			"period=202608&orgUnit=SGR-D01&includeDeleted=true&categoryOptionCombo=HFC_CP_OPD_POOR":            "",
			"period=202608&orgUnit=SGR-C01&categoryOptionCombo=HFC_CP_OPD_POOR":                                "SUB_AMT 202608 SGR-C01 1500.50",
			"period=202608&orgUnit=SGR-C01&attributeOptionCombo=default&categoryOptionCombo=default":           "TAT_DAYS 202608 SGR-C01 31",
			"period=202608&orgUnit=SGR-C01&attributeOptionCombo=Babcdefghij":                                   "",
			"period=202608&orgUnit=district-sagara&children=true&level=5&limit=1&offset=1&order=DE":            "TAT_DAYS 202608 SGR-C01 31",
			"period=202608&orgUnit=SGR-C01&includeDeleted=true&order=PE,DE&orderByPeriod=true&limit=2":         "SUB_AMT 202608 SGR-C01 1500.50; TAT_CNT 202608 SGR-C01 0 deleted",
			"period=202608&orgUnit=SGR-C01&includeDeleted=true&dataElement=HF_ENR_FAMILIES&offset=100&limit=1": "",
		} {
			if got := values(t, w.Do(http.MethodGet, "/dhis2/api/dataValueSets?idScheme=CODE&dataSet=HF_CLAIM&"+query, nil, nil)); got != want {
				t.Errorf("%s:\ngot  %s\nwant %s", query, got, want)
			}
		}
		const query = "idScheme=CODE&dataSet=HF_CLAIM&period=202607&orgUnit=SGR-C01&includeDeleted=true"
		rows, err := csv.NewReader(bytes.NewReader(w.Do(http.MethodGet, "/dhis2/api/dataValueSets.csv?"+query, nil, nil).Body)).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][0] != "HF_CLM_TAT_DAYS" || rows[1][10] != "true" {
			t.Errorf("as CSV: %v %v", err, rows)
		}
		var doc struct {
			Values []struct {
				Element string `xml:"dataElement,attr"`
				Deleted string `xml:"deleted,attr"`
			} `xml:"dataValue"`
		}
		if err := xml.Unmarshal(w.Do(http.MethodGet, "/dhis2/api/dataValueSets.xml?"+query, nil, nil).Body, &doc); err != nil || len(doc.Values) != 1 || doc.Values[0].Deleted != "true" {
			t.Errorf("as XML: %v %v", err, doc)
		}
		compressed(t, w)
		refusedParameters(t, w)
	})
}

// values writes the values of an answer in order.
func values(t *testing.T, a *connecttest.Answer) string {
	t.Helper()
	var set struct {
		DataValues []struct {
			DataElement, Period, OrgUnit, Value string
			Deleted                             bool
		}
	}
	if err := json.Unmarshal(a.Body, &set); err != nil || a.Status != http.StatusOK {
		t.Fatalf("HTTP %d, %v: %.500s", a.Status, err, a.Body)
	}
	var all []string
	for _, v := range set.DataValues {
		line := strings.TrimPrefix(v.DataElement, "HF_CLM_") + " " + v.Period + " " + v.OrgUnit + " " + v.Value
		if v.Deleted {
			line += " deleted"
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// compressed reads answers that were asked for as files.
func compressed(t *testing.T, w *connecttest.World) {
	t.Helper()
	const query = "idScheme=CODE&dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01"
	plain := w.Do(http.MethodGet, "/dhis2/api/dataValueSets.csv?"+query, nil, nil).Body
	a := w.Do(http.MethodGet, "/dhis2/api/dataValueSets.csv?compression=gzip&"+query, nil, nil)
	z, err := gzip.NewReader(bytes.NewReader(a.Body))
	if err != nil {
		t.Fatalf("gzip: %v: %.200q", err, a.Body)
	}
	text, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(text, plain) || a.Header.Get("Content-Disposition") != `attachment; filename="dataValues.csv.gz"` {
		t.Errorf("gzip: %v %q: %.200s", err, a.Header.Get("Content-Disposition"), text)
	}
	a = w.Do(http.MethodGet, "/dhis2/api/dataValueSets?format=csv&compression=zip&attachment=claims.csv.zip&"+query, nil, nil)
	files, err := zip.NewReader(bytes.NewReader(a.Body), int64(len(a.Body)))
	if err != nil || len(files.File) != 1 || files.File[0].Name != "claims.csv" || a.Header.Get("Content-Disposition") != `attachment; filename="claims.csv.zip"` {
		t.Fatalf("zip: %v %q %v", err, a.Header.Get("Content-Disposition"), files)
	}
	one, err := files.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if text, err = io.ReadAll(one); err != nil || !bytes.Equal(text, plain) {
		t.Errorf("zip: %v: %.200s", err, text)
	}
}

// refusedParameters asks for what would change an answer and is not done.
func refusedParameters(t *testing.T, w *connecttest.World) {
	t.Helper()
	const set, sums = "dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01&", "analytics/dataValueSet?dimension=dx:HF_CLM_SUB_CNT&dimension=ou:SGR-C01&dimension=pe:202608"
	for path, want := range map[string]string{
		set + "compression=rar":                                           "400 ",
		set + "unfoldOptionCombos=true":                                   "409 E2034",
		set + "attributeCombo=Babcdefghij":                                "409 E2034",
		set + "order=VALUE":                                               "409 E2037",
		set + "offset=-1":                                                 "409 E2009",
		set + "level=1":                                                   "409 E2006",
		set + "format=pdf":                                                "406 ",
		set + "format=adx+xml&includeDeleted=true":                        "409 E2036",
		sums + "&aggregationType=AVERAGE":                                 "409 E2034",
		sums + "&startDate=2026-08-01&endDate=2026-08-31":                 "409 E2034",
		sums + "&measureCriteria=GT:10":                                   "409 E2034",
		sums + ";LAST_12_WEEKS":                                           "409 E1101",
		sums + ";2026S1":                                                  "409 E1101",
		sums + "&relativePeriodDate=soon":                                 "409 E7135",
		strings.Replace(sums, "HF_CLM_SUB_CNT", "HF_IND_COST", 1):         "409 E7124",
		"organisationUnits?level=x":                                       "400 ",
		"organisationUnits?memberObject=Habcdefghij":                      "409 E2034",
		"organisationUnits/" + "Habcdefghij" + "?includeDescendants=true": "404 E1005",
		"dataElements.xml":                                                "406 ",
		"me.xml":                                                          "406 ",
		"metadata?population=HF_POPULATION":                               "400 ",
	} {
		a := w.Do(http.MethodGet, "/dhis2/api/"+path, nil, nil)
		n := w.Node(a)
		if got := n.Get("httpStatusCode").Text() + " " + n.Get("errorCode").Text(); got != want || n.Get("status").Text() != "ERROR" || n.Get("message").Text() == "" {
			t.Errorf("%s: %s, want %s: %.300s", path, got, want, a.Body)
		}
	}
	for path, want := range map[string]string{
		sums + "&aggregationType=DEFAULT": "", // 202608 holds none of these
		"analytics/dataValueSet?outputIdScheme=CODE&dimension=dx:HF_CLM_TAT_DAYS&dimension=ou:SGR-C01&dimension=pe:LAST_3_MONTHS&relativePeriodDate=2026-10-15":                     "TAT_DAYS 202608 SGR-C01 31",
		"analytics/dataValueSet?outputIdScheme=CODE&dimension=dx:HF_CLM_TAT_DAYS&dimension=ou:SGR-C01&dimension=pe:MONTHS_THIS_YEAR;MONTHS_LAST_YEAR&relativePeriodDate=2026-01-31": "TAT_DAYS 202608 SGR-C01 31",
		"analytics/dataValueSet?outputIdScheme=CODE&dimension=dx:HF_CLM_TAT_DAYS&dimension=ou:SGR-C01&dimension=pe:QUARTERS_LAST_YEAR&relativePeriodDate=2027-06-30":                "TAT_DAYS 2026Q3 SGR-C01 31",
		"analytics/dataValueSet?outputIdScheme=CODE&dimension=dx:HF_CLM_TAT_DAYS&dimension=ou:SGR-C01&dimension=pe:QUARTERS_LAST_YEAR&relativePeriodDate=2026-06-30":                "",
	} {
		if got := values(t, w.Do(http.MethodGet, "/dhis2/api/"+path, nil, nil)); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// A DHIS2 that will not hear that a data set is complete no more is told its numbers
// all the same; the Task goes on to ask, and so do we with the next numbers.
func TestNumbersAreToldThoughTheDataSetStaysComplete(t *testing.T) {
	t.Parallel()
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		for _, mode := range []dhis2test.Mode{dhis2test.V242, dhis2test.V243} {
			var shut atomic.Bool
			h := serve(t, mode, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if !shut.Load() || r.URL.Path != "/api/completeDataSetRegistrations" {
						next.ServeHTTP(rw, r)
						return
					}
					rw.Header().Set("Content-Type", "application/json")
					rw.WriteHeader(http.StatusConflict)
					_, _ = rw.Write([]byte(`{"httpStatus":"Conflict","httpStatusCode":409,"status":"ERROR","response":{"responseType":"ImportSummary","status":"ERROR",
						"importCount":{"imported":0,"updated":0,"ignored":1,"deleted":0},"conflicts":[{"object":"HF_CLAIM","value":"The data set is approved"}]}}`))
				})
			})
			h.learn(t, w)
			name := "peer-" + strings.ReplaceAll(string(mode), ".", "")
			subscribe(t, w, name, h.url, basic, `{"url":"complete","valueBoolean":true}`)
			status(t, w, name, "active")
			month := map[dhis2test.Mode]string{dhis2test.V242: "202501", dhis2test.V243: "202502"}[mode]
			put := func(value string, final bool) {
				t.Helper()
				id, body := measureReport(t, newPackage(t), "hf-claim", facility, month, cell{indicator.ClmTATDays, "", value})
				mark := ""
				if final {
					mark = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/indicator-final","valueDate":"2025-06-01"}],`
				}
				keep(t, w, "MeasureReport/"+id, []byte(strings.Replace(string(body), `"status":"complete"`, mark+`"status":"complete"`, 1)))
			}
			holds := func(what, value string, complete bool, open int) {
				t.Helper()
				w.Until(string(mode)+": "+what, func() bool {
					return h.Values()["HF_CLM_TAT_DAYS "+month+" SGR-C01 default default"] == value && (completed(h)[month] != "") == complete && len(tasks(w, "values-refused", "requested")) == open
				})
			}
			put("31", true)
			holds("complete", "31", true, 0)
			shut.Store(true)
			put("32", false)
			holds("told though it stays complete", "32", true, 1)
			put("33", false)
			holds("told again", "33", true, 1)
			if text := strings.Join(tasks(w, "values-refused", "requested"), " "); !strings.Contains(text, "goes on to say that HF_CLAIM is complete for SGR-C01 in "+month) || !strings.Contains(text, "approved") {
				t.Errorf("the Task says %q", text)
			}
			shut.Store(false)
			put("34", false)
			holds("complete no more", "34", false, 0)
			status(t, w, name, "active")
			keep(t, w, "Subscription/"+name, off(w, name))
		}
	})
}

// A ministry that has its population already has the indicators divide by that.
func TestIndicatorsDivideByTheMinistrysPopulation(t *testing.T) {
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		const theirs = "Pop12345678.Cell1234567"
		read := func(query string) (objects map[string][]map[string]any) {
			t.Helper()
			var all map[string]json.RawMessage
			if err := json.Unmarshal(w.Do(http.MethodGet, "/dhis2/api/metadata.json"+query, nil, nil).Body, &all); err != nil {
				t.Fatal(err)
			}
			objects = map[string][]map[string]any{}
			for name, raw := range all {
				if name != "system" {
					var list []map[string]any
					if err := json.Unmarshal(raw, &list); err != nil {
						t.Fatal(err)
					}
					objects[name] = list
				}
			}
			return objects
		}
		ours, changed := read(""), read("?population="+theirs)
		for plural, list := range ours {
			want := len(list)
			if plural == "dataElements" || plural == "dataSets" {
				want--
			}
			if got := len(changed[plural]); got != want {
				t.Errorf("%s: %d, want %d", plural, got, want)
			}
		}
		for i, o := range changed["indicators"] {
			want := ours["indicators"][i]["denominator"]
			if o["code"] == "HF_IND_COVERAGE" {
				want = "#{" + theirs + "}"
			}
			if o["denominator"] != want {
				t.Errorf("%s is divided by %s, want %s", o["code"], o["denominator"], want)
			}
		}
		if again := read(""); again["indicators"][0]["denominator"] != ours["indicators"][0]["denominator"] {
			t.Error("it changed the package of others")
		}
		if only := read("?indicators=true&population=" + theirs); len(only) != 1 || len(only["indicators"]) != len(ours["indicators"]) {
			t.Errorf("of indicators alone: %d kinds", len(only))
		}
	})
}
