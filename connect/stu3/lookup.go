package stu3

import (
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// sameNumberMax bounds how many resources that bear one number are looked at: with
// several it is the one that has it in the system that such numbers are of.
const sameNumberMax = 5

// numberSystems are the systems in which clients know whom they name.
var numberSystems = map[string]string{
	"Patient": profiles.IdentifierInsuranceNumber, "Location": profiles.IdentifierFacility,
	"Organization": profiles.IdentifierFacility, "Practitioner": profiles.IdentifierPractitioner,
}

// A lookup gathers questions to [base], so that they are asked at once.
type lookup struct {
	paths []string
	found []fhir.Node
}

// add notes a question and gives its number.
func (l *lookup) add(path string) int {
	l.paths = append(l.paths, path)
	return len(l.paths) - 1
}

// ask asks all that were noted.
func (l *lookup) ask(c *call) (err error) {
	if len(l.paths) > 0 {
		l.found, err = c.get(l.paths)
	}
	return err
}

// A search is for one resource by its id and, where nothing has that, by a number.
type search struct {
	l        *lookup
	typ      string
	id       string
	byID     int // the numbers of the questions; -1 where it can't be asked
	byNumber int
}

// named looks for a resource of a type that a client names.
func (l *lookup) named(typ, id string) *search {
	s := &search{l: l, typ: typ, id: id, byID: -1, byNumber: -1}
	if fhir.ValidID(id) {
		s.byID = l.add(typ + "?_id=" + id)
	}
	if id != "" {
		s.byNumber = l.add(typ + "?identifier=" + token(id) + "&_count=" + count(sameNumberMax))
	}
	return s
}

// A party is whom a client named, as [base] knows him.
type party struct {
	key  string // "Patient/1", or "" where nobody is known
	node fhir.Node
	ref  reference // R4, to the party or to nobody
}

// known reports whether there is such a party.
func (p party) known() bool { return p.key != "" }

// party gives what was found. Who was named by a number is referred to by his id
// and by that number, so that the client is told of him in his own words.
func (s *search) party(display string) party {
	p := party{ref: reference{Type: s.typ, Display: display}}
	if s.id != "" {
		p.ref.Identifier = &identifier{System: numberSystems[s.typ], Value: s.id}
	}
	if s.byID >= 0 {
		if found := resources(s.l.found[s.byID], s.typ); len(found) == 1 {
			return party{key: keyOf(found[0]), node: found[0], ref: reference{Reference: keyOf(found[0]), Display: display}}
		}
	}
	if s.byNumber < 0 {
		return p
	}
	found := resources(s.l.found[s.byNumber], s.typ)
	var one fhir.Node
	for _, n := range found {
		if len(found) == 1 || n.Identifier(numberSystems[s.typ]) == s.id {
			one = n
		}
	}
	if !one.Exists() {
		return p
	}
	p.key, p.node = keyOf(one), one
	p.ref.Reference, p.ref.Type = p.key, ""
	p.ref.Identifier.System = systemOf(one, s.id)
	return p
}

// systemOf gives the system in which a resource bears a number.
func systemOf(n fhir.Node, value string) string {
	for i := range n.Get("identifier").Each() {
		if i.Get("value").Text() == value {
			return i.Get("system").Text()
		}
	}
	return ""
}

// tariffCodesMax bounds how many codes of services one claim is helped with.
const tariffCodesMax = 100

// tariffs looks for what the register says of services, which clients name by bare
// codes; -1 where there is nothing to ask.
func (l *lookup) tariffs(items []saidItem) int {
	var codes []string
	asked := map[string]bool{}
	for _, i := range items {
		if code := i.code(); code != "" && !asked[code] && len(codes) < tariffCodesMax {
			asked[code] = true
			codes = append(codes, token(code))
		}
	}
	if len(codes) == 0 {
		return -1
	}
	return l.add("ChargeItemDefinition?code=" + strings.Join(codes, ",") + "&_elements=code,propertyGroup&_count=" + count(2*tariffCodesMax))
}
