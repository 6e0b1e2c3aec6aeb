package figures

import (
	"fmt"
	"strings"

	"bima/adjudication/signal/visit"
	"bima/fhir"
)

// Treaters gives the Practitioners who treated, one for each of the visit's; zero
// for those that are named by no reference to one, or to a role of one.
func Treaters(r fhir.Reader, v *visit.Visit) ([]fhir.Key, error) {
	keys := make([]fhir.Key, len(v.Practitioners))
	var roles []fhir.Key
	for i, t := range v.Practitioners {
		keys[i] = literal(t.Who)
		if keys[i].Type == "PractitionerRole" {
			roles = append(roles, keys[i])
		}
	}
	practitioner, err := ofRoles(r, roles, "practitioner")
	if err != nil {
		return nil, err
	}
	for i, k := range keys {
		switch k.Type {
		case "PractitionerRole":
			keys[i] = practitioner[k]
		case "Practitioner":
		default:
			keys[i] = fhir.Key{}
		}
	}
	return keys, nil
}

// literal gives the resource that a relative reference names.
func literal(ref fhir.Node) fhir.Key {
	typ, id, ok := strings.Cut(ref.Get("reference").Text(), "/")
	if !ok || !fhir.ValidID(id) {
		return fhir.Key{}
	}
	return fhir.Key{Type: typ, ID: id}
}

// ofRoles gives whom a reference of each PractitionerRole names.
func ofRoles(r fhir.Reader, roles []fhir.Key, reference string) (map[fhir.Key]fhir.Key, error) {
	if len(roles) == 0 {
		return nil, nil
	}
	list, err := r.ReadMany(roles)
	if err != nil {
		return nil, err
	}
	found := make(map[fhir.Key]fhir.Key, len(list))
	for _, role := range list {
		doc, err := fhir.Parse(role.Body)
		if err != nil {
			return nil, fmt.Errorf("the stored %s is no JSON: %w", role.Key, err)
		}
		found[role.Key] = literal(doc.Root().Get(reference))
	}
	return found, nil
}

// Employer gives the Organization that a provider is or, where it is a
// PractitionerRole, belongs to; zero where there is none.
func Employer(r fhir.Reader, provider fhir.Key) (fhir.Key, error) {
	if provider.Type == "Organization" {
		return provider, nil
	}
	if provider.Type != "PractitionerRole" {
		return fhir.Key{}, nil
	}
	found, err := ofRoles(r, []fhir.Key{provider}, "organization")
	return found[provider], err
}
