package measure

import (
	"bima/fhir"
	"bima/profiles/indicator"
)

// A world is what a snapshot shows, some of it as it was before.
type world struct {
	fhir.Reader
	was  map[fhir.Key]*fhir.Resource // in the place of what is there; nil of what was not
	poor map[fhir.Key]string         // the poverty of the members of families that are in was
}

// errMany says that what was counted is too much to be held.
var errMany = fhir.Errorf(fhir.IssueTooCostly, "", "so much has changed that counting all anew takes less memory")

// before gives the world in which some resources are as they were. It fails where a
// version is gone that is needed, and where they are larger than so many bytes.
func before(r fhir.Reader, list []changed, most int) (world, error) {
	held := 0
	w := world{Reader: r, was: make(map[fhir.Key]*fhir.Resource, len(list)), poor: map[fhir.Key]string{}}
	for _, c := range list {
		v, err := c.before(r)
		if err != nil {
			return w, err
		}
		w.was[c.key] = v
		if v != nil {
			if held += len(v.Body); held > most {
				return w, errMany
			}
		}
		if v == nil || c.key.Type != "Group" {
			continue
		}
		doc, err := fhir.Parse(v.Body)
		if err != nil {
			return w, err
		}
		poorer(w.poor, doc.Root())
		doc.Release()
	}
	return w, nil
}

// many reads resources by their keys.
func (w world) many(keys []fhir.Key) ([]*fhir.Resource, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	there := keys
	var found []*fhir.Resource
	if len(w.was) > 0 {
		there = make([]fhir.Key, 0, len(keys))
		for _, k := range keys {
			v, other := w.was[k]
			if !other {
				there = append(there, k)
			} else if v != nil {
				found = append(found, v)
			}
		}
	}
	more, err := w.ReadMany(there)
	return append(found, more...), err
}

// poverty tells of persons whether their family is poor; of those without a family
// it tells nothing.
func (w world) poverty(keys []fhir.Key) (map[fhir.Key]string, error) {
	of := map[fhir.Key]string{}
	if len(keys) == 0 {
		return of, nil
	}
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	err := each(w, "Group", refersToAny("member", "Patient", ids), func(g stored) error {
		if _, other := w.was[g.Key]; !other {
			poorer(of, g.node)
		}
		return nil
	})
	for _, k := range keys {
		if is, known := w.poor[k]; known {
			of[k] = poorest(of[k], is)
		}
	}
	return of, err
}

// poorer notes the poverty of the members of a family, if it is one.
func poorer(of map[fhir.Key]string, g fhir.Node) {
	if !isFamily(g) {
		return
	}
	is := povertyOf(g)
	for _, k := range membersOf(g) {
		if had, known := of[k]; !known {
			of[keep(k)] = is
		} else if more := poorest(had, is); more != had {
			of[k] = more
		}
	}
}

// poorest gives what a person is who is a member of two families: poor where one of
// them is, and what is known where of one nothing is. "" is no family.
func poorest(a, b string) string {
	if a == "" || b != indicator.Unknown && a != "POOR" {
		return b
	}
	return a
}
