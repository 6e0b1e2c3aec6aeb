package dhis2_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/profiles/indicator"
)

// A cell is one number of a report in a test: an element, the suffixes of its
// options, and what it holds; "masked" is hidden.
type cell struct{ element, options, value string }

// measureReport spells a MeasureReport as the indicators' package says.
func measureReport(t *testing.T, pack *indicator.Package, measure, place, period string, cells ...cell) (id string, body []byte) {
	t.Helper()
	p, ok := indicator.ParsePeriod(period)
	if !ok {
		t.Fatalf("%q is no period", period)
	}
	set, _ := pack.DataSet(measure)
	id = indicator.ReportID(measure, place, p)
	var groups []string
	for _, e := range pack.Of(set.Code) {
		var strata []string
		own := ""
		for _, c := range cells {
			if c.element != e.Code {
				continue
			}
			number := fmt.Sprintf(`"population":[{"count":%s}]`, c.value)
			switch {
			case c.value == "masked" && e.Kind != indicator.Count:
				number = `"measureScore":{"extension":[{"url":"` + indicator.DataAbsentReason + `","valueCode":"masked"}]}`
			case c.value == "masked":
				number = `"population":[{"_count":{"extension":[{"url":"` + indicator.DataAbsentReason + `","valueCode":"masked"}]}}]`
			case e.Kind == indicator.Amount:
				number = `"measureScore":{"value":` + c.value + `,"unit":"TZS","system":"urn:iso:std:iso:4217","code":"TZS"}`
			case e.Kind == indicator.Days:
				number = `"measureScore":{"value":` + c.value + `,"unit":"d","system":"http://unitsofmeasure.org","code":"d"}`
			}
			if e.Combo == indicator.DefaultCombo {
				own = "," + number
				continue
			}
			var components []string
			combo, _ := pack.Combo(e.Combo)
			for i, suffix := range strings.Fields(c.options) {
				components = append(components, fmt.Sprintf(`{"code":{"coding":[{"system":%q,"code":%q}]},"value":{"coding":[{"system":%q,"code":%q}]}}`,
					indicator.SystemCategory, combo.Categories[i], indicator.SystemOption, combo.Categories[i]+"_"+suffix))
			}
			strata = append(strata, `{"component":[`+strings.Join(components, ",")+`],`+number+`}`)
		}
		group := fmt.Sprintf(`{"code":{"coding":[{"system":%q,"code":%q}]}%s`, indicator.SystemElement, e.Code, own)
		if len(strata) > 0 {
			group += fmt.Sprintf(`,"stratifier":[{"code":[{"coding":[{"system":%q,"code":%q}]}],"stratum":[%s]}]`, indicator.SystemCombo, e.Combo, strings.Join(strata, ","))
		}
		groups = append(groups, group+"}")
	}
	return id, fmt.Appendf(nil, `{"resourceType":"MeasureReport","id":%q,"status":"complete","type":"summary","measure":%q,"date":"2026-09-01T00:05:00Z","reporter":{"reference":%q},"period":{"start":%q,"end":%q},"group":[%s]}`,
		id, set.URL(), place, p.First(), p.Last(), strings.Join(groups, ","))
}

func newPackage(t *testing.T) *indicator.Package {
	t.Helper()
	pack, err := indicator.New(indicator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// keep stores a resource; the test ends where the server refuses it.
func keep(t *testing.T, w *connecttest.World, path string, body []byte) {
	t.Helper()
	if a := w.Do(http.MethodPut, "/fhir/"+path, nil, body); a.Status/100 != 2 {
		t.Fatalf("PUT %s: HTTP %d: %.800s", path, a.Status, a.Body)
	}
}

// report stores a report of a month.
func report(t *testing.T, w *connecttest.World, measure, place, period string, cells ...cell) string {
	t.Helper()
	id, body := measureReport(t, newPackage(t), measure, place, period, cells...)
	keep(t, w, "MeasureReport/"+id, body)
	return id
}

// A hmis is a fake DHIS2 that is served.
type hmis struct {
	*dhis2test.Server
	url string
}

// serve serves a DHIS2; what stands in front of it may be nil.
func serve(t *testing.T, mode dhis2test.Mode, front func(http.Handler) http.Handler) *hmis {
	t.Helper()
	h := &hmis{Server: dhis2test.New(mode)}
	var handler http.Handler = h.Server
	if front != nil {
		handler = front(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// learn imports the metadata package of the world.
func (h *hmis) learn(t *testing.T, w *connecttest.World) {
	t.Helper()
	h.learnAs(t, w, "")
}

// learnAs imports it with a prefix.
func (h *hmis) learnAs(t *testing.T, w *connecttest.World, prefix string) {
	t.Helper()
	response, err := http.Get(w.URL + "/dhis2/api/metadata.json?prefix=" + prefix)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	h.send(t, response.Body)
}

// rename gives an object another code, as a ministry has that knew it before.
func (h *hmis) rename(t *testing.T, plural, from, to string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/"+plural+"?fields=*&paging=false&filter=code:eq:"+from, nil)
	request.SetBasicAuth("admin", "district")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	h.send(t, strings.NewReader(strings.ReplaceAll(answer.Body.String(), strconv.Quote(from), strconv.Quote(to))))
}

// send imports metadata.
func (h *hmis) send(t *testing.T, body io.Reader) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/api/metadata?importStrategy=CREATE_AND_UPDATE&atomicMode=ALL", body)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("admin", "district")
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var report json.RawMessage
	if err := json.NewDecoder(answer.Body).Decode(&report); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("importing the package: HTTP %d, %v: %.2000s", answer.StatusCode, err, report)
	}
}

const basic = `"Authorization: Basic YWRtaW46ZGlzdHJpY3Q="`

// subscribe has a DHIS2 told; settings are extensions within that of the Endpoint.
func subscribe(t *testing.T, w *connecttest.World, name, url, header, settings string) {
	t.Helper()
	extension := ""
	if settings != "" {
		extension = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/dhis2","extension":[` + settings + `]}],`
	}
	keep(t, w, "Endpoint/"+name, []byte(`{"resourceType":"Endpoint","id":"`+name+`",`+extension+`"status":"active",
		"connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"},
		"payloadType":[{"text":"dataValueSet"}],"address":"`+url+`"}`))
	keep(t, w, "Subscription/"+name, []byte(`{"resourceType":"Subscription","id":"`+name+`","status":"requested","reason":"HMIS",
		"criteria":"MeasureReport?status=complete","channel":{"type":"rest-hook","endpoint":"dhis2:Endpoint/`+name+`","header":[`+header+`]}}`))
}

// status waits for a Subscription to come to a status.
func status(t *testing.T, w *connecttest.World, name, want string) {
	t.Helper()
	w.Until("Subscription/"+name+" is "+want, func() bool {
		n := w.Node(w.Do(http.MethodGet, "/fhir/Subscription/"+name, nil, nil))
		return n.Get("status").Text() == want
	})
}

// problem gives the error of a Subscription.
func problem(w *connecttest.World, name string) string {
	return w.Node(w.Do(http.MethodGet, "/fhir/Subscription/"+name, nil, nil)).Get("error").Text()
}

// tasks gives the descriptions of the Tasks of a code and a status.
func tasks(w *connecttest.World, code, status string) []string {
	n := w.Node(w.Do(http.MethodGet, "/fhir/Task?status="+status+"&code=https://bima.example/fhir/CodeSystem/dhis2|"+code, nil, nil))
	var all []string
	for e := range n.Get("entry").Each() {
		all = append(all, e.At("resource", "description").Text())
	}
	return all
}

// quiet are worlds whose days are three years on, so that what they count of their own
// each day is not what these tests report.
func quiet() connecttest.Options {
	return connecttest.Options{Plan: house.Plan{Now: func() time.Time { return time.Now().AddDate(3, 0, 0) }}}
}
