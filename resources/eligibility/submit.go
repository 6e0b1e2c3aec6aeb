package eligibility

import (
	"context"
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/enclosure"
)

// submit is CoverageEligibilityRequest/$submit: it stores the question and
// answers with the CoverageEligibilityResponse. It takes the request itself, a
// Parameters with it, or a Bundle with one, which is answered by a collection
// Bundle. Source: IHE FAIS ITI-124.
func (a *answerer) submit(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	request, bundled, err := requestIn(in, a.base)
	if err == nil {
		err = checkAsked(request)
	}
	if err != nil {
		return nil, err
	}
	var response *fhir.Resource
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		body, err := literal(tx, request)
		if err != nil {
			return err
		}
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
		body := []byte(`{"resourceType":"Bundle","type":"collection","entry":[{`)
		if a.base != "" {
			body = fmt.Appendf(body, `"fullUrl":%q,`, a.base+"/"+response.Key.String())
		}
		body = append(append(body, `"resource":`...), response.Body...)
		response = &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Version: response.Version, Updated: response.Updated, Body: append(body, "}]}"...)}
	}
	return &fhir.Response{Resource: response}, nil
}

// literal gives the question with who is named by an identifier that only one here
// bears referred to by id, so that it and its answer are found by them.
func literal(r fhir.Reader, n fhir.Node) ([]byte, error) {
	doc, err := fhir.Parse(n.Raw())
	if err != nil {
		return nil, err
	}
	edit := fhir.NewEdit(doc)
	for element, typ := range map[string]string{"patient": "Patient", "provider": "Organization", "insurer": "Organization", "facility": "Location"} {
		reference := doc.Root().Get(element)
		by := reference.Get("identifier")
		if by.Get("value").Text() == "" || reference.Get("reference").Exists() {
			continue
		}
		k, ok, err := r.Owner(fhir.UniqueKey{Type: typ, Name: by.Get("system").Text(), Value: by.Get("value").Text()})
		if err != nil {
			return nil, err
		}
		if ok {
			edit.Set(reference, "reference", fmt.Appendf(nil, "%q", k.String()))
		}
	}
	return edit.Bytes(), nil
}

// checkAsked refuses what would be stored and never answered.
func checkAsked(request fhir.Node) error {
	if status := request.Get("status").Text(); slices.Contains([]string{"draft", "cancelled", "entered-in-error"}, status) {
		return fhir.Errorf(fhir.IssueBusinessRule, requestType+".status", "a question that is submitted is active, this one is %s", status)
	}
	return nil
}

// requestIn finds the request in what was sent. What it refers to in its Bundle is
// named by business identifier: the sender's ids are not ours.
func requestIn(in *fhir.Resource, base string) (request fhir.Node, bundled bool, err error) {
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
	if bundled {
		request, err = enclosure.Named(root, found[0], base)
		return request, true, err
	}
	return found[0], false, nil
}
