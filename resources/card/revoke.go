package card

import (
	"context"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// revoke is Patient/[id]/$card-revoke: it takes the person's card, or the one
// named, out of use. What is revoked already stays so.
func (d *Desk) revoke(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := mayIssue(ctx); err != nil {
		return nil, err
	}
	values, err := parameters(in, "card", "reason")
	if err != nil {
		return nil, err
	}
	reason := "revoked"
	if values["reason"] != "" {
		reason += ": " + values["reason"]
	}
	var revoked *fhir.Resource
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock("card/" + on.String()); err != nil {
			return err
		}
		r, err := wanted(tx, on, values["card"])
		if err != nil {
			return err
		}
		if r.node.Get("status").Text() != "current" {
			revoked = r.resource
			return nil
		}
		revoked, err = r.supersede(tx, reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: revoked}, nil
}

// wanted gives the card that is to be revoked.
func wanted(tx fhir.Tx, person fhir.Key, id string) (record, error) {
	if id == "" {
		current, err := currentRecords(tx, "subject", person)
		if err == nil && len(current) == 0 {
			err = fhir.Errorf(fhir.IssueNotFound, "", "%s has no card that is in use", person)
		}
		if err != nil {
			return record{}, err
		}
		return current[0], nil
	}
	k, found, err := tx.Owner(fhir.UniqueKey{Type: recordType, Name: profiles.IdentifierCard, Value: id})
	if err != nil {
		return record{}, err
	}
	if found {
		resource, err := tx.Read(k)
		if err != nil {
			return record{}, err
		}
		if r, err := recordOf(resource); err != nil || r4.Target(r.node.Get("subject")) == person {
			return r, err
		}
	}
	return record{}, fhir.Errorf(fhir.IssueNotFound, "card", "%s never had the card %.40q", person, id)
}

// react takes the cards of persons who die, and of coverages that end before
// their cards, out of use. A coverage that is suspended may come into force
// again: its card stays.
func (d *Desk) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.Before == nil {
			continue
		}
		var err error
		if c.Type == "Patient" {
			err = d.reactToPerson(tx, c)
		} else {
			err = d.reactToCoverage(tx, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) reactToPerson(tx fhir.Tx, c fhir.Change) error {
	if c.After != nil && !isDead(c.Node) {
		return nil
	}
	return end(tx, "subject", c.Key, func(record) bool { return true }, "the person has died or left the register")
}

func (d *Desk) reactToCoverage(tx fhir.Tx, c fhir.Change) error {
	if c.After == nil {
		return end(tx, "related", c.Key, func(record) bool { return true }, "the coverage was withdrawn")
	}
	before, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return err
	}
	defer before.Release()
	state := c.Node.Extension(profiles.ExtensionCoverageState).Get("valueCode").Text()
	status, until := c.Node.Get("status").Text(), c.Node.At("period", "end").Text()
	if status == before.Root().Get("status").Text() && until == before.Root().At("period", "end").Text() {
		return nil
	}
	if status == "entered-in-error" || status == "cancelled" && state != "suspended" {
		return end(tx, "related", c.Key, func(record) bool { return true }, "the coverage was cancelled")
	}
	ends, err := fhir.ParseDateTime(until)
	if err != nil {
		return nil // no end, or one that validation refuses
	}
	last := ends.Interval(d.Zone).To.Unix()
	return end(tx, "related", c.Key, func(r record) bool { return last < r.card.Until }, "the coverage ends before the card")
}

// end revokes the current cards of which one says so.
func end(tx fhir.Tx, param string, k fhir.Key, whether func(record) bool, reason string) error {
	current, err := currentRecords(tx, param, k)
	if err != nil {
		return err
	}
	for _, r := range current {
		if !whether(r) {
			continue
		}
		if _, err := r.supersede(tx, reason); err != nil {
			return err
		}
	}
	return nil
}
