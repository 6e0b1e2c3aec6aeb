// Package upkeep holds the operations by which people look after what is stored:
// $meta, $meta-add and $meta-delete for profiles, tags and security labels, and
// $purge, by which an administrator has versions forgotten. Its door is Module.
package upkeep

import (
	"context"

	"bima/fhir"
	"bima/fhir/r4"
)

// Module gives the operations.
func Module() fhir.Module {
	const definitions = "http://hl7.org/fhir/OperationDefinition/Resource-"
	types := r4.Resources()
	return fhir.Module{Name: "upkeep", Operations: []fhir.Operation{
		{Code: "meta", Types: types, System: true, Type: true, Instance: true, Definition: definitions + "meta", Handle: meta},
		{Code: "meta-add", Types: types, Instance: true, Affects: true, Definition: definitions + "meta-add", Handle: metaAdd},
		{Code: "meta-delete", Types: types, Instance: true, Affects: true, Definition: definitions + "meta-delete", Handle: metaDelete},
		{Code: "purge", Types: types, Instance: true, Affects: true, Handle: purge},
	}}
}

// purge removes the versions of a resource before the current one, or all of
// them and the resource with them: with the parameter history-only the former.
// It is for administrators, and no version comes back.
func purge(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	historyOnly := false
	err := parameters(in, func(name string, p fhir.Node) error {
		if name != "history-only" {
			return fhir.Errorf(fhir.IssueInvalid, "Parameters.parameter", "$purge has no parameter %.60q; it has history-only", name)
		}
		switch text := valueOf(p).Text(); text {
		case "true", "false":
			historyOnly = text == "true"
		default:
			return fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "history-only must be true or false, not %.40q", text)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if caller, ok := fhir.CallerOf(ctx); !ok || !caller.Has(fhir.RoleAdministrator) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "$purge is for administrators")
	}
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		purger, ok := tx.(fhir.Purger)
		if !ok {
			return fhir.Errorf(fhir.IssueNotSupported, "", "this server can't have versions forgotten")
		}
		if historyOnly {
			return purger.Purge(on, false)
		}
		return wholly(tx, purger, on)
	})
	if err != nil {
		return nil, err
	}
	text := on.String() + " and all its versions are gone."
	if historyOnly {
		text = "The versions of " + on.String() + " before the current one are gone."
	}
	body := `{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational","diagnostics":"` + text + `"}]}`
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "OperationOutcome"}, Body: []byte(body)}}, nil
}

// wholly purges a resource and counts it.
func wholly(tx fhir.Tx, purger fhir.Purger, on fhir.Key) error {
	if err := tx.Lock(fhir.PurgedAccount); err != nil {
		return err
	}
	if err := purger.Purge(on, true); err != nil {
		return err
	}
	counted, err := tx.Tally(fhir.Tally{Accounts: []string{fhir.PurgedAccount}})
	if err != nil {
		return err
	}
	now := fhir.Entry{Account: fhir.PurgedAccount, Bucket: on.Type, Value: 1}
	for _, b := range counted {
		if b.Bucket == on.Type {
			now.Value += b.Value
		}
	}
	return tx.Post(fhir.Key{Type: "Basic", ID: "purged-" + on.Type}, []fhir.Entry{now})
}

// parameters hands the parameters of an operation to read, one by one.
func parameters(in *fhir.Resource, read func(name string, p fhir.Node) error) error {
	if in == nil {
		return nil
	}
	if in.Type != "Parameters" {
		return fhir.Errorf(fhir.IssueInvalid, "", "the operation takes Parameters, not a %.60s", in.Type)
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return err
	}
	for p := range doc.Root().Get("parameter").Each() {
		if err := read(p.Get("name").Text(), p); err != nil {
			return err
		}
	}
	return nil
}

// valueOf gives the value[x] of a parameter.
func valueOf(p fhir.Node) fhir.Node {
	for m := range p.All() {
		if len(m.Name()) > len("value") && m.Name()[:len("value")] == "value" {
			return m
		}
	}
	return fhir.Node{}
}
