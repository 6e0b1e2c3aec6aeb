package dhis2_test

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/profiles/indicator"
)

// What is downloaded is imported into a DHIS2 of each release, in every format and
// under every scheme; a month that is final is complete there.
func TestWhatIsDownloadedCanBeImported(t *testing.T) {
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		numbers(t, w)
		const mark = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/indicator-final","valueDate":"2026-10-01"}],"status":"complete"`
		id, body := measureReport(t, newPackage(t), "hf-claim", facility, "202606", cell{indicator.ClmSubCnt, "OPD F 00_05", "7"}, cell{indicator.ClmTATDays, "", "9"})
		keep(t, w, "MeasureReport/"+id, []byte(strings.Replace(string(body), `"status":"complete"`, mark, 1)))
		for _, mode := range []dhis2test.Mode{dhis2test.V242, dhis2test.V243} {
			for _, f := range []struct{ ending, how string }{
				{"json", ""}, {"json", "CODE"}, {"xml", "CODE"}, {"xml", "UID"}, {"csv", "UID"}, {"adx+xml", "CODE"}, {"adx+xml", "UID"},
			} {
				file(t, w, mode, f.ending, f.how, "202608", "")
				file(t, w, mode, f.ending, f.how, "202606", "2026-10-01")
			}
		}
	})
}

// file downloads a month of a facility, and imports it.
func file(t *testing.T, w *connecttest.World, mode dhis2test.Mode, ending, how, month, complete string) {
	t.Helper()
	query := "dataSet=HF_CLAIM&orgUnit=SGR-C01&period=" + month
	want := shown(t, w, query)
	h := serve(t, mode, nil)
	h.learn(t, w)
	scheme := ""
	if how != "" {
		scheme = "idScheme=" + how
	}
	a := w.Do(http.MethodGet, "/dhis2/api/dataValueSets."+ending+"?"+query+"&"+scheme, nil, nil)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/dataValueSets?dataSet=HF_CLAIM&"+scheme, bytes.NewReader(a.Body))
	if ending == "csv" { // which has no place for what is said once
		r.URL.RawQuery, complete = "dataSet="+indicator.UID(indicator.ObjectDataSet, "HF_CLAIM"), ""
	}
	r.SetBasicAuth("admin", "district")
	r.Header.Set("Content-Type", "application/"+ending)
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK || !cmp.Equal(want, h.Values()) || completed(h)[month] != complete {
		t.Errorf("%s as %s by %q: HTTP %d %s, complete %q\n%s\n%s", mode, ending, how, answer.Code, answer.Body, completed(h)[month], cmp.Diff(want, h.Values()), a.Body)
	}
}

// IHE's schema for ADX, whatever the jurisdiction, in words: a root that says when it
// was written; within it groups of a place and a period, each of one value at least;
// values of a data element that are decimal numbers. What else there is stands in
// attributes. Source: IHE QRPH ADX, adx_loose.xsd.
type (
	adxFile struct {
		XMLName  xml.Name   `xml:"urn:ihe:qrph:adx:2015 adx"`
		Exported string     `xml:"exported,attr"`
		Groups   []adxGroup `xml:"urn:ihe:qrph:adx:2015 group"`
		Other    []adxOther `xml:",any"`
	}
	adxGroup struct {
		Attrs  []xml.Attr `xml:",any,attr"`
		Values []adxValue `xml:"urn:ihe:qrph:adx:2015 dataValue"`
		Other  []adxOther `xml:",any"`
	}
	adxValue struct {
		Attrs []xml.Attr `xml:",any,attr"`
		Other []adxOther `xml:",any"`
	}
	adxOther struct{ XMLName xml.Name }
)

// The forms of attributes in ADX; of the rest any text will do.
var adxForms = map[string]*regexp.Regexp{
	"exported": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$`),
	"period":   regexp.MustCompile(`^\d{4}-\d\d-\d\d/P\d+[DMY]$`),
	"value":    regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`),
}

// wants says what an element lacks of the attributes that it must have.
func wants(t *testing.T, at string, attrs []xml.Attr, names ...string) {
	t.Helper()
	have := map[string]string{}
	for _, a := range attrs {
		if _, twice := have[a.Name.Local]; twice || a.Name.Space != "" {
			t.Errorf("%s: the attribute %s:%s", at, a.Name.Space, a.Name.Local)
		}
		have[a.Name.Local] = a.Value
	}
	for _, name := range names {
		if text := have[name]; text == "" || adxForms[name] != nil && !adxForms[name].MatchString(text) {
			t.Errorf("%s: %s is %q", at, name, text)
		}
	}
}

func TestADXIsAsIHEHasIt(t *testing.T) {
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		numbers(t, w)
		const query = "/dhis2/api/dataValueSets.adx+xml?dataSet=HF_CLAIM,HF_ENROL&orgUnit=region-tambarare&children=true&period=202607,202608,2026Q3"
		for _, schemes := range []string{"", "&idScheme=UID", "&categoryIdScheme=UID", "&categoryOptionIdScheme=UID", "&categoryOptionComboIdScheme=UID"} {
			a := w.Do(http.MethodGet, query+schemes, nil, nil)
			var doc adxFile
			if err := xml.Unmarshal(a.Body, &doc); err != nil || len(doc.Groups) != 5 || len(doc.Other) > 0 || !adxForms["exported"].MatchString(doc.Exported) {
				t.Fatalf("%s: %v, %d groups, exported %q: %.400s", schemes, err, len(doc.Groups), doc.Exported, a.Body)
			}
			for _, g := range doc.Groups {
				if wants(t, "group", g.Attrs, "orgUnit", "period", "dataSet"); len(g.Values) == 0 || len(g.Other) > 0 {
					t.Errorf("%s: a group has %d values and %v", schemes, len(g.Values), g.Other)
				}
				for _, v := range g.Values {
					if wants(t, "dataValue", v.Attrs, "dataElement", "value"); len(v.Other) > 0 {
						t.Errorf("%s: a value holds %v", schemes, v.Other)
					}
				}
			}
			uid := func(kind indicator.Object, code, scheme string) string {
				if schemes == "&idScheme=UID" || schemes == "&"+scheme+"=UID" {
					return indicator.UID(kind, code)
				}
				return code
			}
			sex := uid(indicator.ObjectCategory, "HF_SEX", "categoryIdScheme") + `="` + uid(indicator.ObjectOption, "HF_SEX_F", "categoryOptionIdScheme") + `"`
			if !strings.Contains(string(a.Body), sex) {
				t.Errorf("%s: there is no %s: %.900s", schemes, sex, a.Body)
			}
		}
	})
}
