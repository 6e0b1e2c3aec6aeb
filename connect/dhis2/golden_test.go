package dhis2_test

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/profiles/indicator"
	"bima/storage/storagetest"
)

// What is sent stands letter for letter in testdata: with a prefix, a data set and
// places that have names of their own there, all schemes named, values as texts.
func TestWhatIsSent(t *testing.T) {
	golden, err := os.ReadFile("testdata/payload-claim.json")
	if err != nil {
		t.Fatal(err)
	}
	w := connecttest.Open(t, storagetest.SQLite(t), quiet())
	h := serve(t, dhis2test.V242, nil)
	h.learnAs(t, w, "N_")
	h.rename(t, "dataSets", "N_HF_CLAIM", "NHIF_CLAIMS")
	subscribe(t, w, "own", h.url+"/", basic, `{"url":"prefix","valueString":"N_"},
		{"url":"data-set","extension":[{"url":"ours","valueCode":"HF_CLAIM"},{"url":"theirs","valueString":"NHIF_CLAIMS"}]}`)
	status(t, w, "own", "active")
	report(t, w, "hf-claim", facility, "202608",
		cell{indicator.ClmSubCnt, "OPD F 00_05", "2"}, cell{indicator.ClmSubCnt, "IPD M 76P", "4"}, cell{indicator.ClmSubCnt, "REF U UNK", "9"})
	report(t, w, "hf-claim", facility, "202608",
		cell{indicator.ClmSubCnt, "OPD F 00_05", "3"}, cell{indicator.ClmSubCnt, "IPD M 76P", "masked"}, cell{indicator.ClmSubAmt, "OPD POOR", "1500.50"}, cell{indicator.ClmTATDays, "", "31"})
	var posts []dhis2test.Request
	w.Until("two payloads", func() bool { // besides what a quiet world may count of its own months
		posts = slices.DeleteFunc(h.Requests(), func(r dhis2test.Request) bool {
			return r.Path != "/api/dataValueSets" || strings.Contains(r.Query, "dryRun") || !strings.Contains(string(r.Body), `"202608"`)
		})
		return len(posts) == 2
	})
	var got, want any
	if json.Unmarshal(posts[1].Body, &got) != nil || json.Unmarshal(golden, &want) != nil || !cmp.Equal(got, want) {
		t.Errorf("sent otherwise than testdata/payload-claim.json:\n%s", cmp.Diff(want, got))
	}
	const query = "attributeOptionComboIdScheme=CODE&categoryOptionComboIdScheme=CODE&dataElementIdScheme=CODE&dataSetIdScheme=CODE&importStrategy=CREATE_AND_UPDATE&orgUnitIdScheme=CODE"
	if posts[1].Query != query || posts[1].Header.Get("Content-Type") != "application/json" {
		t.Errorf("asked with %s as %s, want %s", posts[1].Query, posts[1].Header.Get("Content-Type"), query)
	}
}

// Places may be known there by an identifier or a map, by code or UID.
func TestPlacesByTheirOwnNames(t *testing.T) {
	w := connecttest.Open(t, storagetest.SQLite(t), quiet())
	h := serve(t, dhis2test.V243, nil)
	h.learn(t, w)
	h.rename(t, "organisationUnits", "SGR-C01", "HOSP-9")
	keep(t, w, "ConceptMap/hmis-places", []byte(`{"resourceType":"ConceptMap","id":"hmis-places","status":"active","group":[{"element":[
		{"code":"SGR-C01","target":[{"code":"wrong","equivalence":"wider"},{"code":"HOSP-9","equivalence":"equivalent"}]}]}]}`))
	subscribe(t, w, "mapped", h.url, basic, `{"url":"org-unit-map","valueReference":{"reference":"ConceptMap/hmis-places"}}`)
	subscribe(t, w, "by-uid", h.url, basic, `{"url":"org-unit-scheme","valueCode":"uid"}`)
	status(t, w, "mapped", "active")
	status(t, w, "by-uid", "active")
	report(t, w, "hf-claim", facility, "202608", cell{indicator.ClmTATDays, "", "31"})
	report(t, w, "hf-claim", "Organization/facility-1", "202608", cell{indicator.ClmTATDays, "", "8"})
	w.Until("both arrive, one of them by UID only", func() bool {
		v := h.Values()
		return v["HF_CLM_TAT_DAYS 202608 HOSP-9 default default"] == "31" && v["HF_CLM_TAT_DAYS 202608 SGR-D01 default default"] == "8"
	})
	w.Until("what the map leaves out is a Task", func() bool {
		return strings.Contains(strings.Join(tasks(w, "values-refused", "requested"), " "), "what Organization/facility-1 is to DHIS2 is not known")
	})
}

// A Subscription that could never be told is refused at once, with the element.
func TestSettingsThatCantBe(t *testing.T) {
	w := connecttest.Open(t, storagetest.SQLite(t), quiet())
	put := func(path, body string) *connecttest.Answer {
		return w.Do(http.MethodPut, "/fhir/"+path, nil, []byte(body))
	}
	endpoint := func(status, address, settings string) string {
		return `{"resourceType":"Endpoint","id":"e","extension":[{"url":"https://bima.example/fhir/StructureDefinition/dhis2","extension":[` + settings + `]}],"status":"` + status + `",
			"connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"},"payloadType":[{"text":"x"}],"address":"` + address + `"}`
	}
	const fine, well = "https://hmis.example.org", `{"url":"async","valueBoolean":false}`
	for i, c := range []struct{ name, endpoint, criteria, to, want string }{
		{"all is well", endpoint("active", fine, well), "MeasureReport?status=complete", "dhis2:Endpoint/e", ""},
		{"the address of the API itself", endpoint("active", fine+"/api/41/", well), "MeasureReport?", "dhis2:Endpoint/e", ""},
		{"criteria of claims", endpoint("active", fine, well), "Claim?status=active", "dhis2:Endpoint/e", "Subscription.criteria"},
		{"no Endpoint", endpoint("active", fine, well), "MeasureReport?", "dhis2:Endpoint/none", "there is no Endpoint/none"},
		{"no name of one", endpoint("active", fine, well), "MeasureReport?", "dhis2:hmis", "dhis2:Endpoint/hmis"},
		{"an Endpoint that is off", endpoint("off", fine, well), "MeasureReport?", "dhis2:Endpoint/e", "Endpoint.status"},
		{"an address that is none", endpoint("active", "hmis", well), "MeasureReport?", "dhis2:Endpoint/e", "Endpoint.address"},
		{"a password in the address", endpoint("active", "https://a:b@hmis.example.org", well), "MeasureReport?", "dhis2:Endpoint/e", "password"},
		{"a prefix that is no name of XML", endpoint("active", fine, `{"url":"prefix","valueString":"9_"}`), "MeasureReport?", "dhis2:Endpoint/e", "extension prefix"},
		{"a map that is not there", endpoint("active", fine, `{"url":"org-unit-map","valueReference":{"reference":"ConceptMap/none"}}`), "MeasureReport?", "dhis2:Endpoint/e", "ConceptMap/none"},
		{"a data set of others", endpoint("active", fine, `{"url":"data-set","extension":[{"url":"ours","valueCode":"MALARIA"},{"url":"theirs","valueString":"M"}]}`), "MeasureReport?", "dhis2:Endpoint/e", "MALARIA"},
	} {
		if a := put("Endpoint/e", c.endpoint); a.Status/100 != 2 {
			t.Fatalf("%s: Endpoint: HTTP %d: %.400s", c.name, a.Status, a.Body)
		}
		a := put("Subscription/s"+strconv.Itoa(i), `{"resourceType":"Subscription","id":"s`+strconv.Itoa(i)+`","status":"requested","reason":"x","criteria":"`+c.criteria+`","channel":{"type":"rest-hook","endpoint":"`+c.to+`"}}`)
		if (a.Status/100 == 2) != (c.want == "") || !strings.Contains(string(a.Body), c.want) {
			t.Errorf("%s: HTTP %d %.400s, want %q", c.name, a.Status, a.Body, c.want)
		}
	}
	for part, want := range map[string]string{
		`{"url":"asnyc","valueBoolean":true}`:          `there are async, attribute-option-combo`,
		`{"url":"complete","valueCode":"true"}`:        "complete is given as valueBoolean",
		`{"url":"org-unit-scheme","valueCode":"CODE"}`: "none of code, uid",
	} {
		a := put("Endpoint/e", endpoint("active", fine, part))
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(string(a.Body), want) || !strings.Contains(string(a.Body), `"expression":["Endpoint.extension[0].extension[0]`) {
			t.Errorf("%s: HTTP %d %.400s, want %q", part, a.Status, a.Body, want)
		}
	}
}
