package dhis2test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bima/connect/dhis2/dhis2test"
)

// small is metadata to try with: SIT and RIP are in data set DS, SIT by sex; RIP is
// in DS2 too, and LONE in none.
const small = `{
 "organisationUnits":[{"id":"orgUnit0001","code":"O1","name":"One","shortName":"One","openingDate":"1990-01-01"},{"id":"orgUnit0002","code":"O2","name":"Two","shortName":"Two","openingDate":"1990-01-01"}],
 "categoryOptions":[{"id":"optionMale1","code":"S_M","name":"M","shortName":"M"},{"id":"optionFema1","code":"S_F","name":"F","shortName":"F"}],
 "categories":[{"id":"categorySex","code":"S","name":"S","shortName":"S","dataDimensionType":"DISAGGREGATION","categoryOptions":[{"id":"optionMale1"},{"id":"optionFema1"}]}],
 "categoryCombos":[{"id":"comboOfSex1","code":"CC","name":"CC","dataDimensionType":"DISAGGREGATION","categories":[{"id":"categorySex"}]}],
 "categoryOptionCombos":[
  {"id":"cellOfMale1","code":"C_M","name":"M","categoryCombo":{"id":"comboOfSex1"},"categoryOptions":[{"id":"optionMale1"}]},
  {"id":"cellOfFema1","code":"C_F","name":"F","categoryCombo":{"id":"comboOfSex1"},"categoryOptions":[{"id":"optionFema1"}]}],
 "dataElements":[
  {"id":"elementSIT1","code":"SIT","name":"SIT","shortName":"SIT","domainType":"AGGREGATE","valueType":"INTEGER_ZERO_OR_POSITIVE","aggregationType":"SUM","categoryCombo":{"id":"comboOfSex1"}},
  {"id":"elementRIP1","code":"RIP","name":"RIP","shortName":"RIP","domainType":"AGGREGATE","valueType":"NUMBER","aggregationType":"SUM"},
  {"id":"elementLONE","code":"LONE","name":"LONE","shortName":"LONE","domainType":"AGGREGATE","valueType":"NUMBER","aggregationType":"SUM"}],
 "dataSets":[
  {"id":"dataSetOne1","code":"DS","name":"DS","shortName":"DS","periodType":"Monthly","openFuturePeriods":1,"dataSetElements":[{"dataElement":{"id":"elementSIT1"}},{"dataElement":{"id":"elementRIP1"}}],"organisationUnits":[{"id":"orgUnit0001"}]},
  {"id":"dataSetTwo1","code":"DS2","name":"DS2","shortName":"DS2","periodType":"Monthly","dataSetElements":[{"dataElement":{"id":"elementRIP1"}}],"organisationUnits":[{"id":"orgUnit0001"}]}]}`

// An answer is what the fake said.
type answer struct {
	HTTP     int
	Status   string
	Message  string
	Response *summary
	summary
}

type summary struct {
	ID          string
	ImportCount struct{ Imported, Updated, Ignored, Deleted int }
	Conflicts   []struct {
		ErrorCode string
		Indexes   []int
	}
	TypeReports []struct {
		ObjectReports []struct {
			ErrorReports []struct{ ErrorCode, Message string }
		}
	}
}

// codes gives the codes of errors, each once, in their order.
func (a answer) codes() string {
	var all []string
	s := a.summary
	if a.Response != nil {
		s = *a.Response
	}
	for _, c := range s.Conflicts {
		all = append(all, fmt.Sprint(c.ErrorCode, c.Indexes))
	}
	for _, r := range s.TypeReports {
		for _, o := range r.ObjectReports {
			for _, e := range o.ErrorReports {
				all = append(all, e.ErrorCode)
			}
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

func (a answer) counts() string {
	s := a.summary
	if a.Response != nil {
		s = *a.Response
	}
	c := s.ImportCount
	return fmt.Sprintf("%d/%d/%d/%d", c.Imported, c.Updated, c.Ignored, c.Deleted)
}

func ask(t *testing.T, s *dhis2test.Server, method, path, media, body string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.SetBasicAuth("admin", "district")
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	return do(t, s, r)
}

func do(t *testing.T, s *dhis2test.Server, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	a := answer{}
	_ = json.Unmarshal(w.Body.Bytes(), &a)
	a.HTTP = w.Code
	return a
}

func open(t *testing.T, mode dhis2test.Mode) *dhis2test.Server {
	t.Helper()
	s := dhis2test.New(mode)
	s.Now = func() time.Time { return time.Date(2026, 8, 15, 0, 0, 0, 0, time.UTC) }
	if a := ask(t, s, http.MethodPost, "/api/metadata", "application/json", small); a.HTTP != http.StatusOK {
		t.Fatalf("metadata: HTTP %d %s", a.HTTP, a.codes())
	}
	return s
}

// values spells a payload of values "SIT C_M 5", of 202607 at O1 in DS.
func values(head string, list ...string) string {
	var all []string
	for _, v := range list {
		f := strings.Fields(v)
		all = append(all, fmt.Sprintf(`{"dataElement":%q,"categoryOptionCombo":%q,"value":%q}`, f[0], f[1], f[2]))
	}
	return `{` + head + `"dataValues":[` + strings.Join(all, ",") + `]}`
}

const (
	good     = `"dataSet":"DS","period":"202607","orgUnit":"O1",`
	explicit = "?dataSetIdScheme=CODE&dataElementIdScheme=CODE&orgUnitIdScheme=CODE&categoryOptionComboIdScheme=CODE&attributeOptionComboIdScheme=CODE"
	media    = "application/json"
)

// The two releases differ in what they refuse, how much with it, and how they say so.
func TestBothReleasesAnswerInTheirOwnWay(t *testing.T) {
	for _, c := range []struct {
		name, path, body string
		old, new         string // HTTP, status, counts, codes
	}{
		{"all is well", explicit, values(good, "SIT C_M 5", "RIP default 1.5"), "200 OK 2/0/0/0 ", "200 OK 0/2/0/0 "},
		{"schemes in the payload go before the query", "?idScheme=UID", values(`"idScheme":"CODE",`+good, "SIT C_M 5"), "200 OK 1/0/0/0 ", "200 OK 0/1/0/0 "},
		{"codes without a scheme are no UIDs", "", values(`"period":"202607","orgUnit":"O1",`, "SIT C_M 5"), "409 WARNING 0/0/1/0 E7610[0]", "409 ERROR 0/0/1/0 E8101[-1]"},
		{"one data element is not known", explicit, values(good, "SIT C_M 5", "NO default 1"), "409 WARNING 1/0/1/0 E7610[1]", "409 ERROR 0/0/2/0 E8101[-1]"},
		{"the organisation unit is not known", explicit, values(`"dataSet":"DS","period":"202607","orgUnit":"NO",`, "SIT C_M 5"), "409 WARNING 0/0/1/0 E7612[0]", "409 ERROR 0/0/1/0 E8102[-1]"},
		{"a combination is not known", explicit, values(good, "SIT C_X 5", "SIT C_M 5"), "409 WARNING 1/0/1/0 E7613[0]", "409 ERROR 0/0/2/0 E8103[-1]"},
		{"the period is none", explicit, values(`"dataSet":"DS","period":"2026-07","orgUnit":"O1",`, "SIT C_M 5"), "409 WARNING 0/0/1/0 E7611[0]", "409 ERROR 0/0/1/0 E8005[-1]"},
		{"the data set is not known", explicit, values(`"dataSet":"NO","period":"202607","orgUnit":"O1",`, "SIT C_M 5"), "409 ERROR 0/0/1/0 E7600[-1]", "409 ERROR 0/0/1/0 E8100[-1]"},
		{"a value is of another type", explicit, values(good, "SIT C_M -5", "RIP default 1"), "409 WARNING 1/0/1/0 E7619[0]", "200 WARNING 0/1/1/0 E8121[0]"},
		{"all values are of another type", explicit, values(good, "SIT C_M 5.5"), "409 WARNING 0/0/1/0 E7619[0]", "409 ERROR 0/0/1/0 E8121[0]"},
		{"a data element of another data set", explicit, values(good, "LONE default 1", "SIT C_M 5"), "200 OK 2/0/0/0 ", "409 ERROR 0/0/2/0 E8020[-1]"},
		{"… strictly", explicit + "&strictDataElements=true", values(good, "LONE default 1", "SIT C_M 5"), "409 WARNING 1/0/1/0 E7633[0]", "409 ERROR 0/0/2/0 E8020[-1]"},
		{"a combination of another combo", explicit, values(good, "SIT default 1"), "200 OK 1/0/0/0 ", "409 ERROR 0/0/1/0 E8024[-1]"},
		{"a period of another type", explicit, values(`"dataSet":"DS","period":"2026Q2","orgUnit":"O1",`, "SIT C_M 5"), "200 OK 1/0/0/0 ", "409 ERROR 0/0/1/0 E8021[-1]"},
		{"an organisation unit that does not report", explicit, values(`"dataSet":"DS","period":"202607","orgUnit":"O2",`, "SIT C_M 5"), "200 OK 1/0/0/0 ", "409 ERROR 0/0/1/0 E8022[-1]"},
		{"an attribute option combo of another combo", explicit, values(`"attributeOptionCombo":"C_M",`+good, "SIT C_M 5"), "200 OK 1/0/0/0 ", "409 ERROR 0/0/1/0 E8023[-1]"},
		{"a period to come", explicit, values(`"dataSet":"DS","period":"202609","orgUnit":"O1",`, "SIT C_M 5"), "409 WARNING 0/0/1/0 E7641[0]", "409 ERROR 0/0/1/0 E8030[-1]"},
		{"the same cell twice", explicit, values(good, "SIT C_M 5", "SIT C_M 6"), "200 OK 1/1/0/0 ", "200 WARNING 0/1/1/0 E8128[1]"},
		{"no data set, and several have it", explicit, values(`"period":"202607","orgUnit":"O1",`, "RIP default 5"), "200 OK 1/0/0/0 ", "409 ERROR 0/0/1/0 E8002[-1]"},
		{"no data set, and none has it", explicit, values(`"period":"202607","orgUnit":"O1",`, "LONE default 5"), "200 OK 1/0/0/0 ", "409 ERROR 0/0/1/0 E8003[-1]"},
		{"no data set, and one has it", explicit, values(`"period":"202607","orgUnit":"O1",`, "SIT C_M 5"), "200 OK 1/0/0/0 ", "200 OK 0/1/0/0 "},
		{"a completion without attribute option combo", explicit, values(`"completeDate":"2026-08-05",`+good, "SIT C_M 5"), "200 OK 1/0/0/0 ", "409 ERROR 0/0/1/0 E8009[-1]"},
		{"a value is a number", explicit, `{"dataValues":[{"dataElement":"SIT","value":5}]}`, "400 ERROR 0/0/0/0 ", "400 ERROR 0/0/0/0 "},
		{"what was not there is deleted", explicit, `{` + good + `"dataValues":[{"dataElement":"SIT","categoryOptionCombo":"C_M","deleted":true}]}`, "200 OK 0/0/1/0 ", "200 OK 0/0/1/0 "},
	} {
		for mode, want := range map[dhis2test.Mode]string{dhis2test.V242: c.old, dhis2test.V243: c.new} {
			t.Run(c.name+" "+string(mode), func(t *testing.T) {
				a := ask(t, open(t, mode), http.MethodPost, "/api/dataValueSets"+c.path, media, c.body)
				if got := fmt.Sprintf("%d %s %s %s", a.HTTP, a.Status, a.counts(), a.codes()); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			})
		}
	}
}

func TestTheSameAgain(t *testing.T) {
	for mode, want := range map[dhis2test.Mode]string{dhis2test.V242: "1/0/0/0 0/0/1/0 0/1/0/0 0/0/0/1", dhis2test.V243: "0/1/0/0 0/1/0/0 0/1/0/0 0/0/0/1"} {
		s := open(t, mode)
		trial := ask(t, s, http.MethodPost, "/api/dataValueSets"+explicit+"&dryRun=true", media, values(good, "SIT C_M 5"))
		if len(s.Values()) != 0 || trial.HTTP != http.StatusOK {
			t.Errorf("%s: a trial was kept, or was HTTP %d", mode, trial.HTTP)
		}
		var got []string
		for _, body := range []string{
			values(good, "SIT C_M 5"), values(good, "SIT C_M 5"), values(good, "SIT C_M 0"),
			`{` + good + `"dataValues":[{"dataElement":"SIT","categoryOptionCombo":"C_M","value":"0","deleted":true}]}`,
		} {
			got = append(got, ask(t, s, http.MethodPost, "/api/dataValueSets"+explicit, media, body).counts())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", mode, got, want)
		}
	}
}

func TestTheEnvelope(t *testing.T) {
	s := open(t, dhis2test.V242)
	if a := ask(t, s, http.MethodPost, "/api/37/dataValueSets"+explicit, media, values(good, "SIT C_M 5")); a.Response != nil || a.Status != "SUCCESS" {
		t.Errorf("an old API wraps its summary: %+v", a)
	}
	job := ask(t, s, http.MethodPost, "/api/dataValueSets"+explicit+"&async=true", media, values(good, "SIT C_F 6"))
	if job.Response == nil || job.Response.ID == "" {
		t.Fatalf("no job: %+v", job)
	}
	summary, task := "/api/system/taskSummaries/DATAVALUE_IMPORT/"+job.Response.ID, "/api/system/tasks/DATAVALUE_IMPORT/"+job.Response.ID
	if a := ask(t, s, http.MethodGet, summary, "", ""); a.HTTP != http.StatusNotFound {
		t.Errorf("a summary before the job is done: HTTP %d", a.HTTP)
	}
	ask(t, s, http.MethodGet, task, "", "")
	ask(t, s, http.MethodGet, task, "", "")
	if a := ask(t, s, http.MethodGet, summary, "", ""); a.HTTP != http.StatusNotFound {
		t.Errorf("a summary at the moment the job is done: HTTP %d", a.HTTP)
	}
	ask(t, s, http.MethodGet, summary, "", "")
	if a := ask(t, s, http.MethodGet, summary, "", ""); a.Status != "SUCCESS" || a.counts() != "1/0/0/0" {
		t.Errorf("the summary of a job: %+v", a)
	}
	if a := ask(t, s, http.MethodPost, "/api/dataValueSets", "text/plain", "x"); a.HTTP != http.StatusUnsupportedMediaType {
		t.Errorf("text: HTTP %d", a.HTTP)
	}
	for header, want := range map[string]int{"": 401, "Basic eDp5": 401, "ApiToken wrong": 401, "Bearer d2pat_admin": 401, "ApiToken d2pat_admin": 200} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/me", nil)
		r.Header.Set("Authorization", header)
		if a := do(t, s, r); a.HTTP != want {
			t.Errorf("%q: HTTP %d, want %d", header, a.HTTP, want)
		}
	}
	weak := dhis2test.New(dhis2test.V242, dhis2test.User{Name: "admin", Password: "district"})
	if a := ask(t, weak, http.MethodPost, "/api/dataValueSets", media, "{}"); a.HTTP != http.StatusForbidden {
		t.Errorf("without the authority: HTTP %d", a.HTTP)
	}
}

func TestFormats(t *testing.T) {
	const header = "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value\n"
	const row = "SIT,202607,O1,C_M,default,5\n"
	const adx = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-08-01T00:00:00Z"><group orgUnit="O1" period="2026-07-01/P1M" dataSet="DS"><dataValue dataElement="SIT" S="S_M" value="5"/></group></adx>`
	for _, c := range []struct {
		name, path, media, body string
		old, new                int
	}{
		{"CSV with its header", explicit + "&dataSet=DS", "application/csv", header + row, 200, 200},
		{"CSV without", explicit + "&dataSet=DS", "application/csv", row, 200, 400},
		{"ADX without a scheme", "", "application/adx+xml", adx, 200, 409},
		{"ADX with one", "?idScheme=CODE", "application/adx+xml", adx, 200, 200},
		{"ADX of another namespace", "?idScheme=CODE", "application/adx+xml", strings.Replace(adx, "urn:ihe", "urn:x", 1), 400, 400},
		{"XML", explicit, "application/xml", `<dataValueSet xmlns="http://dhis2.org/schema/dxf/2.0" dataSet="DS" period="202607" orgUnit="O1"><dataValue dataElement="SIT" categoryOptionCombo="C_M" value="5"/></dataValueSet>`, 200, 200},
		{"XML of no namespace", explicit, "application/xml", `<dataValueSet><dataValue/></dataValueSet>`, 400, 400},
	} {
		for mode, want := range map[dhis2test.Mode]int{dhis2test.V242: c.old, dhis2test.V243: c.new} {
			s := open(t, mode)
			a := ask(t, s, http.MethodPost, "/api/dataValueSets"+c.path, c.media, c.body)
			if a.HTTP != want || (len(s.Values()) == 1) != (want == 200) {
				t.Errorf("%s, %s: HTTP %d %s, want %d; %v", c.name, mode, a.HTTP, a.codes(), want, s.Values())
			}
		}
	}
}

func TestMetadataWithinTheLimits(t *testing.T) {
	many := func(n int) string {
		var options, refs []string
		for i := range n {
			options = append(options, fmt.Sprintf(`{"id":"o%010d","code":"o%d","name":"o%d","shortName":"o"}`, i, i, i))
			refs = append(refs, fmt.Sprintf(`{"id":"o%010d"}`, i))
		}
		category := `{"id":"categoryBig","code":"B","name":"B","shortName":"B","dataDimensionType":"DISAGGREGATION","categoryOptions":[` + strings.Join(refs, ",") + `]}`
		return `"categoryOptions":[` + strings.Join(options, ",") + `],"categories":[` + category + `]`
	}
	combo := func(categories ...string) string {
		var refs []string
		for _, c := range categories {
			refs = append(refs, `{"id":"`+c+`"}`)
		}
		return `"categoryCombos":[{"id":"comboOfBig1","code":"CB","name":"CB","dataDimensionType":"DISAGGREGATION","categories":[` + strings.Join(refs, ",") + `]}]`
	}
	cell := func(id, combo, option string) string {
		return `"categoryOptionCombos":[{"id":"` + id + `","code":"X","name":"X","categoryCombo":{"id":"` + combo + `"},"categoryOptions":[{"id":"` + option + `"}]}]`
	}
	const sex = "categorySex"
	for _, c := range []struct{ name, body, old, new string }{
		{"50 options", many(50), "", ""},
		{"51 options", many(51), "E1126", "E1126"},
		{"five categories", combo(sex, sex, sex, sex, sex), "", ""},
		{"six categories", combo(sex, sex, sex, sex, sex, sex), "E1127", "E1127"},
		{"450 combinations", many(15) + "," + combo("categoryBig", sex, "categoryBig"), "", ""},
		{"512 combinations", many(16) + "," + combo("categoryBig", sex, "categoryBig"), "E1128", "E1128"},
		{"not all combinations", combo(sex) + "," + cell("cellOfBig01", "comboOfBig1", "optionMale1"), "", "E1130"},
		{"a combination of other options", cell("cellOfMale1", "comboOfSex1", "xYerKDKCefk"), "", "E1130 E1131 E1134"},
		{"a combination that is there by another UID", cell("cellOfOther", "comboOfSex1", "optionMale1"), "", "E1130 E1132"},
		{"a reference to nothing", `"dataSets":[{"id":"dataSetTri1","code":"D3","name":"D3","shortName":"D3","periodType":"Monthly","dataSetElements":[{"dataElement":{"id":"elementNONE"}}]}]`, "E5002", "E5002"},
		{"a code that is taken", `"dataElements":[{"id":"elementNew1","code":"SIT","name":"New","shortName":"New","domainType":"AGGREGATE","valueType":"NUMBER","aggregationType":"SUM"}]`, "E5003", "E5003"},
		{"a code that is too long", `"organisationUnits":[{"id":"orgUnit0003","code":"` + strings.Repeat("x", 51) + `","name":"T","shortName":"T","openingDate":"1990-01-01"}]`, "E4001", "E4001"},
		{"what is missing", `"organisationUnits":[{"id":"orgUnit0003","code":"O3","name":"T","shortName":"T"}]`, "E4000", "E4000"},
		{"no UID", `"organisationUnits":[{"id":"3","code":"O3","name":"T","shortName":"T","openingDate":"1990-01-01"}]`, "E4014", "E4014"},
	} {
		for mode, want := range map[dhis2test.Mode]string{dhis2test.V242: c.old, dhis2test.V243: c.new} {
			a := ask(t, open(t, mode), http.MethodPost, "/api/metadata", media, "{"+c.body+"}")
			if a.codes() != want || (a.HTTP == http.StatusOK) != (want == "") {
				t.Errorf("%s, %s: HTTP %d %q, want %q", c.name, mode, a.HTTP, a.codes(), want)
			}
		}
	}
}

// A combination that DHIS2 makes by itself has no code, and can't be sent one alone.
func TestCombinationsOfItsOwn(t *testing.T) {
	s := dhis2test.New(dhis2test.V243)
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(small), &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "categoryOptionCombos")
	body, _ := json.Marshal(all)
	if a := ask(t, s, http.MethodPost, "/api/metadata", media, string(body)); a.HTTP != http.StatusOK || s.Count("categoryOptionCombos") != 3 {
		t.Fatalf("HTTP %d, %d combinations", a.HTTP, s.Count("categoryOptionCombos"))
	}
	if a := ask(t, s, http.MethodPost, "/api/dataValueSets"+explicit, media, values(good, "SIT C_M 5")); a.codes() != "E8103[-1]" {
		t.Errorf("a code that nobody gave was known: %s", a.codes())
	}
	if a := ask(t, s, http.MethodPost, "/api/categoryOptionCombos", media, "{}"); a.HTTP != http.StatusConflict {
		t.Errorf("one alone: HTTP %d", a.HTTP)
	}
}

// A data set is completed with its values, by releases up to 2.42 also where some of
// them are refused; and is opened again by a registration that says so.
func TestCompletion(t *testing.T) {
	const register = "/api/completeDataSetRegistrations"
	registration := func(dataSet, completed string) string {
		return `{"completeDataSetRegistrations":[{"dataSet":"` + dataSet + `","period":"202607","organisationUnit":"O1","attributeOptionCombo":"default","completed":` + completed + `}]}`
	}
	for mode, refused := range map[dhis2test.Mode]int{dhis2test.V242: 1, dhis2test.V243: 0} {
		s := open(t, mode)
		count := func(want int, what string) {
			t.Helper()
			if got := len(s.Complete()); got != want {
				t.Errorf("%s, %s: %d are complete, want %d", mode, what, got, want)
			}
		}
		const whole = `"completeDate":"2026-08-05","attributeOptionCombo":"default",` + good
		post := func(how, body string) { ask(t, s, http.MethodPost, "/api/dataValueSets"+explicit+how, media, body) }
		post("&dryRun=true", values(whole, "SIT C_M 5"))
		count(0, "a trial")
		post("", values(whole, "SIT C_M -5", "RIP default 1"))
		count(refused, "a value is refused")
		post("", values(whole, "SIT C_M 5", "RIP default 1"))
		count(1, "all is well")
		for _, c := range []struct {
			path, body string
			http, left int
		}{
			{register, registration("DS", "false"), 409, 1},
			{register + explicit, registration("NO", "false"), 409, 1},
			{register + explicit, "x", 400, 1},
			{register + explicit, registration("DS", "false"), 200, 0},
			{register + explicit, registration("DS", "false"), 200, 0},
			{register + explicit, registration("DS", "true"), 200, 1},
		} {
			if a := ask(t, s, http.MethodPost, c.path, media, c.body); a.HTTP != c.http {
				t.Errorf("%s, %s: HTTP %d, want %d", mode, c.body, a.HTTP, c.http)
			}
			count(c.left, c.body)
		}
	}
}
