// Package model keeps learned models in order: a Library that holds one is read
// when it is stored, so that a broken one is refused, and of all of them one at
// most is active. Which one is, the ledger tells whoever decides claims.
package model

import (
	"context"

	"bima/adjudication/learned"
	"bima/fhir"
)

// Module makes the module of learned models.
func Module() fhir.Module {
	return fhir.Module{
		Name:      "model",
		Rules:     []fhir.Rule{{Types: []string{"Library"}, Check: check}},
		Reactions: []fhir.Reaction{{Name: "switch models", Types: []string{"Library"}, React: react}},
	}
}

// check refuses a model that can't be used, and who may not switch one on or off.
func check(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	was, err := fhir.Tree(r, c.Key)
	if err != nil {
		return err
	}
	if err := mayChange(ctx, was, c); err != nil {
		return err
	}
	if c.After == nil {
		return nil
	}
	_, err = learned.FromLibrary(c.Node)
	return err
}

// mayChange refuses whoever is no administrator: a model chooses whose claims are
// looked at.
func mayChange(ctx context.Context, was fhir.Node, c fhir.Change) error {
	if !learned.IsModel(was) && (c.After == nil || !learned.IsModel(c.Node)) {
		return nil
	}
	caller, _ := fhir.CallerOf(ctx)
	if caller.Has(fhir.RoleAdministrator) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not store, switch or delete learned models; that is for the role %s", caller.Name, fhir.RoleAdministrator)
}

// react notes which model is active, and refuses a second one. Other Libraries wait
// for nobody.
func react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	changes, err := models(changes)
	if err != nil || len(changes) == 0 {
		return err
	}
	if err := tx.Lock(learned.Account); err != nil {
		return err
	}
	// What is switched off makes room for what the same transaction switches on.
	for _, on := range []bool{false, true} {
		for _, c := range changes {
			if active(c) != on {
				continue
			}
			if err := note(tx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// models picks the changes of Libraries that are models, or were before.
func models(changes []fhir.Change) ([]fhir.Change, error) {
	var list []fhir.Change
	for _, c := range changes {
		is := c.After != nil && learned.IsModel(c.Node)
		if !is && c.Before != nil {
			doc, err := fhir.Parse(c.Before.Body)
			if err != nil {
				return nil, err
			}
			is = learned.IsModel(doc.Root())
		}
		if is {
			list = append(list, c)
		}
	}
	return list, nil
}

// active reports whether a change leaves a model switched on.
func active(c fhir.Change) bool {
	return c.After != nil && c.Node.Get("status").Text() == "active" && learned.IsModel(c.Node)
}

// note keeps in the ledger whether a Library is the model that is on.
func note(tx fhir.Tx, c fhir.Change) error {
	if !active(c) {
		return tx.Post(c.Key, nil)
	}
	other, err := tx.Tally(fhir.Tally{Accounts: []string{learned.Account}, Except: c.Key})
	if err != nil {
		return err
	}
	if len(other) > 0 {
		return fhir.Errorf(fhir.IssueBusinessRule, "Library.status",
			"the model Library/%s is active, and one can be at a time: retire that first, or in the same transaction", other[0].Bucket)
	}
	return tx.Post(c.Key, []fhir.Entry{{Account: learned.Account, Bucket: c.ID, Value: c.After.Version}})
}
