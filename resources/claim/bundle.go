package claim

import (
	"encoding/json"
	"fmt"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// claimOf gives the one Claim of a Bundle. What it refers to by an entry's
// fullUrl or id is named by that entry's business identifier instead: the sender's
// ids are not ours, and a submission registers nobody. Source: IHE FAIS ITI-121.
func claimOf(bundle fhir.Node, base string) (fhir.Node, error) {
	var claim fhir.Node
	for e := range bundle.Get("entry").Each() {
		r := e.Get("resource")
		if r.Get("resourceType").Text() != "Claim" {
			continue
		}
		if claim.Exists() {
			return fhir.Node{}, fhir.Errorf(fhir.IssueInvalid, "Bundle.entry", "Claim/$submit takes one Claim at a time; send several as a batch to [base]")
		}
		claim = r
	}
	if !claim.Exists() {
		return fhir.Node{}, fhir.Errorf(fhir.IssueRequired, "Bundle.entry", "the Bundle holds no Claim")
	}
	doc, err := fhir.Parse(claim.Raw())
	if err != nil {
		return fhir.Node{}, err
	}
	edit := fhir.NewEdit(doc)
	enclosed(bundle, base).name(edit, doc.Root())
	if doc, err = fhir.Parse(edit.Bytes()); err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// An enclosure is what came along with a claim: by the references that mean it, a
// Reference by business identifier.
type enclosure map[string]reference

// A reference is a logical Reference.
type reference struct {
	Type       string          `json:"type"`
	Identifier json.RawMessage `json:"identifier"`
	Display    string          `json:"display,omitempty"`
}

// enclosed gives what a Bundle holds besides the claim. Entries that are under our
// own base are ours by id already.
func enclosed(bundle fhir.Node, base string) enclosure {
	found := enclosure{}
	for e := range bundle.Get("entry").Each() {
		r, url := e.Get("resource"), e.Get("fullUrl").Text()
		typ, id := r.Get("resourceType").Text(), r.Get("id").Text()
		named := ownName(r.Get("identifier"))
		if typ == "Claim" || !named.Exists() || base != "" && strings.HasPrefix(url, base+"/") {
			continue
		}
		meant := reference{Type: typ, Identifier: named.Raw()}
		for _, by := range []string{url, typ + "/" + id} {
			if _, taken := found[by]; !taken && by != "" && by != typ+"/" {
				found[by] = meant
			}
		}
	}
	return found
}

// ownName picks an identifier: the first in a system of the scheme, else the first
// there is.
func ownName(identifiers fhir.Node) fhir.Node {
	for i := range identifiers.Each() {
		if strings.HasPrefix(i.Get("system").Text(), profiles.Canonical+"/id/") && i.Get("value").Exists() {
			return i
		}
	}
	if first := identifiers.First(); first.Get("value").Exists() {
		return first
	}
	return fhir.Node{}
}

// name replaces the References below a node to what is enclosed.
func (e enclosure) name(edit *fhir.Edit, n fhir.Node) {
	if meant, ok := e[n.Get("reference").Text()]; ok && n.Kind() == fhir.KindObject {
		meant.Display = n.Get("display").Text()
		body, err := json.Marshal(meant)
		if err != nil {
			panic("a Reference of stored JSON is always JSON: " + err.Error())
		}
		edit.Replace(n, body)
		return
	}
	for child := range n.All() {
		e.name(edit, child)
	}
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
