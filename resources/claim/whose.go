package claim

import (
	"context"
	"slices"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// providers are the types that Claim.provider may be of.
var providers = []string{"Organization", "Practitioner", "PractitionerRole"}

// bound reports whether a caller may claim only for the facility of his account:
// one of the role facility that acts as somebody. Who brings the claims of many,
// or administers, is free.
func bound(who fhir.Caller) bool {
	return slices.Contains(who.Roles, fhir.RoleFacility) && !who.Entity.IsZero() && !who.Has(fhir.RoleIntegration)
}

// theirs is the Rule on claims that are sent or changed: by facilities and who brings
// the claims of many, not by those who decide on them. Those of a facility are its
// own, before and after.
func (d *decider) theirs(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	who, _ := fhir.CallerOf(ctx)
	if !who.Has(fhir.RoleFacility) && !who.Has(fhir.RoleIntegration) {
		return fhir.Detailf(fhir.IssueForbidden, detailClaim, "Claim",
			"%s may not send or change claims: that is for the roles %s and %s; who reviews claims or enrols members sends none", who.Name, fhir.RoleFacility, fhir.RoleIntegration)
	}
	if !bound(who) {
		return nil
	}
	before, err := treeBefore(c)
	if err != nil {
		return err
	}
	for _, n := range []fhir.Node{before, c.Node} {
		if n.Exists() {
			if err := mustBeOf(r, d.facts, who, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// mine is the Rule on Tasks by which a claim is decided anew or appealed about:
// a facility asks for that of its own claims.
func (d *decider) mine(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	who, _ := fhir.CallerOf(ctx)
	if !bound(who) {
		return nil
	}
	before, err := treeBefore(c)
	if err != nil {
		return err
	}
	for _, n := range []fhir.Node{before, c.Node} {
		if code := n.Get("code").Code(profiles.SystemTask); code != codeReprocess && code != codeAppeal {
			continue
		}
		claim, err := claimTree(r, r4.Target(n.Get("focus")))
		if err == nil && claim.Exists() {
			err = mustBeOf(r, d.facts, who, claim)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// claimTree gives the tree of a Claim; absent for all else.
func claimTree(r fhir.Reader, k fhir.Key) (fhir.Node, error) {
	if k.Type != "Claim" {
		return fhir.Node{}, nil
	}
	return fhir.Tree(r, k)
}

// mustBeOf refuses a claim that is not of the facility a caller acts for.
func mustBeOf(r fhir.Reader, f *facts.Facts, who fhir.Caller, claim fhir.Node) error {
	own, err := isOwn(r, f, who, claim)
	if own || err != nil {
		return err
	}
	return fhir.Detailf(fhir.IssueForbidden, detailClaim, "Claim.provider",
		"%s acts for %s and may not send, change, withdraw or ask about a claim of another facility; it names its own as provider, or an account of that facility or of the role %s does it",
		who.Name, who.Entity, fhir.RoleIntegration)
}

// isOwn reports whether a caller acts for the facility a claim is of. One made by a
// person without a facility of his own is that of the place of care, too.
func isOwn(r fhir.Reader, f *facts.Facts, who fhir.Caller, claim fhir.Node) (bool, error) {
	provider, known, err := f.Resolve(r, claim, claim.Get("provider"), providers...)
	if err != nil || !known {
		return false, err
	}
	entity := who.Entity
	if entity.Type == "Device" {
		device, err := fhir.Tree(r, entity)
		if entity = r4.Target(device.Get("owner")); err != nil || entity.IsZero() {
			return err == nil, err // nobody's device is no facility's
		}
	}
	own, at, err := actsFor(r, entity, provider)
	if !own || !at || err != nil {
		return own, err
	}
	place, known, err := f.Resolve(r, claim, claim.Get("facility"), "Location")
	if err != nil || !known {
		return err == nil, err
	}
	location, err := fhir.Tree(r, place)
	if err != nil {
		return false, err
	}
	manager, known, err := f.Resolve(r, location, location.Get("managingOrganization"), "Organization")
	if err != nil || !known {
		return err == nil, err
	}
	own, _, err = actsFor(r, entity, manager)
	return own, err
}

// actsFor reports whether an account claims as a provider: it is the provider, or
// a person with a role there, or the provider is a person with a role at it. at
// tells that only the place of care says of which facility the claim is.
func actsFor(r fhir.Reader, entity, provider fhir.Key) (own, at bool, err error) {
	switch provider.Type {
	case "Organization":
		own, err = worksNow(r, entity, provider)
		return own, false, err
	case "PractitionerRole":
		role, err := fhir.Tree(r, provider)
		if err != nil {
			return false, false, err
		}
		if facility := r4.Target(role.Get("organization")); !facility.IsZero() {
			own, err = worksNow(r, entity, facility)
			return own || entity == provider, false, err
		}
		person := r4.Target(role.Get("practitioner"))
		return entity == provider || entity == person && !person.IsZero(), true, nil
	}
	if entity == provider {
		return true, true, nil
	}
	if entity.Type == "PractitionerRole" {
		role, err := fhir.Tree(r, entity)
		return inUse(r, role) && r4.Target(role.Get("practitioner")) == provider, true, err
	}
	own, err = worksFor(r, provider, entity)
	return own, true, err
}

// worksNow is worksFor of somebody whose role has not ended.
func worksNow(r fhir.Reader, entity, facility fhir.Key) (bool, error) {
	switch entity.Type {
	case "PractitionerRole":
		role, err := fhir.Tree(r, entity)
		return r4.Target(role.Get("organization")) == facility && inUse(r, role), err
	case "Practitioner":
		page, err := r.Search(&fhir.Query{Types: []string{"PractitionerRole"}, Limit: rolesMax, Where: fhir.All{
			fhir.Match{Param: fhir.Param{Code: "practitioner", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: entity}},
			fhir.Match{Param: fhir.Param{Code: "organization", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: facility}},
		}})
		if err != nil {
			return false, err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return false, err
			}
			if inUse(r, doc.Root()) {
				return true, nil
			}
		}
		return false, nil
	}
	return worksFor(r, entity, facility)
}

// rolesMax is how many roles of one person at one facility are looked at.
const rolesMax = 100

// inUse reports whether somebody has a role still, or yet, wherever it is today. Who
// only asks has no clock: there a role is over when it says that it is not active.
func inUse(r fhir.Reader, role fhir.Node) bool {
	if role.Get("active").Text() == "false" {
		return false
	}
	tx, writes := r.(fhir.Tx)
	if !writes {
		return true
	}
	today, p := adjudication.DayOf(tx.Now().UTC()), role.Get("period")
	from, begins := adjudication.ReadDay(p.Get("start").Text())
	until, ends := adjudication.ReadLastDay(p.Get("end").Text())
	return (!begins || from <= today+1) && (!ends || until >= today-1)
}

// whoWorks is the Rule on what tells of which facility a claim is: a facility says who
// works for itself and what places are its own, and nobody makes himself one of another.
func (d *decider) whoWorks(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	who, _ := fhir.CallerOf(ctx)
	if !bound(who) {
		return nil
	}
	before, err := treeBefore(c)
	if err != nil {
		return err
	}
	element := map[string]string{"PractitionerRole": "organization", "Device": "owner", "Location": "managingOrganization"}[c.Key.Type]
	for _, n := range []fhir.Node{before, c.Node} {
		facility, known, err := d.facts.Resolve(r, n, n.Get(element), "Organization")
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		if own, err := speaksFor(r, who.Entity, facility); own || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		return fhir.Detailf(fhir.IssueForbidden, detailClaim, c.Key.Type+"."+element,
			"%s acts for %s and may not say who or what is of %s; an account of that facility or of the role %s does it", who.Name, who.Entity, facility, fhir.RoleIntegration)
	}
	return nil
}

// speaksFor reports whether an account is of a facility: it is that, works there, or
// is its device.
func speaksFor(r fhir.Reader, entity, facility fhir.Key) (bool, error) {
	if entity.Type == "Device" {
		device, err := fhir.Tree(r, entity)
		return r4.Target(device.Get("owner")) == facility, err
	}
	return worksNow(r, entity, facility)
}
