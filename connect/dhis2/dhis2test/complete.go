package dhis2test

import (
	"encoding/json"
	"net/http"

	"bima/connect/dhis2/object"
)

// A registration says that a data set is complete for an organisation unit and a
// period, or is not.
type registration struct {
	DataSet              string `json:"dataSet"`
	Period               string `json:"period"`
	OrganisationUnit     string `json:"organisationUnit"`
	AttributeOptionCombo string `json:"attributeOptionCombo"`
	Date                 string `json:"date"`
	Completed            *bool  `json:"completed"` // absent is true
}

// postRegistrations answers POST /api/completeDataSetRegistrations. What is not known
// is a conflict of its own; where nothing was taken, all is an error.
func (x *exchange) postRegistrations() {
	if !x.may("F_DATAVALUE_ADD") {
		x.fail(http.StatusForbidden, "Access is denied")
		return
	}
	var all struct {
		Registrations []registration `json:"completeDataSetRegistrations"`
	}
	if err := json.Unmarshal(x.body, &all); err != nil {
		x.fail(http.StatusBadRequest, err.Error())
		return
	}
	i := x.importing(&valueSet{})
	updated, ignored := 0, 0
	for _, r := range all.Registrations {
		dataSet, at := i.find("dataSets", r.DataSet, i.schemeDS), i.find("organisationUnits", r.OrganisationUnit, i.schemeOU)
		if dataSet == nil || at == nil || periodType(r.Period) == "" || i.attribute(r.AttributeOptionCombo) == nil {
			i.conflicts = append(i.conflicts, object.Object{"object": r.DataSet + " " + r.OrganisationUnit, "value": "Illegal reference"})
			ignored++
			continue
		}
		updated++
		if i.dryRun {
			continue
		}
		k := [3]string{object.Text(dataSet, "id"), r.Period, object.Text(at, "id")}
		if delete(x.complete, k); r.Completed == nil || *r.Completed {
			x.complete[k] = r.Date
		}
	}
	level, status := "SUCCESS", http.StatusOK
	if updated == 0 {
		level, status = "ERROR", http.StatusConflict
	}
	i.updated, i.ignored = updated, ignored
	x.report(status, map[bool]string{true: "OK", false: "ERROR"}[updated > 0], messageOf(level), i.summary(level))
}
