package measure

import (
	"time"

	"bima/fhir"
	"bima/profiles/indicator"
)

// The numbers of places, of members and contributions, are for every account. Those
// of a facility, of its claims, are for itself and for those who look at all of them.

// seesAll reports whether a caller may see the numbers of all facilities.
func seesAll(who fhir.Caller) bool {
	for _, role := range []fhir.Role{fhir.RoleAuditor, fhir.RoleAccountant, fhir.RoleReviewer, fhir.RoleIntegration} {
		if who.Has(role) {
			return true
		}
	}
	return false
}

// veil hides the reports of other facilities.
func (c *counter) veil() fhir.Veil {
	return fhir.Veil{
		Types: []string{"MeasureReport"},
		Over:  func(who fhir.Caller) bool { return !seesAll(who) },
		Hides: func(_ fhir.Reader, who fhir.Caller) (fhir.Hidden, error) {
			hidden := fhir.All{ofFacilities()}
			if own := c.facilityOf(who.Entity); own != nil {
				hidden = append(hidden, fhir.Not{Criterion: fhir.Chain{Param: reference("reporter"), Type: "Organization", Where: own}})
			}
			return fhir.Hidden{"MeasureReport": hidden}, nil
		},
	}
}

// ofFacilities selects the reports of facilities.
func ofFacilities() fhir.Criterion {
	of := fhir.Any{}
	for _, d := range indicator.DataSets() {
		if d.Unit == indicator.Facility {
			of = append(of, fhir.Match{Param: reference("measure"), Value: fhir.ReferenceValue{URL: d.URL()}}, refers("measure", fhir.Key{Type: "Measure", ID: d.Measure}))
		}
	}
	return of
}

// facilityOf selects the organizations that an account acts for: itself and its
// parts, or those that a person has a role at today, or whose device it is. It is nil
// of who acts for none.
func (c *counter) facilityOf(entity fhir.Key) fhir.Criterion {
	y, m, d := c.Now().In(c.Zone).Date()
	over := func(prefix fhir.Prefix) fhir.Criterion {
		today := time.Date(y, m, d, 0, 0, 0, 0, c.Zone)
		return fhir.Match{Param: fhir.Param{Code: "date", Kind: fhir.ParamDate}, Value: fhir.DateValue{
			Prefix: prefix, From: today.UnixMicro(), To: today.AddDate(0, 0, 1).UnixMicro(),
		}}
	}
	inUse := fhir.Not{Criterion: fhir.Any{is("active", "false"), over(fhir.PrefixEndsBefore), over(fhir.PrefixStartsAfter)}}
	switch entity.Type {
	case "Organization":
		return fhir.Any{fhir.IDs{entity.ID}, refers("partof", entity)}
	case "PractitionerRole":
		return fhir.Has{Type: entity.Type, Param: reference("organization"), Where: fhir.All{fhir.IDs{entity.ID}, inUse}}
	case "Practitioner":
		return fhir.Has{Type: "PractitionerRole", Param: reference("organization"), Where: fhir.All{refers("practitioner", entity), inUse}}
	case "Device":
		return fhir.Has{Type: entity.Type, Param: reference("organization"), Where: fhir.IDs{entity.ID}}
	}
	return nil
}

// permit refuses who may not see the numbers.
func (q *question) permit(r fhir.Reader, who fhir.Caller) error {
	if q.sets[0].Unit != indicator.Facility || seesAll(who) {
		return nil
	}
	if own := q.counter.facilityOf(who.Entity); own != nil && q.place.Type == "Organization" {
		page, err := r.Search(&fhir.Query{Types: []string{"Organization"}, Where: fhir.All{fhir.IDs{q.place.ID}, own}, Limit: 1})
		if err != nil || len(page.Resources) > 0 {
			return err
		}
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not see the numbers of all facilities; name your own as subject, or ask an auditor, an accountant or an administrator", who.Name)
}
