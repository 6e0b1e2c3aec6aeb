package dhis2

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"bima/connect/dhis2/object"
	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A groupSet tells facilities apart by an extension of their Organizations.
type groupSet struct {
	code, name, extension, system string
	groups                        []groupOf
}

// A groupOf is the group of one code of the extension.
type groupOf struct{ code, name string }

// groupSets are the groups of organisation units: a facility is in one of each set at
// most.
var groupSets = []groupSet{
	{"HF_OU_LEVEL", "Level", profiles.ExtensionOpenIMISFacilityLevel, profiles.SystemOpenIMISFacilityLevel, []groupOf{{"D", "Dispensary"}, {"C", "Health centre"}, {"H", "Hospital"}}},
	{"HF_OU_CARE", "Care", profiles.ExtensionOpenIMISCareType, profiles.SystemOpenIMISCareType, []groupOf{{"O", "Out-patient"}, {"I", "In-patient"}, {"B", "Out- and in-patient"}}},
	{"HF_OU_OWNER", "Owner", profiles.ExtensionOpenIMISLegalForm, profiles.SystemOpenIMISLegalForm, []groupOf{{"G", "Government"}, {"D", "District organization"}, {"C", "Charity"}, {"P", "Private"}}},
}

// groupsOf gives the codes of the groups that an Organization is in.
func groupsOf(n fhir.Node) map[string]bool {
	in := map[string]bool{}
	for _, set := range groupSets {
		if code := n.Extension(set.extension).Get("valueCodeableConcept").Code(set.system); code != "" {
			in[set.code+"_"+code] = true
		}
	}
	return in
}

// writeGroups writes the groups of organisation units, data elements and indicators.
func (c *catalogue) writeGroups() {
	for _, set := range groupSets {
		groups := []any{}
		for _, g := range set.groups {
			code, members := set.code+"_"+g.code, []any{}
			for _, u := range c.units {
				if u.groups[code] {
					members = append(members, u.ref)
				}
			}
			c.add("organisationUnitGroups", code, "HF "+set.name+": "+g.name, object.Object{"organisationUnits": members})
			groups = append(groups, c.ref(indicator.ObjectOther, code))
		}
		c.add("organisationUnitGroupSets", set.code, "HF "+set.name, object.Object{
			"compulsory": false, "dataDimension": true, "includeSubhierarchyInAnalytics": false, "organisationUnitGroups": groups,
		})
	}
	for _, d := range c.pack.DataSets {
		elements, quotients := []any{}, []any{}
		for _, e := range c.pack.Of(d.Code) {
			elements = append(elements, c.ref(indicator.ObjectElement, e.Code))
		}
		for _, r := range ratios {
			if e, _ := c.pack.Element(r.over[0].element); e.DataSet == d.Code {
				quotients = append(quotients, c.ref(indicator.ObjectOther, r.code))
			}
		}
		c.add("dataElementGroups", d.Code+"_ELEMENTS", "HF "+d.Name, object.Object{"dataElements": elements})
		c.add("indicatorGroups", d.Code+"_INDICATORS", "HF "+d.Name, object.Object{"indicators": quotients})
	}
}

// members gives the UIDs of the members of a group that is named by UID or code;
// none where it is not known.
func (c *catalogue) members(plural, id, of string) []string {
	t, ok := c.named(plural, id)
	if !ok {
		return nil
	}
	return object.Refs(c.byUID[t.uid], of)
}

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
			c.byUID[object.Text(o, "id")] = c.dated(maps.Clone(o))
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

// dated says when an object was changed, which clients that keep a copy ask by: a
// place when it was itself, the others when what they are made of was.
func (c *catalogue) dated(o object.Object) object.Object {
	changed := c.changed
	if u := c.byID[object.Text(o, "id")]; u != nil {
		if at, err := time.Parse(time.RFC3339, u.others.At("meta", "lastUpdated").Text()); err == nil {
			changed = unzoned(at)
		}
	}
	o["created"], o["lastUpdated"] = changed, changed
	return o
}

// levels gives the levels of organisation units, which DHIS2 has as objects of their
// own, and the package leaves to it.
func (c *catalogue) levels() (list []object.Object) {
	deepest := 0
	for _, u := range c.units {
		deepest = max(deepest, u.level)
	}
	for n := 1; n <= deepest; n++ {
		name := "Level " + strconv.Itoa(n)
		list = append(list, c.dated(object.Object{"id": indicator.UID(indicator.ObjectOther, name), "name": name, "displayName": name, "level": n}))
	}
	return list
}

// periodTypes are the types of the periods that numbers are of, as a DHIS2 has them.
// Source: DHIS2 web API, period types.
var periodTypes = []object.Object{
	{"name": "Monthly", "displayName": "Monthly", "isoDuration": "P1M", "isoFormat": "yyyyMM", "frequencyOrder": 30},
	{"name": "Quarterly", "displayName": "Quarterly", "isoDuration": "P3M", "isoFormat": "yyyyQn", "frequencyOrder": 91},
	{"name": "Yearly", "displayName": "Yearly", "isoDuration": "P1Y", "isoFormat": "yyyy", "frequencyOrder": 365},
}

// periodTypes answers the types of periods: all of each unless fields asks for less,
// and never a page of them.
func (c *call) periodTypes() error {
	q := url.Values{"paging": {"false"}, "fields": {cmp.Or(c.r.URL.Query().Get("fields"), "*")}}
	shown, err := object.List("periodTypes", periodTypes, q, "", c.catalogue.resolve)
	if err != nil {
		return faultf(http.StatusBadRequest, "", "%s", err)
	}
	return c.write(http.StatusOK, shown)
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
