package claim

import (
	"context"
	"errors"

	"bima/fhir"
)

// submit is Claim/$submit: it stores the claim and answers its ClaimResponse. It
// takes a Claim, a Parameters with a resource, or a Bundle with one Claim, which
// is answered by a collection Bundle. Source: IHE FAIS ITI-121.
func submit(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	body, bundled, err := claimIn(in)
	if err != nil {
		return nil, err
	}
	response, err := decision(ctx, s, body)
	if err != nil {
		return nil, err
	}
	if bundled {
		response = collection(response)
	}
	return &fhir.Response{Resource: response}, nil
}

// decision stores a claim and gives its ClaimResponse: of a claim submitted
// before the one that is there. It reads in a transaction too, which ends no
// sooner than the one that decided: a View might not see what that wrote yet.
func decision(ctx context.Context, s fhir.Server, body []byte) (response *fhir.Resource, err error) {
	var stored fhir.Key
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		created, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Claim"}, Body: body})
		if err == nil {
			stored = created.Key
		}
		return err
	})
	if err == nil {
		err = s.View(ctx, func(r fhir.Reader) (err error) {
			response, err = r.Read(responseKey(stored))
			return err
		})
		return response, err
	}
	var there fhir.Existing
	if !errors.As(err, &there) {
		return nil, err
	}
	err = s.Commit(ctx, func(tx fhir.Tx) (err error) {
		response, err = tx.Read(responseKey(there.Key))
		return err
	})
	return response, err
}

// claimIn finds the claim in what was sent.
func claimIn(in *fhir.Resource) (body []byte, bundled bool, err error) {
	if in == nil {
		return nil, false, fhir.Errorf(fhir.IssueRequired, "", "send the Claim in the body of the request")
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, false, err
	}
	root := doc.Root()
	switch typ := root.Get("resourceType").Text(); typ {
	case "Claim":
		return in.Body, false, nil
	case "Parameters":
		for p := range root.Get("parameter").Each() {
			if r := p.Get("resource"); r.Get("resourceType").Text() == "Claim" {
				return r.Raw(), false, nil
			}
		}
		return nil, false, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "one parameter, named resource, must hold the Claim")
	case "Bundle":
		body, err = claimOf(root)
		return body, true, err
	default:
		return nil, false, fhir.Errorf(fhir.IssueInvalid, "", "Claim/$submit takes a Claim or a Bundle with one, not %.60q", typ)
	}
}

// claimOf gives the one Claim of a Bundle.
func claimOf(bundle fhir.Node) ([]byte, error) {
	var claim fhir.Node
	for e := range bundle.Get("entry").Each() {
		r := e.Get("resource")
		if r.Get("resourceType").Text() != "Claim" {
			continue
		}
		if claim.Exists() {
			return nil, fhir.Errorf(fhir.IssueInvalid, "Bundle.entry", "Claim/$submit takes one Claim at a time; send several as a batch to [base]")
		}
		claim = r
	}
	if !claim.Exists() {
		return nil, fhir.Errorf(fhir.IssueRequired, "Bundle.entry", "the Bundle holds no Claim")
	}
	return claim.Raw(), nil
}

// collection puts the answer into a Bundle.
func collection(r *fhir.Resource) *fhir.Resource {
	body := append([]byte(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":`), r.Body...)
	return &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Version: r.Version, Updated: r.Updated, Body: append(body, "}]}"...)}
}
