package dhis2_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
	"bima/profiles/indicator"
)

// shown asks the façade for values by their codes.
func shown(t *testing.T, w *connecttest.World, query string) map[string]string {
	t.Helper()
	a := w.Do(http.MethodGet, "/dhis2/api/dataValueSets.json?idScheme=CODE&"+query, nil, nil)
	var set struct {
		DataValues []struct{ DataElement, Period, OrgUnit, CategoryOptionCombo, AttributeOptionCombo, Value string }
	}
	if err := json.Unmarshal(a.Body, &set); err != nil || a.Status != http.StatusOK {
		t.Fatalf("%s: HTTP %d, %v: %.500s", query, a.Status, err, a.Body)
	}
	values := map[string]string{}
	for _, v := range set.DataValues {
		values[v.DataElement+" "+v.Period+" "+v.OrgUnit+" "+v.CategoryOptionCombo+" "+v.AttributeOptionCombo] = v.Value
	}
	return values
}

// numbers are those that the façade is asked for in tests.
func numbers(t *testing.T, w *connecttest.World) {
	t.Helper()
	report(t, w, "hf-claim", facility, "202607", cell{indicator.ClmSubCnt, "OPD F 00_05", "3"}, cell{indicator.ClmOpenCnt, "ENTERED OPD", "4"}, cell{indicator.ClmTATDays, "", "31"})
	report(t, w, "hf-claim", facility, "202608", cell{indicator.ClmSubCnt, "OPD F 00_05", "2"}, cell{indicator.ClmSubCnt, "IPD M 76P", "masked"}, cell{indicator.ClmOpenCnt, "ENTERED OPD", "6"}, cell{indicator.ClmApprAmt, "OPD POOR", "1500.50"})
	report(t, w, "hf-claim", "Organization/facility-1", "202608", cell{indicator.ClmSubCnt, "OPD F 00_05", "1"}, cell{indicator.ClmApprAmt, "OPD POOR", "0.25"})
	report(t, w, "hf-claim", facility, "2026Q3", cell{indicator.ClmSubCnt, "OPD F 00_05", "5"})
	report(t, w, "hf-enrol", ward, "202608", cell{indicator.EnrPersonsActive, "F 00_05 POOR", "12"})
}

func TestTheFrontAnswersAsADHIS2(t *testing.T) {
	connecttest.Each(t, quiet(), func(t *testing.T, w *connecttest.World) {
		numbers(t, w)
		claims := indicator.UID(indicator.ObjectDataSet, "HF_CLAIM")
		unit := indicator.UID(indicator.ObjectOrgUnit, facility)
		for _, c := range []struct {
			name, query string
			want        string // values by element, period and organisation unit
		}{
			{"a month of a facility", "dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01", "1500.50 2 6"},
			{"by UIDs", "dataSet=" + claims + "&period=202608&orgUnit=" + unit, "1500.50 2 6"},
			{"another data set of it", "dataSet=HF_ENROL&period=202608&orgUnit=SGR-C01", ""},
			{"two months", "dataSet=HF_CLAIM&period=202607&period=202608&orgUnit=SGR-C01", "1500.50 2 3 31 4 6"},
			{"days hold months, and no quarter", "dataSet=HF_CLAIM&startDate=2026-07-01&endDate=2026-09-30&orgUnit=SGR-C01", "1500.50 2 3 31 4 6"},
			{"days that hold one month", "dataSet=HF_CLAIM&startDate=2026-07-02&endDate=2026-09-30&orgUnit=SGR-C01", "1500.50 2 6"},
			{"a quarter by its name", "dataSet=HF_CLAIM&period=2026Q3&orgUnit=SGR-C01", "5"},
			{"all below a district", "dataSet=HF_CLAIM&period=202608&orgUnit=district-sagara&children=true", "0.25 1 1500.50 2 6"},
			{"a district without what is below", "dataSet=HF_CLAIM&period=202608&orgUnit=district-sagara", ""},
			{"one data element", "dataElement=HF_CLM_SUB_CNT&period=202608&orgUnit=SGR-C01&orgUnit=SGR-D01", "1 2"},
			{"two data sets", "dataSet=HF_CLAIM,HF_ENROL&period=202608&orgUnit=district-sagara&children=true", "0.25 1 12 1500.50 2 6"},
			{"a group of data elements", "dataElementGroup=HF_CLAIM_ELEMENTS&period=202608&orgUnit=SGR-C01", "1500.50 2 6"},
			{"a group of facilities", "dataSet=HF_CLAIM&period=202608&orgUnitGroup=HF_OU_LEVEL_C", "1500.50 2 6"},
			{"two groups of facilities", "dataSet=HF_CLAIM&period=202608&orgUnitGroup=HF_OU_LEVEL_C&orgUnitGroup=HF_OU_CARE_O", "0.25 1 1500.50 2 6"},
			{"since a moment whose plus nobody escaped", "dataSet=HF_CLAIM&lastUpdated=2020-01-01T00:00:00.000+0000&period=202608&orgUnit=SGR-C01", "1500.50 2 6"},
			{"a week beside a month", "dataSet=HF_CLAIM&period=2026W31&period=202608&orgUnit=SGR-C01", "1500.50 2 6"},
			{"since long ago", "dataSet=HF_CLAIM&lastUpdated=2020-01-01&orgUnit=SGR-C01", "1500.50 2 3 31 4 6"},
			{"since a time to come", "dataSet=HF_CLAIM&lastUpdated=2099-01-01&orgUnit=SGR-C01", ""},
			{"of the last hour", "dataSet=HF_CLAIM&lastUpdatedDuration=1h&orgUnit=SGR-C01&period=202607", "3 31 4"},
			{"a month without numbers", "dataSet=HF_CLAIM&period=202501&orgUnit=SGR-C01", ""},
			{"the population, which the ministry has", "dataSet=HF_POPULATION&period=2026&orgUnit=ward-mjini", ""},
		} {
			got := slices.Sorted(maps.Values(shown(t, w, c.query)))
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: got %v, want %s", c.name, got, c.want)
			}
		}
		refusals(t, w)
		lists(t, w)
		analytics(t, w)
	})
}

// years and manyCells give many items of a dimension.
func years(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strconv.Itoa(1900 + i)
	}
	return strings.Join(all, ";")
}

func manyCells(t *testing.T) string {
	var all []string
	for _, e := range newPackage(t).Of("HF_CLAIM") {
		for c := range newPackage(t).Cells(e.Combo) {
			all = append(all, e.Code+"."+c.Code)
		}
	}
	return strings.Join(all[:min(len(all), 200)], ";")
}

// refusals asks wrongly.
func refusals(t *testing.T, w *connecttest.World) {
	for _, c := range []struct {
		path string
		http int
		code string
	}{
		{"dataValueSets?period=202608&orgUnit=SGR-C01", 409, "E2001"},
		{"dataValueSets?dataSet=NO&period=202608&orgUnit=SGR-C01", 409, "E2001"},
		{"dataValueSets?dataSet=HF_CLAIM&orgUnit=SGR-C01", 409, "E2002"},
		{"dataValueSets?dataSet=HF_CLAIM&period=August&orgUnit=SGR-C01", 409, "E2002"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&startDate=2026-08-01&endDate=2026-08-31&orgUnit=SGR-C01", 409, "E2003"},
		{"dataValueSets?dataSet=HF_CLAIM&startDate=2026-08-31&endDate=2026-08-01&orgUnit=SGR-C01", 409, "E2004"},
		{"dataValueSets?dataSet=HF_CLAIM&lastUpdatedDuration=soon&orgUnit=SGR-C01", 409, "E2005"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608", 409, "E2006"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnit=NO", 409, "E2006"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01&limit=-1", 409, "E2009"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01&idScheme=NAME", 409, "E1101"},
		{"dataValueSets?dataSet=HF_CLAIM&period=2026W31&orgUnit=SGR-C01", 409, "E2002"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnitGroup=HF_OU_LEVEL_C&orgUnit=SGR-C01&children=true", 409, "E2007"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&children=true", 409, "E2008"},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnitGroup=NO", 409, "E2006"},
		{"analytics/dataValueSet.json?dimension=pe:202608&dimension=ou:SGR-C01", 409, "E7117"},
		{"analytics/dataValueSet.json?dimension=dx:HF_CLM_SUB_CNT&dimension=ou:SGR-C01", 409, "E7118"},
		{"analytics/dataValueSet.json?dimension=dx:HF_CLM_SUB_CNT&dimension=pe:202608", 409, "E7119"},
		{"analytics/dataValueSet.json?dimension=dx:HF_CLM_SUB_CNT&dimension=ou:SGR-C01&filter=pe:202607;202608", 409, "E2034"},
		{"analytics/dataValueSet.json?dimension=dx:HF_CLM_SUB_CNT&dimension=ou:SGR-C01&filter=pe:LAST_12_MONTHS", 409, "E2034"},
		{"analytics/dataValueSet.json?dimension=dx:HF_CLM_SUB_CNT&dimension=pe:202608&filter=ou:LEVEL-4", 409, "E2034"},
		{"dataValueSets.pdf?dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01", 406, ""},
		{"analytics/dataValueSet.json?dimension=dx:NO&dimension=pe:202608&dimension=ou:SGR-C01", 409, "E7124"},
		{"analytics/dataValueSet.json?dimension=dx:HF_CLM_SUB_CNT&dimension=ou:SGR-C01&dimension=pe:" + years(1001), 409, "E2013"},
		{"analytics/dataValueSet.json?dimension=dx:" + manyCells(t) + "&dimension=ou:LEVEL-1&dimension=pe:" + years(1000), 409, "E2013"},
		{"dataValueSets?dataSet=HF_CLAIM&orgUnit=SGR-C01&period=" + strings.ReplaceAll(years(1001), ";", ","), 409, "E2013"},
		{"analytics/dataValueSet.adx+xml?dimension=dx:HF_CLM_SUB_CNT&dimension=pe:202608&dimension=ou:SGR-C01", 406, ""},
		{"trackedEntities", 404, "E1005"},
		{"dataElements/Hnothing000", 404, "E1005"},
		{"dataElements?filter=code:resembles:X", 400, ""},
		{"dataElements?fields=id[", 400, ""},
	} {
		a := w.Do(http.MethodGet, "/dhis2/api/"+c.path, nil, nil)
		n := w.Node(a)
		if a.Status != c.http || n.Get("errorCode").Text() != c.code || n.Get("status").Text() != "ERROR" {
			t.Errorf("%.200s: HTTP %d %.200s, want %d %s", c.path, a.Status, a.Body, c.http, c.code)
		}
	}
	if a := w.Do(http.MethodPost, "/dhis2/api/dataValueSets", nil, []byte(`{}`)); a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") == "" {
		t.Errorf("a write: HTTP %d", a.Status)
	}
}

// lists asks for metadata.
func lists(t *testing.T, w *connecttest.World) {
	region := indicator.UID(indicator.ObjectOrgUnit, "Location/region-tambarare")
	for path, want := range map[string]string{
		"dataSets?paging=false&fields=code&filter=code:eq:HF_CLAIM":                                                                                   `{"dataSets":[{"code":"HF_CLAIM"}]}`,
		"41/dataSets?paging=false&fields=code&filter=code:eq:HF_CLAIM":                                                                                `{"dataSets":[{"code":"HF_CLAIM"}]}`,
		"organisationUnits?paging=false&fields=code,level,parent[code]&filter=code:in:[SGR-C01,NO]":                                                   `{"organisationUnits":[{"code":"SGR-C01","level":5,"parent":{"code":"village-kilimani-juu"}}]}`,
		"organisationUnits?fields=code&filter=level:eq:1":                                                                                             `{"organisationUnits":[{"code":"region-tambarare"}],"pager":{"page":1,"pageCount":1,"pageSize":50,"total":1}}`,
		"categoryOptionCombos?paging=false&fields=code&filter=code:eq:default":                                                                        `{"categoryOptionCombos":[{"code":"default"}]}`,
		"categoryOptionCombos?paging=false&fields=code&filter=code:eq:HFC_SAP_F_00_05_POOR":                                                           `{"categoryOptionCombos":[{"code":"HFC_SAP_F_00_05_POOR"}]}`,
		"dataElements/" + indicator.UID(indicator.ObjectElement, "HF_CLM_TAT_DAYS") + "?fields=code":                                                  `{"code":"HF_CLM_TAT_DAYS"}`,
		"organisationUnitGroups?paging=false&fields=code,organisationUnits[code]&filter=code:eq:HF_OU_LEVEL_C":                                        `{"organisationUnitGroups":[{"code":"HF_OU_LEVEL_C","organisationUnits":[{"code":"SGR-C01"}]}]}`,
		"organisationUnitGroupSets?paging=false&fields=code,organisationUnitGroups[code]&filter=code:eq:HF_OU_CARE":                                   `{"organisationUnitGroupSets":[{"code":"HF_OU_CARE","organisationUnitGroups":[{"code":"HF_OU_CARE_O"},{"code":"HF_OU_CARE_I"},{"code":"HF_OU_CARE_B"}]}]}`,
		"dataElementGroups?skipPaging=true&fields=code,dataElements::size~rename(n)":                                                                  `{"dataElementGroups":[{"code":"HF_ENROL_ELEMENTS","n":8},{"code":"HF_FIN_ELEMENTS","n":3},{"code":"HF_CLAIM_ELEMENTS","n":17}]}`,
		"indicatorGroups?paging=false&fields=code,indicators[code]&filter=code:eq:HF_FIN_INDICATORS":                                                  `{"indicatorGroups":[{"code":"HF_FIN_INDICATORS","indicators":[{"code":"HF_IND_COLLECTION"}]}]}`,
		"categories?paging=false&fields=categoryOptions[:simple]~rename(options)&filter=code:eq:HF_AGE2":                                              `{"categories":[{"options":[{"code":"HF_AGE2_U5","id":"` + indicator.UID(indicator.ObjectOption, "HF_AGE2_U5") + `","name":"Age under 5: Under 5 years"},{"code":"HF_AGE2_5P","id":"` + indicator.UID(indicator.ObjectOption, "HF_AGE2_5P") + `","name":"Age under 5: 5 years and over"}]}]}`,
		"categoryCombos?paging=false&fields=categories[:owner,!id,!name,!shortName,!categoryOptions,!created,!lastUpdated]&filter=code:eq:HF_CC_CHAN": `{"categoryCombos":[{"categories":[{"code":"HF_CHAN","dataDimension":false,"dataDimensionType":"DISAGGREGATION"}]}]}`,
		"dataElements?paging=false&fields=code&filter=code:like:_tat_":                                                                                `{"dataElements":[]}`,
		"dataElements?paging=false&fields=code&filter=code:ilike:_tat_d":                                                                              `{"dataElements":[{"code":"HF_CLM_TAT_DAYS"}]}`,
		"dataElements?paging=false&fields=code&filter=name:token:days%20dec":                                                                          `{"dataElements":[{"code":"HF_CLM_TAT_DAYS"}]}`,
		"organisationUnits?paging=false&fields=code&filter=level:lt:10&filter=level:ge:4&filter=code:startsWith:sgr-c":                                `{"organisationUnits":[{"code":"SGR-C01"}]}`,
		"dataElements?paging=false&fields=code&filter=categoryCombo.code:eq:HF_CC_CHAN":                                                               `{"dataElements":[{"code":"HF_FIN_CONTRIB_CNT"}]}`,
		"dataElements?paging=false&fields=code&filter=categoryCombo.categories.code:in:[HF_CHAN,HF_SVC]&filter=valueType:eq:NUMBER":                   `{"dataElements":[{"code":"HF_CLM_LINE_ASK_AMT"},{"code":"HF_CLM_LINE_APPR_AMT"}]}`,
		"organisationUnits?paging=false&fields=code&userDataViewOnly=true":                                                                            `{"organisationUnits":[{"code":"region-tambarare"}]}`,
		"me?fields=organisationUnits[code,level]":                                                                                                     `{"organisationUnits":[{"code":"region-tambarare","level":1}]}`,
		"dataElements?paging=false&fields=code&filter=code:like:_TAT_&order=code:desc":                                                                `{"dataElements":[{"code":"HF_CLM_TAT_DAYS"},{"code":"HF_CLM_TAT_CNT"}]}`,
		"indicators?paging=false&fields=code&filter=code:$like:HF_IND_CO&filter=code:!like:COST":                                                      `{"indicators":[{"code":"HF_IND_COVERAGE"},{"code":"HF_IND_COLLECTION"}]}`,
		"dataElements?paging=false&fields=code&filter=dataSetElements.dataSet.code:eq:HF_FIN":                                                         `{"dataElements":[{"code":"HF_FIN_CONTRIB_AMT"},{"code":"HF_FIN_CONTRIB_CNT"},{"code":"HF_FIN_CONTRIB_DUE_AMT"}]}`,
		"dataElements?paging=false&fields=dataSetElements[dataSet[code]]&filter=dataElementGroups.code:eq:HF_FIN_ELEMENTS":                            `{"dataElements":[{"dataSetElements":[{"dataSet":{"code":"HF_FIN"}}]},{"dataSetElements":[{"dataSet":{"code":"HF_FIN"}}]},{"dataSetElements":[{"dataSet":{"code":"HF_FIN"}}]}]}`,
		"categoryCombos?paging=false&fields=categoryOptionCombos::size&filter=code:eq:HF_CC_CHAN":                                                     `{"categoryCombos":[{"categoryOptionCombos":5}]}`,
		"organisationUnits?paging=false&fields=children[code]&filter=code:eq:region-tambarare":                                                        `{"organisationUnits":[{"children":[{"code":"district-sagara"}]}]}`,
		"organisationUnits?paging=false&fields=code&filter=organisationUnitGroups.code:eq:HF_OU_LEVEL_C&filter=dataSets.code:eq:HF_CLAIM":             `{"organisationUnits":[{"code":"SGR-C01"}]}`,
		"dataElements?paging=false&fields=code&filter=code:eq:HF_CLM_TAT_DAYS&filter=lastUpdated:gt:2020-01-01":                                       `{"dataElements":[{"code":"HF_CLM_TAT_DAYS"}]}`,
		"organisationUnits?paging=false&fields=code&filter=lastUpdated:gt:2999-01-01":                                                                 `{"organisationUnits":[]}`,
		"organisationUnitLevels?paging=false&fields=name,level&filter=level:lt:3":                                                                     `{"organisationUnitLevels":[{"level":1,"name":"Level 1"},{"level":2,"name":"Level 2"}]}`,
		"organisationUnits?paging=false&fields=code&level=1":                                                                                          `{"organisationUnits":[{"code":"region-tambarare"}]}`,
		"organisationUnits?paging=false&fields=code&maxLevel=2":                                                                                       `{"organisationUnits":[{"code":"region-tambarare"},{"code":"district-sagara"}]}`,
		"organisationUnits/" + region + "?fields=code&level=1":                                                                                        `{"organisationUnits":[{"code":"district-sagara"}]}`,
		"organisationUnits/" + region + "?fields=code&level=9":                                                                                        `{"organisationUnits":[]}`,
		"organisationUnits/" + region + "?fields=code&includeChildren=true":                                                                           `{"organisationUnits":[{"code":"region-tambarare"},{"code":"district-sagara"}]}`,
		"organisationUnits/" + region + "?fields=code&includeAncestors=true&includeDescendants=false":                                                 `{"organisationUnits":[{"code":"region-tambarare"}]}`,
		"periodTypes?fields=name,isoFormat":                                                                                                           `{"periodTypes":[{"isoFormat":"yyyyMM","name":"Monthly"},{"isoFormat":"yyyyQn","name":"Quarterly"},{"isoFormat":"yyyy","name":"Yearly"}]}`,
		"me/authorization":                                                                                                                            `[]`, "me/authorization/ALL": `false`, "me?fields=surname,username": `{"surname":"developer","username":"developer"}`,
		"dataElements.json?paging=false&fields=displayName&filter=code:eq:HF_CLM_TAT_DAYS&prefix=":      `{"dataElements":[{"displayName":"HF Days to decide"}]}`,
		"categories?paging=false&prefix=NHIF_&fields=code,categoryOptions[code]&filter=code:eq:NHIF_HF": `{"categories":[]}`,
	} {
		if a := w.Do(http.MethodGet, "/dhis2/api/"+path, nil, nil); a.Status != http.StatusOK || string(a.Body) != want {
			t.Errorf("%s: HTTP %d\ngot  %s\nwant %s", path, a.Status, a.Body, want)
		}
	}
	round := strings.Repeat("categoryOptionCombos.categoryCombo.", 3) + "categoryOptionCombos.id"
	if a := w.Do(http.MethodGet, "/dhis2/api/categoryCombos?filter="+round+":eq:x", nil, nil); a.Status != http.StatusBadRequest {
		t.Errorf("a filter that goes round and round: HTTP %d %.200s", a.Status, a.Body)
	}
	n := w.Node(w.Do(http.MethodGet, "/dhis2/api/categoryOptionCombos?pageSize=7&page=2", nil, nil))
	if n.At("pager", "page").Text() != "2" || n.Get("categoryOptionCombos").Len() != 7 || !n.At("pager", "nextPage").Exists() || !n.At("pager", "prevPage").Exists() {
		t.Errorf("the second page: %.300s", n.Raw())
	}
	if n := w.Node(w.Do(http.MethodGet, "/dhis2/api/system/info", nil, nil)); n.Get("version").Text() == "" {
		t.Error("system/info names no version")
	}
	if n := w.Node(w.Do(http.MethodGet, "/dhis2/api/me.json", nil, nil)); n.Get("organisationUnits").Len() != 1 {
		t.Errorf("me: %.300s", n.Raw())
	}
}

// analytics asks for sums.
func analytics(t *testing.T, w *connecttest.World) {
	for _, c := range []struct{ name, query, want string }{
		{"what happens is added over places", "dimension=dx:HF_CLM_SUB_CNT&dimension=pe:202608&dimension=ou:district-sagara", "HF_CLM_SUB_CNT 202608 district-sagara = 3"},
		{"… and over months", "dimension=dx:HF_CLM_SUB_CNT&dimension=pe:2026Q3&dimension=ou:district-sagara", "HF_CLM_SUB_CNT 2026Q3 district-sagara = 6"},
		{"what is there on a last day is that of the last month", "dimension=dx:HF_CLM_OPEN_CNT&dimension=pe:2026&dimension=ou:SGR-C01", "HF_CLM_OPEN_CNT 2026 SGR-C01 = 6"},
		{"amounts exactly", "dimension=dx:HF_CLM_APPR_AMT&dimension=pe:202608&dimension=ou:LEVEL-1", "HF_CLM_APPR_AMT 202608 region-tambarare = 1500.75"},
		{"one cell", "dimension=dx:HF_CLM_SUB_CNT.HFC_CSA_OPD_F_00_05&dimension=pe:202608&dimension=ou:SGR-C01", "HF_CLM_SUB_CNT 202608 SGR-C01 HFC_CSA_OPD_F_00_05 = 2"},
		{"each cell", "dimension=dx:HF_CLM_SUB_CNT&dimension=co&dimension=pe:202608&dimension=ou:USER_ORGUNIT", "HF_CLM_SUB_CNT 202608 region-tambarare HFC_CSA_OPD_F_00_05 = 3"},
		{"two of each", "dimension=dx:HF_CLM_SUB_CNT;HF_CLM_TAT_DAYS;HF_CLM_SUB_CNT&dimension=pe:202607;202608&dimension=ou:SGR-C01;SGR-D01", "HF_CLM_SUB_CNT 202607 SGR-C01 = 3; HF_CLM_SUB_CNT 202608 SGR-C01 = 2; HF_CLM_SUB_CNT 202608 SGR-D01 = 1; HF_CLM_TAT_DAYS 202607 SGR-C01 = 31"},
		{"a group of data elements, and of facilities", "dimension=dx:DE_GROUP-HF_CLAIM_ELEMENTS&dimension=pe:202607&dimension=ou:OU_GROUP-HF_OU_LEVEL_C", "HF_CLM_SUB_CNT 202607 SGR-C01 = 3; HF_CLM_OPEN_CNT 202607 SGR-C01 = 4; HF_CLM_TAT_DAYS 202607 SGR-C01 = 31"},
		{"what is below the user's", "dimension=dx:HF_CLM_SUB_CNT&filter=pe:202608&dimension=ou:USER_ORGUNIT_CHILDREN", "HF_CLM_SUB_CNT 202608 district-sagara = 3"},
		{"what has several names once", "dimension=dx:HF_CLM_SUB_CNT;" + indicator.UID(indicator.ObjectElement, "HF_CLM_SUB_CNT") + "&dimension=pe:202608&dimension=ou:SGR-C01;OU_GROUP-HF_OU_LEVEL_C", "HF_CLM_SUB_CNT 202608 SGR-C01 = 2"},
		{"nothing", "dimension=dx:HF_CLM_SUB_CNT&dimension=pe:202501&dimension=ou:SGR-C01", ""},
	} {
		n := w.Node(w.Do(http.MethodGet, "/dhis2/api/analytics/dataValueSet.json?outputIdScheme=CODE&"+c.query, nil, nil))
		var got []string
		for v := range n.Get("dataValues").Each() {
			line := v.Get("dataElement").Text() + " " + v.Get("period").Text() + " " + v.Get("orgUnit").Text()
			if combo := v.Get("categoryOptionCombo").Text(); combo != "" {
				line += " " + combo
			}
			got = append(got, line+" = "+v.Get("value").Text())
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Numbers are for who has an account, of the places and facilities that are his to look
// at; what they mean is for everybody, and names nobody.
func TestWhoMayAsk(t *testing.T) {
	account := func(name string, role fhir.Role, entity string) connecttest.Account {
		return connecttest.Account{Name: name, Password: "correct horse", Roles: []fhir.Role{role}, Entity: entity}
	}
	o := quiet()
	o.Accounts = []connecttest.Account{
		account("root", fhir.RoleAdministrator, ""), account("clinic", fhir.RoleFacility, "Organization/facility-2"), account("officer", fhir.RoleEnrolmentOfficer, "PractitionerRole/officer-1"),
		account("person", fhir.RoleEnrolmentOfficer, "Practitioner/officer-1"), account("audit", fhir.RoleAuditor, ""), account("books", fhir.RoleAccountant, ""),
		account("hmis", fhir.RoleIntegration, "Organization/facility-2"), account("nobody", fhir.RoleEnrolmentOfficer, ""),
		account("judge", fhir.RoleReviewer, "Organization/facility-2"), // whose claims he does not see, and their sums he does
	}
	connecttest.Each(t, o, func(t *testing.T, w *connecttest.World) {
		doors(t, w)
		numbers(t, w)
		for _, c := range []struct{ path, want string }{
			{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01", "root audit books hmis judge clinic: 1500.50 2 6; officer person nobody: E2012"},
			{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnit=SGR-D01", "root audit books hmis judge: 0.25 1; clinic officer person nobody: E2012"},
			{"dataValueSets?dataSet=HF_CLAIM,HF_ENROL&period=202608&orgUnit=district-sagara&children=true", "root audit books hmis judge: 0.25 1 12 1500.50 2 6; clinic officer person nobody: E2012"},
			{"dataValueSets?dataSet=HF_CLAIM,HF_ENROL&period=202608&orgUnit=ward-mjini&orgUnit=ward-kilimani&children=true", "officer person: 12; root audit books hmis judge: 12 1500.50 2 6; clinic nobody: E2012"},
			{"dataValueSets?dataSet=HF_ENROL&period=202608&orgUnit=ward-mjini", "root audit books hmis judge officer person: 12; clinic nobody: E2012"},
			{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnitGroup=HF_OU_LEVEL_C,HF_OU_LEVEL_D", "root audit books hmis judge: 0.25 1 1500.50 2 6; clinic: 1500.50 2 6; officer person nobody: E2006"},
			{"analytics/dataValueSet?dimension=dx:HF_CLM_SUB_CNT;HF_ENR_PERSONS_ACTIVE&dimension=pe:202608&dimension=ou:USER_ORGUNIT", "root audit books hmis judge: 12 3; clinic: 2; officer person: 12; nobody: E7124"},
			{"analytics/dataValueSet?dimension=dx:HF_CLM_SUB_CNT&dimension=pe:202608&dimension=ou:LEVEL-5", "root audit books hmis judge: 1 2; clinic: 2; officer person nobody: E7124"},
			{"analytics/dataValueSet?dimension=dx:HF_CLM_SUB_CNT&dimension=pe:202608&dimension=ou:region-tambarare", "root audit books hmis judge: 3; clinic officer person nobody: E7120"},
			{"me?fields=organisationUnits[code]", "root audit books hmis judge: region-tambarare; clinic: SGR-C01; officer person: ward-kilimani ward-mjini; nobody: "},
		} {
			for part := range strings.SplitSeq(c.want, "; ") {
				names, want, _ := strings.Cut(part, ": ")
				for name := range strings.FieldsSeq(names) {
					n := w.Node(askAs(w, c.path, "ApiToken "+name+":correct horse"))
					got := []string{n.Get("errorCode").Text()}
					for v := range n.Get("dataValues").Each() {
						got = append(got, v.Get("value").Text())
					}
					for u := range n.Get("organisationUnits").Each() {
						got = append(got, u.Get("code").Text())
					}
					slices.Sort(got)
					if strings.TrimSpace(strings.Join(got, " ")) != want {
						t.Errorf("%s as %s: got %v, want %s: %.300s", c.path, name, got, want, n.Raw())
					}
				}
			}
		}
		endpoints(t, w)
	})
}

// askAs asks the façade with credentials.
func askAs(w *connecttest.World, path, authorization string) *connecttest.Answer {
	return w.Do(http.MethodGet, "/dhis2/api/"+path, http.Header{"Authorization": {authorization}}, nil)
}

// doors asks who is let in, and what is public.
func doors(t *testing.T, w *connecttest.World) {
	t.Helper()
	for _, c := range []struct {
		path, authorization string
		want                int
	}{
		{"me", "", 401},
		{"dataSets", "", 401},
		{"dataValueSets?dataSet=HF_CLAIM&period=202608&orgUnit=SGR-C01", "", 401},
		{"me", "ApiToken root:wrong", 401},
		{"me", "ApiToken nonsense", 401},
		{"me", "ApiToken root:correct horse", 200},
		{"me", "Basic cm9vdDpjb3JyZWN0IGhvcnNl", 200},
		{"metadata.json", "", 200},
		{"metadata", "", 200},
		{"38/metadata.json", "", 200},
	} {
		if a := askAs(w, c.path, c.authorization); a.Status != c.want || c.want == 401 && a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s as %q: HTTP %d, want %d: %.200s", c.path, c.authorization, a.Status, c.want, a.Body)
		}
	}
	script := http.Header{"Authorization": {"ApiToken root:wrong"}, "X-Requested-With": {"XMLHttpRequest"}}
	if a := w.Do(http.MethodGet, "/dhis2/api/me", script, nil); a.Status != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("a script in a page: HTTP %d, %q", a.Status, a.Header.Get("WWW-Authenticate"))
	}
	text := string(askAs(w, "metadata.json", "").Body)
	for _, name := range []string{"Patient", "Asha", "Practitioner", "phone", "national-id"} {
		if strings.Contains(text, name) {
			t.Errorf("the public package has %q in it", name)
		}
	}
	for _, name := range []string{"Kilimani Health Centre", "Sokoni", "HFC_SAP_F_00_05_POOR"} {
		if !strings.Contains(text, name) {
			t.Errorf("the public package lacks %q", name)
		}
	}
}

// endpoints asks who may say where others are told: an integration and an
// administrator.
func endpoints(t *testing.T, w *connecttest.World) {
	t.Helper()
	const body = `{"resourceType":"Endpoint","id":"e","status":"active","connectionType":{"code":"hl7-fhir-rest"},"payloadType":[{"text":"x"}],"address":"https://hmis.example.org"}`
	for name, want := range map[string]bool{"root": true, "hmis": true, "clinic": false, "officer": false, "audit": false, "books": false, "nobody": false, "judge": false} {
		as := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(name+":correct horse"))}}
		keep(t, w, "Endpoint/e", []byte(body))
		for _, c := range []struct{ method, path, body string }{
			{http.MethodPut, "Endpoint/e", strings.Replace(body, "hmis.example", name+".example", 1)},
			{http.MethodPost, "Endpoint", strings.Replace(body, `"id":"e",`, "", 1)},
			{http.MethodPatch, "Endpoint/e", `[{"op":"replace","path":"/status","value":"test"}]`},
			{http.MethodDelete, "Endpoint/e", ""},
			{http.MethodPut, "Subscription/" + name, `{"resourceType":"Subscription","id":"` + name + `","status":"off","reason":"x","criteria":"MeasureReport?","channel":{"type":"rest-hook","endpoint":"dhis2:Endpoint/e"}}`},
		} {
			h := as.Clone()
			if c.method == http.MethodPatch {
				h.Set("Content-Type", "application/json-patch+json")
			}
			a := w.Do(c.method, "/fhir/"+c.path, h, []byte(c.body))
			if (a.Status/100 == 2) != want || !want && a.Status != http.StatusForbidden {
				t.Errorf("%s %s as %s: HTTP %d: %.300s", c.method, c.path, name, a.Status, a.Body)
			}
		}
	}
}
