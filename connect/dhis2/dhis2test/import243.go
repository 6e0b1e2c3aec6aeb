package dhis2test

import (
	"slices"

	"bima/connect/dhis2/object"
)

// run243 takes a payload as releases from 2.43 on: an id that is not known fails
// all of it, a value that does not belong fails its group, and only what is wrong
// with the text of a value is about that value alone.
func (i *importing) run243() string {
	var all []settled
	for n := range i.set.DataValues {
		v, ok := i.decode(n)
		if ok {
			all = append(all, v)
		}
	}
	if i.set.DataSet != "" && i.find("dataSets", i.set.DataSet, i.schemeDS) == nil {
		i.refuse(-1, "E8100", "dataSet", i.set.DataSet, "Data set does not exist: "+i.set.DataSet)
	}
	if len(i.conflicts) > 0 {
		return i.none()
	}
	if i.dataSet = i.find("dataSets", i.set.DataSet, i.schemeDS); i.dataSet == nil && !i.infer(all) {
		return i.none()
	}
	if i.set.CompleteDate != "" && (i.set.OrgUnit == "" || i.set.Period == "" || i.set.AttributeOptionCombo == "" || i.set.DataSet == "") {
		i.refuse(-1, "E8009", "completeDate", i.set.CompleteDate, "A completion needs data set, organisation unit, period and attribute option combo")
		return i.none()
	}
	fit := i.grouped(all)
	if i.r.URL.Query().Get("atomic") == "true" && len(i.conflicts) > 0 {
		return i.none()
	}
	for _, v := range fit {
		i.store(v)
	}
	done := i.updated + i.removed
	switch {
	case len(i.conflicts) > 0 && done == 0:
		return "ERROR"
	case len(i.conflicts) > 0:
		return "WARNING"
	}
	if i.ignored == 0 {
		i.finish()
	}
	return "SUCCESS"
}

// none says that nothing was taken.
func (i *importing) none() string {
	i.imported, i.updated, i.removed, i.ignored = 0, 0, 0, len(i.set.DataValues)
	return "ERROR"
}

// decode finds what a value names. What is not known is a conflict of the whole.
func (i *importing) decode(n int) (v settled, ok bool) {
	one := i.set.DataValues[n]
	period, at := first(one.Period, i.set.Period), first(one.OrgUnit, i.set.OrgUnit)
	attribute := first(one.AttributeOptionCombo, i.set.AttributeOptionCombo)
	v.index, v.deleted = n, one.Deleted
	if one.Value != nil {
		v.text = *one.Value
	}
	unknown := func(code, property, id string) (settled, bool) {
		i.refuse(-1, code, property, id, property+" does not exist: "+id)
		return v, false
	}
	if v.element = i.find("dataElements", one.DataElement, i.schemeDE); v.element == nil {
		return unknown("E8101", "dataElement", one.DataElement)
	}
	if v.at = i.find("organisationUnits", at, i.schemeOU); v.at == nil {
		return unknown("E8102", "orgUnit", at)
	}
	var bad string
	if v.cellOf, bad = i.cellOf(one, v.element); v.cellOf == nil {
		return unknown("E8103", "categoryOptionCombo", bad)
	}
	if v.attr = i.attribute(attribute); v.attr == nil {
		return unknown("E8104", "attributeOptionCombo", attribute)
	}
	if periodType(period) == "" {
		return unknown("E8005", "period", period)
	}
	v.cell = cellAt(v, period)
	return v, true
}

// infer finds the data set of a payload that names none.
func (i *importing) infer(all []settled) bool {
	for _, v := range all {
		var in []object.Object
		for _, d := range i.objects["dataSets"] {
			if i.hasElement(d, v.element) {
				in = append(in, d)
			}
		}
		code := map[bool]string{true: "E8003", false: "E8002"}[len(in) == 0]
		if len(in) != 1 || i.dataSet != nil && object.Text(i.dataSet, "id") != object.Text(in[0], "id") {
			i.refuse(-1, code, "dataElement", object.Text(v.element, "code"), "The data set can't be told from the data element")
			return false
		}
		i.dataSet = in[0]
	}
	return i.dataSet != nil
}

// grouped gives the values that fit, of the groups in which all belong.
func (i *importing) grouped(all []settled) []settled {
	type key struct{ at, period, attribute string }
	groups := map[key][]settled{}
	var order []key
	for _, v := range all {
		k := key{v.cell.OrgUnit, v.cell.Period, v.cell.Attribute}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], v)
	}
	var fit []settled
	seen := map[Cell]bool{}
	for _, k := range order {
		if i.foreign(groups[k]) {
			i.ignored += len(groups[k])
			continue
		}
		for _, v := range groups[k] {
			if i.wrong(v, seen) {
				i.ignored++
				continue
			}
			fit = append(fit, v)
		}
	}
	return fit
}

// foreign reports whether a group holds what does not belong to its data set.
func (i *importing) foreign(group []settled) bool {
	before := len(i.conflicts)
	g := group[0]
	if object.Text(i.dataSet, "periodType") != periodType(g.cell.Period) {
		i.refuse(-1, "E8021", "period", g.cell.Period, "The period is of another type than the data set's")
	}
	if !slices.Contains(object.Refs(i.dataSet, "organisationUnits"), g.cell.OrgUnit) {
		i.refuse(-1, "E8022", "orgUnit", object.Text(g.at, "code"), "The organisation unit does not report the data set")
	}
	if object.Ref(g.attr, "categoryCombo") != first(object.Ref(i.dataSet, "categoryCombo"), DefaultCombo) {
		i.refuse(-1, "E8023", "attributeOptionCombo", object.Text(g.attr, "code"), "The attribute option combo is none of the data set's")
	}
	if i.future(g.cell.Period, g.element) {
		i.refuse(-1, "E8030", "period", g.cell.Period, "The period is not open")
	}
	for _, v := range group {
		if !i.hasElement(i.dataSet, v.element) {
			i.refuse(-1, "E8020", "dataElement", object.Text(v.element, "code"), "The data element is not in the data set")
		} else if !i.ofElement(v.cellOf, v.element) {
			i.refuse(-1, "E8024", "categoryOptionCombo", object.Text(v.cellOf, "code"), "The category option combo is none of the data element's")
		}
	}
	return len(i.conflicts) > before
}

// wrong reports whether a value itself can't be taken.
func (i *importing) wrong(v settled, seen map[Cell]bool) bool {
	if seen[v.cell] {
		i.refuse(v.index, "E8128", "dataElement", object.Text(v.element, "code"), "The value is there twice")
		return true
	}
	seen[v.cell] = true
	switch {
	case v.deleted:
		return false
	case v.text == "":
		i.refuse(v.index, "E8120", "value", v.text, "The value is empty")
	case !validFor(object.Text(v.element, "valueType"), v.text):
		i.refuse(v.index, "E8121", "value", v.text, "The value is not of the data element's type")
	default:
		return false
	}
	return true
}
