package dhis2

import (
	"maps"

	"bima/connect/dhis2/object"
)

// inverses are the members that DHIS2 shows of an object though another one holds
// them: by member of the holder, the member of what is held. The package leaves them
// out, for DHIS2 makes them by itself.
var inverses = []struct{ holders, member, held, shown string }{
	{"dataSets", "dataSetElements", "dataElements", "dataSetElements"},
	{"dataSets", "organisationUnits", "organisationUnits", "dataSets"},
	{"dataElementGroups", "dataElements", "dataElements", "dataElementGroups"},
	{"indicatorGroups", "indicators", "indicators", "indicatorGroups"},
	{"organisationUnitGroups", "organisationUnits", "organisationUnits", "organisationUnitGroups"},
	{"organisationUnits", "parent", "organisationUnits", "children"},
	{"categoryOptionCombos", "categoryCombo", "categoryCombos", "categoryOptionCombos"},
}

// show makes the lists as they are shown, whose objects have their inverse members.
func (c *catalogue) show() {
	c.looked = map[string][]object.Object{}
	for _, plural := range plurals {
		for _, o := range c.lists[plural] {
			c.byUID[object.Text(o, "id")] = maps.Clone(o)
		}
	}
	for _, i := range inverses {
		for _, o := range c.lists[i.holders] {
			holder := object.Object{"id": o["id"]}
			for _, e := range heldBy(o[i.member]) {
				uid, by := object.Text(e, "id"), any(holder)
				if element, ok := e["dataElement"].(object.Object); ok {
					uid, by = object.Text(element, "id"), e
				}
				if held := c.byUID[uid]; held != nil {
					list, _ := held[i.shown].(object.Inverse)
					held[i.shown] = append(list, by)
				}
			}
		}
	}
	for _, plural := range plurals {
		for _, o := range c.lists[plural] {
			c.looked[plural] = append(c.looked[plural], c.byUID[object.Text(o, "id")])
		}
	}
}

// heldBy gives the objects of a member, be it one or a list.
func heldBy(member any) (all []object.Object) {
	switch v := member.(type) {
	case object.Object:
		return []object.Object{v}
	case []any:
		for _, e := range v {
			if o, ok := e.(object.Object); ok {
				all = append(all, o)
			}
		}
	}
	return all
}
