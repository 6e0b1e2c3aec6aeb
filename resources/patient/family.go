package patient

import (
	"fmt"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// familiesMax bounds in how many families of a person, now and before, is looked.
const familiesMax = 50

// tellFamily says which family the person belongs to who bears an identifier: by
// its number, which tells nothing private.
func tellFamily(r fhir.Reader, t fhir.Taken) (string, error) {
	family, err := familyOf(r, t.By)
	if err != nil {
		return "", err
	}
	if !family.Exists() {
		return "The person who bears it is in no family; find him by it, and put him in one, or correct the number.", nil
	}
	name := family.Identifier(profiles.IdentifierFamily)
	if name == "" {
		name = family.Get("id").Text()
	}
	return fmt.Sprintf("It is borne by a member of the family %s; where that is the same person, use that record, else correct the number.", name), nil
}

// familyOf gives the family a person is in now; absent where he is in none.
func familyOf(r fhir.Reader, person fhir.Key) (fhir.Node, error) {
	page, err := r.Search(&fhir.Query{
		Types: []string{"Group"}, Limit: familiesMax,
		Where: fhir.Match{Param: fhir.Param{Code: "member", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: person}},
	})
	if err != nil {
		return fhir.Node{}, err
	}
	for _, found := range page.Resources {
		doc, err := fhir.Parse(found.Body)
		if err != nil {
			return fhir.Node{}, err
		}
		if root := doc.Root(); root.Get("active").Text() != "false" && isMember(root, person) {
			return root, nil
		}
	}
	return fhir.Node{}, nil
}

// isMember reports whether a person is in a group and has not left it.
func isMember(group fhir.Node, person fhir.Key) bool {
	for m := range group.Get("member").Each() {
		if m.Get("inactive").Text() != "true" && r4.Target(m.Get("entity")) == person {
			return true
		}
	}
	return false
}
