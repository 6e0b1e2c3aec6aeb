// Package worker says who works for the scheme, as what, where and how long: the
// PractitionerRole of an enrolment officer, a claim administrator, a medical
// reviewer or an accountant.
//
// Its door is Module. Roles without a code of the scheme are none of its
// business, and what a caller may do is fhir/smart's.
package worker

import (
	"context"
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailWorker tells what is wrong with a role from other refusals.
const detailWorker fhir.Detail = "worker"

// The roles of the scheme: codes of openIMIS's practitioner-qualification-type
// and of scheme-role.
const (
	roleOfficer    = "EO"
	roleClaims     = "CA"
	roleReviewer   = "medical-reviewer"
	roleAccountant = "accountant"
	roleSupervisor = "review-supervisor"
	roleHealth     = "community-health-worker"
)

// Module gives the rules of people who work for the scheme: their numbers are
// unique, who has a role is there and in use, whoever has an area of work has it in
// places of the tree, as an officer must, and a claim administrator works for a
// facility.
func Module() fhir.Module {
	return fhir.Module{
		Name:      "worker",
		Rules:     []fhir.Rule{{Types: []string{"PractitionerRole"}, Check: check}},
		Reactions: []fhir.Reaction{{Name: "worker", Types: []string{"PractitionerRole"}, React: react}},
		Unique:    []fhir.Identifier{{Type: "Practitioner", System: profiles.IdentifierPractitioner}},
	}
}

// roles gives the codes of the scheme that a PractitionerRole has.
func roles(role fhir.Node) []string {
	var list []string
	for concept := range role.Get("code").Each() {
		for _, system := range []string{profiles.SystemOpenIMISPractitioner, profiles.SystemSchemeRole} {
			if code := concept.Code(system); code != "" {
				list = append(list, code)
			}
		}
	}
	return list
}

// check asks what the role itself can answer.
func check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	for _, code := range roles(c.Node) {
		if !slices.Contains([]string{roleOfficer, roleClaims, roleReviewer, roleSupervisor, roleHealth, roleAccountant}, code) {
			return refuse("code", "the scheme has no role %.40q; its roles are %s, %s, %s, %s, %s and %s", code, roleOfficer, roleClaims, roleReviewer, roleSupervisor, roleHealth, roleAccountant)
		}
		switch {
		case !c.Node.Get("practitioner").Exists():
			return refuse("practitioner", "a role in the scheme is somebody's; name the Practitioner")
		case (code == roleOfficer || code == roleHealth) && !c.Node.Get("location").Exists():
			return refuse("location", "an enrolment officer or a community health worker works in places; name one at least")
		case code == roleClaims && !c.Node.Get("organization").Exists():
			return refuse("organization", "a claim administrator works for a facility; name it")
		}
	}
	return nil
}

// react asks of others what the role names.
func react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		codes := roles(c.Node)
		if len(codes) == 0 {
			continue
		}
		if err := named(tx, c.Node, codes); err != nil {
			return err
		}
	}
	return nil
}

func named(r fhir.Reader, role fhir.Node, codes []string) error {
	person, err := current(r, role.Get("practitioner"))
	if err != nil {
		return err
	}
	inUse := role.Get("active").Text() != "false"
	if person.Get("resourceType").Text() != "Practitioner" || inUse && person.Get("active").Text() == "false" {
		return refuse("practitioner", "there is no Practitioner in use of this reference")
	}
	if slices.Contains(codes, roleClaims) {
		facility, err := current(r, role.Get("organization"))
		if err != nil {
			return err
		}
		if facility.Identifier(profiles.IdentifierFacility) == "" {
			return refuse("organization", "a claim administrator works for a facility of the scheme: an Organization with a number of the system %s", profiles.IdentifierFacility)
		}
	}
	if !slices.ContainsFunc(codes, func(code string) bool { return code != roleClaims }) {
		return nil
	}
	return areas(r, role)
}

// areas refuses places of work that are not of the tree, or twice the same.
func areas(r fhir.Reader, role fhir.Node) error {
	seen := map[string]bool{}
	i := 0
	for reference := range role.Get("location").Each() {
		at := fmt.Sprintf("location[%d]", i)
		i++
		place, err := current(r, reference)
		if err != nil {
			return err
		}
		id := place.Get("id").Text()
		if !slices.ContainsFunc(types(place), func(t fhir.Node) bool { return t.Code(profiles.SystemOpenIMISLocation) != "" }) {
			return refuse(at, "people of the scheme work in places of the tree; %.80q is none on this server", reference.Get("reference").Text())
		}
		if seen[id] {
			return refuse(at, "the area has %s in it already; leave one out", place.Get("name").Text())
		}
		seen[id] = true
	}
	return nil
}

func types(place fhir.Node) []fhir.Node {
	var list []fhir.Node
	for t := range place.Get("type").Each() {
		list = append(list, t)
	}
	return list
}

// current gives the tree of what a Reference names; absent where it is not there.
func current(r fhir.Reader, reference fhir.Node) (fhir.Node, error) {
	literal := fhir.ParseReference(reference.Get("reference").Text(), r4.IsResource)
	if !literal.Relative() {
		return fhir.Node{}, nil
	}
	found, err := r.ReadMany([]fhir.Key{literal.Key})
	if err != nil || len(found) == 0 {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(found[0].Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

func refuse(element, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailWorker, "PractitionerRole."+element, format, args...)
}
