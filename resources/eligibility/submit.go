package eligibility

import (
	"context"
	"fmt"
	"slices"

	"bima/fhir"
)

// submit is CoverageEligibilityRequest/$submit: it stores the question and
// answers with the CoverageEligibilityResponse. It takes the request itself, a
// Parameters with it, or a Bundle with one, which is answered by a collection
// Bundle. Source: IHE FAIS ITI-124.
func (a *answerer) submit(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	request, bundled, err := requestIn(in)
	if err == nil {
		err = checkAsked(request)
	}
	if err != nil {
		return nil, err
	}
	var response *fhir.Resource
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		created, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: requestType}, Body: request.Raw()})
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
		body := []byte(`{"resourceType":"Bundle","type":"collection","entry":[{`)
		if a.base != "" {
			body = fmt.Appendf(body, `"fullUrl":%q,`, a.base+"/"+response.Key.String())
		}
		body = append(append(body, `"resource":`...), response.Body...)
		response = &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Version: response.Version, Updated: response.Updated, Body: append(body, "}]}"...)}
	}
	return &fhir.Response{Resource: response}, nil
}

// checkAsked refuses what would be stored and never answered.
func checkAsked(request fhir.Node) error {
	if status := request.Get("status").Text(); slices.Contains([]string{"draft", "cancelled", "entered-in-error"}, status) {
		return fhir.Errorf(fhir.IssueBusinessRule, requestType+".status", "a question that is submitted is active, this one is %s", status)
	}
	return nil
}

// requestIn finds the request in what was sent.
func requestIn(in *fhir.Resource) (request fhir.Node, bundled bool, err error) {
	if in == nil {
		return request, false, fhir.Errorf(fhir.IssueRequired, "", "send the %s in the body of the request", requestType)
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return request, false, err
	}
	root := doc.Root()
	list := ""
	switch typ := root.Get("resourceType").Text(); typ {
	case requestType:
		return root, false, nil
	case "Parameters":
		list = "parameter"
	case "Bundle":
		list, bundled = "entry", true
	default:
		return request, false, fhir.Errorf(fhir.IssueInvalid, "", "%s/$submit takes a %s or a Bundle with one, not %.60q", requestType, requestType, typ)
	}
	var found []fhir.Node
	for e := range root.Get(list).Each() {
		if r := e.Get("resource"); r.Get("resourceType").Text() == requestType {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		return request, false, fhir.Errorf(fhir.IssueInvalid, root.Get("resourceType").Text()+"."+list,
			"%s/$submit takes exactly one %s; this holds %d", requestType, requestType, len(found))
	}
	return found[0], bundled, nil
}
