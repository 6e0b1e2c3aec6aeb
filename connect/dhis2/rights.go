package dhis2

import (
	"net/http"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
)

// seesAll are the roles that look at the numbers of all places and facilities; so
// does an administrator, who has each. They are those who find all MeasureReports.
var seesAll = []fhir.Role{fhir.RoleAuditor, fhir.RoleAccountant, fhir.RoleReviewer, fhir.RoleIntegration}

// A view is the organisation units whose numbers somebody may look at; nil is all.
type view map[*unit]bool

func (v view) has(u *unit) bool { return v == nil || v[u] }

// tops gives the units at the top of what may be looked at.
func (v view) tops(c *catalogue) []*unit {
	var top []*unit
	for _, u := range c.units {
		if v.has(u) && (u.parent == nil || !v.has(u.parent)) {
			top = append(top, u)
		}
	}
	return top
}

// viewOf gives what a caller may look at: who acts for a facility that facility, who
// works in places those and the places within them, but not the facilities there.
func (c *catalogue) viewOf(r fhir.Reader, who fhir.Caller, now time.Time) (view, error) {
	for _, role := range seesAll {
		if who.Has(role) {
			return nil, nil
		}
	}
	v := view{}
	switch who.Entity.Type {
	case "Organization":
		v.add(c, who.Entity)
	case "PractitionerRole":
		role, err := fhir.Tree(r, who.Entity)
		if err != nil {
			return nil, err
		}
		v.work(c, role, now)
	case "Practitioner":
		page, err := r.Search(&fhir.Query{
			Types: []string{"PractitionerRole"}, Limit: pageSize,
			Where: fhir.Match{Param: fhir.Param{Code: "practitioner", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: who.Entity}},
		})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return nil, err
			}
			v.work(c, doc.Root(), now)
		}
	}
	return v, nil
}

// work adds where somebody works, as long as he does.
func (v view) work(c *catalogue, role fhir.Node, now time.Time) {
	today, period := now.Format(time.DateOnly), role.Get("period")
	start, end := day(period.Get("start")), day(period.Get("end"))
	if !role.Exists() || role.Get("active").Text() == "false" || start > today || end != "" && end < today {
		return
	}
	v.add(c, r4.Target(role.Get("organization")))
	for place := range role.Get("location").Each() {
		v.add(c, r4.Target(place))
	}
}

// add adds a unit, of a place with the places within it.
func (v view) add(c *catalogue, k fhir.Key) {
	u := c.byKey[k.String()]
	if u == nil {
		return
	}
	u.each(func(below *unit) {
		if below == u || !below.facility {
			v[below] = true
		}
	})
}

// signIn asks who calls, and what he may look at.
func (c *call) signIn() (err error) {
	if c.caller, err = c.who(c.r); err != nil {
		return &fault{status: http.StatusUnauthorized, message: fhir.OutcomeOf(err).Issues[0].Diagnostics}
	}
	return c.server.View(fhir.WithCaller(c.r.Context(), fhir.System()), func(r fhir.Reader) error {
		c.view, err = c.catalogue.viewOf(r, c.caller, c.now())
		return err
	})
}

// shut refuses a unit that the caller may not look at, with DHIS2's code.
func (c *call) shut(u *unit, code string) error {
	if c.view.has(u) {
		return nil
	}
	return faultf(http.StatusConflict, code, "User is not allowed to view org unit: %s", u.uid)
}
