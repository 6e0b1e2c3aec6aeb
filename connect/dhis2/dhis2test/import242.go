package dhis2test

import (
	"slices"
	"time"

	"bima/connect/dhis2/object"
)

// run242 takes a payload as releases up to 2.42: each value by itself, and what is
// wrong about one does not keep the others from being committed.
func (i *importing) run242() string {
	if i.set.DataSet != "" {
		if i.dataSet = i.find("dataSets", i.set.DataSet, i.schemeDS); i.dataSet == nil {
			i.refuse(-1, "E7600", "dataSet", i.set.DataSet, "Data set not found or not accessible: "+i.set.DataSet)
			i.ignored = len(i.set.DataValues)
			return "ERROR"
		}
	}
	i.finish() // before the values, and whatever becomes of them
	for n := range i.set.DataValues {
		v, code, property, id := i.settle242(n)
		if code != "" {
			i.refuse(n, code, property, id, property+" "+id+" is not found, not accessible or not allowed")
			i.ignored++
			continue
		}
		i.store(v)
	}
	if len(i.conflicts) > 0 {
		return "WARNING"
	}
	return "SUCCESS"
}

// settle242 finds what a value names, or the code of what is wrong with it.
func (i *importing) settle242(n int) (v settled, code, property, id string) {
	one := i.set.DataValues[n]
	period, at := first(one.Period, i.set.Period), first(one.OrgUnit, i.set.OrgUnit)
	v.index = n
	if v.element = i.find("dataElements", one.DataElement, i.schemeDE); v.element == nil {
		return v, "E7610", "dataElement", one.DataElement
	}
	kind := periodType(period)
	if kind == "" {
		return v, "E7611", "period", period
	}
	if v.at = i.find("organisationUnits", at, i.schemeOU); v.at == nil {
		return v, "E7612", "orgUnit", at
	}
	var bad string
	if v.cellOf, bad = i.cellOf(one, v.element); v.cellOf == nil {
		return v, "E7613", "categoryOptionCombo", bad
	}
	attribute := first(one.AttributeOptionCombo, i.set.AttributeOptionCombo)
	if v.attr = i.attribute(attribute); v.attr == nil {
		return v, "E7614", "attributeOptionCombo", attribute
	}
	if one.Value == nil && !one.Deleted && one.Comment == "" {
		return v, "E7618", "value", ""
	}
	v.deleted = one.Deleted
	if one.Value != nil {
		if v.text = *one.Value; !v.deleted && !validFor(object.Text(v.element, "valueType"), v.text) {
			return v, "E7619", "value", v.text
		}
	}
	if code, property, id := i.strict(v, kind, period); code != "" {
		return v, code, property, id
	}
	if i.future(period, v.element) {
		return v, "E7641", "period", period
	}
	v.cell = cellAt(v, period)
	return v, "", "", ""
}

// strict asks what 2.42 asks with flags only.
func (i *importing) strict(v settled, kind, period string) (code, property, id string) {
	switch {
	case i.dataSet == nil:
		return "", "", ""
	case i.strictPeriods && object.Text(i.dataSet, "periodType") != kind:
		return "E7632", "period", period
	case i.strictDE && !i.hasElement(i.dataSet, v.element):
		return "E7633", "dataElement", object.Text(v.element, "code")
	case i.strictCells && !i.ofElement(v.cellOf, v.element):
		return "E7634", "categoryOptionCombo", object.Text(v.cellOf, "code")
	case i.strictOrgUnit && !slices.Contains(object.Refs(i.dataSet, "organisationUnits"), object.Text(v.at, "id")):
		return "E7636", "orgUnit", object.Text(v.at, "code")
	}
	return "", "", ""
}

// finish completes the data set where the payload asks for it.
func (i *importing) finish() {
	if i.set.CompleteDate == "" || i.dataSet == nil || i.dryRun {
		return
	}
	at := i.find("organisationUnits", i.set.OrgUnit, i.schemeOU)
	if at == nil {
		return
	}
	i.completed = true
	i.complete[[3]string{object.Text(i.dataSet, "id"), i.set.Period, object.Text(at, "id")}] = i.set.CompleteDate
}

func cellAt(v settled, period string) Cell {
	id := func(o object.Object) string { return object.Text(o, "id") }
	return Cell{id(v.element), period, id(v.at), id(v.cellOf), id(v.attr)}
}

// cellOf finds the category option combo of a value; without one it is the default.
// ADX names the options instead.
func (i *importing) cellOf(v value, element object.Object) (o object.Object, bad string) {
	switch {
	case len(v.options) > 0:
		return i.byOptions(v.options, element)
	case v.CategoryOptionCombo == "":
		return i.objects["categoryOptionCombos"][DefaultCell], ""
	}
	return i.find("categoryOptionCombos", v.CategoryOptionCombo, i.schemeCell), v.CategoryOptionCombo
}

func (i *importing) attribute(id string) object.Object {
	if id == "" {
		return i.objects["categoryOptionCombos"][DefaultCell]
	}
	return i.find("categoryOptionCombos", id, i.schemeAttribute)
}

// hasElement reports whether a data set holds a data element.
func (i *importing) hasElement(dataSet, element object.Object) bool {
	list, _ := dataSet["dataSetElements"].([]any)
	return slices.ContainsFunc(list, func(e any) bool {
		o, _ := e.(object.Object)
		return object.Ref(o, "dataElement") == object.Text(element, "id")
	})
}

// ofElement reports whether a category option combo is one of a data element's.
func (i *importing) ofElement(cell, element object.Object) bool {
	return object.Ref(cell, "categoryCombo") == first(object.Ref(element, "categoryCombo"), DefaultCombo)
}

// future reports whether a period is not open yet. That of today is open only where a
// data set of the element has one open future period.
func (i *importing) future(period string, element object.Object) bool {
	if i.Now == nil {
		return false
	}
	open := 0
	for _, d := range i.objects["dataSets"] {
		if n, ok := d["openFuturePeriods"].(float64); ok && i.hasElement(d, element) {
			open = max(open, int(n))
		}
	}
	now := i.Now()
	return !periodStart(period).Before(time.Date(now.Year(), now.Month()+time.Month(open), 1, 0, 0, 0, 0, time.UTC))
}
