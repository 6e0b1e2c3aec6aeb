package dhis2

import (
	"slices"

	"bima/connect/dhis2/object"
	"bima/profiles/indicator"
)

// The UID that the default category option combo has in every DHIS2 that was not
// moved from one of before 2013.
const defaultCell = "HllvX50cXC0"

// Population is the data element that indicators divide by and that we don't know:
// the ministry fills it, or puts one of its own in its place.
const Population = "HF_POPULATION"

// plurals are the kinds of objects of the package, in the order of the file.
var plurals = []string{
	"organisationUnits", "organisationUnitGroups", "organisationUnitGroupSets",
	"categoryOptions", "categories", "categoryCombos", "categoryOptionCombos",
	"dataElements", "dataElementGroups", "dataSets", "indicatorTypes", "indicators", "indicatorGroups",
}

// unitLevels are shown, and are not of the package.
const unitLevels = "organisationUnitLevels"

// singular are their kinds.
var singular = map[string]indicator.Object{
	"organisationUnits": indicator.ObjectOrgUnit, "categoryOptions": indicator.ObjectOption, "categories": indicator.ObjectCategory,
	"categoryCombos": indicator.ObjectCombo, "categoryOptionCombos": indicator.ObjectCell, "dataElements": indicator.ObjectElement,
	"dataSets": indicator.ObjectDataSet, "indicatorTypes": indicator.ObjectOther, "indicators": indicator.ObjectOther,
	"organisationUnitGroups": indicator.ObjectOther, "organisationUnitGroupSets": indicator.ObjectOther,
	"dataElementGroups": indicator.ObjectOther, "indicatorGroups": indicator.ObjectOther,
}

// write fills the lists of the objects, but for that of the places.
func (c *catalogue) write() {
	c.writeCategories()
	c.writeCombos()
	c.writeElements()
	c.writeDataSets()
	c.writeIndicators()
	c.writeGroups()
	c.show()
	for _, plural := range plurals {
		if singular[plural] == indicator.ObjectOrgUnit {
			continue
		}
		c.find[plural] = map[string]thing{}
		for _, o := range c.lists[plural] {
			code := object.Text(o, "code")
			t := thing{object.Text(o, "id"), code, code[len(c.prefix):]}
			c.find[plural][t.uid], c.find[plural][t.code] = t, t
		}
	}
	standard := thing{defaultCell, indicator.DefaultCombo, indicator.DefaultCombo}
	c.find["categoryOptionCombos"][defaultCell], c.find["categoryOptionCombos"][indicator.DefaultCombo] = standard, standard
}

// add makes an object of ours with its names.
func (c *catalogue) add(plural, ours, name string, rest object.Object) {
	o := object.Object{"id": c.uid(singular[plural], ours), "code": c.code(ours), "name": cut(c.prefix+name, nameMax), "shortName": cut(c.prefix+name, shortNameMax)}
	for k, v := range rest {
		o[k] = v
	}
	c.lists[plural] = append(c.lists[plural], o)
}

func (c *catalogue) ref(kind indicator.Object, ours string) object.Object {
	return object.Object{"id": c.uid(kind, ours)}
}

// opened is the day from which all organisation units are: DHIS2 wants one, and
// takes no numbers of before.
const opened = "1990-01-01"

func (c *catalogue) writeUnit(u *unit) {
	o := object.Object{
		"id": u.uid, "code": u.code, "name": cut(u.name, nameMax), "shortName": cut(u.name, shortNameMax),
		"openingDate": opened, "level": u.level, "path": u.path,
	}
	if u.parent != nil {
		o["parent"] = u.parent.ref
	}
	c.lists["organisationUnits"] = append(c.lists["organisationUnits"], o)
}

// writeCategories writes categories and their options. Names of options have that of
// their category, for DHIS2 wants them unique.
func (c *catalogue) writeCategories() {
	for _, category := range c.pack.Categories {
		options, named := make([]any, 0, len(category.Options)), map[string]bool{}
		for _, o := range category.Options {
			name := category.Name + ": " + o.Name
			if told := cut(c.prefix+name, nameMax); named[told] { // as of two products
				name = category.Name + ": " + o.Suffix + ", " + o.Name
			} else {
				named[told] = true
			}
			c.add("categoryOptions", o.Code, name, object.Object{"shortName": cut(o.Suffix+" "+c.prefix+category.Code, shortNameMax)})
			options = append(options, c.ref(indicator.ObjectOption, o.Code))
		}
		c.add("categories", category.Code, "HF "+category.Name, object.Object{
			"dataDimensionType": "DISAGGREGATION", "dataDimension": false, "categoryOptions": options,
		})
	}
}

// writeCombos writes combos with all their category option combos: DHIS2 makes those
// that are wanting by itself, without codes.
func (c *catalogue) writeCombos() {
	for _, combo := range c.pack.Combos {
		categories := make([]any, 0, len(combo.Categories))
		for _, code := range combo.Categories {
			categories = append(categories, c.ref(indicator.ObjectCategory, code))
		}
		c.add("categoryCombos", combo.Code, "HF "+combo.Name, object.Object{"dataDimensionType": "DISAGGREGATION", "skipTotal": false, "categories": categories})
		for cell := range c.pack.Cells(combo.Code) {
			name, options := "", make([]any, 0, len(cell.Options))
			for i, o := range cell.Options {
				if i > 0 {
					name += ", "
				}
				name += o.Name
				options = append(options, c.ref(indicator.ObjectOption, o.Code))
			}
			c.lists["categoryOptionCombos"] = append(c.lists["categoryOptionCombos"], object.Object{
				"id": c.uid(indicator.ObjectCell, cell.Code), "code": c.code(cell.Code), "name": cut(name, nameMax), "ignoreApproval": false,
				"categoryCombo": c.ref(indicator.ObjectCombo, combo.Code), "categoryOptions": options,
			})
		}
	}
}

// writeElements writes the data elements. Zeros are kept by DHIS2 only where they
// are said to mean something; ours say that what was there is there no more.
func (c *catalogue) writeElements() {
	for _, e := range c.pack.Elements {
		kind, over := "INTEGER_ZERO_OR_POSITIVE", "SUM"
		if e.Kind == indicator.Amount {
			kind = "NUMBER"
		}
		if e.Stock {
			over = "LAST"
		}
		o := object.Object{
			"description": e.Meaning, "domainType": "AGGREGATE", "valueType": kind, "aggregationType": over, "zeroIsSignificant": true,
		}
		// Without a combo DHIS2 takes its own default one, whatever its UID.
		if e.Combo != indicator.DefaultCombo {
			o["categoryCombo"] = c.ref(indicator.ObjectCombo, e.Combo)
		}
		c.add("dataElements", e.Code, "HF "+e.Name, o)
	}
	c.add("dataElements", Population, "HF Population", object.Object{
		"description": "How many people live there: filled by the ministry.", "domainType": "AGGREGATE",
		"valueType": "INTEGER_ZERO_OR_POSITIVE", "aggregationType": "LAST", "zeroIsSignificant": false,
	})
}

// writeDataSets writes the data sets. Of the month that is not over, numbers are told
// too: DHIS2 takes them only with an open future period.
func (c *catalogue) writeDataSets() {
	for _, d := range c.pack.DataSets {
		var codes []string
		for _, e := range c.pack.Of(d.Code) {
			codes = append(codes, e.Code)
		}
		c.dataSet(d.Code, "HF "+d.Name, "Monthly", codes, func(u *unit) bool { return u.reports(d.Unit) })
	}
	c.dataSet(Population, "HF Population", "Yearly", []string{Population}, func(u *unit) bool { return !u.facility })
}

func (c *catalogue) dataSet(code, name, period string, elements []string, reports func(*unit) bool) {
	id := c.ref(indicator.ObjectDataSet, code)
	of, at := []any{}, []any{}
	for _, e := range elements {
		of = append(of, object.Object{"dataSet": id, "dataElement": c.ref(indicator.ObjectElement, e)})
	}
	for _, u := range c.units {
		if reports(u) {
			at = append(at, u.ref)
		}
	}
	c.add("dataSets", code, name, object.Object{
		"periodType": period, "openFuturePeriods": 1, "expiryDays": 0, "dataSetElements": of, "organisationUnits": at,
	})
}

// file gives the package as DHIS2 imports it.
func (c *catalogue) file() object.Object {
	all := object.Object{}
	for _, plural := range plurals {
		list := make([]any, len(c.lists[plural]))
		for i, o := range c.lists[plural] {
			list[i] = o
		}
		all[plural] = list
	}
	all["system"] = object.Object{"version": "2.40.0", "revision": "bima"}
	return all
}

// objects gives the list of a plural as it is shown: category option combos with the
// default one.
func (c *catalogue) objects(plural string) []object.Object {
	if plural == unitLevels {
		return c.levels()
	}
	list := c.looked[plural]
	if plural == "categoryOptionCombos" {
		list = append(slices.Clip(list), c.dated(object.Object{"id": defaultCell, "code": indicator.DefaultCombo, "name": indicator.DefaultCombo, "displayName": indicator.DefaultCombo}))
	}
	return list
}

// resolve finds an object by its UID.
func (c *catalogue) resolve(id string) object.Object { return c.byUID[id] }
