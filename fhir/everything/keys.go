package everything

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/search"
)

const (
	// referrersMost is how many records of one person are found by their keys;
	// who has more is searched for like all persons are.
	referrersMost = 5_000
	// keyMark begins the cursors among keys.
	keyMark = "key "
)

// pageOfKeys is page by way of all that refers to the person: the database finds
// that at once, however much else it holds. It reports false where it can't.
func (a *answer) pageOfKeys(owner int, after string, limit int) (*fhir.Page, bool, error) {
	finder, able := a.reader.(fhir.Referrers)
	if !able || a.owners.all || after != "" && !strings.HasPrefix(after, keyMark) {
		return nil, false, nil
	}
	keys, whole, err := a.keysOf(finder, owner)
	if err != nil || !whole {
		return nil, false, err
	}
	from, found := slices.BinarySearchFunc(keys, strings.TrimPrefix(after, keyMark), func(k fhir.Key, after string) int {
		return strings.Compare(k.String(), after)
	})
	if found {
		from++
	}
	page, keys := &fhir.Page{}, keys[from:]
	for len(keys) > 0 && len(page.Resources) < limit {
		chunk := keys[:min(len(keys), limit-len(page.Resources), readAtOnce)]
		keys = keys[len(chunk):]
		resources, err := a.reader.ReadMany(chunk)
		if err != nil {
			return nil, false, err
		}
		slices.SortFunc(resources, func(x, y *fhir.Resource) int { return strings.Compare(x.Key.String(), y.Key.String()) })
		for _, r := range resources {
			belongs, err := a.belongs(r, owner)
			if err != nil {
				return nil, false, err
			}
			if belongs {
				page.Resources = append(page.Resources, r)
			}
		}
		if len(keys) > 0 {
			page.Next = keyMark + chunk[len(chunk)-1].String()
		} else {
			page.Next = ""
		}
	}
	return page, true, nil
}

// keysOf gives the keys of what may be records of the owner, of the types asked
// for, sorted. Whole is false where there are too many.
func (a *answer) keysOf(finder fhir.Referrers, owner int) (keys []fhir.Key, whole bool, err error) {
	k := a.owners.keys[owner]
	if a.owners.read == k {
		return a.owners.referrers, true, nil
	}
	referrers, err := finder.Referrers(k, referrersMost)
	if err != nil || len(referrers) == referrersMost {
		return nil, false, err
	}
	types := a.recordTypes()
	for _, r := range append(referrers, k) {
		if slices.Contains(types, r.Type) {
			keys = append(keys, r)
		}
	}
	slices.SortFunc(keys, func(x, y fhir.Key) int { return strings.Compare(x.String(), y.String()) })
	keys = slices.Compact(keys)
	a.owners.read, a.owners.referrers = k, keys
	return keys, true, nil
}

// belongs reports whether a resource is a record of the owner that is asked for
// and was not given before.
func (a *answer) belongs(r *fhir.Resource, owner int) (bool, error) {
	if !a.recent(r) {
		return false, nil
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return false, err
	}
	defer doc.Release()
	if !a.ties(doc.Root(), r.Key, owner) {
		return false, nil
	}
	if a.start != 0 || a.end != 0 {
		if holds, known := search.Matches(a.registry.Extract(doc.Root()), r.Key, r.Updated, a.cared()); known && !holds {
			return false, nil
		}
	}
	again, err := a.earlier(r, owner)
	return !again, err
}

// ties reports whether a parameter of the compartment ties a resource to the
// owner.
func (a *answer) ties(n fhir.Node, k fhir.Key, owner int) bool {
	person := a.owners.keys[owner]
	if k == person {
		return true
	}
	for _, code := range members()[k.Type] {
		for _, ref := range a.registry.References(n, code) {
			if ref.Key == person {
				return true
			}
		}
	}
	return false
}
