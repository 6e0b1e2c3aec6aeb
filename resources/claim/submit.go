package claim

import (
	"context"
	"errors"
	"slices"
	"time"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/fhir/enclosure"
)

// A desk takes claims by Claim/$submit.
type desk struct {
	base    string // the absolute URL of [base], "" where it is not known
	zone    *time.Location
	appeals Appeals
	facts   *facts.Facts
	told    int // how many claims one $inquire tells of; 0 is the default
}

// submit is Claim/$submit: it stores the claim and answers its ClaimResponse. It
// takes a Claim, a Parameters with a resource, or a Bundle with one Claim, which
// is answered by a collection Bundle. A batch holds many claims; see many. Source:
// IHE FAIS ITI-126.
func (d *desk) submit(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if batch, err := batchIn(in); batch.Exists() || err != nil {
		if err != nil {
			return nil, err
		}
		return d.many(ctx, s, batch)
	}
	claim, packed, err := claimIn(in, d.base)
	if err == nil {
		err = checkSubmitted(claim)
	}
	if err != nil {
		return nil, err
	}
	response, _, err := decision(ctx, s, claim.Raw())
	if err != nil {
		return nil, inBundle(err, packed)
	}
	if packed != nil {
		response = collection(response, d.base)
	}
	return &fhir.Response{Resource: response}, nil
}

// decision stores a claim and gives its ClaimResponse: of a claim submitted
// before the one that is there, which known tells. It reads in a transaction too, which ends no
// sooner than the one that decided: a View might not see what that wrote yet.
func decision(ctx context.Context, s fhir.Server, body []byte) (response *fhir.Resource, known bool, err error) {
	response, err = decided(ctx, s, body)
	if err == nil {
		return response, false, nil
	}
	var there fhir.Existing
	if !errors.As(err, &there) {
		return nil, false, err
	}
	err = s.Commit(ctx, func(tx fhir.Tx) (err error) {
		response, err = tx.Read(responseKey(there.Key))
		return err
	})
	return response, true, err
}

// decided stores a claim and gives its ClaimResponse, which is not read again where
// the server tells what it wrote.
func decided(ctx context.Context, s fhir.Server, body []byte) (response *fhir.Resource, err error) {
	var stored fhir.Key
	write := func(tx fhir.Tx) error {
		created, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Claim"}, Body: body})
		if err == nil {
			stored = created.Key
		}
		return err
	}
	if witness, ok := s.(fhir.Witness); ok {
		last, err := witness.Witnessed(ctx, write)
		if err != nil {
			return nil, err
		}
		if response = last(responseKey(stored)); response != nil {
			return response, nil
		}
	} else if err := s.Commit(ctx, write); err != nil {
		return nil, err
	}
	err = s.View(ctx, func(r fhir.Reader) (err error) {
		response, err = r.Read(responseKey(stored))
		return err
	})
	return response, err
}

// batchIn gives what was sent where it is a batch; absent for all else.
func batchIn(in *fhir.Resource) (fhir.Node, error) {
	if in == nil || in.Type != "Bundle" {
		return fhir.Node{}, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil || doc.Root().Get("type").Text() != "batch" {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// claimIn finds the claim in what was sent; packed is that of a Bundle, nil of all else.
func claimIn(in *fhir.Resource, base string) (claim fhir.Node, packed *enclosure.Packed, err error) {
	if in == nil {
		return claim, nil, fhir.Errorf(fhir.IssueRequired, "", "send the Claim in the body of the request")
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return claim, nil, err
	}
	root := doc.Root()
	switch typ := root.Get("resourceType").Text(); typ {
	case "Claim":
		return root, nil, nil
	case "Parameters":
		for p := range root.Get("parameter").Each() {
			if r := p.Get("resource"); r.Get("resourceType").Text() == "Claim" {
				return r, nil, nil
			}
		}
		return claim, nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "one parameter, named resource, must hold the Claim")
	case "Bundle":
		if packed, err = claimOf(root, base); err != nil {
			return claim, nil, err
		}
		return packed.Resource, packed, nil
	default:
		return claim, nil, fhir.Errorf(fhir.IssueInvalid, "", "Claim/$submit takes a Claim or a Bundle with one, not %.60q", typ)
	}
}

// undecided are the states in which a Claim is kept, but not decided.
var undecided = []string{"draft", "cancelled", "entered-in-error"}

// checkSubmitted refuses what would be stored and never answered.
func checkSubmitted(claim fhir.Node) error {
	if status := claim.Get("status").Text(); slices.Contains(undecided, status) {
		return fhir.Errorf(fhir.IssueBusinessRule, "Claim.status",
			"a claim that is submitted is active, this one is %s; to keep it undecided, store it by POST or PUT to [base]/Claim", status)
	}
	return nil
}
