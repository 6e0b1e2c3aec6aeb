package eligibility

import (
	"context"

	"bima/fhir"
)

// submit is CoverageEligibilityRequest/$submit: it stores the question and
// answers with the CoverageEligibilityResponse. It takes the request itself, a
// Parameters with it, or a Bundle with one, which is answered by a collection
// Bundle. Source: IHE FAIS ITI-124.
func submit(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	body, bundled, err := requestIn(in)
	if err != nil {
		return nil, err
	}
	var response *fhir.Resource
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		created, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: requestType}, Body: body})
		if err == nil {
			response = &fhir.Resource{Key: responseKey(created.Key)}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.View(ctx, func(r fhir.Reader) (err error) {
		response, err = r.Read(response.Key)
		return err
	})
	if err != nil {
		return nil, err
	}
	if bundled {
		body := append([]byte(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":`), response.Body...)
		response = &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Version: response.Version, Updated: response.Updated, Body: append(body, "}]}"...)}
	}
	return &fhir.Response{Resource: response}, nil
}

// requestIn finds the request in what was sent.
func requestIn(in *fhir.Resource) (body []byte, bundled bool, err error) {
	if in == nil {
		return nil, false, fhir.Errorf(fhir.IssueRequired, "", "send the %s in the body of the request", requestType)
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, false, err
	}
	root := doc.Root()
	list := ""
	switch typ := root.Get("resourceType").Text(); typ {
	case requestType:
		return in.Body, false, nil
	case "Parameters":
		list = "parameter"
	case "Bundle":
		list, bundled = "entry", true
	default:
		return nil, false, fhir.Errorf(fhir.IssueInvalid, "", "%s/$submit takes a %s or a Bundle with one, not %.60q", requestType, requestType, typ)
	}
	var found []fhir.Node
	for e := range root.Get(list).Each() {
		if r := e.Get("resource"); r.Get("resourceType").Text() == requestType {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		return nil, false, fhir.Errorf(fhir.IssueInvalid, root.Get("resourceType").Text()+"."+list,
			"%s/$submit takes exactly one %s; this holds %d", requestType, requestType, len(found))
	}
	return found[0].Raw(), bundled, nil
}
