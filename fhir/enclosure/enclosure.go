// Package enclosure reads what comes along with a resource that is submitted: its
// contained resources, and the other entries of its Bundle. The sender's ids are
// not ours, so what a Bundle holds is found by them, and named by its business
// identifiers. Source: IHE FAIS.
//
// Its doors are Find and Named.
package enclosure

import (
	"encoding/json"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// Find gives what a reference of a resource means among what came along: a
// contained resource, or an entry of the Bundle by its fullUrl or its id; absent
// where it means none of them. What a Bundle shows of our own (its fullUrl is below
// base) is ours by id already. The Bundle may be absent.
func Find(bundle, resource fhir.Node, base, reference string) fhir.Node {
	if id, contained := strings.CutPrefix(reference, "#"); contained {
		for c := range resource.Get("contained").Each() {
			if c.Get("id").Text() == id && id != "" {
				return c
			}
		}
		return fhir.Node{}
	}
	var byID fhir.Node
	for e := range bundle.Get("entry").Each() {
		r, url := e.Get("resource"), e.Get("fullUrl").Text()
		if !r.Exists() || reference == "" || ours(url, base) {
			continue
		}
		if url == reference {
			return r
		}
		if id := r.Get("id").Text(); id != "" && r.Get("resourceType").Text()+"/"+id == reference && !byID.Exists() {
			byID = r
		}
	}
	return byID
}

func ours(url, base string) bool {
	return base != "" && strings.HasPrefix(url, strings.TrimSuffix(base, "/")+"/")
}

// Name picks the identifier by which a resource is named: the first in a system of
// the scheme, else the first there is; absent where there is none.
func Name(n fhir.Node) fhir.Node {
	for i := range n.Get("identifier").Each() {
		if strings.HasPrefix(i.Get("system").Text(), profiles.Canonical+"/id/") && i.Get("value").Exists() {
			return i
		}
	}
	if first := n.Get("identifier").First(); first.Get("value").Exists() {
		return first
	}
	return fhir.Node{}
}

// Named gives a resource of a Bundle by itself: its references to the other entries
// are by their identifiers. What has no identifier is referred to as it was.
func Named(bundle, resource fhir.Node, base string) (fhir.Node, error) {
	doc, err := fhir.Parse(resource.Raw())
	if err != nil {
		return fhir.Node{}, err
	}
	// As Find does, but each entry is looked at once.
	urls, ids := map[string]fhir.Node{}, map[string]fhir.Node{}
	for e := range bundle.Get("entry").Each() {
		r, url := e.Get("resource"), e.Get("fullUrl").Text()
		if !r.Exists() || ours(url, base) {
			continue
		}
		first(urls, url, r)
		if id := r.Get("id").Text(); id != "" {
			first(ids, r.Get("resourceType").Text()+"/"+id, r)
		}
	}
	copied := -len(bundle.Raw())
	edit := fhir.NewEdit(doc)
	name(edit, doc.Root(), func(reference string) fhir.Node {
		meant, ok := urls[reference]
		if !ok {
			meant = ids[reference]
		}
		if copied += len(Name(meant).Raw()); copied > copiedMax {
			return fhir.Node{}
		}
		return meant
	})
	if copied > copiedMax {
		return fhir.Node{}, tooMuch()
	}
	if doc, err = fhir.Parse(edit.Bytes()); err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// A logical reference is by identifier.
type logical struct {
	Type       string          `json:"type"`
	Identifier json.RawMessage `json:"identifier"`
	Display    string          `json:"display,omitempty"`
}

// name goes through the References below a node.
func name(edit *fhir.Edit, n fhir.Node, find func(string) fhir.Node) {
	if reference := n.Get("reference").Text(); n.Kind() == fhir.KindObject && reference != "" && !strings.HasPrefix(reference, "#") {
		meant := find(reference)
		if by := Name(meant); by.Exists() {
			body, err := json.Marshal(logical{Type: meant.Get("resourceType").Text(), Identifier: by.Raw(), Display: n.Get("display").Text()})
			if err != nil {
				panic("what was parsed as JSON is JSON: " + err.Error())
			}
			edit.Replace(n, body)
			return
		}
	}
	for child := range n.All() {
		name(edit, child, find)
	}
}
