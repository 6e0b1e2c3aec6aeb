package claim

import (
	"errors"
	"fmt"

	"bima/fhir"
	"bima/fhir/enclosure"
)

// claimOf gives the one Claim of a Bundle. Whom it refers to by an entry's fullUrl or
// id is named by that entry's business identifier instead: the sender's ids are not
// ours, and a submission registers nobody. What else came along is contained in it, so
// that it is looked at, decided and known again as the claim is. Source: IHE FAIS
// ITI-121.
func claimOf(bundle fhir.Node, base string) (*enclosure.Packed, error) {
	i, at := -1, -1
	for e := range bundle.Get("entry").Each() {
		i++
		if e.At("resource", "resourceType").Text() != "Claim" {
			continue
		}
		if at >= 0 {
			return nil, fhir.Errorf(fhir.IssueInvalid, fmt.Sprintf("Bundle.entry[%d]", i), "Claim/$submit takes one Claim at a time; send several as a batch")
		}
		at = i
	}
	if at < 0 {
		return nil, fhir.Errorf(fhir.IssueRequired, "Bundle.entry", "the Bundle holds no Claim")
	}
	return enclosure.Pack(bundle, at, base)
}

// inBundle says of a refusal which entry of the Bundle it is about.
func inBundle(err error, packed *enclosure.Packed) error {
	var out *fhir.Outcome
	if packed != nil && errors.As(err, &out) {
		for i := range out.Issues {
			out.Issues[i].Expression = packed.At(out.Issues[i].Expression)
		}
	}
	return err
}

// collection puts the answer into a Bundle.
func collection(r *fhir.Resource, base string) *fhir.Resource {
	body := []byte(`{"resourceType":"Bundle","type":"collection","entry":[{`)
	if base != "" {
		body = fmt.Appendf(body, `"fullUrl":%q,`, base+"/"+r.Key.String())
	}
	body = append(append(body, `"resource":`...), r.Body...)
	return &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Version: r.Version, Updated: r.Updated, Body: append(body, "}]}"...)}
}
