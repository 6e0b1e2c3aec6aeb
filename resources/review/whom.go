package review

import (
	"bima/adjudication"
	"bima/adjudication/workplace"
	"bima/fhir"
	"bima/fhir/r4"
)

// sent holds the answer to a question to whom it was asked: its sender is that
// facility, or a person who works there, and so is the caller, where he acts as
// somebody and does not bring messages for others. A sender that is left out is the
// caller.
func (m module) sent(tx fhir.Tx, c fhir.Change, asked fhir.Key) error {
	caller, today := tx.Caller(), m.today(tx.Now())
	mine := false
	if !caller.Entity.IsZero() {
		var err error
		if mine, err = answersFor(tx, caller.Entity, asked, today); err != nil {
			return err
		}
		if !mine && !caller.Has(fhir.RoleIntegration) {
			return forbid("%s was asked, and %s does not act for it; who was asked answers", asked, caller.Name)
		}
	}
	if !c.Node.Get("sender").Exists() {
		if !mine {
			return fhir.Detailf(fhir.IssueRequired, detailReview, "Communication.sender", "%s was asked; say who answers", asked)
		}
		edit := fhir.NewEdit(c.Node.Document())
		edit.Set(c.Node, "sender", spell(object{"reference": caller.Entity.String()}))
		_, err := tx.Update(&fhir.Resource{Key: c.Key, Body: edit.Bytes()}, 0)
		return err
	}
	sender, known, err := m.facts.Resolve(tx, c.Node, c.Node.Get("sender"), "Organization", "Practitioner", "PractitionerRole", "Device")
	if err == nil && known {
		known, err = answersFor(tx, sender, asked, today)
	}
	if err != nil || known {
		return err
	}
	return refuse("Communication.sender", "%s was asked, not %s", asked, sender)
}

// answersFor reports whether somebody speaks for whom a question was put to: it is
// he, a person with a role there today, or its device.
func answersFor(r fhir.Reader, who, asked fhir.Key, today adjudication.Day) (bool, error) {
	if who == asked || who.IsZero() || asked.IsZero() {
		return who == asked && !who.IsZero(), nil
	}
	if asked.Type != "Organization" {
		person, facility, err := personOf(r, asked, today)
		if err != nil {
			return false, err
		}
		if who.Type != "Organization" && !person.IsZero() {
			other, _, err := personOf(r, who, today)
			return other == person, err
		}
		return who == facility && !who.IsZero(), nil
	}
	switch who.Type {
	case "Device":
		n, err := fhir.Tree(r, who)
		return r4.Target(n.Get("owner")) == asked, err
	case "PractitionerRole":
		_, facility, err := personOf(r, who, today)
		return facility == asked, err
	case "Practitioner":
		works := false
		err := workplace.EachRole(r, who, func(_ fhir.Key, n fhir.Node) {
			works = works || workplace.InUse(n, today) && r4.Target(n.Get("organization")) == asked
		})
		return works, err
	}
	return false, nil
}

// personOf gives the person of a role that is in use, and where he has it; a
// Practitioner is himself.
func personOf(r fhir.Reader, k fhir.Key, today adjudication.Day) (person, facility fhir.Key, err error) {
	if k.Type != "PractitionerRole" {
		return k, fhir.Key{}, nil
	}
	n, err := fhir.Tree(r, k)
	if err != nil || !n.Exists() || !workplace.InUse(n, today) {
		return fhir.Key{}, fhir.Key{}, err
	}
	return r4.Target(n.Get("practitioner")), r4.Target(n.Get("organization")), nil
}
