package everything

import (
	"slices"
	"strings"

	"bima/fhir"
)

// supportRounds is how far references are followed from the records: to a role,
// its practitioner, his qualification's issuer.
const supportRounds = 3

// fillSupport adds what the records refer to outside all compartments, after the
// place. It is gathered anew for each page, in memory for its keys only.
func (a *answer) fillSupport(at *cursor) error {
	if a.types != nil && !slices.ContainsFunc(a.types, supporting) {
		return nil
	}
	keys, err := a.supportKeys()
	if err != nil {
		return err
	}
	from, found := slices.BinarySearchFunc(keys, at.After, func(k fhir.Key, after string) int { return strings.Compare(k.String(), after) })
	if found {
		from++
	}
	keys = keys[from:]
	room := a.count - len(a.records)
	for len(keys) > 0 {
		if room <= 0 {
			a.next = &cursor{Support: true, After: at.After, Version: a.owners.version}
			if len(a.supported) > 0 {
				a.next.After = a.supported[len(a.supported)-1].Key.String()
			}
			return nil
		}
		chunk := keys[:min(len(keys), room, readAtOnce)]
		keys = keys[len(chunk):]
		resources, err := a.reader.ReadMany(chunk)
		if err != nil {
			return err
		}
		slices.SortFunc(resources, func(x, y *fhir.Resource) int { return strings.Compare(x.Key.String(), y.Key.String()) })
		for _, r := range resources {
			if a.recent(r) {
				a.supported = append(a.supported, r)
				room--
			}
		}
	}
	return nil
}

// supporting reports whether resources of a type are in no one's compartment.
func supporting(typ string) bool {
	codes, member := members()[typ]
	return typ != "Patient" && (!member || len(codes) == 0)
}

// supportKeys gives the keys of what the records refer to, and what that refers
// to in turn, sorted and each once.
func (a *answer) supportKeys() ([]fhir.Key, error) {
	known := make(map[fhir.Key]bool)
	var from []fhir.Key
	add := func(r *fhir.Resource) error {
		keys, err := a.pointsTo(r)
		for _, k := range keys {
			if !known[k] {
				known[k] = true
				from = append(from, k)
			}
		}
		return err
	}
	if a.owners.group != nil {
		if err := add(a.owners.group); err != nil {
			return nil, err
		}
	}
	if err := a.walk(add); err != nil {
		return nil, err
	}
	for range supportRounds {
		keys := from
		from = nil
		for chunk := range slices.Chunk(keys, readAtOnce) {
			resources, err := a.reader.ReadMany(chunk)
			if err != nil {
				return nil, err
			}
			for _, r := range resources {
				if err := add(r); err != nil {
					return nil, err
				}
			}
		}
	}
	return a.asked(known), nil
}

// asked gives those keys whose types are asked for, sorted.
func (a *answer) asked(known map[fhir.Key]bool) []fhir.Key {
	keys := make([]fhir.Key, 0, len(known))
	for k := range known {
		if a.wants(k.Type) && (a.owners.group == nil || k != a.owners.group.Key) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(x, y fhir.Key) int { return strings.Compare(x.String(), y.String()) })
	return keys
}

// walk hands over all records, whatever types are asked for, up to walkMost.
func (a *answer) walk(do func(*fhir.Resource) error) error {
	whole := *a.request
	whole.types = nil
	w := *a
	w.request, w.owners.read = &whole, fhir.Key{}
	walked := 0
	for owner := range a.owners.count() {
		for after := ""; ; {
			page, err := w.page(owner, after, readAtOnce)
			if err != nil {
				return err
			}
			for _, r := range page.Resources {
				if err := do(r); err != nil {
					return err
				}
			}
			if walked += len(page.Resources) + 1; walked >= walkMost {
				a.cut = true
				return nil
			}
			if after = page.Next; after == "" {
				break
			}
		}
	}
	return nil
}

// pointsTo gives what a resource refers to outside all compartments.
func (a *answer) pointsTo(r *fhir.Resource) ([]fhir.Key, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	defer doc.Release()
	var keys []fhir.Key
	for _, ref := range a.references.References(doc.Root()) {
		if supporting(ref.Type) {
			keys = append(keys, fhir.Key{Type: strings.Clone(ref.Type), ID: strings.Clone(ref.ID)})
		}
	}
	return keys, nil
}
