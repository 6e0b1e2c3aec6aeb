package group

import (
	"context"

	"bima/fhir"
)

// families answers with a collection: each family with its members behind it, and
// then persons without one.
func families(ctx context.Context, server fhir.Server, keys, persons []fhir.Key) (*fhir.Response, error) {
	var b []byte
	first := true
	add := func(body []byte) {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, `{"resource":`...), body...), '}')
	}
	err := server.View(ctx, func(r fhir.Reader) error {
		b, first = []byte(`{"resourceType":"Bundle","type":"collection","entry":[`), true
		groups, err := inOrder(r, keys)
		if err != nil {
			return err
		}
		var all []fhir.Key
		lists := make([][]member, len(groups))
		for i, g := range groups {
			doc, err := fhir.Parse(g.Body)
			if err != nil {
				return err
			}
			lists[i] = members(doc.Root(), "")
			for _, m := range lists[i] {
				all = append(all, m.person)
			}
		}
		people := make(map[fhir.Key][]byte, len(all)+len(persons))
		found, err := r.ReadMany(append(all, persons...))
		if err != nil {
			return err
		}
		for _, p := range found {
			people[p.Key] = p.Body
		}
		tell := func(k fhir.Key) {
			if body := people[k]; body != nil {
				add(body)
				delete(people, k)
			}
		}
		for i, g := range groups {
			add(g.Body)
			for _, m := range lists[i] {
				tell(m.person)
			}
		}
		for _, k := range persons {
			tell(k)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: append(b, `]}`...)}}, nil
}

// inOrder reads resources in the order of their keys.
func inOrder(r fhir.Reader, keys []fhir.Key) ([]*fhir.Resource, error) {
	found, err := r.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	by := make(map[fhir.Key]*fhir.Resource, len(found))
	for _, f := range found {
		by[f.Key] = f
	}
	list := make([]*fhir.Resource, 0, len(keys))
	for _, k := range keys {
		if f := by[k]; f != nil {
			list = append(list, f)
			delete(by, k)
		}
	}
	return list, nil
}
