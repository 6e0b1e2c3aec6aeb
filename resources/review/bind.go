package review

import (
	"context"
	"slices"

	"bima/adjudication/workplace"
	"bima/fhir"
	"bima/fhir/r4"
)

// stays is the Rule on what says for whom people work and what facilities consist of:
// who reviews makes himself no reviewer or supervisor, and lifts no veil by changing
// his own roles, or what is of a facility he works for. An administrator does it.
func (m module) stays(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	caller, ok := fhir.CallerOf(ctx)
	if veil := m.veil(); !ok || !veil.Over(caller) {
		return nil
	}
	before, err := treeBefore(c)
	if err != nil {
		return err
	}
	own, err := isHimself(r, caller.Entity, c, before)
	if err == nil && !own {
		own, err = m.isOfHis(r, caller.Entity, c, before)
	}
	if err == nil && own {
		err = forbid("%s reviews claims and may not change %s, which says what he may review: his own roles, and what is of a facility he works for; have an administrator change it, or an account that has not the role %s", caller.Name, c.Key, fhir.RoleReviewer)
	}
	return err
}

// isHimself reports whether a change is of a role that a caller acts as, or has.
func isHimself(r fhir.Reader, entity fhir.Key, c fhir.Change, before fhir.Node) (bool, error) {
	if c.Type != "PractitionerRole" {
		return false, nil
	}
	person, err := workplace.Holder(r, entity)
	if err != nil {
		return false, err
	}
	named := func(n fhir.Node) bool { return !person.IsZero() && r4.Target(n.Get("practitioner")) == person }
	return c.Key == entity || named(before) || named(c.Node), nil
}

// isOfHis reports whether what is changed was of a facility that a caller works for,
// or of what is part of it.
func (m module) isOfHis(r fhir.Reader, entity fhir.Key, c fhir.Change, before fhir.Node) (bool, error) {
	of := fhir.Key{}
	switch c.Type {
	case "PractitionerRole":
		of = r4.Target(before.Get("organization"))
	case "Location":
		of = r4.Target(before.Get("managingOrganization"))
	case "Organization":
		if before.Exists() {
			of = c.Key
		}
	}
	if of.IsZero() {
		return false, nil
	}
	facilities, err := workplace.Of(r, entity, m.todayOf(r))
	if err != nil || len(facilities) == 0 {
		return false, err
	}
	facilities, err = withParts(r, facilities)
	return slices.Contains(facilities, of), err
}
