package review

import (
	"slices"
	"time"

	"bima/adjudication"
	"bima/adjudication/selection"
	"bima/adjudication/workplace"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// supervisor is the role, a code of scheme-role, of who sees to the reviewers.
const supervisor = "review-supervisor"

// A reviewer is who acts: a PractitionerRole of the scheme, with all that the same
// person does elsewhere.
type reviewer struct {
	role        fhir.Key // zero for who administers the server
	name        string   // of such a one
	person      fhir.Key
	supervises  bool
	specialties []selection.Code
	areas       []fhir.Key
	facilities  []fhir.Key // where the person works, in whatever role
}

// acting gives who acts in an operation: the caller's own role, or the one that an
// administrator names.
func (m module) acting(r fhir.Reader, caller fhir.Caller, asked fhir.Node, today adjudication.Day) (reviewer, error) {
	if !caller.Has(fhir.RoleReviewer) {
		return reviewer{}, forbid("%s may not review claims; that is for the role %s", caller.Name, fhir.RoleReviewer)
	}
	named := target(value(asked, "reviewer"))
	if named.IsZero() && caller.Entity.IsZero() && caller.Has(fhir.RoleAdministrator) {
		return reviewer{name: caller.Name, supervises: true}, nil
	}
	roles, err := rolesOf(r, caller.Entity, today)
	if err != nil {
		return reviewer{}, err
	}
	if named.IsZero() {
		if len(roles) == 0 {
			return reviewer{}, forbid("%s has no PractitionerRole in use that reviews claims; its code is %s or %s of %s", caller.Name, selection.Reviewer, supervisor, profiles.SystemSchemeRole)
		}
		return read(r, roles[0], today)
	}
	if !slices.Contains(roles, named) && !caller.Has(fhir.RoleAdministrator) {
		return reviewer{}, forbid("%s is not a role of %s; leave the parameter reviewer out", named, caller.Name)
	}
	return read(r, named, today)
}

// rolesOf gives the roles in use of a caller that review claims.
func rolesOf(r fhir.Reader, entity fhir.Key, today adjudication.Day) ([]fhir.Key, error) {
	switch entity.Type {
	case "PractitionerRole":
		return []fhir.Key{entity}, nil
	case "Practitioner":
	default:
		return nil, nil
	}
	var list []fhir.Key
	err := workplace.EachRole(r, entity, func(k fhir.Key, n fhir.Node) {
		if workplace.InUse(n, today) && reviews(n) {
			list = append(list, k)
		}
	})
	return list, err
}

// read gives the reviewer of a role.
func read(r fhir.Reader, role fhir.Key, today adjudication.Day) (reviewer, error) {
	w := reviewer{role: role}
	if role.Type != "PractitionerRole" {
		return w, refuse(parameter("reviewer"), "a reviewer is a PractitionerRole of this server, not %s", role)
	}
	n, err := fhir.Tree(r, role)
	if err != nil {
		return w, err
	}
	if !n.Exists() || !workplace.InUse(n, today) || !reviews(n) {
		return w, forbid("%s is no PractitionerRole in use that reviews claims; its code is %s or %s of %s", role, selection.Reviewer, supervisor, profiles.SystemSchemeRole)
	}
	w.person = r4.Target(n.Get("practitioner"))
	w.supervises = has(n, supervisor)
	for concept := range n.Get("specialty").Each() {
		for c := range concept.Get("coding").Each() {
			w.specialties = append(w.specialties, selection.Code{System: c.Get("system").Text(), Code: c.Get("code").Text()})
		}
	}
	for place := range n.Get("location").Each() {
		w.areas = append(w.areas, r4.Target(place))
	}
	w.facilities, err = workplace.Of(r, role, today)
	return w, err
}

func reviews(role fhir.Node) bool { return has(role, selection.Reviewer) || has(role, supervisor) }

func has(role fhir.Node, code string) bool {
	for concept := range role.Get("code").Each() {
		if concept.Code(profiles.SystemSchemeRole) == code {
			return true
		}
	}
	return false
}

// worksFor reports whether the reviewer, in whatever role, works for the facility
// that made a claim, or for what that is a part of.
func (w reviewer) worksFor(r fhir.Reader, facility fhir.Key) (bool, error) {
	return workplace.Among(r, w.facilities, facility)
}

// reference names the reviewer.
func (w reviewer) reference() map[string]string {
	if w.role.IsZero() {
		return map[string]string{"display": w.name}
	}
	return map[string]string{"reference": w.role.String()}
}

// today gives the day of a moment in the scheme's zone.
func (m module) today(now time.Time) adjudication.Day { return adjudication.DayOf(now.In(m.Zone)) }

// match compares a reference.
func match(param string, k fhir.Key) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}}
}

// coded compares a token.
func coded(param, system, code string) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: system, Code: code, AnySystem: system == ""}}
}
