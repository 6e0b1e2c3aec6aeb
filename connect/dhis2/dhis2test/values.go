package dhis2test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"bima/connect/dhis2/object"
)

// A valueSet is the payload of dataValueSets.
type valueSet struct {
	DataSet              string          `json:"dataSet"`
	Period               string          `json:"period"`
	OrgUnit              string          `json:"orgUnit"`
	CompleteDate         string          `json:"completeDate"`
	AttributeOptionCombo string          `json:"attributeOptionCombo"`
	DataValues           []value         `json:"dataValues"`
	DryRun               bool            `json:"dryRun"`
	Strategy             string          `json:"importStrategy"`
	Deletion             json.RawMessage `json:"deletion"`

	IDScheme                     string `json:"idScheme"`
	DataSetIDScheme              string `json:"dataSetIdScheme"`
	DataElementIDScheme          string `json:"dataElementIdScheme"`
	OrgUnitIDScheme              string `json:"orgUnitIdScheme"`
	CategoryOptionComboIDScheme  string `json:"categoryOptionComboIdScheme"`
	AttributeOptionComboIDScheme string `json:"attributeOptionComboIdScheme"`
	CategoryIDScheme             string `json:"categoryIdScheme"`
	CategoryOptionIDScheme       string `json:"categoryOptionIdScheme"`
}

// A value is one of its values.
type value struct {
	DataElement          string  `json:"dataElement"`
	Period               string  `json:"period"`
	OrgUnit              string  `json:"orgUnit"`
	CategoryOptionCombo  string  `json:"categoryOptionCombo"`
	AttributeOptionCombo string  `json:"attributeOptionCombo"`
	Value                *string `json:"value"`
	Comment              string  `json:"comment"`
	Deleted              bool    `json:"deleted"`

	options map[string]string // of ADX: the options by their categories
}

// A settled value has its objects.
type settled struct {
	index                     int
	cell                      Cell
	element, cellOf, at, attr object.Object
	text                      string
	deleted                   bool
}

// An importing is one import under way.
type importing struct {
	*exchange
	set                                  *valueSet
	dataSet                              object.Object
	strategy                             string
	dryRun                               bool
	imported, updated, ignored, removed  int
	conflicts                            []any
	rejected                             []int
	completed                            bool
	schemeDE, schemeOU, schemeDS         string
	schemeCell, schemeAttribute          string
	schemeCategory, schemeOption         string
	strictDE, strictCells, strictOrgUnit bool
	strictPeriods                        bool
}

// postValues answers POST /api/dataValueSets.
func (x *exchange) postValues() {
	if !x.may("F_DATAVALUE_ADD") {
		x.fail(http.StatusForbidden, "Access is denied")
		return
	}
	set, err := x.readValues()
	switch {
	case err == errMedia:
		x.fail(http.StatusUnsupportedMediaType, "Content type is not supported")
		return
	case err != nil:
		x.fail(http.StatusBadRequest, err.Error())
		return
	}
	i := x.importing(set)
	if x.r.URL.Query().Get("async") == "true" {
		x.startJob(i)
		return
	}
	status, level, response := i.run()
	x.report(status, map[string]string{"SUCCESS": "OK"}[level]+map[string]string{"WARNING": "WARNING", "ERROR": "ERROR"}[level], messageOf(level), response)
}

func messageOf(level string) string {
	return map[string]string{"SUCCESS": "Import was successful.", "WARNING": "One more conflicts encountered, please check import summary.", "ERROR": "An error occurred, please check import summary."}[level]
}

// readJSON reads a payload of JSON. Values are strings, as DHIS2 documents them.
func readJSON(body []byte) (*valueSet, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	set := &valueSet{}
	if err := d.Decode(set); err != nil {
		return nil, fmt.Errorf("the body is no data value set: %w", err)
	}
	return set, nil
}

// importing settles how a payload is to be taken: what stands in it goes before the
// query.
func (x *exchange) importing(set *valueSet) *importing {
	q := x.r.URL.Query()
	base := first(set.IDScheme, q.Get("idScheme"))
	if base == "" && x.media() == mediaADX && x.mode == V242 {
		base = "CODE"
	}
	scheme := func(own, name string) string { return first(own, q.Get(name), base, "UID") }
	i := &importing{
		exchange: x, set: set, strategy: strings.ToUpper(first(set.Strategy, q.Get("importStrategy"), "CREATE_AND_UPDATE")),
		schemeDS:        scheme(set.DataSetIDScheme, "dataSetIdScheme"),
		schemeDE:        scheme(set.DataElementIDScheme, "dataElementIdScheme"),
		schemeOU:        scheme(set.OrgUnitIDScheme, "orgUnitIdScheme"),
		schemeCell:      scheme(set.CategoryOptionComboIDScheme, "categoryOptionComboIdScheme"),
		schemeAttribute: scheme(set.AttributeOptionComboIDScheme, "attributeOptionComboIdScheme"),
		schemeCategory:  scheme(set.CategoryIDScheme, "categoryIdScheme"),
		schemeOption:    scheme(set.CategoryOptionIDScheme, "categoryOptionIdScheme"),
	}
	on := func(name string) bool { v, _ := strconv.ParseBool(q.Get(name)); return v }
	i.dryRun = set.DryRun || on("dryRun")
	i.strictDE, i.strictCells, i.strictOrgUnit, i.strictPeriods = on("strictDataElements"), on("strictCategoryOptionCombos"), on("strictOrganisationUnits"), on("strictPeriods")
	return i
}

// first gives the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// run takes a payload and gives the status, the level and the summary.
func (i *importing) run() (int, string, object.Object) {
	level := ""
	if i.mode == V242 {
		level = i.run242()
	} else {
		level = i.run243()
	}
	status := http.StatusOK
	if level == "ERROR" || level == "WARNING" && i.mode == V242 {
		status = http.StatusConflict
	}
	return status, level, i.summary(level)
}

func (i *importing) summary(level string) object.Object {
	o := object.Object{
		"responseType": "ImportSummary", "status": level, "description": messageOf(level),
		"importOptions":   object.Object{"dryRun": i.dryRun, "importStrategy": i.strategy},
		"importCount":     object.Object{"imported": i.imported, "updated": i.updated, "ignored": i.ignored, "deleted": i.removed},
		"dataSetComplete": strconv.FormatBool(i.completed),
	}
	if i.completed && i.mode == V242 {
		o["dataSetComplete"] = i.set.CompleteDate
	}
	if len(i.conflicts) > 0 {
		o["conflicts"], o["rejectedIndexes"] = i.conflicts, i.rejected
	}
	return o
}

// refuse notes a conflict of a value; index -1 is that of no single one.
func (i *importing) refuse(index int, code, property, id, text string) {
	i.conflicts = append(i.conflicts, object.Object{
		"object": id, "objects": object.Object{property: id}, "value": text, "errorCode": code, "property": property, "indexes": []int{index},
	})
	if index >= 0 {
		i.rejected = append(i.rejected, index)
	}
}

// store keeps a value by the strategy.
func (i *importing) store(v settled) {
	old, known := i.values[v.cell]
	switch {
	case v.deleted || i.strategy == "DELETE":
		if !known {
			i.ignored++
			return
		}
		i.removed++
		if !i.dryRun {
			delete(i.values, v.cell)
		}
		return
	case known && i.strategy == "CREATE", !known && i.strategy == "UPDATE":
		i.ignored++
		return
	case i.mode == V243:
		i.updated++
	case !known:
		i.imported++
	case old == v.text:
		i.ignored++
	default:
		i.updated++
	}
	if !i.dryRun {
		i.values[v.cell] = v.text
	}
}
