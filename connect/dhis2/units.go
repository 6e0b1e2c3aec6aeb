package dhis2

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bima/connect/dhis2/object"
	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// levelsMost bounds how deep places may lie within one another.
const levelsMost = 12

// A unit is an organisation unit: a place of the scheme, or a facility.
type unit struct {
	key      string // "Location/ward-7" or "Organization/facility-1"
	uid      string
	ref      object.Object // how others refer to it
	code     string        // its identifier, or its id where it has none
	name     string
	level    int // 1 is the top
	path     string
	parent   *unit
	children []*unit
	facility bool
	kind     string          // of a place: R, D, W or V; "" where it has none
	others   fhir.Node       // the resource, for its other identifiers
	groups   map[string]bool // the groups that it is in, by our codes
	above    string          // the key of what it is part of
}

const systemOrganizationType = "http://terminology.hl7.org/CodeSystem/organization-type"

// units finds the organisation units among Locations and Organizations. A place is a
// Location with a place's identifier or level; the Location of an Organization is
// its site, and no unit of its own.
func units(locations, organizations []fhir.Node) []*unit {
	var all []*unit
	sites := map[string]string{} // what the sites of Organizations are part of
	for _, n := range locations {
		if owner := n.At("managingOrganization", "reference").Text(); owner != "" {
			if part := n.At("partOf", "reference").Text(); part != "" && sites[owner] == "" {
				sites[owner] = part
			}
			continue
		}
		kind := ""
		for t := range n.Get("type").Each() {
			kind = cmp.Or(kind, t.Code(profiles.SystemOpenIMISLocation))
		}
		code := n.Identifier(profiles.IdentifierLocation)
		if kind == "" && code == "" {
			continue
		}
		all = append(all, newUnit(n, "Location", code, n.At("partOf", "reference").Text(), kind, false))
	}
	for _, n := range organizations {
		code, gives := n.Identifier(profiles.IdentifierFacility), false
		for t := range n.Get("type").Each() {
			gives = gives || t.Code(systemOrganizationType) == "prov"
		}
		if key := "Organization/" + n.Get("id").Text(); gives || code != "" {
			all = append(all, newUnit(n, "Organization", code, sites[key], "", true))
		}
	}
	arrange(all)
	return all
}

func newUnit(n fhir.Node, typ, code, above, kind string, facility bool) *unit {
	id := n.Get("id").Text()
	key := typ + "/" + id
	code = cmp.Or(code, id)
	uid := indicator.UID(indicator.ObjectOrgUnit, key)
	return &unit{
		key: key, uid: uid, ref: object.Object{"id": uid}, code: fits(code),
		name: cmp.Or(n.Get("name").Text(), code), kind: kind, facility: facility, others: n, groups: groupsOf(n), above: above,
	}
}

// arrange puts units below one another, those above before those below. Where two
// have one code, the later has its id in it; where places lie in a circle, one of
// them is at the top.
func arrange(all []*unit) {
	byKey, codes := map[string]*unit{}, map[string]bool{}
	slices.SortFunc(all, func(a, b *unit) int { return strings.Compare(a.key, b.key) })
	for _, u := range all {
		byKey[u.key] = u
		if codes[u.code] {
			u.code = u.uid
		}
		codes[u.code] = true
	}
	for _, u := range all {
		if above := byKey[u.above]; above != nil && !within(above, u) {
			u.parent = above
			above.children = append(above.children, u)
		}
	}
	for _, u := range all {
		u.place()
	}
	slices.SortFunc(all, func(a, b *unit) int { return cmp.Or(a.level-b.level, strings.Compare(a.code, b.code)) })
	for _, u := range all {
		slices.SortFunc(u.children, func(a, b *unit) int { return strings.Compare(a.code, b.code) })
	}
}

// within reports whether u is at or above a unit, so that it can't be put below it.
func within(at, u *unit) bool {
	for n := 0; at != nil; at, n = at.parent, n+1 {
		if at == u || n > levelsMost {
			return true
		}
	}
	return false
}

// place sets level and path.
func (u *unit) place() {
	u.level, u.path = 0, ""
	for at := u; at != nil; at = at.parent {
		u.level++
		u.path = "/" + at.uid + u.path
	}
}

// each gives the unit and all below it.
func (u *unit) each(yield func(*unit)) {
	yield(u)
	for _, c := range u.children {
		c.each(yield)
	}
}

// reports reports whether a unit reports a data set.
func (u *unit) reports(of indicator.Unit) bool {
	switch of {
	case indicator.Facility:
		return u.facility
	case indicator.District:
		return !u.facility && (u.kind == "D" || !u.inDistrict())
	}
	return !u.facility
}

// inDistrict reports whether a place lies in a district: one that does not, reports
// for itself.
func (u *unit) inDistrict() bool {
	for at := u.parent; at != nil; at = at.parent {
		if at.kind == "D" {
			return true
		}
	}
	return false
}

// The longest texts that DHIS2 takes, in characters.
const (
	codeMax      = 50
	shortNameMax = 50
	nameMax      = 230
)

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}

// fits gives a code as it is where DHIS2 takes one of that length, else a part of it
// with what tells it from others.
func fits(code string) string {
	if len([]rune(code)) <= codeMax {
		return code
	}
	tail := "_" + indicator.UID(indicator.ObjectOrgUnit, code)
	return string([]rune(code)[:codeMax-len(tail)]) + tail
}

// kin are the parameters that ask of an organisation unit for those around it.
var kin = []string{"level", "includeChildren", "includeDescendants", "includeAncestors"}

// numberIn reads a parameter that is a whole number from 0; -1 where it is not sent.
func numberIn(q url.Values, name string) (int, error) {
	text := q.Get(name)
	if text == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, faultf(http.StatusBadRequest, "", "%s is a number from 0, not %.20q", name, text)
	}
	return n, nil
}

// leveled leaves the organisation units of a level, and those down to one.
func leveled(list []object.Object, q url.Values) ([]object.Object, error) {
	level, err := numberIn(q, "level")
	if err != nil {
		return nil, err
	}
	most, err := numberIn(q, "maxLevel")
	if err != nil || level < 0 && most < 0 {
		return list, err
	}
	return slices.DeleteFunc(slices.Clone(list), func(o object.Object) bool {
		at, _ := o["level"].(int)
		return level >= 0 && at != level || most >= 0 && at > most
	}), nil
}

// around answers an organisation unit with those that are asked for around it: a
// level counts from the unit, whose children are of 1. Source: DHIS2 web API,
// organisation units.
func (c *call) around(u *unit) error {
	q := url.Values{}
	for name, values := range c.r.URL.Query() {
		q[name] = values
	}
	level, err := numberIn(q, "level")
	if err != nil {
		return err
	}
	var list []object.Object
	add := func(u *unit) { list = append(list, c.catalogue.byUID[u.uid]) }
	switch {
	case level >= 0:
		u.each(func(below *unit) {
			if below.level == u.level+level {
				add(below)
			}
		})
	case q.Get("includeDescendants") == "true":
		u.each(add)
	case q.Get("includeChildren") == "true":
		add(u)
		for _, child := range u.children {
			add(child)
		}
	default:
		for at := u; at != nil; at = at.parent {
			add(at)
		}
	}
	q.Set("paging", "false")
	if q.Get("fields") == "" {
		q.Set("fields", "*")
	}
	shown, err := object.List("organisationUnits", list, q, "", c.catalogue.resolve)
	if err != nil {
		return faultf(http.StatusBadRequest, "", "%s", err)
	}
	return c.write(http.StatusOK, shown)
}

// asksAround reports whether a request about an organisation unit asks for others.
func asksAround(q url.Values) bool {
	return slices.ContainsFunc(kin, func(name string) bool { return q.Get(name) != "" && q.Get(name) != "false" })
}
