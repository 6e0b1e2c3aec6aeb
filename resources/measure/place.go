package measure

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A place is a Location of the tree.
type place struct {
	key    fhir.Key
	name   string
	level  string // "V"
	parent fhir.Key
}

// A tree is all places of the scheme.
type tree struct {
	places map[fhir.Key]place
	named  map[string][]fhir.Key
}

// climbMax bounds the way up from a place.
const climbMax = 10

func readTree(r fhir.Reader) (*tree, error) {
	t := &tree{places: map[fhir.Key]place{}, named: map[string][]fhir.Key{}}
	where := fhir.Match{Param: fhir.Param{Code: "type", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemOpenIMISLocation, AnyCode: true}}
	err := each(r, "Location", where, func(s stored) error {
		p := place{key: keep(s.Key), name: strings.Clone(s.node.Get("name").Text()), parent: keep(r4.Target(s.node.Get("partOf")))}
		for typ := range s.node.Get("type").Each() {
			if code := typ.Code(profiles.SystemOpenIMISLocation); code != "" {
				p.level = strings.Clone(code)
			}
		}
		t.places[p.key] = p
		if p.name != "" {
			t.named[p.name] = append(t.named[p.name], p.key)
		}
		return nil
	})
	return t, err
}

// up gives the place of a level that a place is in or is itself; where it is in
// none, otherwise.
func (t *tree) up(k fhir.Key, level string, otherwise fhir.Key) fhir.Key {
	at := k
	for range climbMax {
		p, ok := t.places[at]
		if !ok {
			break
		}
		if p.level == level {
			return p.key
		}
		at = p.parent
	}
	return otherwise
}

// in reports whether a place is in one of that name, or is it.
func (t *tree) in(k fhir.Key, name string) bool {
	for range climbMax {
		p, ok := t.places[k]
		if !ok {
			return false
		}
		if p.name == name {
			return true
		}
		k = p.parent
	}
	return false
}

// home gives the place that an Address names: by reference, or the only one of the
// name of its city, in its district where it names one; zero where there is none.
func (t *tree) home(address fhir.Node) fhir.Key {
	if k := r4.Target(address.Extension(profiles.ExtensionOpenIMISAddressLocation).Get("valueReference")); !k.IsZero() {
		return t.places[k].key
	}
	city, district := address.Get("city").Text(), address.Get("district").Text()
	var found fhir.Key
	for _, k := range t.named[city] {
		if district != "" && !t.in(k, district) {
			continue
		}
		if !found.IsZero() && t.places[found].level != "V" && t.places[k].level == "V" {
			found = fhir.Key{} // a village is meant before the ward of its name
		}
		switch {
		case found.IsZero():
			found = k
		case t.places[k].level != "V" && t.places[found].level == "V":
		default:
			return fhir.Key{}
		}
	}
	return found
}

// lives gives where a person, a family or an organization lives: the first of its
// addresses that names a place.
func (t *tree) lives(n fhir.Node) fhir.Key {
	if n.Get("resourceType").Text() == "Group" {
		return t.home(n.Extension(profiles.ExtensionOpenIMISGroupAddress).Get("valueAddress"))
	}
	for a := range n.Get("address").Each() {
		if a.Get("use").Text() == "old" {
			continue
		}
		if k := t.home(a); !k.IsZero() {
			return k
		}
	}
	return fhir.Key{}
}

// within gives the places whose unit by unitOf is the one given.
func (t *tree) within(unit fhir.Key, unitOf func(fhir.Key) fhir.Key) []place {
	var list []place
	for k, p := range t.places {
		if unitOf(k) == unit {
			list = append(list, p)
		}
	}
	return list
}
